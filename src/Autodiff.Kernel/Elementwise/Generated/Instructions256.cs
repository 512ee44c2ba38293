using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>The methods that generated code calls for vectors of 256 bits.</summary>
internal sealed class Instructions256<T> : VectorInstructions
    where T : unmanaged
{
    private delegate Vector256<T> Loading<TElement>(ref readonly TElement source, nuint index);

    private delegate void Storing<TElement>(Vector256<T> value, ref TElement target, nuint index);

    private unsafe delegate void Streaming(Vector256<T> value, T* target);

    public override Type Vector => typeof(Vector256<T>);

    public override int Lanes => Vector256<T>.Count;

    public override MethodInfo Load => new Loading<T>(Vector256.LoadUnsafe).Method;

    public override MethodInfo Store => new Storing<T>(Vector256.StoreUnsafe).Method;

    public override unsafe MethodInfo Stream => new Streaming(Vector256.StoreAlignedNonTemporal).Method;

    public override MethodInfo LoadMask => new Loading<byte>(ReadMask).Method;

    public override MethodInfo StoreMask => new Storing<byte>(WriteMask).Method;

    public override MethodInfo Fill => new Func<T, Vector256<T>>(Vector256.Create).Method;

    public override MethodInfo From<TOther>() => new Func<Vector256<TOther>, Vector256<T>>(Vector256.As<TOther, T>).Method;

    public override MethodInfo ShiftLeft => typeof(T) == typeof(int)
        ? Shift<int>(Vector256.ShiftLeft)
        : Shift<long>(Vector256.ShiftLeft);

    public override MethodInfo ShiftRight => typeof(T) == typeof(int)
        ? Shift<int>(Vector256.ShiftRightLogical)
        : Shift<long>(Vector256.ShiftRightLogical);

    public override MethodInfo Rarely<TOperator>() =>
        new Func<Vector256<T>, Vector256<T>, Vector256<T>, Vector256<T>, Vector256<T>>(Choose<TOperator>).Method;

    public override MethodInfo Of(VectorOp op) => op switch
    {
        VectorOp.Add => Two(Vector256.Add),
        VectorOp.Subtract => Two(Vector256.Subtract),
        VectorOp.Multiply => Two(Vector256.Multiply),
        VectorOp.Divide => Two(Vector256.Divide),
        VectorOp.Negate => One(Vector256.Negate),
        VectorOp.And => Two(Vector256.BitwiseAnd),
        VectorOp.Or => Two(Vector256.BitwiseOr),
        VectorOp.Xor => Two(Vector256.Xor),
        VectorOp.Complement => One(Vector256.OnesComplement),
        VectorOp.Less => Two(Vector256.LessThan),
        VectorOp.LessOrEqual => Two(Vector256.LessThanOrEqual),
        VectorOp.Equal => Two(Vector256.Equals),
        VectorOp.Select => Three(Vector256.ConditionalSelect),
        VectorOp.Fma => Float(Three<float>(Vector256.FusedMultiplyAdd), Three<double>(Vector256.FusedMultiplyAdd)),
        VectorOp.Sqrt => One(Vector256.Sqrt),
        VectorOp.Abs => One(Vector256.Abs),
        VectorOp.Floor => Float(One<float>(Vector256.Floor), One<double>(Vector256.Floor)),
        VectorOp.Ceiling => Float(One<float>(Vector256.Ceiling), One<double>(Vector256.Ceiling)),
        VectorOp.Round => Float(One<float>(Vector256.Round), One<double>(Vector256.Round)),
        VectorOp.Truncate => Float(One<float>(Vector256.Truncate), One<double>(Vector256.Truncate)),
        VectorOp.Max => Two(Extrema.Max),
        VectorOp.Min => Two(Extrema.Min),
        VectorOp.MaxNative => Two(Vector256.MaxNative),
        VectorOp.MinNative => Two(Vector256.MinNative),
        VectorOp.EighthPower => One(EighthPower),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no instruction of its own"),
    };

    private static MethodInfo One(Func<Vector256<T>, Vector256<T>> method) => method.Method;

    private static MethodInfo Two(Func<Vector256<T>, Vector256<T>, Vector256<T>> method) => method.Method;

    private static MethodInfo Three(Func<Vector256<T>, Vector256<T>, Vector256<T>, Vector256<T>> method) =>
        method.Method;

    private static MethodInfo One<TFloat>(Func<Vector256<TFloat>, Vector256<TFloat>> method) => method.Method;

    private static MethodInfo Three<TFloat>(
        Func<Vector256<TFloat>, Vector256<TFloat>, Vector256<TFloat>, Vector256<TFloat>> method) => method.Method;

    private static MethodInfo Shift<TInteger>(Func<Vector256<TInteger>, int, Vector256<TInteger>> method) =>
        method.Method;

    private static MethodInfo Float(MethodInfo single, MethodInfo @double) =>
        typeof(T) == typeof(float) ? single : @double;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> ReadMask(ref readonly byte source, nuint index) =>
        Wide256<T>.LoadMask(ref Unsafe.AsRef(in source), (nint)index).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteMask(Vector256<T> mask, ref byte target, nuint index) =>
        Wide256<T>.StoreMask(new Wide256<T>(mask), ref target, (nint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> EighthPower(Vector256<T> a) => Wide256<T>.EighthPower(new(a)).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Choose<TOperator>(
        Vector256<T> mask, Vector256<T> a, Vector256<T> b, Vector256<T> y)
        where TOperator : struct, IRareOperator =>
        Wide256<T>.Rarely<TOperator>(
            new Wide256<T>(mask), new Wide256<T>(a), new Wide256<T>(b), new Wide256<T>(y)).Value;
}
