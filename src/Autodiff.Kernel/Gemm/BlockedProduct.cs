using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Autodiff.Kernel;

/// <summary>
/// Matrix products by register blocks: panels of up to twelve rows meet strips of two or three vectors of columns. An
/// item of work is a range of panels and a range of strips, over the whole depth, or some whole products of a batch.
/// </summary>
/// <remarks>
/// <para>Nothing is packed where that costs more than it gains. A strip of B is copied where its columns are not
/// contiguous, where they are fewer than a vector has, where the product is scaled, and where its rows lie so far apart
/// that they share a few sets of the cache while many panels want them; the panels of A, once for all strips, where
/// the same holds for them.</para>
/// <para>Every element of the result is one chain of multiply-adds along the depth, in memory between the blocks of the
/// depth: its bits do not depend on any of these choices.</para>
/// </remarks>
internal sealed unsafe class BlockedProduct : ContractionKernel
{
    private readonly ProductAxes axes;
    private readonly DepthWalk depth;
    private readonly BlockingPlan plan;
    private readonly long products;

    public BlockedProduct(ProductAxes axes, int elementSize)
    {
        this.axes = axes;
        depth = new DepthWalk(axes.Depth);
        plan = new BlockingPlan(axes, depth, elementSize);
        products = LoopAxis.Count(axes.Batch);
        Items = (products + plan.ProductsOfItem - 1) / plan.ProductsOfItem * plan.ItemsOfProduct;
        // About 100 multiply-adds of Float32 in a nanosecond.
        NanosecondsOfByte = (double)products * plan.Work / 400;
    }

    public override void Run<T>(T* a, T* b, T* c, long item) => Run(a, b, c, item, T.One, false);

    /// <summary>Runs one item of c = alpha a b, or of c = alpha a b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(T* a, T* b, T* c, long item, T alpha, bool accumulate) where T : unmanaged, INumber<T>
    {
        T* left = axes.IsSwapped ? b : a, right = axes.IsSwapped ? a : b;
        if (plan.VectorBytes == 64)
            Products<T, Vector512<T>, Simd512<T>>(left, right, c, item, alpha, accumulate);
        else if (plan.VectorBytes == 32)
            Products<T, Vector256<T>, Simd256<T>>(left, right, c, item, alpha, accumulate);
        else
            Products<T, Vector128<T>, Simd128<T>>(left, right, c, item, alpha, accumulate);
    }

    public override string ToString() =>
        $"blocked product {LoopAxis.Count(axes.Batch)} x ({axes.RowCount} x {axes.DepthCount} x {axes.ColumnCount})"
        + (axes.IsSwapped ? ", transposed" : "")
        + (depth.IsTabled ? ", depth by tables" : "")
        + (plan.PacksRows ? ", rows packed" : "")
        + (plan.PacksColumns ? ", columns packed" : "")
        + (axes.Columns.C == 1 || axes.Columns.Size == 1 ? "" : ", scattered");

