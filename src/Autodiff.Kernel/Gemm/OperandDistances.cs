namespace Autodiff.Kernel;

/// <summary>
/// How far apart the elements of a product's operands lie, and what follows for the caches: what is worth a copy, and how
/// long the pieces of the depth are.
/// </summary>
/// <param name="axes">The axes of the product.</param>
/// <param name="depth">How its depth is walked.</param>
/// <param name="size">The bytes of an element.</param>
internal readonly struct OperandDistances(ProductAxes axes, DepthWalk depth, int size)
{
    // A strip of B, as long as this and 64 to 192 bytes wide, stays in the first-level cache. Where its rows lie so close
    // that a longer one spans few pages, it comes from the second fast enough, and C comes and goes less often.
    private const int DepthBytes = 1024;
    private const int LongDepthBytes = 8192;

    // Where a block of C is copied in and out for each piece of the depth, strips are longer and stay in the second.
    private const int ScatteredDepthBytes = 4096;

    // A panel of A, as long as this and up to twelve elements wide, stays in the first-level cache.
    private const int PackedDepthBytes = 2048;

    // What a copy of a strip must be used for to pay: so many rows; so many where the strip's own lie less far apart.
    private const int EnoughRows = 48;
    private const int EnoughRowsOfLarge = 192;
    private const int FarApartOfLarge = 256;

    // So many steps of a block take the time in which a line comes from memory.
    private const int LongToCome = 48;

    /// <summary>Whether B is so large that its strips come from farther than the second-level cache.</summary>
    public bool IsLarge => IsFar(axes.ColumnCount * axes.DepthCount);

    /// <summary>Whether enough panels read strips of B that are hard on the caches where they lie.</summary>
    public bool HasFarStrips =>
        (IsApart(depth.InnerB, FarApart) && axes.RowCount >= EnoughRows)
        || (!SimdWidths.HasManyRegisters && IsLarge && IsApart(depth.InnerB, FarApartOfLarge)
            && axes.RowCount >= EnoughRowsOfLarge);

    /// <summary>Whether panels of A are hard on the caches where they lie.</summary>
    public bool HasFarPanels =>
        IsApart(axes.Rows.A, FarApart) || IsApart(depth.InnerA, FarApart)
        || (!SimdWidths.HasManyRegisters && axes.Rows.A == 1 && IsApart(depth.InnerA, FarApartOfLarge)
            && IsFar(axes.RowCount * axes.DepthCount));

    /// <summary>Whether there are enough rows for copies to pay.</summary>
    public bool HasEnoughRows => axes.RowCount >= EnoughRows;

    /// <summary>
    /// Whether the result comes from farther than the second-level cache, and its blocks take long enough for it to come
    /// while they are computed.
    /// </summary>
    public bool HasFarResult =>
        IsFar(axes.RowCount * axes.ColumnCount * LoopAxis.Count(axes.Batch)) && depth.Count >= LongToCome;

    /// <summary>The longest piece of the depth.</summary>
    /// <param name="packsRows">Whether panels of A are copied.</param>
    /// <param name="packsColumns">Whether strips of B are copied.</param>
    /// <param name="isWide">Whether a strip is so wide that each panel reads it twice: it must stay in the first cache.</param>
    public int MostDepth(bool packsRows, bool packsColumns, bool isWide)
    {
        if (packsRows)
            return PackedDepthBytes / size;
        if (axes.Columns.C != 1 && axes.Columns.Size > 1)
            return ScatteredDepthBytes / size;
        if (packsColumns || isWide || depth.IsTabled)
            return DepthBytes / size;
        var step = Math.Max(Math.Abs((long)depth.InnerA), Math.Abs((long)depth.InnerB)) * size;
        return (int)Math.Clamp(NearSpan / Math.Max(step, 1), DepthBytes / size, LongDepthBytes / size);
    }

    /// <summary>
    /// So much stays in the second-level cache while the rest of a product goes by: machines with few registers have small ones.
    /// </summary>
    private static int NearBytes => SimdWidths.HasManyRegisters ? 512 * 1024 : 192 * 1024;

    /// <summary>So far a strip may span that comes from the second-level cache: strips are twice as wide in more registers.</summary>
    private static int NearSpan => SimdWidths.HasManyRegisters ? 128 * 1024 : 256 * 1024;

    /// <summary>
    /// Rows further apart than this share few sets of the cache, and each needs a page of its own. Where panels have half as
    /// many rows, what a copy of a strip saves is saved twice as often.
    /// </summary>
    private static int FarApart => SimdWidths.HasManyRegisters ? 2048 : 1024;

    private bool IsFar(long elements) => elements * size > NearBytes;

    private bool IsApart(int stride, int bytes) => Math.Abs((long)stride) * size > bytes;
}
