using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Rows of a number of elements, the places of whose operands stand in tables.</summary>
internal readonly unsafe struct TabledRows<T, TVector, TSimd>(nint length, int* offsetsA, int* offsetsB, nint places)
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>c = the sum of rows of every other element of a, times elements of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(T* a, T* b, T* c)
    {
        // The last vector overlaps the one before it.
        var last = length - TSimd.Width;
        for (nint i = 0; ; i = nint.Min(i + TSimd.Width, last))
        {
            var from = a + (2 * i);
            var sum = TSimd.Multiply(TSimd.LoadEven(from + *offsetsA), TSimd.Broadcast(b[*offsetsB]));
            for (nint place = 1; place < places; place++)
                TSimd.AddProduct(b + offsetsB[place], TSimd.LoadEven(from + offsetsA[place]), ref sum);
            TSimd.Store(sum, c + i);
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
                TStep.Load<T, TVector, TSimd>(a + offsetsA[place]), TSimd.Load(b + offsetsB[place]), ref sum);
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
}
