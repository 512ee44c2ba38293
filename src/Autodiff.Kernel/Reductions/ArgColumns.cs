using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>The first places of the extremes of many columns at once, for elements of four or eight bytes.</summary>
internal static unsafe class ArgColumns
{
    /// <summary>The columns that are searched together: their extremes and places stay in the first-level cache.</summary>
    public const int BlockColumns = 512;

    /// <summary>
    /// For at most <see cref="BlockColumns"/> contiguous columns the number of the row, of those that
    /// <paramref name="rows"/> walks, where the extreme is first met.
    /// </summary>
    public static void Find<T, TReduction>(T* start, LoopAxis[] rows, int columns, long* places, nint stride)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        if (Vector512.IsHardwareAccelerated)
            ArgColumns<T, Vector512<T>, Simd512<T>>.Find<TReduction>(start, rows, columns, places, stride);
        else if (Vector256.IsHardwareAccelerated)
            ArgColumns<T, Vector256<T>, Simd256<T>>.Find<TReduction>(start, rows, columns, places, stride);
        else
            ArgColumns<T, Vector128<T>, Simd128<T>>.Find<TReduction>(start, rows, columns, places, stride);
    }

    /// <summary>Whether an element takes the place of the extreme so far: the first of equal ones stays, and any NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Replaces<T, TReduction>(T extreme, T element)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T> =>
        !T.IsNaN(extreme) && TReduction.Combine(extreme, element) != extreme;
}

/// <summary>The loops of <see cref="ArgColumns"/> for one width of vectors. A lane's place is as wide as its element.</summary>
internal static unsafe class ArgColumns<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private const int RowsAtOnce = 8;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Find<TReduction>(T* start, LoopAxis[] rows, int columns, long* places, nint stride)
        where TReduction : struct, IReduction<T>
    {
        T* extremes = stackalloc T[ArgColumns.BlockColumns], found = stackalloc T[ArgColumns.BlockColumns];
        new ReadOnlySpan<T>(start, columns).CopyTo(new Span<T>(extremes, columns));
        new Span<T>(found, columns).Clear();
        T** starts = stackalloc T*[RowsAtOnce];
        var row = new Odometer(rows);
        var count = LoopAxis.Count(rows);
        for (long first = 0; first < count; first += RowsAtOnce)
        {
            var some = (int)Math.Min(RowsAtOnce, count - first);
            for (var i = 0; i < some; i++, row.Next())
                starts[i] = start + row.A;
            Step<TReduction>(starts, some, first, extremes, found, columns);
        }

        for (nint i = 0; i < columns; i++)
            places[i * stride] = sizeof(T) == 4 ? ((int*)found)[i] : ((long*)found)[i];
    }

    /// <summary>Some rows more; the extremes and places of a vector of columns are in registers meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TReduction>(T** rows, int count, long first, T* extremes, T* found, int columns)
        where TReduction : struct, IReduction<T>
    {
        nint i = 0;
        for (; i <= columns - TSimd.Width; i += TSimd.Width)
        {
            TVector extreme = TSimd.Load(extremes + i), place = TSimd.Load(found + i);
            for (var row = 0; row < count; row++)
            {
                var next = TReduction.Combine<TVector, TSimd>(extreme, TSimd.Load(rows[row] + i));
                var moved = TSimd.Select(TSimd.Equal(next, extreme), place, TSimd.Broadcast(Number(first + row)));
                place = TSimd.Select(TSimd.Equal(extreme, extreme), moved, place);
                extreme = next;
            }

            TSimd.Store(extreme, extremes + i);
            TSimd.Store(place, found + i);
        }

        for (; i < columns; i++)
            for (var row = 0; row < count; row++)
                if (ArgColumns.Replaces<T, TReduction>(extremes[i], rows[row][i]))
                    (extremes[i], found[i]) = (rows[row][i], Number(first + row));
    }

    /// <summary>A number of a row in the bits of an element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Number(long row)
    {
        if (sizeof(T) == 8)
            return *(T*)&row;
        var narrow = (int)row;
        return *(T*)&narrow;
    }
}
