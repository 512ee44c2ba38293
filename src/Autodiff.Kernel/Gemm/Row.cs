using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>A row of a block, one to four vectors wide, of B or of C.</summary>
/// <remarks>
/// The fields of such a struct are promoted to registers only where all of them are used: hence a type for each width.
/// </remarks>
internal unsafe interface IRow<TSelf, T>
    where TSelf : struct, IRow<TSelf, T>
    where T : unmanaged
{
    /// <summary>A row of B or of C.</summary>
    /// <param name="source">Where it starts.</param>
    /// <param name="last">
    /// Where the last of several vectors starts, which may overlap the one before; how many elements there are, where they
    /// are fewer than a vector has.
    /// </param>
    /// <param name="mask">The mask of such a row.</param>
    static abstract TSelf Load(T* source, nint last, TSelf mask);

    /// <summary>Stores a row of C; vectors that overlap hold the same values where they do.</summary>
    static abstract void Store(TSelf row, T* target, nint last, TSelf mask);

    /// <summary>The mask of so many elements, where they are fewer than a vector has; nothing elsewhere.</summary>
    static abstract TSelf Mask(nint last);

    /// <summary>Adds *a b to c.</summary>
    static abstract void AddProduct(T* a, TSelf b, ref TSelf c);
}

/// <summary>The first part of a vector.</summary>
internal unsafe struct RowPart<T, TVector, TSimd> : IRow<RowPart<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector part;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPart<T, TVector, TSimd> Load(T* source, nint last, RowPart<T, TVector, TSimd> mask) =>
        new() { part = TSimd.LoadMasked(source, mask.part) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(RowPart<T, TVector, TSimd> row, T* target, nint last, RowPart<T, TVector, TSimd> mask) =>
        TSimd.StoreMasked(row.part, target, mask.part);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPart<T, TVector, TSimd> Mask(nint last) => new() { part = TSimd.Mask(last) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, RowPart<T, TVector, TSimd> b, ref RowPart<T, TVector, TSimd> c)
    {
        TSimd.AddProduct(a, b.part, ref c.part);
    }
}

/// <summary>One vector.</summary>
internal unsafe struct Row1<T, TVector, TSimd> : IRow<Row1<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector first;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row1<T, TVector, TSimd> Load(T* source, nint last, Row1<T, TVector, TSimd> mask) => new() { first = TSimd.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row1<T, TVector, TSimd> row, T* target, nint last, Row1<T, TVector, TSimd> mask) => TSimd.Store(row.first, target);

    public static Row1<T, TVector, TSimd> Mask(nint last) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Row1<T, TVector, TSimd> b, ref Row1<T, TVector, TSimd> c)
    {
        TSimd.AddProduct(a, b.first, ref c.first);
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
    public static Row2<T, TVector, TSimd> Load(T* source, nint last, Row2<T, TVector, TSimd> mask) =>
        new() { first = TSimd.Load(source), second = TSimd.Load(source + last) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row2<T, TVector, TSimd> row, T* target, nint last, Row2<T, TVector, TSimd> mask)
    {
        TSimd.Store(row.first, target);
        TSimd.Store(row.second, target + last);
    }

    public static Row2<T, TVector, TSimd> Mask(nint last) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Row2<T, TVector, TSimd> b, ref Row2<T, TVector, TSimd> c)
    {
        var factor = TSimd.Broadcast(*a);
        TSimd.AddProduct(factor, b.first, ref c.first);
        TSimd.AddProduct(factor, b.second, ref c.second);
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
    public static Row3<T, TVector, TSimd> Load(T* source, nint last, Row3<T, TVector, TSimd> mask) => new()
    {
        first = TSimd.Load(source),
        second = TSimd.Load(source + TSimd.Width),
        third = TSimd.Load(source + last),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row3<T, TVector, TSimd> row, T* target, nint last, Row3<T, TVector, TSimd> mask)
    {
        TSimd.Store(row.first, target);
        TSimd.Store(row.second, target + TSimd.Width);
        TSimd.Store(row.third, target + last);
    }

    public static Row3<T, TVector, TSimd> Mask(nint last) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Row3<T, TVector, TSimd> b, ref Row3<T, TVector, TSimd> c)
    {
        var factor = TSimd.Broadcast(*a);
        TSimd.AddProduct(factor, b.first, ref c.first);
        TSimd.AddProduct(factor, b.second, ref c.second);
        TSimd.AddProduct(factor, b.third, ref c.third);
    }
}

/// <summary>Four vectors.</summary>
internal unsafe struct Row4<T, TVector, TSimd> : IRow<Row4<T, TVector, TSimd>, T>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    private TVector first, second, third, fourth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Row4<T, TVector, TSimd> Load(T* source, nint last, Row4<T, TVector, TSimd> mask) => new()
    {
        first = TSimd.Load(source),
        second = TSimd.Load(source + TSimd.Width),
        third = TSimd.Load(source + (2 * TSimd.Width)),
        fourth = TSimd.Load(source + last),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Row4<T, TVector, TSimd> row, T* target, nint last, Row4<T, TVector, TSimd> mask)
    {
        TSimd.Store(row.first, target);
        TSimd.Store(row.second, target + TSimd.Width);
        TSimd.Store(row.third, target + (2 * TSimd.Width));
        TSimd.Store(row.fourth, target + last);
    }

    public static Row4<T, TVector, TSimd> Mask(nint last) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(T* a, Row4<T, TVector, TSimd> b, ref Row4<T, TVector, TSimd> c)
    {
        var factor = TSimd.Broadcast(*a);
        TSimd.AddProduct(factor, b.first, ref c.first);
        TSimd.AddProduct(factor, b.second, ref c.second);
        TSimd.AddProduct(factor, b.third, ref c.third);
        TSimd.AddProduct(factor, b.fourth, ref c.fourth);
    }
}
