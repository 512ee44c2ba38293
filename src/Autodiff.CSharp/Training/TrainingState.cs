using System.Diagnostics;

namespace Autodiff.CSharp;

/// <summary>
/// The parameters of a model and the state of its optimizer, which a step of training updates in memory of its own. The
/// step is one compiled function.
/// </summary>
/// <remarks>Arrays that were read from it never change. Several threads may use it; steps run one after the other.</remarks>
/// <example>
/// <code>
/// var state = new TrainingState(loss, model, new Adam(0.001), images, labels);
/// foreach (var (x, y) in batches)
///     Console.WriteLine(state.Step(x, y));
/// Safetensors.Save("model.safetensors", state.Parameters);
/// </code>
/// </example>
public sealed class TrainingState
{
    private const string StepName = "optimizer/step";

    private readonly Lock gate = new();
    private readonly TrainingStep step;
    private readonly Node[] parameters;
    private readonly StepMemory memory;
    private Snapshot? snapshot;
    private long steps;

    /// <summary>Compiles the step of training; parameters begin at their starting values.</summary>
    /// <param name="loss">What the optimizer makes small: one number.</param>
    /// <param name="parameters">Variables, each with a name of its own.</param>
    /// <param name="optimizer">The rule of a step.</param>
    /// <param name="inputs">The nodes whose values each step is given, in order.</param>
    /// <exception cref="ShapeException">The loss is not one number.</exception>
    /// <exception cref="ArgumentException">A parameter is no variable, or two have one name.</exception>
    /// <exception cref="DTypeException">The loss is not floating.</exception>
    /// <exception cref="UnboundInputException">The loss needs an input that is not listed.</exception>
    public TrainingState(
        Node loss, IEnumerable<Node> parameters, Optimizer optimizer, params IEnumerable<Node> inputs)
        : this(loss, parameters, optimizer, inputs, [])
    {
    }

