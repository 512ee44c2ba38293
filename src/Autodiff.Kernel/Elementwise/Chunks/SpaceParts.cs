namespace Autodiff.Kernel;

/// <summary>
/// Parts of an iteration space, numbered in order: for each combination of the steps along the axes before
/// <paramref name="Axis"/>, so many blocks of that axis.
/// </summary>
/// <param name="Axis">The axis that is cut.</param>
/// <param name="Steps">The steps along it in a block; the last block may have fewer.</param>
/// <param name="Blocks">The blocks of it.</param>
/// <param name="Count">The number of parts.</param>
internal readonly record struct SpaceParts(int Axis, int Steps, int Blocks, long Count)
{
    /// <summary>So many parts keep the threads about equally busy.</summary>
    public const int Enough = 16;

    private const int LeastElements = 8192, MostElements = 65536;

    /// <summary>Steps are counted in lines of the cache, if an element is one byte: no two parts write to one line.</summary>
    private const int Grain = 64;

    /// <summary>
    /// The parts of a number of elements along an axis of a size, before which there are so many combinations of steps.
    /// They depend on shapes alone.
    /// </summary>
    public static SpaceParts Along(int axis, int size, long before, long elements)
    {
        var wanted = Math.Clamp(elements / Enough, LeastElements, MostElements);
        var inStep = elements / (before * size);
        var steps = (wanted + inStep - 1) / inStep;
        if (inStep < Grain)
            steps = (steps + Grain - 1) / Grain * Grain;
        steps = Math.Min(steps, size);
        var blocks = (int)((size + steps - 1) / steps);
        return new SpaceParts(axis, (int)steps, blocks, before * blocks);
    }
}
