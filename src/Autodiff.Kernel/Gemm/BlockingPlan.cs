using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>How a matrix product is cut into blocks, and what of it is packed.</summary>
internal sealed class BlockingPlan
{
    // So many bytes of packed strips stay in the second-level cache while so many rows go by.
    private const int PackedColumnBytes = 700 * 1024;
    private const int PackedRows = 2048;

    // Items that copy strips are so many for a thread, if each has so many rows, or twice as many where no thread is idle;
    // and so many strips where all rows are fewer.
    private const int ItemsOfThread = 4;
    private const int LeastPackedRows = 256;
    private const int LeastPackedStrips = 4;

    // So many strips pay for copies of the panels, and so many panels share strips that come from far.
    private const int EnoughStrips = 6;
    private const int PanelsOfFar = 8;

    // So many panels whose rows are contiguous are copied at once.
    private const int PanelsOfGroup = 8;

    // So many rows of four vectors stay in 32 registers, a third of them in 16.
    private const int FewRows = 6;

    // Multiply-adds of an item: some microseconds.
    private const long ItemWork = 400_000;

    // The same of an item of several small products, and how many of them the least product takes as long as.
    private const long SmallItemWork = 32_768;
    private const long LeastWork = 512;

    private readonly int mostRowsOfWideStrip = MostRows(Block.WideVectors);
    private readonly int panelsOfItem;
    private readonly int stripsOfItem;
    private readonly int columnItems;

    public BlockingPlan(ProductAxes axes, DepthWalk depth, int size)
    {
        VectorBytes = WidthFor(axes.Columns.Size * (long)size);
        var lanes = VectorBytes / size;
        var cuts = axes.RowCount <= (SimdWidths.HasManyRegisters ? FewRows : FewRows / 3)
            ? Block.WideStrips(axes.Columns.Size, lanes)
            : Block.Strips(axes.Columns.Size, lanes);
        Strips = Block.List(axes.Columns, axes.ColumnsAround, true, cuts);
        Panels = Block.List(
            axes.Rows, axes.RowsAround, false, Block.Evenly(axes.Rows.Size, MostRows((cuts[1] + lanes - 1) / lanes)));
        IsDepthMajor = axes.Rows.A == 1;
        var distances = new OperandDistances(axes, depth, size);
        HasFarResult = distances.HasFarResult;
        PacksRows = Strips.Length >= EnoughStrips && distances.HasEnoughRows && distances.HasFarPanels
            && (distances.HasFarStrips || axes.Columns.B != 1);
        PacksColumns = PacksRows || axes.Columns.B != 1 || distances.HasFarStrips;

        var isWide = cuts[^1] - cuts[^2] > 2 * lanes;
        DepthBlocks = Blocks(depth.Count, distances.MostDepth(PacksRows, PacksColumns, isWide));
        var depthOfBlock = Blocks(depth.Count, DepthBlocks);
        (panelsOfItem, stripsOfItem) = PacksRows
            ? PackedItem(PackedColumnBytes / (depthOfBlock * size * 2 * lanes), LoopAxis.Count(axes.Batch))
            : Item(axes, distances.IsLarge);
        columnItems = Blocks(Strips.Length, stripsOfItem);
        ItemsOfProduct = (long)columnItems * Blocks(Panels.Length, panelsOfItem);
        Work = LeastWork + (axes.RowCount * axes.ColumnCount * axes.DepthCount);
        ProductsOfItem = ItemsOfProduct > 1 ? 1 : Math.Max(1, SmallItemWork / Work);
        var vectors = (Strips[0].Count + lanes - 1) / lanes;
        IsOneStrip = Strips.Length == 1 && DepthBlocks == 1 && depth.Around.Length == 0 && !PacksColumns
            && (axes.Columns.C == 1 || Strips[0].Count == 1) && !IsSplit(vectors, Panels[0].Count);

        ColumnsAt = Block.MostRows * Block.MostVectors * lanes;
        RowsAt = ColumnsAt + (depthOfBlock * Block.MostVectors * lanes * (PacksRows ? stripsOfItem : 1));
        PanelsTogether = IsDepthMajor && Panels[0].Count * size >= Vector128<byte>.Count ? PanelsOfGroup : 1;
        ScratchLength = RowsAt + (PacksRows ? depthOfBlock * Block.MostRows * PanelsTogether : 0);
    }

    /// <summary>The width of the vectors that are used.</summary>
    public int VectorBytes { get; }

    /// <summary>The number of pieces into which the depth is cut.</summary>
    public int DepthBlocks { get; }

    /// <summary>The blocks of rows.</summary>
    public Block[] Panels { get; }

