using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// The summed axes of a matrix product as one depth. One axis that is long enough is walked by its strides; short ones are
/// joined with the next, and walked by tables of offsets. What would make too large a table is walked around it.
/// </summary>
internal sealed class DepthWalk
{
    // A walk this long hides what a block costs to begin; tables beyond the other number are no longer small.
    private const int LongEnough = 192;
    private const int LargestTable = 1 << 16;

    private readonly LoopAxis inner;
    private readonly int[]? tableA;
    private readonly int[]? tableB;

    public DepthWalk(LoopAxis[] axes)
    {
        var first = axes.Length - 1;
        long count = axes[first].Size;
        while (first > 0 && count < LongEnough && count * axes[first - 1].Size <= LargestTable)
            count *= axes[--first].Size;
        Around = axes[..first];
        Count = (int)count;
        inner = axes[^1];
        if (first < axes.Length - 1)
            (tableA, tableB) = Tables(axes[first..], Count);
    }

    /// <summary>The axes that are walked around it.</summary>
    public LoopAxis[] Around { get; }

    /// <summary>The number of products in one walk.</summary>
    public int Count { get; }

    /// <summary>Whether tables say where elements stand.</summary>
    public bool IsTabled => tableA is not null;

    /// <summary>The distance of A's elements in the walk: all of it, or its innermost axis where tables are used.</summary>
    public int InnerA => inner.A;

    /// <summary>The distance of B's elements.</summary>
    public int InnerB => inner.B;

    /// <summary>How far A moves with each position; 0 where a table says it.</summary>
    public int StepA => IsTabled ? 0 : inner.A;

    /// <summary>How far B moves with each position.</summary>
    public int StepB => IsTabled ? 0 : inner.B;

    /// <summary>Sets some steps of A and B where they lie in memory.</summary>
    /// <remarks>
    /// Not a value that is returned: a struct is copied by vectors, and a vector that reads what was written field by field
    /// waits until all of it is in the cache.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Set(ref DepthSteps steps, nint position, nint count)
    {
        steps.Count = count;
        steps.A = StepA;
        steps.B = StepB;
        steps.OffsetsA = IsTabled ? Address(tableA!) + position : null;
        steps.OffsetsB = IsTabled ? Address(tableB!) + position : null;
    }

    // The tables are pinned.
    private static unsafe int* Address(int[] table) =>
        (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(table));

    /// <summary>Where the operands stand at each place of some axes, in pinned arrays.</summary>
    public static (int[] A, int[] B) Tables(LoopAxis[] axes, int count)
    {
        var (a, b) = (GC.AllocateArray<int>(count, pinned: true), GC.AllocateArray<int>(count, pinned: true));
        var place = new Odometer(axes);
        for (var i = 0; i < count; i++)
        {
            (a[i], b[i]) = ((int)place.A, (int)place.B);
            place.Next();
        }

        return (a, b);
    }
}
