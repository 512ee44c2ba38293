using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Whose memory a cell is in.</summary>
internal enum Place : byte
{
    /// <summary>The scratch memory of the loop.</summary>
    Scratch,

    /// <summary>An input's own.</summary>
    Input,

    /// <summary>An output's own.</summary>
    Output,
}

/// <summary>Where the value of a cell stands while a tile is computed.</summary>
/// <param name="Place">Whose memory it is.</param>
/// <param name="Index">The number of the input or output.</param>
/// <param name="Position">The position of the first element, in bytes.</param>
/// <param name="Repeats">Whether it is a block of copies of one element.</param>
internal readonly record struct Cell(Place Place, int Index, nint Position, bool Repeats);

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

    /// <summary>The first byte of the scratch memory, aligned to the widest vector.</summary>
    public ref byte Scratch =>
        ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(memory), start);

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
