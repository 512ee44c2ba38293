using System.Diagnostics;
using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>
/// Trains a model on a text by truncated back-propagation through time, with Adam and a rate that falls to a tenth.
/// </summary>
internal sealed class Trainer
{
    // How many steps the shown loss is the mean of.
    private const int Recent = 20;

    private readonly Windows windows;
    private readonly CharModel model;
    private readonly TrainingState training;
    private readonly Options options;
    private readonly Stopwatch clock = new();
    private NDArray hidden;

    public Trainer(CharModel model, int[] text, Options options)
    {
        this.model = model;
        this.options = options;
        windows = new Windows(text, options.Batch, options.Unroll);
        hidden = model.Beginning(options.Batch);
        var unrolled = new UnrolledModel(model, options.Batch, options.Unroll);
        var rate = LearningRate.CosineDecay(options.LearningRate, options.Steps, options.LearningRate / 10);
        training = new TrainingState(
            unrolled.Loss,
            model,
            new Adam(rate),
            [unrolled.Characters, unrolled.Successors, unrolled.State],
            [unrolled.NextState]);
    }

    /// <summary>The trained values of the model's parameters, by name.</summary>
    public IReadOnlyDictionary<string, NDArray> Parameters => training.Parameters;

    /// <summary>The losses so far, in bits per character.</summary>
    public List<double> Losses { get; } = [];

    /// <summary>The characters read in a second of training.</summary>
    public double Speed => (double)Losses.Count * options.Batch * options.Unroll / clock.Elapsed.TotalSeconds;

    /// <summary>How long training has taken, pauses aside.</summary>
    public TimeSpan Elapsed => clock.Elapsed;

    /// <summary>Trains until the steps are done or the token is cancelled.</summary>
    /// <param name="display">What shows how it goes.</param>
    /// <param name="pause">What is done after each tenth of the steps, but the last: given the number of steps done.</param>
    /// <param name="cancellation">Ends training after the step it is in.</param>
    /// <exception cref="NumericalException">The loss is no longer finite.</exception>
    public void Run(IDisplay display, Action<int> pause, CancellationToken cancellation)
    {
        clock.Start();
        var tenth = (options.Steps + 9) / 10;
        for (var step = 1; step <= options.Steps && !cancellation.IsCancellationRequested; step++)
        {
            Losses.Add(Step(step - 1));
            display.Report(new Progress(step, options.Steps, Losses.TakeLast(Recent).Average(), Speed));
            if (step % tenth != 0 || step == options.Steps)
                continue;
            clock.Stop();
            pause(step);
            clock.Start();
        }

        clock.Stop();
    }

    private double Step(int number)
    {
        var window = number % windows.Count;
        // Where the rows begin anew, what was before them is not the text before.
        if (window == 0)
            hidden = model.Beginning(options.Batch);
        var (characters, successors) = windows[window];
        var (nats, outputs) = training.StepWith(characters, successors, hidden);
        hidden = outputs[0];
        if (!double.IsFinite(nats))
            throw new NumericalException($"the loss is {nats} at step {number + 1}: try a smaller --learning-rate");
        return UnrolledModel.Bits(nats);
    }
}
