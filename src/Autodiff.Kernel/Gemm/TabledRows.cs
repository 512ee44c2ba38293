using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Rows of a number of elements, the places of whose operands stand in tables.</summary>
internal readonly unsafe struct TabledRows<T, TVector, TSimd>(nint length, int* offsetsA, int* offsetsB, nint places)
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>c = the sum of rows of a, times elements of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add<TStep>(T* a, T* b, T* c) where TStep : struct, IRowStep
    {
        // The last vector overlaps the one before it.
        var last = length - TSimd.Width;
        for (nint i = 0; ; i = nint.Min(i + TSimd.Width, last))
        {
            var from = a + (TStep.Step * i);
            var sum = TSimd.Multiply(Load<TStep>(from + *offsetsA), TSimd.Broadcast(b[*offsetsB]));
            for (nint place = 1; place < places; place++)
                TSimd.AddProduct(b + offsetsB[place], Load<TStep>(from + offsetsA[place]), ref sum);
            TSimd.Store(sum, c + i);
            if (i == last)
                return;
        }
    }

    /// <summary>
    /// The same of four rows at a time, which stand some elements apart in a and c: one sum would wait for itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddFour<TStep>(T* a, nint nextA, T* b, T* c, nint nextC) where TStep : struct, IRowStep
    {
        var last = length - TSimd.Width;
        for (nint i = 0; ; i = nint.Min(i + TSimd.Width, last))
        {
            T* from = a + (TStep.Step * i), start = from + *offsetsA;
            var factor = TSimd.Broadcast(b[*offsetsB]);
            TVector sum0 = TSimd.Multiply(Load<TStep>(start), factor);
            TVector sum1 = TSimd.Multiply(Load<TStep>(start + nextA), factor);
            TVector sum2 = TSimd.Multiply(Load<TStep>(start + (2 * nextA)), factor);
            TVector sum3 = TSimd.Multiply(Load<TStep>(start + (3 * nextA)), factor);
            for (nint place = 1; place < places; place++)
            {
                start = from + offsetsA[place];
                factor = TSimd.Broadcast(b[offsetsB[place]]);
                TSimd.AddProduct(factor, Load<TStep>(start), ref sum0);
                TSimd.AddProduct(factor, Load<TStep>(start + nextA), ref sum1);
                TSimd.AddProduct(factor, Load<TStep>(start + (2 * nextA)), ref sum2);
                TSimd.AddProduct(factor, Load<TStep>(start + (3 * nextA)), ref sum3);
            }

            TSimd.Store(sum0, c + i);
            TSimd.Store(sum1, c + i + nextC);
            TSimd.Store(sum2, c + i + (2 * nextC));
            TSimd.Store(sum3, c + i + (3 * nextC));
            if (i == last)
                return;
        }
    }

    /// <summary>The sum of dot products of rows of a and of b.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T Dot<TStep>(T* a, T* b) where TStep : struct, IRowStep
    {
        const int lanes = VirtualLanes.Lanes;
        var sums = stackalloc T[lanes];
        new Span<T>(sums, lanes).Clear();
        nint i = 0;
        for (; i <= length - TSimd.Width; i += TSimd.Width)
        {
            var to = sums + (i % lanes);
            TSimd.Store(AddProducts<TStep>(a, b, i, TSimd.Load(to)), to);
        }

        if (i < length)
            AddRest<TStep>(a, b, i, sums);
        return VirtualLanes.Fold<T, SumReduction<T>>(sums);
    }

    /// <summary>The products of a vector's elements at all places, added to a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector AddProducts<TStep>(T* a, T* b, nint first, TVector sum) where TStep : struct, IRowStep
    {
        a += first * TStep.Step;
        b += first;
        for (nint place = 0; place < places; place++)
            TSimd.AddProduct(
                Load<TStep>(a + offsetsA[place]), TSimd.Load(b + offsetsB[place]), ref sum);
        return sum;
    }

    /// <summary>The last elements, from one on, by a vector that ends with them and whose other sums are dropped.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRest<TStep>(T* a, T* b, nint first, T* sums) where TStep : struct, IRowStep
    {
        var start = length - TSimd.Width;
        var rest = stackalloc T[TSimd.Width];
        TSimd.Store(TSimd.Broadcast(T.Zero), rest);
        for (var i = first; i < length; i++)
            rest[i - start] = sums[i % VirtualLanes.Lanes];
        TSimd.Store(AddProducts<TStep>(a, b, start, TSimd.Load(rest)), rest);
        for (var i = first; i < length; i++)
            sums[i % VirtualLanes.Lanes] = rest[i - start];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TStep>(T* source) where TStep : struct, IRowStep => TStep.Load<T, TVector, TSimd>(source);
}