    /// <summary>Compiles the step of training, which also gives the values of further nodes.</summary>
    /// <param name="loss">What the optimizer makes small: one number.</param>
    /// <param name="parameters">Variables, each with a name of its own.</param>
    /// <param name="optimizer">The rule of a step.</param>
    /// <param name="inputs">The nodes whose values each step is given, in order.</param>
    /// <param name="outputs">The nodes whose values <see cref="StepWith"/> gives, such as the state of a recurrent cell.</param>
    /// <inheritdoc cref="TrainingState(Node, IEnumerable{Node}, Optimizer, IEnumerable{Node})"/>
    public TrainingState(
        Node loss,
        IEnumerable<Node> parameters,
        Optimizer optimizer,
        IEnumerable<Node> inputs,
        IEnumerable<Node> outputs)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        this.parameters = [.. parameters];
        NDArray[] starts = [.. this.parameters.Select(FSharp.Leaf.start)];
        step = new TrainingStep(loss, this.parameters, optimizer, [.. inputs], [.. outputs]);
        RequireDistinct(step.State.Select(NameOf).Append(StepName));
        memory = new StepMemory(step.State);
        for (var i = 0; i < memory.Count; i++)
            memory.Load(i, i < starts.Length ? starts[i] : NDArray.Zeros(step.State[i].Shape, step.State[i].DType));
    }

    /// <summary>Compiles the step of training for the parameters of a module.</summary>
    /// <param name="loss">What the optimizer makes small: one number.</param>
    /// <param name="module">The outermost module, which was initialized.</param>
    /// <param name="optimizer">The rule of a step.</param>
    /// <param name="inputs">The nodes whose values each step is given, in order.</param>
    /// <exception cref="InvalidOperationException">The module was not initialized.</exception>
    /// <inheritdoc cref="TrainingState(Node, IEnumerable{Node}, Optimizer, IEnumerable{Node})"/>
    public TrainingState(Node loss, Module module, Optimizer optimizer, params IEnumerable<Node> inputs)
        : this(loss, NodesOf(module), optimizer, inputs, [])
    {
    }

    /// <summary>Compiles the step of training for the parameters of a module; it also gives the values of further nodes.</summary>
    /// <param name="loss">What the optimizer makes small: one number.</param>
    /// <param name="module">The outermost module, which was initialized.</param>
    /// <param name="optimizer">The rule of a step.</param>
    /// <param name="inputs">The nodes whose values each step is given, in order.</param>
    /// <param name="outputs">The nodes whose values <see cref="StepWith"/> gives, such as the state of a recurrent cell.</param>
    /// <inheritdoc cref="TrainingState(Node, Module, Optimizer, IEnumerable{Node})"/>
    public TrainingState(
        Node loss, Module module, Optimizer optimizer, IEnumerable<Node> inputs, IEnumerable<Node> outputs)
        : this(loss, NodesOf(module), optimizer, inputs, outputs)
    {
    }

    /// <summary>How many steps were taken.</summary>
    public long Steps => Interlocked.Read(ref steps);

    /// <summary>The parameters by name, as they are now.</summary>
    public IReadOnlyDictionary<string, NDArray> Parameters => Named(Now(), parameters.Length);

    /// <summary>
    /// All that training goes on from: the parameters by name, the optimizer's arrays as <c>optimizer/slot/name</c>, and
    /// the number of steps as <c>optimizer/step</c>.
    /// </summary>
    public IReadOnlyDictionary<string, NDArray> Checkpoint
    {
        get
        {
            var now = Now();
            var named = Named(now, now.Arrays.Length);
            named.Add(StepName, NDArray.Scalar(now.Steps));
            return named;
        }
    }

    /// <summary>Takes one step.</summary>
    /// <param name="inputs">The values of the inputs, in their order.</param>
    /// <returns>The loss before the step.</returns>
    /// <exception cref="ArgumentException">There are not as many values as inputs, or one does not fit.</exception>
    public double Step(params NDArray[] inputs) => TakeStep(inputs, CancellationToken.None).Loss;

    /// <summary>Takes one step, and gives the values that the further nodes had in it.</summary>
    /// <param name="inputs">The values of the inputs, in their order.</param>
    /// <returns>The loss and the outputs, both before the step's change of the parameters.</returns>
    /// <exception cref="ArgumentException">There are not as many values as inputs, or one does not fit.</exception>
    public (double Loss, NDArray[] Outputs) StepWith(params NDArray[] inputs) => TakeStep(inputs, CancellationToken.None);

    /// <summary>Takes a step for each batch.</summary>
    /// <param name="batches">For each step the values of the inputs, in their order.</param>
    /// <param name="progress">What hears of each step.</param>
    /// <param name="cancellation">Ends training; the state stays that of the last whole step.</param>
    /// <returns>The mean of the losses; NaN if there was no batch.</returns>
    /// <exception cref="ArgumentException">There are not as many values as inputs, or one does not fit.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public double Train(
        IEnumerable<NDArray[]> batches,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var clock = Stopwatch.StartNew();
        var (sum, count) = (0.0, 0);
        foreach (var batch in batches)
        {
            var (loss, _) = TakeStep(batch, cancellation);
            (sum, count) = (sum + loss, count + 1);
            progress?.Report(new TrainingProgress(Steps, loss, clock.Elapsed));
        }

        return sum / count;
    }

    /// <summary>The value of a node where the parameters are those of now.</summary>
    /// <param name="node">The node, such as the predictions of the model.</param>
    /// <param name="values">Further nodes and their values.</param>
    /// <exception cref="UnboundInputException">An input that is needed has no value.</exception>
    /// <exception cref="ArgumentException">A value does not fit its node.</exception>
    public NDArray Eval(Node node, params ReadOnlySpan<(Node Node, NDArray Value)> values)
    {
        var now = Now();
        return node.Eval([.. parameters.Select((parameter, i) => (parameter, now.Arrays[i])), .. values]);
    }

    /// <summary>Replaces the parameters; the optimizer's state stays.</summary>
    /// <param name="values">A value for each parameter, by its name.</param>
    /// <exception cref="ArgumentException">A parameter has no value, or a value has no parameter.</exception>
    /// <exception cref="ShapeException">A value has another shape than its parameter.</exception>
    /// <exception cref="DTypeException">A value has another element type than its parameter.</exception>
    public void Load(IReadOnlyDictionary<string, NDArray> values)
    {
        NamedArrays.RequireFit(Expected(parameters), values);
        lock (gate)
        {
            for (var i = 0; i < parameters.Length; i++)
                memory.Load(i, values[NameOf(parameters[i])]);
            snapshot = null;
        }
    }

    /// <summary>Goes back to a <see cref="Checkpoint"/>: training goes on from it as it would have then.</summary>
    /// <param name="checkpoint">The checkpoint, of a state with the same parameters and the same kind of optimizer.</param>
    /// <exception cref="ArgumentException">An array is missing, or there is one too many.</exception>
    /// <exception cref="ShapeException">An array has another shape.</exception>
    /// <exception cref="DTypeException">An array has another element type.</exception>
    public void Restore(IReadOnlyDictionary<string, NDArray> checkpoint)
    {
        NamedArrays.RequireFit(Expected(step.State).Append((StepName, Shape.Scalar, DType.Int64)), checkpoint);
        lock (gate)
        {
            for (var i = 0; i < memory.Count; i++)
                memory.Load(i, checkpoint[NameOf(step.State[i])]);
            steps = checkpoint[StepName].Item<long>();
            snapshot = null;
        }
    }

    private (double Loss, NDArray[] Outputs) TakeStep(NDArray[] inputs, CancellationToken cancellation)
    {
        lock (gate)
        {
            var result = step.Run(steps + 1, memory, inputs, cancellation);
            steps++;
            snapshot = null;
            return result;
        }
    }

    /// <summary>What the state is, in arrays that never change: copied once between two steps.</summary>
    private Snapshot Now()
    {
        lock (gate)
            return snapshot ??= new Snapshot(memory.Snapshot(), steps);
    }

    private OrderedDictionary<string, NDArray> Named(Snapshot now, int count)
    {
        var named = new OrderedDictionary<string, NDArray>(count + 1);
        for (var i = 0; i < count; i++)
            named.Add(NameOf(step.State[i]), now.Arrays[i]);
        return named;
    }

    private static IEnumerable<(string, Shape, DType)> Expected(IEnumerable<Node> nodes) =>
        nodes.Select(node => (NameOf(node), node.Shape, node.DType));

    private static string NameOf(Node node) => node.Name ?? "";

    private static IEnumerable<Node> NodesOf(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Parameters.Values.Select(parameter => parameter.Node);
    }

    private static void RequireDistinct(IEnumerable<string> names)
    {
        var seen = new HashSet<string>();
        if (names.FirstOrDefault(name => !seen.Add(name)) is { } twice)
            throw new ArgumentException($"two parameters are named '{twice}': each needs a name of its own");
    }

    /// <summary>The state after so many steps.</summary>
    private sealed record Snapshot(NDArray[] Arrays, long Steps);
}
