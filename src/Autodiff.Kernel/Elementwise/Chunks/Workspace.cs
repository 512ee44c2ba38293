namespace Autodiff.Kernel;

/// <summary>
/// What one loop needs besides its inputs and outputs. Each thread keeps some and uses them for loop after loop.
/// </summary>
internal sealed class Workspace
{
    [ThreadStatic]
    private static Workspace? kept;

    private Workspace? next;

    /// <summary>The axes and tiles of the loop.</summary>
    public IterationSpace Space { get; } = new();

    /// <summary>What computes a tile.</summary>
    public TileMachine Machine { get; } = new();

    /// <summary>The address of each view's storage, pinned while the loop runs.</summary>
    public nint[] Storages { get; private set; } = [];

    /// <summary>For each input whether it repeats one element.</summary>
    public bool[] Repeats { get; private set; } = [];

    /// <summary>Whether results are written past the caches.</summary>
    public bool Streams { get; set; }

    /// <summary>Room for the views of outputs.</summary>
    public View[] Outputs { get; private set; } = [];

    /// <summary>One that the thread has kept, or a new one while other loops of the thread have them.</summary>
    public static Workspace Rent()
    {
        var workspace = kept ?? new Workspace();
        kept = workspace.next;
        workspace.next = null;
        return workspace;
    }

    /// <summary>Gives the workspace back, unless it has become too large to keep.</summary>
    public void Return()
    {
        if (!Machine.IsSmall)
            return;
        next = kept;
        kept = this;
    }

    /// <summary>Takes the axes of another loop.</summary>
    public void Take(Workspace other)
    {
        Space.Take(other.Space);
        Streams = other.Streams;
    }

    /// <summary>Ends a part of a loop: its results may be read, and the workspace is given back.</summary>
    public void Finish()
    {
        if (Streams)
            Streaming.Finish();
        Streams = false;
        Return();
    }

    /// <summary>Makes room for views.</summary>
    public void ReserveViews(int inputs, int outputs)
    {
        if (Storages.Length < inputs + outputs)
            (Storages, Repeats) = (new nint[inputs + outputs], new bool[inputs + outputs]);
        if (Outputs.Length < outputs)
            Outputs = new View[outputs];
    }
}
