namespace Autodiff.Kernel;

/// <summary>A run of rows or columns that the micro-kernel takes at once: a panel of rows, a strip of columns.</summary>
/// <param name="Source">Where it starts in the operand that has it.</param>
/// <param name="C">Where it starts in the result.</param>
/// <param name="Count">How many rows or columns it has.</param>
internal readonly record struct Block(int Source, int C, int Count)
{
    /// <summary>The most rows, and the most vectors of columns.</summary>
    public const int MostRows = 12, MostVectors = 4;

    /// <summary>The vectors of the last strip beside many rows: the others have two.</summary>
    public const int WideVectors = 3;

    /// <summary>
    /// The blocks of an axis, repeated along the axes around it. They end where the axis ends, so that each has one
    /// stride.
    /// </summary>
    /// <param name="axis">The axis that is cut.</param>
    /// <param name="around">The axes around it.</param>
    /// <param name="isColumns">Whether the operand is B; A elsewhere.</param>
    /// <param name="cuts">Where the blocks of the axis start, and its end.</param>
    /// <returns>The blocks, which stay where they are in memory.</returns>
    public static Block[] List(LoopAxis axis, LoopAxis[] around, bool isColumns, int[] cuts)
    {
        var blocks = GC.AllocateArray<Block>((int)LoopAxis.Count(around) * (cuts.Length - 1), pinned: true);
        var stride = isColumns ? axis.B : axis.A;
        var place = new Odometer(around);
        for (var i = 0; i < blocks.Length; place.Next())
        {
            var source = (int)(isColumns ? place.B : place.A);
            for (var cut = 0; cut < cuts.Length - 1; cut++)
                blocks[i++] = new Block(
                    source + (cuts[cut] * stride), (int)place.C + (cuts[cut] * axis.C), cuts[cut + 1] - cuts[cut]);
        }

        return blocks;
    }

    /// <summary>Cuts a number of rows evenly into pieces of at most so many.</summary>
    public static int[] Evenly(int size, int most)
    {
        var pieces = (size + most - 1) / most;
        return [.. Enumerable.Range(0, pieces + 1).Select(i => (int)((long)size * i / pieces))];
    }

    /// <summary>Cuts columns into strips of two vectors; the last takes what is left, up to three.</summary>
    public static int[] Strips(int size, int lanes)
    {
        var cuts = new List<int> { 0 };
        while (size - cuts[^1] > WideVectors * lanes)
            cuts.Add(cuts[^1] + (2 * lanes));
        cuts.Add(size);
        return [.. cuts];
    }

    /// <summary>
    /// Cuts columns into even strips of up to four vectors, for few rows: two vectors would be too few sums side by side to
    /// keep the machine busy while each waits for its last product.
    /// </summary>
    public static int[] WideStrips(int size, int lanes)
    {
        var cuts = Evenly((size + lanes - 1) / lanes, MostVectors);
        return [.. cuts.Select(cut => Math.Min(cut * lanes, size))];
    }
}
