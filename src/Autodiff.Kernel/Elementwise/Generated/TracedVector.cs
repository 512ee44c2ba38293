namespace Autodiff.Kernel;

/// <summary>
/// A vector that records what is done with it in <see cref="VectorTrace.Current"/>, so that the one text of the vector
/// mathematics also tells what to generate.
/// </summary>
internal readonly struct TracedVector<T>(int number) : IVector<TracedVector<T>, T>
    where T : unmanaged
{
    private static readonly DType Type = DTypes.Of<T>();

    /// <summary>The number of the value in the trace.</summary>
    public int Number => number;

    public static int Count => throw Untraceable();

    public static implicit operator TracedVector<T>(double value) => Constant(Bits(value));

    public static TracedVector<T> Fill(T value) => throw Untraceable();

    public static TracedVector<T> Pattern(long bits) => Constant(sizeof(long) == Type.Size() ? bits : (int)bits);

    public static TracedVector<T> Load(ref T source, nint index) => throw Untraceable();

    public static void Store(TracedVector<T> value, ref T target, nint index) => throw Untraceable();

    public static T First(TracedVector<T> value) => throw Untraceable();

    public static TracedVector<T> LoadMask(ref byte source, nint index) => throw Untraceable();

    public static void StoreMask(TracedVector<T> mask, ref byte target, nint index) => throw Untraceable();

    public static TracedVector<T> operator +(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Add, a, b);

    public static TracedVector<T> operator -(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Subtract, a, b);

    public static TracedVector<T> operator *(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Multiply, a, b);

    public static TracedVector<T> operator /(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Divide, a, b);

    public static TracedVector<T> operator -(TracedVector<T> a) => Record(VectorOp.Negate, a);

    public static TracedVector<T> operator &(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.And, a, b);

    public static TracedVector<T> operator |(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Or, a, b);

    public static TracedVector<T> operator ^(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Xor, a, b);

    public static TracedVector<T> operator ~(TracedVector<T> a) => Record(VectorOp.Complement, a);

    public static TracedVector<T> Less(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Less, a, b);

    public static TracedVector<T> LessOrEqual(TracedVector<T> a, TracedVector<T> b) =>
        Record(VectorOp.LessOrEqual, a, b);

    public static TracedVector<T> Equal(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Equal, a, b);

    public static TracedVector<T> Select(TracedVector<T> mask, TracedVector<T> a, TracedVector<T> b) =>
        Record(VectorOp.Select, mask, a, b);

    public static bool Any(TracedVector<T> mask) => throw Untraceable();

    public static TracedVector<T> Rarely<TOperator>(
        TracedVector<T> mask, TracedVector<T> a, TracedVector<T> b, TracedVector<T> y)
        where TOperator : struct, IRareOperator =>
        Record(new VectorNode(
            VectorOp.Rarely, Type, mask.Number, a.Number, b.Number, y.Number, Rare: RareOperator<TOperator>.Instance));

    public static TracedVector<T> Fma(TracedVector<T> a, TracedVector<T> b, TracedVector<T> c) =>
        Record(VectorOp.Fma, a, b, c);

    public static TracedVector<T> Sqrt(TracedVector<T> a) => Record(VectorOp.Sqrt, a);

    public static TracedVector<T> Abs(TracedVector<T> a) => Record(VectorOp.Abs, a);

    public static TracedVector<T> Floor(TracedVector<T> a) => Record(VectorOp.Floor, a);

    public static TracedVector<T> Ceiling(TracedVector<T> a) => Record(VectorOp.Ceiling, a);

    public static TracedVector<T> Round(TracedVector<T> a) => Record(VectorOp.Round, a);

    public static TracedVector<T> Truncate(TracedVector<T> a) => Record(VectorOp.Truncate, a);

    public static TracedVector<T> Max(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Max, a, b);

    public static TracedVector<T> Min(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.Min, a, b);

    // The operands stand as in the bounds of the real vectors, on account of NaN.
    public static TracedVector<T> AtLeast(TracedVector<T> x, TracedVector<T> low) => Record(VectorOp.MaxNative, low, x);

    public static TracedVector<T> Clamp(TracedVector<T> x, TracedVector<T> low, TracedVector<T> high) =>
        Record(VectorOp.MinNative, high, AtLeast(x, low));

    public static TracedVector<T> AddBits(TracedVector<T> a, TracedVector<T> b) => Record(VectorOp.AddBits, a, b);

    public static TracedVector<T> SubtractBits(TracedVector<T> a, TracedVector<T> b) =>
        Record(VectorOp.SubtractBits, a, b);

    public static TracedVector<T> ShiftLeft(TracedVector<T> a, int count) =>
        Record(new VectorNode(VectorOp.ShiftLeft, Type, a.Number, Bits: count));

    public static TracedVector<T> ShiftRight(TracedVector<T> a, int count) =>
        Record(new VectorNode(VectorOp.ShiftRight, Type, a.Number, Bits: count));

    public static TracedVector<T> EighthPower(TracedVector<T> a) => Record(VectorOp.EighthPower, a);

    public static TracedVector<T> Scale(TracedVector<T> a, TracedVector<T> n) =>
        Trace.HasScale ? Record(VectorOp.Scale, a, n) : PowersOfTwo.Scale<TracedVector<T>, T>(a, n);

    private static VectorTrace Trace =>
        VectorTrace.Current ?? throw new InvalidOperationException("there is no trace to record in");

    private static TracedVector<T> Constant(long bits) => Record(new VectorNode(VectorOp.Constant, Type, Bits: bits));

    private static TracedVector<T> Record(VectorOp op, TracedVector<T> a) => Record(new VectorNode(op, Type, a.Number));

    private static TracedVector<T> Record(VectorOp op, TracedVector<T> a, TracedVector<T> b) =>
        Record(new VectorNode(op, Type, a.Number, b.Number));

    private static TracedVector<T> Record(VectorOp op, TracedVector<T> a, TracedVector<T> b, TracedVector<T> c) =>
        Record(new VectorNode(op, Type, a.Number, b.Number, c.Number));

    private static TracedVector<T> Record(VectorNode node) => new(Trace.Add(node));

    private static long Bits(double value) => Type switch
    {
        DType.Float32 => BitConverter.SingleToInt32Bits((float)value),
        DType.Float64 => BitConverter.DoubleToInt64Bits(value),
        DType.Int32 => (int)value,
        _ => (long)value,
    };

    private static NotSupportedException Untraceable() => new("the mathematics of vectors does no such thing");
}
