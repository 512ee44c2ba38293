using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Where the value of a cell stands while a tile is computed.</summary>
/// <param name="Start">The address of the first element.</param>
/// <param name="Repeats">Whether it is a block of copies of one element.</param>
internal readonly record struct Cell(nint Start, bool Repeats);

/// <summary>
/// What one chunked loop writes to besides its outputs. Each thread keeps one and uses it for loop after loop.
/// </summary>
internal sealed class Workspace
{
    private const int KeptBytes = 4 << 20;
    private const int Alignment = 64;

    [ThreadStatic]
    private static Workspace? kept;

    private byte[] memory = [];
    private nint start;

    /// <summary>The axes and tiles of the loop.</summary>
    public IterationSpace Space { get; } = new();

    /// <summary>The state of the cells.</summary>
    public Cell[] Cells { get; private set; } = [];

    /// <summary>The address of each view's storage, pinned while the loop runs.</summary>
    public nint[] Storages { get; private set; } = [];

    /// <summary>For each input whether it repeats one element.</summary>
    public bool[] Repeats { get; private set; } = [];

    /// <summary>The address of the scratch memory, aligned to the widest vector.</summary>
    public unsafe nint Scratch =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)) + start;

    /// <summary>The thread's workspace, or a new one while another loop of the thread has it.</summary>
    public static Workspace Rent()
    {
        var workspace = kept ?? new Workspace();
        kept = null;
        return workspace;
    }

    /// <summary>Gives the workspace back, unless it has become too large to keep.</summary>
    public void Return()
    {
        if (memory.Length <= KeptBytes)
            kept = this;
    }

    /// <summary>Makes room for views.</summary>
    public void ReserveViews(int views)
    {
        if (Storages.Length < views)
            (Storages, Repeats) = (new nint[views], new bool[views]);
    }

    /// <summary>Makes room for cells and for bytes of scratch memory.</summary>
    public unsafe void Reserve(int cells, nint bytes)
    {
        if (Cells.Length < cells)
            Cells = new Cell[cells];
        if (memory.Length >= bytes + Alignment)
            return;
        memory = GC.AllocateUninitializedArray<byte>(checked((int)(bytes + Alignment)), pinned: true);
        var address = (nint)Unsafe.AsPointer(
            ref MemoryMarshal.GetArrayDataReference(memory));
        start = -address & (Alignment - 1);
    }
}
