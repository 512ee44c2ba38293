namespace CharRnn;

/// <summary>What a run is asked to do. The starting values are the defaults of the command line.</summary>
internal sealed record Options
{
    /// <summary>The text file; null for the snapshot that the example brings.</summary>
    public string? Text { get; init; }

    /// <summary>How many steps to train.</summary>
    public int Steps { get; init; } = 5000;

    /// <summary>The size of the hidden state; null for that of the loaded model, or the default.</summary>
    public int? Hidden { get; init; }

    /// <summary>How many places of the text a step reads at once.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>How many characters a step reads at each place, and how far back gradients go.</summary>
    public int Unroll { get; init; } = 32;

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 0.005;

    /// <summary>What all random numbers come from.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How freely text is drawn: 1 as the model predicts, 0 always the most probable character.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>What the written text begins with; null for a new line.</summary>
    public string? Prompt { get; init; }

    /// <summary>How many characters the last sample has.</summary>
    public int Length { get; init; } = 800;

    /// <summary>Where the trained parameters go.</summary>
    public string? Save { get; init; }

    /// <summary>Where the parameters come from; null for new ones.</summary>
    public string? Load { get; init; }

    /// <summary>The folder for the loss curve and the graph.</summary>
    public string? Out { get; init; }

    /// <summary>The size of the hidden state of a new model.</summary>
    public const int DefaultHidden = 256;

    /// <summary>
    /// Whether a text is read. To write with a loaded model none is needed, except to measure on one that is named.
    /// </summary>
    public bool NeedsText => Load is null || Steps > 0 || Text is not null;
}
