using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>The methods that generated code calls for vectors of 512 bits.</summary>
internal sealed class Instructions512<T> : VectorInstructions
    where T : unmanaged
{
    private delegate Vector512<T> Loading<TElement>(ref readonly TElement source, nuint index);

    private delegate void Storing<TElement>(Vector512<T> value, ref TElement target, nuint index);

    private unsafe delegate void Streaming(Vector512<T> value, T* target);

    public override Type Vector => typeof(Vector512<T>);

    public override int Lanes => Vector512<T>.Count;

    public override MethodInfo Load => new Loading<T>(Vector512.LoadUnsafe).Method;

    public override MethodInfo Store => new Storing<T>(Vector512.StoreUnsafe).Method;

    public override unsafe MethodInfo Stream => new Streaming(Vector512.StoreAlignedNonTemporal).Method;

    public override JoinInstructions? Join { get; } =
        Avx512F.IsSupported ? new(new Func<nint, Vector512<T>>(PlacesAt).Method, Three(Take)) : null;

    public override MethodInfo LoadMask => new Loading<byte>(ReadMask).Method;

    public override MethodInfo StoreMask => new Storing<byte>(WriteMask).Method;

    public override MethodInfo Fill => new Func<T, Vector512<T>>(Vector512.Create).Method;

    public override MethodInfo From<TOther>() => new Func<Vector512<TOther>, Vector512<T>>(Vector512.As<TOther, T>).Method;

    public override MethodInfo ShiftLeft => typeof(T) == typeof(int)
        ? Shift<int>(Vector512.ShiftLeft)
        : Shift<long>(Vector512.ShiftLeft);

    public override MethodInfo ShiftRight => typeof(T) == typeof(int)
        ? Shift<int>(Vector512.ShiftRightLogical)
        : Shift<long>(Vector512.ShiftRightLogical);

    public override MethodInfo Rarely<TOperator>() =>
        new Func<Vector512<T>, Vector512<T>, Vector512<T>, Vector512<T>, Vector512<T>>(Choose<TOperator>).Method;

    public override MethodInfo Of(VectorOp op) => op switch
    {
        VectorOp.Add => Two(Vector512.Add),
        VectorOp.Subtract => Two(Vector512.Subtract),
        VectorOp.Multiply => Two(Vector512.Multiply),
        VectorOp.Divide => Two(Vector512.Divide),
        VectorOp.Negate => One(Vector512.Negate),
        VectorOp.And => Two(Vector512.BitwiseAnd),
        VectorOp.Or => Two(Vector512.BitwiseOr),
        VectorOp.Xor => Two(Vector512.Xor),
        VectorOp.Complement => One(Vector512.OnesComplement),
        VectorOp.Less => Two(Vector512.LessThan),
        VectorOp.LessOrEqual => Two(Vector512.LessThanOrEqual),
        VectorOp.Equal => Two(Vector512.Equals),
        VectorOp.Select => Three(Vector512.ConditionalSelect),
        VectorOp.Fma => Float(Three<float>(Vector512.FusedMultiplyAdd), Three<double>(Vector512.FusedMultiplyAdd)),
        VectorOp.Sqrt => One(Vector512.Sqrt),
        VectorOp.Abs => One(Vector512.Abs),
        VectorOp.Floor => Float(One<float>(Vector512.Floor), One<double>(Vector512.Floor)),
        VectorOp.Ceiling => Float(One<float>(Vector512.Ceiling), One<double>(Vector512.Ceiling)),
        VectorOp.Round => Float(One<float>(Vector512.Round), One<double>(Vector512.Round)),
        VectorOp.Truncate => Float(One<float>(Vector512.Truncate), One<double>(Vector512.Truncate)),
        VectorOp.Max => Two(Vector512.Max),
        VectorOp.Min => Two(Vector512.Min),
        VectorOp.MaxNative => Two(Vector512.MaxNative),
        VectorOp.MinNative => Two(Vector512.MinNative),
        VectorOp.Scale => Float(Two<float>(Avx512F.Scale), Two<double>(Avx512F.Scale)),
        VectorOp.EighthPower => One(EighthPower),
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no instruction of its own"),
    };

    private static MethodInfo One(Func<Vector512<T>, Vector512<T>> method) => method.Method;

    private static MethodInfo Two(Func<Vector512<T>, Vector512<T>, Vector512<T>> method) => method.Method;

    private static MethodInfo Three(Func<Vector512<T>, Vector512<T>, Vector512<T>, Vector512<T>> method) =>
        method.Method;

    private static MethodInfo One<TFloat>(Func<Vector512<TFloat>, Vector512<TFloat>> method) => method.Method;

    private static MethodInfo Two<TFloat>(Func<Vector512<TFloat>, Vector512<TFloat>, Vector512<TFloat>> method) =>
        method.Method;

    private static MethodInfo Three<TFloat>(
        Func<Vector512<TFloat>, Vector512<TFloat>, Vector512<TFloat>, Vector512<TFloat>> method) => method.Method;

    private static MethodInfo Shift<TInteger>(Func<Vector512<TInteger>, int, Vector512<TInteger>> method) =>
        method.Method;

    private static MethodInfo Float(MethodInfo single, MethodInfo @double) =>
        typeof(T) == typeof(float) ? single : @double;

    /// <summary>Places of four bytes each: from 16 on, those of the second neighbour.</summary>
    private static Vector512<T> PlacesAt(nint address)
    {
        var behind = (int)(address & (Vector512<byte>.Count - 1)) / sizeof(int);
        return (Vector512<int>.Indices + Vector512.Create(Vector512<int>.Count - behind)).As<int, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Take(Vector512<T> before, Vector512<T> across, Vector512<T> places) =>
        Avx512F.PermuteVar16x32x2(before.AsInt32(), places.AsInt32(), across.AsInt32()).As<int, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> ReadMask(ref readonly byte source, nuint index) =>
        Wide512<T>.LoadMask(ref Unsafe.AsRef(in source), (nint)index).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteMask(Vector512<T> mask, ref byte target, nuint index) =>
        Wide512<T>.StoreMask(new Wide512<T>(mask), ref target, (nint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> EighthPower(Vector512<T> a) => Wide512<T>.EighthPower(new(a)).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Choose<TOperator>(
        Vector512<T> mask, Vector512<T> a, Vector512<T> b, Vector512<T> y)
        where TOperator : struct, IRareOperator =>
        Wide512<T>.Rarely<TOperator>(
            new Wide512<T>(mask), new Wide512<T>(a), new Wide512<T>(b), new Wide512<T>(y)).Value;
}
