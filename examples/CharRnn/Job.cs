using System.Globalization;
using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>One run: all is read and checked first, then the model is trained, measured, and made to write.</summary>
internal sealed class Job
{
    private const int ShortSample = 200;

    private readonly Options options;
    private readonly IDisplay display;
    private readonly CharModel model;
    private readonly Vocabulary vocabulary;
    private readonly Corpus? corpus;
    private readonly int[] beginning;
    private readonly Sampler sampler;
    private readonly Evaluator evaluator;
    private readonly RandomSource random;
    private readonly List<(int Step, double Bits)> heldOut = [];

    /// <summary>Reads what the options name.</summary>
    /// <exception cref="UserException">Something is missing, cannot be read, or does not fit.</exception>
    public Job(Options options, IDisplay display)
    {
        (this.options, this.display) = (options, display);
        random = new RandomSource(options.Seed);
        var text = options.NeedsText ? (options.Text is { } path ? TextFile.Read(path) : TextFile.Snapshot()) : null;
        (model, vocabulary) = options.Load is { } file ? Loaded(file, options) : Fresh(text!, options, random);
        RequireArrays();
        if (text is not null)
            corpus = Corpus.Create(vocabulary.Encode(text, "the text"), options.Batch, options.Unroll);
        beginning = options.Prompt is { Length: > 0 } prompt
            ? vocabulary.Encode(prompt, "--prompt")
            : [vocabulary.LineStart];
        Output.Check(options);
        sampler = new Sampler(model);
        evaluator = new Evaluator(model);
    }

    /// <summary>Trains and writes.</summary>
    /// <param name="cancellation">Ends training early; the rest is done with what it has.</param>
    /// <exception cref="NumericalException">The training diverged.</exception>
    public void Run(CancellationToken cancellation)
    {
        Output.Prepare(options);
        display.WriteLine(Describe());
        var losses = new List<double>();
        IReadOnlyDictionary<string, NDArray> parameters = Starts();
        if (corpus is not null && options.Steps > 0)
            (parameters, losses) = Train(corpus, cancellation);
        if (corpus is not null)
            display.WriteLine(Verdict(Measure(corpus, parameters, losses.Count), corpus.Entropy));
        display.WriteLine($"--- sample at temperature {Show(options.Temperature)} ---");
        display.WriteLine(Sample(parameters, options.Length, losses.Count));
        var curve = new LossCurve(losses, heldOut, corpus?.Entropy);
        foreach (var file in Output.Write(options, model, vocabulary, parameters, curve))
            display.WriteLine($"wrote {file}");
    }

    private (IReadOnlyDictionary<string, NDArray>, List<double>) Train(Corpus corpus, CancellationToken cancellation)
    {
        var trainer = new Trainer(model, corpus.Training, options);
        display.Show(options.Steps, () => trainer.Run(display, Pause, cancellation));
        display.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"trained {trainer.Losses.Count} of {options.Steps} steps in {trainer.Elapsed.TotalSeconds:F1} s"
            + $", {trainer.Speed:N0} chars/s"));
        return (trainer.Parameters, trainer.Losses);

        void Pause(int step)
        {
            var bits = Measure(corpus, trainer.Parameters, step);
            display.WriteLine($"--- step {step}, held out {Show(bits)} bits/char ---");
            display.WriteLine(Sample(trainer.Parameters, Math.Min(ShortSample, options.Length), step));
        }
    }

    private double Measure(Corpus corpus, IReadOnlyDictionary<string, NDArray> parameters, int step)
    {
        var bits = evaluator.BitsPerCharacter(parameters, corpus.HeldOut);
        heldOut.Add((step, bits));
        return bits;
    }

    private string Sample(IReadOnlyDictionary<string, NDArray> parameters, int length, int step)
    {
        var source = random.Fold("sample").Fold(step);
        return options.Prompt + vocabulary.Decode(
            sampler.Write(parameters, beginning, length, options.Temperature, source));
    }

    private Dictionary<string, NDArray> Starts() =>
        model.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.Node.Eval());

    private string Describe()
    {
        var count = model.Variables.Sum(variable => variable.Shape.Size);
        var size = $"model: {vocabulary.Size} characters, {model.Hidden} hidden, {count:N0} parameters";
        return corpus is null ? size
            : $"text: {corpus.Length:N0} characters, the last {corpus.HeldOut.Length:N0} held out; {size}";
    }

    /// <summary>The largest arrays of a step are the states and the logits of all its characters.</summary>
    private void RequireArrays()
    {
        var largest = (long)options.Batch * options.Unroll * Math.Max(model.Hidden, model.Characters);
        if (options.Steps > 0 && largest > Array.MaxLength)
            throw new UserException(
                $"--batch {options.Batch} and --unroll {options.Unroll} make arrays of {largest} numbers, too many for one");
    }

    private static string Verdict(double bits, double entropy) =>
        $"held out {Show(bits)} bits/char; character frequencies {Show(entropy)} bits/char; "
        + $"{Show(Math.Abs(entropy - bits))} {(bits <= entropy ? "below" : "above")}";

    private static string Show(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static (CharModel, Vocabulary) Fresh(string text, Options options, RandomSource random)
    {
        var vocabulary = Vocabulary.Of(text);
        var model = new CharModel(vocabulary.Size, options.Hidden ?? Options.DefaultHidden);
        return (model.Initialize(random.Fold("model")), vocabulary);
    }

    private static (CharModel, Vocabulary) Loaded(string path, Options options)
    {
        var (model, vocabulary) = SavedModel.Load(path);
        if (options.Hidden is { } hidden && hidden != model.Hidden)
            throw new UserException($"--hidden {hidden}: the model of {path} has {model.Hidden}; leave --hidden out");
        return (model, vocabulary);
    }
}
