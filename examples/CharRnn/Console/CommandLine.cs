using System.CommandLine;

namespace CharRnn;

/// <summary>The command line: its options, what they accept, and how they become <see cref="Options"/>.</summary>
internal static class CommandLine
{
    private static readonly Options defaults = new();

    private static readonly Option<string?> text = new("--text")
    { Description = "A UTF-8 text file to learn from [default: the sources of this project]", HelpName = "FILE" };

    private static readonly Option<int> steps =
        NumberOption.Create("--steps", "Training steps; 0 only samples", defaults.Steps, 0, int.MaxValue);

    private static readonly Option<int?> hidden = new("--hidden")
    {
        Description = $"Size of the hidden state [default: {Options.DefaultHidden}, or that of the loaded model]",
        HelpName = "1 to 4096",
        CustomParser = result => NumberOption.Parse(result, 1, 4096),
    };

    private static readonly Option<int> batch =
        NumberOption.Create("--batch", "Places of the text that a step reads", defaults.Batch, 1, 4096);

    private static readonly Option<int> unroll =
        NumberOption.Create("--unroll", "Characters that a step reads at each place", defaults.Unroll, 1, 1024);

    private static readonly Option<double> learningRate =
        NumberOption.Create("--learning-rate", "Adam's learning rate", defaults.LearningRate, 1e-12, 1e3);

    private static readonly Option<long> seed =
        NumberOption.Create("--seed", "What all random numbers come from", defaults.Seed, long.MinValue, long.MaxValue);

    private static readonly Option<double> temperature = NumberOption.Create(
        "--temperature", "How freely text is drawn; 0 takes the most probable", defaults.Temperature, 0.0, 1e3);

    private static readonly Option<string?> prompt = new("--prompt")
    { Description = "What the text begins with [default: a new line]", HelpName = "TEXT" };

    private static readonly Option<int> length =
        NumberOption.Create("--length", "Characters of the last sample", defaults.Length, 0, 1_000_000);

    private static readonly Option<string?> save = new("--save")
    { Description = "Write the trained parameters (safetensors)", HelpName = "FILE" };

    private static readonly Option<string?> load = new("--load")
    { Description = "Begin with the parameters of this file", HelpName = "FILE" };

    private static readonly Option<string?> folder = new("--out")
    { Description = "Write the loss curve (loss.png) and the graph (graph.dot) here", HelpName = "DIR" };

    /// <summary>The whole command.</summary>
    /// <param name="run">What a run does; its result is the exit code.</param>
    /// <param name="snapshot">What makes the default text anew, given the repository's folder and the file.</param>
    public static RootCommand Create(Func<Options, int> run, Func<string, string, int> snapshot)
    {
        var root = new RootCommand("Trains a character RNN on text and writes new text.")
        {
            text, steps, hidden, batch, unroll, learningRate, seed, temperature, prompt, length, save, load, folder,
        };
        root.Subcommands.Add(SnapshotCommand(snapshot));
        root.SetAction(parsed => run(Read(parsed)));
        return root;
    }

    private static Command SnapshotCommand(Func<string, string, int> snapshot)
    {
        var repository = new Argument<string>("repository") { Description = "The repository's folder" };
        var file = new Argument<string>("file") { Description = "The file to write" };
        var command = new Command("snapshot", "Makes the default text anew from the repository's sources and documents.")
        {
            repository, file,
        };
        command.SetAction(parsed => snapshot(parsed.GetRequiredValue(repository), parsed.GetRequiredValue(file)));
        return command;
    }

    private static Options Read(ParseResult parsed) => new()
    {
        Text = parsed.GetValue(text),
        Steps = parsed.GetValue(steps),
        Hidden = parsed.GetValue(hidden),
        Batch = parsed.GetValue(batch),
        Unroll = parsed.GetValue(unroll),
        LearningRate = parsed.GetValue(learningRate),
        Seed = parsed.GetValue(seed),
        Temperature = parsed.GetValue(temperature),
        Prompt = parsed.GetValue(prompt),
        Length = parsed.GetValue(length),
        Save = parsed.GetValue(save),
        Load = parsed.GetValue(load),
        Out = parsed.GetValue(folder),
    };
}
