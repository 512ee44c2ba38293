using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>The methods that generated code calls for vectors of 128 bits.</summary>
internal sealed class Instructions128<T> : VectorInstructions
    where T : unmanaged
{
    private delegate Vector128<T> Loading<TElement>(ref readonly TElement source, nuint index);

    private delegate void Storing<TElement>(Vector128<T> value, ref TElement target, nuint index);

    private unsafe delegate void Streaming(Vector128<T> value, T* target);

    public override Type Vector => typeof(Vector128<T>);

    public override int Lanes => Vector128<T>.Count;

    public override MethodInfo Load => new Loading<T>(Vector128.LoadUnsafe).Method;

    public override MethodInfo Store => new Storing<T>(Vector128.StoreUnsafe).Method;

    public override unsafe MethodInfo Stream => new Streaming(Vector128.StoreAlignedNonTemporal).Method;

    public override MethodInfo LoadMask => new Loading<byte>(ReadMask).Method;

    public override MethodInfo StoreMask => new Storing<byte>(WriteMask).Method;

    public override MethodInfo Fill => new Func<T, Vector128<T>>(Vector128.Create).Method;

    public override MethodInfo From<TOther>() => new Func<Vector128<TOther>, Vector128<T>>(Vector128.As<TOther, T>).Method;

    public override MethodInfo ShiftLeft => typeof(T) == typeof(int)
        ? Shift<int>(Vector128.ShiftLeft)
        : Shift<long>(Vector128.ShiftLeft);

    public override MethodInfo ShiftRight => typeof(T) == typeof(int)
        ? Shift<int>(Vector128.ShiftRightLogical)
        : Shift<long>(Vector128.ShiftRightLogical);

    public override MethodInfo Rarely<TOperator>() =>
        new Func<Vector128<T>, Vector128<T>, Vector128<T>, Vector128<T>, Vector128<T>>(Choose<TOperator>).Method;

    public override MethodInfo Of(VectorOp op) => op switch
    {
        VectorOp.Add => Two(Vector128.Add),
        VectorOp.Subtract => Two(Vector128.Subtract),
        VectorOp.Multiply => Two(Vector128.Multiply),
        VectorOp.Divide => Two(Vector128.Divide),
        VectorOp.Negate => One(Vector128.Negate),
        VectorOp.And => Two(Vector128.BitwiseAnd),
        VectorOp.Or => Two(Vector128.BitwiseOr),
        VectorOp.Xor => Two(Vector128.Xor),
        VectorOp.Complement => One(Vector128.OnesComplement),
        VectorOp.Less => Two(Vector128.LessThan),
        VectorOp.LessOrEqual => Two(Vector128.LessThanOrEqual),
        VectorOp.Equal => Two(Vector128.Equals),
        VectorOp.Select => Three(Vector128.ConditionalSelect),
        VectorOp.Fma => Float(Three<float>(Vector128.FusedMultiplyAdd), Three<double>(Vector128.FusedMultiplyAdd)),
        VectorOp.Sqrt => One(Vector128.Sqrt),
        VectorOp.Abs => One(Vector128.Abs),
        VectorOp.Floor => Float(One<float>(Vector128.Floor), One<double>(Vector128.Floor)),
        VectorOp.Ceiling => Float(One<float>(Vector128.Ceiling), One<double>(Vector128.Ceiling)),
        VectorOp.Round => Float(One<float>(Vector128.Round), One<double>(Vector128.Round)),
        VectorOp.Truncate => Float(One<float>(Vector128.Truncate), One<double>(Vector128.Truncate)),
        VectorOp.Max => Two(Extrema.Max),
        VectorOp.Min => Two(Extrema.Min),
        VectorOp.MaxNative => Two(Vector128.MaxNative),
        VectorOp.MinNative => Two(Vector128.MinNative),
        VectorOp.EighthPower => One(EighthPower),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no instruction of its own"),
    };

    private static MethodInfo One(Func<Vector128<T>, Vector128<T>> method) => method.Method;

    private static MethodInfo Two(Func<Vector128<T>, Vector128<T>, Vector128<T>> method) => method.Method;

    private static MethodInfo Three(Func<Vector128<T>, Vector128<T>, Vector128<T>, Vector128<T>> method) =>
        method.Method;

    private static MethodInfo One<TFloat>(Func<Vector128<TFloat>, Vector128<TFloat>> method) => method.Method;

    private static MethodInfo Three<TFloat>(
        Func<Vector128<TFloat>, Vector128<TFloat>, Vector128<TFloat>, Vector128<TFloat>> method) => method.Method;

    private static MethodInfo Shift<TInteger>(Func<Vector128<TInteger>, int, Vector128<TInteger>> method) =>
        method.Method;

    private static MethodInfo Float(MethodInfo single, MethodInfo @double) =>
        typeof(T) == typeof(float) ? single : @double;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> ReadMask(ref readonly byte source, nuint index) =>
        Wide128<T>.LoadMask(ref Unsafe.AsRef(in source), (nint)index).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteMask(Vector128<T> mask, ref byte target, nuint index) =>
        Wide128<T>.StoreMask(new Wide128<T>(mask), ref target, (nint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> EighthPower(Vector128<T> a) => Wide128<T>.EighthPower(new(a)).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Choose<TOperator>(
        Vector128<T> mask, Vector128<T> a, Vector128<T> b, Vector128<T> y)
        where TOperator : struct, IRareOperator =>
        Wide128<T>.Rarely<TOperator>(
            new Wide128<T>(mask), new Wide128<T>(a), new Wide128<T>(b), new Wide128<T>(y)).Value;
}