    /// <summary>The part of a product that an item is, or its products where they are small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Products<T, TVector, TSimd>(T* a, T* b, T* c, long item, T alpha, bool accumulate)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var (product, part) = plan.ProductsOfItem > 1
            ? (item * plan.ProductsOfItem, 0)
            : Math.DivRem(item, plan.ItemsOfProduct);
        var ranges = plan.Ranges((int)part);
        var piece = new Piece<T>
        {
            Alpha = alpha,
            PacksColumns = plan.PacksColumns || alpha != T.One,
            Tile = { RowC = axes.Rows.C, Accumulate = accumulate },
        };
        if (piece.PacksColumns || plan.PacksRows || axes.Columns.C != 1)
            piece.Scratch = Scratch.Take<T>(plan.ScratchLength);
        if (axes.Batch.Length == 0)
            Depths<T, TVector, TSimd>(a, b, c, ranges, ref piece);
        else
            Batch<T, TVector, TSimd>(a, b, c, product, ranges, ref piece);
    }

    /// <summary>The products of an item, or the same part of one, from a place of the batch on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Batch<T, TVector, TSimd>(T* a, T* b, T* c, long product, in BlockRanges ranges, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var place = Odometer.At(axes.Batch, product);
        var left = Math.Min(plan.ProductsOfItem, products - product);
        if (left > 1 && plan.IsOneStrip && !piece.PacksColumns)
        {
            OneStrip<T, TVector, TSimd>(a, b, c, ref place, left, ranges, ref piece.Tile);
            return;
        }

        var accumulates = piece.Tile.Accumulate;
        for (; left > 0; left--)
        {
            piece.Tile.Accumulate = accumulates;
            Depths<T, TVector, TSimd>(a + place.A, b + place.B, c + place.C, ranges, ref piece);
            place.Next();
        }
    }

    /// <summary>Products of one strip each: what they begin with takes longer than they do, and is done once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OneStrip<T, TVector, TSimd>(
        T* a, T* b, T* c, ref Odometer place, long count, in BlockRanges ranges, ref Tile<T> tile)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        depth.Set(ref tile.Steps, 0, depth.Count);
        tile.RowA = axes.Rows.A;
        var vectors = Begin<T, TVector, TSimd>(plan.Strips[0], ref tile);
        for (; count > 0; count--)
        {
            tile.B = b + place.B;
            Panels<T, TVector, TSimd>(a + place.A, c + place.C, ranges, vectors, ref tile);
            place.Next();
        }
    }

    /// <summary>The depths that are walked around the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Depths<T, TVector, TSimd>(T* a, T* b, T* c, in BlockRanges ranges, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        if (depth.Around.Length == 0)
        {
            Blocks<T, TVector, TSimd>(a, b, c, ranges, ref piece);
            return;
        }

        var place = new Odometer(depth.Around);
        do
            Blocks<T, TVector, TSimd>(a + place.A, b + place.B, c, ranges, ref piece);
        while (place.Next());
    }

    /// <summary>The blocks along the depth, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blocks<T, TVector, TSimd>(T* a, T* b, T* c, in BlockRanges ranges, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        nint start = 0;
        for (var block = 1; block <= plan.DepthBlocks; block++)
        {
            var end = plan.DepthBlocks == 1 ? depth.Count : (nint)((long)depth.Count * block / plan.DepthBlocks);
            depth.Set(ref piece.Steps, start, end - start);
            depth.Set(ref piece.Tile.Steps, start, end - start);
            piece.A = a + (start * depth.StepA);
            piece.B = b + (start * depth.StepB);
            if (plan.PacksRows)
                PanelByPanel<T, TVector, TSimd>(c, ranges, ref piece);
            else
                StripByStrip<T, TVector, TSimd>(c, ranges, ref piece);
            piece.Tile.Accumulate = true;
            start = end;
        }
    }

    /// <summary>
    /// Each strip of B, packed or where it lies, stays in the first-level cache while all panels of A go by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StripByStrip<T, TVector, TSimd>(T* c, in BlockRanges ranges, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        ref var tile = ref piece.Tile;
        tile.RowA = axes.Rows.A;
        for (var i = ranges.FirstStrip; i < ranges.EndStrip; i++)
        {
            var strip = plan.Strips[i];
            tile.B = piece.B + strip.Source;
            if (piece.PacksColumns)
            {
                PackStrip<T, TVector, TSimd>(strip, piece, piece.Scratch + plan.ColumnsAt);
                tile.B = piece.Scratch + plan.ColumnsAt;
                tile.Steps.B = strip.Count;
                tile.Steps.OffsetsB = null;
            }

            var vectors = Begin<T, TVector, TSimd>(strip, ref tile);
            if (Scatters(strip) || plan.IsSplit(vectors, plan.Panels[ranges.FirstPanel].Count))
                for (var j = ranges.FirstPanel; j < ranges.EndPanel; j++)
                {
                    tile.A = piece.A + plan.Panels[j].Source;
                    tile.C = c + plan.Panels[j].C + strip.C;
                    Meet<T, TVector, TSimd>(plan.Panels[j].Count, vectors, strip, ref piece);
                }
            else
                Panels<T, TVector, TSimd>(piece.A, c + strip.C, ranges, vectors, ref tile);
        }
    }

    /// <summary>
    /// Panel after panel meets a strip: in small products as much as this loop does is lost to the micro-kernel.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Panels<T, TVector, TSimd>(T* a, T* c, in BlockRanges ranges, int vectors, ref Tile<T> tile)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        ref var kernels = ref MicroKernels<T, TVector, TSimd>.For(vectors, tile.Steps);
        Block* panel = plan.PanelsStart + ranges.FirstPanel, end = plan.PanelsStart + ranges.EndPanel;
        var asks = plan.HasFarResult && !tile.Accumulate;
        for (; panel < end; panel++)
        {
            tile.A = a + panel->Source;
            tile.C = c + panel->C;
            if (asks)
                Prefetching.Ends(tile.C, tile.RowC, panel->Count, tile.Last + TSimd.Width - 1);
            MicroKernels<T, TVector, TSimd>.Find(ref kernels, panel->Count, vectors, tile.Steps)(tile);
        }
    }

    /// <summary>
    /// The strips of B are packed into the second-level cache, and each panel of A into the first, where it stays while all
    /// strips go by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PanelByPanel<T, TVector, TSimd>(T* c, in BlockRanges ranges, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        ref var tile = ref piece.Tile;
        var count = piece.Steps.Count;
        T* packedRows = piece.Scratch + plan.RowsAt, packedStrips = piece.Scratch + plan.ColumnsAt;
        var packed = packedRows;
        PackStrips<T, TVector, TSimd>(ranges, piece, packedStrips);
        tile.Steps.OffsetsA = tile.Steps.OffsetsB = null;
        tile.Steps.Count = count;
        for (var j = ranges.FirstPanel; j < ranges.EndPanel; j++)
        {
            var panel = plan.Panels[j];
            if ((j - ranges.FirstPanel) % plan.PanelsTogether == 0)
            {
                packed = packedRows;
                PackPanels(plan.Panels.AsSpan(j, Math.Min(plan.PanelsTogether, ranges.EndPanel - j)), piece, packed);
            }

            tile.RowA = plan.IsDepthMajor ? 1 : count;
            tile.Steps.A = plan.IsDepthMajor ? panel.Count : 1;
            tile.B = packedStrips;
            for (var i = ranges.FirstStrip; i < ranges.EndStrip; i++)
            {
                LookAhead(c, ranges, piece, i, j);
                var strip = plan.Strips[i];
                tile.A = packed;
                tile.Steps.B = strip.Count;
                tile.C = c + panel.C + strip.C;
                Meet<T, TVector, TSimd>(panel.Count, Begin<T, TVector, TSimd>(strip, ref tile), strip, ref piece);
                tile.B += count * tile.Steps.B;
            }

            packed += count * panel.Count;
        }
    }

    /// <summary>Asks for the next block of C, and for a share of the next panel of A where that is copied alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LookAhead<T>(T* c, in BlockRanges ranges, in Piece<T> piece, int strip, int panel)
        where T : unmanaged, INumber<T>
    {
        if (axes.Columns.C == 1 && strip + 1 < ranges.EndStrip)
            Prefetching.Rows(
                c + plan.Panels[panel].C + plan.Strips[strip + 1].C, axes.Rows.C, plan.Panels[panel].Count,
                plan.Strips[strip + 1].Count, 0, 1);
        if (panel + 1 == ranges.EndPanel || depth.IsTabled || plan.IsDepthMajor)
            return;
        var next = plan.Panels[panel + 1];
        Prefetching.Rows(
            piece.A + next.Source, axes.Rows.A, next.Count, piece.Steps.Count, strip - ranges.FirstStrip,
            ranges.EndStrip - ranges.FirstStrip);
    }

    /// <summary>Packs a panel, or several where the depth is their outer axis: they share lines, and pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackPanels<T>(ReadOnlySpan<Block> panels, in Piece<T> piece, T* packed)
        where T : unmanaged, INumber<T>
    {
        if (plan.PanelsTogether > 1)
            Packing.Panels(piece.A, piece.Steps, panels, packed);
        else
            Packing.Rows(
                piece.A + panels[0].Source, axes.Rows.A, piece.Steps, panels[0].Count, plan.IsDepthMajor, packed);
    }

    /// <summary>Packs all strips, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackStrips<T, TVector, TSimd>(in BlockRanges ranges, in Piece<T> piece, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        if (axes.Columns.B == 1 && axes.Columns.Size >= TSimd.Width && piece.Alpha == T.One)
        {
            Packing.Strips<T, TVector, TSimd>(
                piece.B, piece.Steps, plan.Strips.AsSpan(ranges.FirstStrip..ranges.EndStrip), packed);
            return;
        }

        for (var i = ranges.FirstStrip; i < ranges.EndStrip; i++)
        {
            PackStrip<T, TVector, TSimd>(plan.Strips[i], piece, packed);
            packed += piece.Steps.Count * plan.Strips[i].Count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PackStrip<T, TVector, TSimd>(Block strip, in Piece<T> piece, T* packed)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> =>
        Packing.Columns<T, TVector, TSimd>(
            piece.B + strip.Source, axes.Columns.B, piece.Steps, strip.Count, piece.Alpha, packed);

    /// <summary>Tells the tile of a strip; the number of its vectors, none for less than one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Begin<T, TVector, TSimd>(Block strip, ref Tile<T> tile)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var isPart = strip.Count < TSimd.Width;
        tile.Last = isPart ? strip.Count : strip.Count - TSimd.Width;
        return isPart ? 0 : (strip.Count + TSimd.Width - 1) / TSimd.Width;
    }

    private bool Scatters(Block strip) => axes.Columns.C != 1 && strip.Count > 1;

    /// <summary>The block of C where a panel and a strip meet; the tile holds what they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Meet<T, TVector, TSimd>(int rows, int vectors, Block strip, ref Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        if (Scatters(strip))
            Scattered<T, TVector, TSimd>(rows, vectors, strip.Count, piece);
        else
            Panel<T, TVector, TSimd>(rows, vectors, ref piece.Tile);
    }

    /// <summary>A panel meets a strip: at once, or in two halves where the strip is too wide for all of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Panel<T, TVector, TSimd>(int rows, int vectors, ref Tile<T> tile)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        ref var kernels = ref MicroKernels<T, TVector, TSimd>.For(vectors, tile.Steps);
        if (plan.IsSplit(vectors, rows))
        {
            var half = rows / 2;
            MicroKernels<T, TVector, TSimd>.Find(ref kernels, half, vectors, tile.Steps)(tile);
            tile.A += half * tile.RowA;
            tile.C += half * tile.RowC;
            rows -= half;
        }

        MicroKernels<T, TVector, TSimd>.Find(ref kernels, rows, vectors, tile.Steps)(tile);
    }

    /// <summary>A block of C whose columns are not contiguous goes through one that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scattered<T, TVector, TSimd>(int count, int vectors, int width, in Piece<T> piece)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>
    {
        var tile = piece.Tile;
        tile.C = piece.Scratch;
        tile.RowC = width;
        if (tile.Accumulate)
            Packing.Copy(piece.Tile.C, axes.Rows.C, axes.Columns.C, tile.C, width, 1, count, width);
        Panel<T, TVector, TSimd>(count, vectors, ref tile);
        Packing.Copy(piece.Scratch, width, 1, piece.Tile.C, axes.Rows.C, axes.Columns.C, count, width);
    }

    /// <summary>A piece of the depth, and the tile that goes over it.</summary>
    private struct Piece<T>
        where T : unmanaged
    {
        public T* A, B, Scratch;
        public T Alpha;
        public bool PacksColumns;
        public DepthSteps Steps;
        public Tile<T> Tile;
    }
}
