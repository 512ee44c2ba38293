using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>
/// What running a chain row by row keeps track of, and the memory of a block. A thread keeps some for its next runs, so that
/// running allocates nothing.
/// </summary>
internal sealed class RowState
{
    [ThreadStatic]
    private static RowState? kept;

    private RowState? next;
    private byte[] memory = [];

    /// <summary>Where the operands of the chain, or of one of its instructions, begin.</summary>
    public nint[] Places { get; private set; } = [];

    /// <summary>The views of an instruction's operands.</summary>
    public View[] Views { get; private set; } = [];

    /// <summary>The block's own memory.</summary>
    public nint Local { get; private set; }

    /// <summary>A state with so much room.</summary>
    public static RowState Rent(int places, int views, int bytes)
    {
        var state = kept ?? new RowState();
        kept = state.next;
        state.next = null;
        if (state.Places.Length < places)
            state.Places = new nint[places];
        if (state.Views.Length < views)
            state.Views = new View[views];
        if (state.memory.Length < bytes + CacheLine.Bytes)
            state.Reserve(bytes);
        return state;
    }

    /// <summary>Gives it back, without the arrays that the run has seen.</summary>
    public void Return()
    {
        Views.AsSpan().Clear();
        next = kept;
        kept = this;
    }

    private unsafe void Reserve(int bytes)
    {
        memory = GC.AllocateUninitializedArray<byte>(bytes + CacheLine.Bytes, pinned: true);
        Local = (nint)CacheLine.From((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory)));
    }
}