    /// <summary>The first of the blocks of rows, where it lies in memory.</summary>
    public unsafe Block* PanelsStart => (Block*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Panels));

    /// <summary>The blocks of columns.</summary>
    public Block[] Strips { get; }

    /// <summary>Whether the panels of A are copied.</summary>
    public bool PacksRows { get; }

    /// <summary>Whether the copies of A's panels have contiguous rows' elements: the depth is their outer axis.</summary>
    public bool IsDepthMajor { get; }

    /// <summary>Whether strips of B are copied.</summary>
    public bool PacksColumns { get; }

    /// <summary>Whether blocks of C are worth asking for before they are computed.</summary>
    public bool HasFarResult { get; }

    /// <summary>How many panels of A are copied at once.</summary>
    public int PanelsTogether { get; }

    /// <summary>What a product takes, in multiply-adds.</summary>
    public long Work { get; }

    /// <summary>The items of work for each place of the batch.</summary>
    public long ItemsOfProduct { get; }

    /// <summary>How many products are one item, where each is no more than one.</summary>
    public long ProductsOfItem { get; }

    /// <summary>Whether a product is one strip where it lies, and its depth one walk: the tile is the same for all.</summary>
    public bool IsOneStrip { get; }

    /// <summary>Where in the scratch memory a strip of B goes, behind a block of C.</summary>
    public int ColumnsAt { get; }

    /// <summary>Where in the scratch memory the panels of A go.</summary>
    public int RowsAt { get; }

    /// <summary>How many elements of scratch memory there are.</summary>
    public int ScratchLength { get; }

    /// <summary>Whether a strip of so many vectors is too wide for all rows of a panel at once.</summary>
    public bool IsSplit(int vectors, int rows) => vectors == Block.WideVectors && rows > mostRowsOfWideStrip;

    /// <summary>The panels and strips of an item.</summary>
    public BlockRanges Ranges(int item)
    {
        var (row, column) = columnItems == 1 ? (item, 0) : Math.DivRem(item, columnItems);
        return new BlockRanges(
            row * panelsOfItem, Math.Min(Panels.Length, (row + 1) * panelsOfItem),
            column * stripsOfItem, Math.Min(Strips.Length, (column + 1) * stripsOfItem));
    }

    /// <summary>
    /// The panels and strips of an item where both are copied: all rows, as long as other threads have enough to do; some of
    /// the strips where the rows are too few for that.
    /// </summary>
    private (int Panels, int Strips) PackedItem(int mostStrips, long products)
    {
        var threads = ComputeThreads.Default;
        var strips = Even(Strips.Length, mostStrips);
        var panels = Blocks(PackedRows, Block.MostRows);
        if (threads == 1)
            return (Even(Panels.Length, panels), strips);
        var wanted = ItemsOfThread * threads;
        var beside = (int)Math.Clamp(products * Blocks(Strips.Length, strips), 1, wanted);
        var leastRows = beside < threads ? LeastPackedRows : 2 * LeastPackedRows;
        var least = Math.Max(Blocks(Panels.Length, Blocks(wanted, beside)), Blocks(leastRows, Panels[0].Count));
        panels = Even(Panels.Length, Math.Min(panels, least));
        beside = (int)Math.Clamp(products * Blocks(Panels.Length, panels), 1, threads);
        var shared = Math.Max(Blocks(Strips.Length, Blocks(threads, beside)), LeastPackedStrips);
        return (panels, Math.Min(strips, shared));
    }

    /// <summary>The panels and strips of an item elsewhere.</summary>
    private (int Panels, int Strips) Item(ProductAxes axes, bool isLarge)
    {
        var most = PacksColumns
            ? Panels.Length
            : 1 + (int)(ItemWork / (Panels[0].Count * axes.ColumnCount * axes.DepthCount));
        var panels = Even(Panels.Length, isLarge ? Math.Max(most, PanelsOfFar) : most);
        var work = (double)axes.RowCount / Panels.Length * panels * axes.DepthCount * axes.ColumnCount / Strips.Length;
        var mostStrips = (int)Math.Clamp(ItemWork / work, 1, Strips.Length);
        return (panels, Even(Strips.Length, mostStrips));
    }

    /// <summary>The narrowest vector that holds all columns, the widest that there is for more.</summary>
    private static int WidthFor(long bytes) =>
        bytes > 32 && Vector512.IsHardwareAccelerated ? 64 : bytes > 16 && Vector256.IsHardwareAccelerated ? 32 : 16;

    /// <summary>The most rows whose accumulators stay in registers beside so many vectors of columns.</summary>
    private static int MostRows(int vectors) => (SimdWidths.HasManyRegisters, vectors) switch
    {
        (_, 1) => 12,
        (true, 2) => 12,
        (true, 3) => 8,
        (true, _) => FewRows,
        (false, 2) => 6,
        (false, 3) => 4,
        (false, _) => FewRows / 3,
    };

    private static int Blocks(int count, int block) => (count + block - 1) / block;

    /// <summary>How many go into each of the fewest groups of at most <paramref name="most"/>.</summary>
    private static int Even(int count, int most) => Blocks(count, Blocks(count, most));
}

/// <summary>The panels and strips of an item of work.</summary>
internal readonly record struct BlockRanges(int FirstPanel, int EndPanel, int FirstStrip, int EndStrip);
