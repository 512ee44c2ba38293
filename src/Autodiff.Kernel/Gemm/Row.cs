using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>A row of a block, one to three vectors wide, of B or of C.</summary>
/// <remarks>
/// The fields of such a struct are promoted to registers only where all of them are used: hence a type for each width.
/// </remarks>
internal unsafe interface IRow<TSelf, T>
    where TSelf : struct, IRow<TSelf, T>
    where T : unmanaged
{
    /// <summary>A row of B. The last of several vectors starts at a given place and may overlap the one before.</summary>
    static abstract TSelf Load(T* source, nint last);

    /// <summary>A row of C; the elements that the tile lacks, where it is less than a vector wide, are zero.</summary>
    static abstract TSelf LoadResult(T* source, in Tile<T> tile);

    /// <summary>Stores a row of C; vectors that overlap hold the same values where they do.</summary>
    static abstract void Store(TSelf row, T* target, in Tile<T> tile);

    /// <summary>c + *a b.</summary>
    static abstract TSelf MultiplyAdd(T* a, TSelf b, TSelf c);
}

/// <summary>One vector, or the first part of one.</summary>
internal unsafe struct Row1<T, TVector, TSimd> : IRow<Row1<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row1<T, TVector, TSimd> Load(T* source, nint last) => new() { first = TSimd.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row1<T, TVector, TSimd> LoadResult(T* source, in Tile<T> tile) => new()
    {
        first = tile.Part == 0 ? TSimd.Load(source) : TSimd.LoadPart(source, tile.Part, default),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row1<T, TVector, TSimd> row, T* target, in Tile<T> tile)
    {
        if (tile.Part == 0)
            TSimd.Store(row.first, target);
        else
            TSimd.StorePart(row.first, target, tile.Part);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row1<T, TVector, TSimd> MultiplyAdd(
        T* a, Row1<T, TVector, TSimd> b, Row1<T, TVector, TSimd> c)
    {
        c.first = TSimd.MultiplyAdd(TSimd.Broadcast(*a), b.first, c.first);
        return c;
    }
}

/// <summary>Two vectors.</summary>
internal unsafe struct Row2<T, TVector, TSimd> : IRow<Row2<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector first, second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row2<T, TVector, TSimd> Load(T* source, nint last) =>
        new() { first = TSimd.Load(source), second = TSimd.Load(source + last) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row2<T, TVector, TSimd> LoadResult(T* source, in Tile<T> tile) => Load(source, tile.Last);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row2<T, TVector, TSimd> row, T* target, in Tile<T> tile)
    {
        TSimd.Store(row.first, target);
        TSimd.Store(row.second, target + tile.Last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row2<T, TVector, TSimd> MultiplyAdd(
        T* a, Row2<T, TVector, TSimd> b, Row2<T, TVector, TSimd> c)
    {
        var factor = TSimd.Broadcast(*a);
        c.first = TSimd.MultiplyAdd(factor, b.first, c.first);
        c.second = TSimd.MultiplyAdd(factor, b.second, c.second);
        return c;
    }
}

/// <summary>Three vectors.</summary>
internal unsafe struct Row3<T, TVector, TSimd> : IRow<Row3<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector first, second, third;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row3<T, TVector, TSimd> Load(T* source, nint last) => new()
    {
        first = TSimd.Load(source),
        second = TSimd.Load(source + TSimd.Width),
        third = TSimd.Load(source + last),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row3<T, TVector, TSimd> LoadResult(T* source, in Tile<T> tile) => Load(source, tile.Last);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row3<T, TVector, TSimd> row, T* target, in Tile<T> tile)
    {
        TSimd.Store(row.first, target);
        TSimd.Store(row.second, target + TSimd.Width);
        TSimd.Store(row.third, target + tile.Last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row3<T, TVector, TSimd> MultiplyAdd(
        T* a, Row3<T, TVector, TSimd> b, Row3<T, TVector, TSimd> c)
    {
        var factor = TSimd.Broadcast(*a);
        c.first = TSimd.MultiplyAdd(factor, b.first, c.first);
        c.second = TSimd.MultiplyAdd(factor, b.second, c.second);
        c.third = TSimd.MultiplyAdd(factor, b.third, c.third);
        return c;
    }
}
