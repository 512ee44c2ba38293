using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// One operation over consecutive elements, at the widest vectors of the machine. A target may be one of its operands.
/// </summary>
internal static class ElementLoops
{
    public static void Unary<TOperator, T>(Operand x, ref byte target, nint count)
        where TOperator : struct, IUnaryOperator
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Unary<TOperator, Wide512<T>, T>(x, ref target, count);
        else if (Vector256.IsHardwareAccelerated)
            Unary<TOperator, Wide256<T>, T>(x, ref target, count);
        else
            Unary<TOperator, Wide128<T>, T>(x, ref target, count);
    }

    public static void Binary<TOperator, T>(Operand a, Operand b, ref byte target, nint count)
        where TOperator : struct, IBinaryOperator
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Binary<TOperator, Wide512<T>, T>(a, b, ref target, count);
        else if (Vector256.IsHardwareAccelerated)
            Binary<TOperator, Wide256<T>, T>(a, b, ref target, count);
        else
            Binary<TOperator, Wide128<T>, T>(a, b, ref target, count);
    }

    /// <summary>A test of one element; the results are truth values.</summary>
    public static void Test<TOperator, T>(Operand x, ref byte target, nint count)
        where TOperator : struct, IUnaryOperator
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Test<TOperator, Wide512<T>, T>(x, ref target, count);
        else if (Vector256.IsHardwareAccelerated)
            Test<TOperator, Wide256<T>, T>(x, ref target, count);
        else
            Test<TOperator, Wide128<T>, T>(x, ref target, count);
    }

    /// <summary>A comparison of two elements; the results are truth values.</summary>
    public static void Compare<TOperator, T>(Operand a, Operand b, ref byte target, nint count)
        where TOperator : struct, IBinaryOperator
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Compare<TOperator, Wide512<T>, T>(a, b, ref target, count);
        else if (Vector256.IsHardwareAccelerated)
            Compare<TOperator, Wide256<T>, T>(a, b, ref target, count);
        else
            Compare<TOperator, Wide128<T>, T>(a, b, ref target, count);
    }

    public static void Select<T>(Operand condition, Operand a, Operand b, ref byte target, nint count)
        where T : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Select<Wide512<T>, T>(condition, a, b, ref target, count);
        else if (Vector256.IsHardwareAccelerated)
            Select<Wide256<T>, T>(condition, a, b, ref target, count);
        else
            Select<Wide128<T>, T>(condition, a, b, ref target, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unary<TOperator, V, T>(Operand x, ref byte target, nint count)
        where TOperator : struct, IUnaryOperator
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var source = ref x.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        nint i = 0;
        for (; i <= count - V.Count; i += V.Count)
            V.Store(TOperator.Apply<V, T>(V.Load(ref source, i & x.Mask)), ref result, i);
        if (i < count)
            Tail.Store(TOperator.Apply<V, T>(Tail.Load<V, T>(x, i, count - i)), ref result, i, count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Binary<TOperator, V, T>(Operand a, Operand b, ref byte target, nint count)
        where TOperator : struct, IBinaryOperator
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var left = ref a.First<T>();
        ref var right = ref b.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        nint i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            var value = TOperator.Apply<V, T>(V.Load(ref left, i & a.Mask), V.Load(ref right, i & b.Mask));
            V.Store(value, ref result, i);
        }

        if (i < count)
        {
            var rest = count - i;
            var value = TOperator.Apply<V, T>(Tail.Load<V, T>(a, i, rest), Tail.Load<V, T>(b, i, rest));
            Tail.Store(value, ref result, i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Test<TOperator, V, T>(Operand x, ref byte target, nint count)
        where TOperator : struct, IUnaryOperator
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var source = ref x.First<T>();
        nint i = 0;
        for (; i <= count - V.Count; i += V.Count)
            V.StoreMask(TOperator.Apply<V, T>(V.Load(ref source, i & x.Mask)), ref target, i);
        if (i < count)
        {
            var mask = TOperator.Apply<V, T>(Tail.Load<V, T>(x, i, count - i));
            Tail.StoreMask<V, T>(mask, ref target, i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compare<TOperator, V, T>(Operand a, Operand b, ref byte target, nint count)
        where TOperator : struct, IBinaryOperator
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var left = ref a.First<T>();
        ref var right = ref b.First<T>();
        nint i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            var mask = TOperator.Apply<V, T>(V.Load(ref left, i & a.Mask), V.Load(ref right, i & b.Mask));
            V.StoreMask(mask, ref target, i);
        }

        if (i < count)
        {
            var rest = count - i;
            var mask = TOperator.Apply<V, T>(Tail.Load<V, T>(a, i, rest), Tail.Load<V, T>(b, i, rest));
            Tail.StoreMask<V, T>(mask, ref target, i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select<V, T>(Operand condition, Operand a, Operand b, ref byte target, nint count)
        where V : struct, IVector<V, T>
        where T : unmanaged
    {
        ref var choice = ref condition.First<byte>();
        ref var left = ref a.First<T>();
        ref var right = ref b.First<T>();
        ref var result = ref Unsafe.As<byte, T>(ref target);
        nint i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            var mask = V.LoadMask(ref choice, i & condition.Mask);
            V.Store(V.Select(mask, V.Load(ref left, i & a.Mask), V.Load(ref right, i & b.Mask)), ref result, i);
        }

        if (i < count)
        {
            var rest = count - i;
            var mask = Tail.LoadMask<V, T>(condition, i, rest);
            var value = V.Select(mask, Tail.Load<V, T>(a, i, rest), Tail.Load<V, T>(b, i, rest));
            Tail.Store(value, ref result, i, rest);
        }
    }
}
