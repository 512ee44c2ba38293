using System.CommandLine;
using System.CommandLine.Parsing;

namespace CharRnn;

/// <summary>The command line: its options, what they accept, and how they become <see cref="Options"/>.</summary>
internal static class CommandLine
{
    private static readonly Options defaults = new();

    private static readonly Option<string?> text = new("--text")
    { Description = "A UTF-8 text file to learn from [default: the sources of this project]", HelpName = "FILE" };

    private static readonly Option<int> steps =
        Whole("--steps", "Training steps; 0 only samples", defaults.Steps, 0, int.MaxValue);

    private static readonly Option<int?> hidden = new("--hidden")
    {
        Description = $"Size of the hidden state, 1 to 4096 [default: {Options.DefaultHidden}, or that of the loaded model]",
        HelpName = "N",
        Validators = { Range<int?>(n => n is >= 1 and <= 4096, "a whole number from 1 to 4096") },
    };

    private static readonly Option<int> batch =
        Whole("--batch", "Places of the text that a step reads", defaults.Batch, 1, 4096);

    private static readonly Option<int> unroll =
        Whole("--unroll", "Characters that a step reads at each place", defaults.Unroll, 1, 1024);

    private static readonly Option<double> learningRate = Number(
        "--learning-rate", "Adam's learning rate", defaults.LearningRate, x => x > 0, "a number above 0");

    private static readonly Option<long> seed = new("--seed")
    { Description = "What all random numbers come from", HelpName = "N", DefaultValueFactory = _ => defaults.Seed };

    private static readonly Option<double> temperature = Number(
        "--temperature", "How freely text is drawn; 0 takes the most probable", defaults.Temperature, x => x >= 0, "0 or a number above");

    private static readonly Option<string?> prompt = new("--prompt")
    { Description = "What the text begins with [default: a new line]", HelpName = "TEXT" };

    private static readonly Option<int> length =
        Whole("--length", "Characters of the last sample", defaults.Length, 0, 1_000_000);

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

    private static Option<int> Whole(string name, string description, int value, int low, int high)
    {
        var range = high == int.MaxValue ? $"{low} or more" : $"{low} to {high}";
        return new(name)
        {
            Description = $"{description}, {range}",
            HelpName = "N",
            DefaultValueFactory = _ => value,
            Validators = { Range<int>(n => n >= low && n <= high, $"a whole number, {range}") },
        };
    }

    private static Option<double> Number(string name, string description, double value, Func<double, bool> fits, string wanted) =>
        new(name)
        {
            Description = description,
            HelpName = "X",
            DefaultValueFactory = _ => value,
            Validators = { Range<double>(x => double.IsFinite(x) && fits(x), wanted) },
        };

    private static Action<OptionResult> Range<T>(Func<T?, bool> fits, string wanted) => result =>
    {
        if (!result.Implicit && result.Errors.Any() is false && !fits(result.GetValueOrDefault<T>()))
            result.AddError($"{result.Option.Name} {result.Tokens[0].Value}: {wanted} is needed");
    };
}
