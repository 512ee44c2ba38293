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

    /// <summary>Whether results are written past the caches.</summary>
    public bool Streams { get; set; }

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

    /// <summary>Ends a part of a loop: its results may be read, and the workspace is given back.</summary>
    public void Finish()
    {
        if (Streams)
            Streaming.Finish();
        Streams = false;
        Return();
    }
}
