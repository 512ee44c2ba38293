namespace Autodiff.CSharp;

/// <summary>
/// One step of training as one compiled function: the number of the step, the state and the inputs become the loss and
/// the new state, beside the values of further nodes. The state is every parameter, then for each parameter the optimizer's slots.
/// </summary>
internal sealed class TrainingStep
{
    private readonly CompiledFunction function;
    private readonly Node[] outputs;
    private readonly double[] count = new double[1];
    private readonly OwnedArray loss;
    private readonly NDArray[] arguments;
    private readonly ResultBuffer[] results;
    private readonly bool[] mayOverwrite;

    public TrainingStep(Node loss, Node[] parameters, Optimizer optimizer, Node[] inputs, Node[] outputs)
    {
        if (loss.Rank != 0)
            throw new ShapeException($"a loss is one number, this one has shape {loss.Shape}: take its sum or its mean");
        var step = Ad.Input("step", []);
        Node[] slots =
        [
            .. parameters.SelectMany(parameter => optimizer.Slots.Select(
                slot => Ad.Input(SlotName(slot, parameter), parameter.Shape, parameter.DType))),
        ];
        State = [.. parameters, .. slots];
        var updates = Updates(loss, parameters, optimizer, slots, step);
        Node[] next = [.. updates.Select(update => update.Parameter), .. updates.SelectMany(update => update.Slots)];
        RequireSame(optimizer, State, next);
        (InputCount, OutputCount) = (inputs.Length, outputs.Length);
        function = Ad.Compile([step, .. State, .. inputs], [loss, .. outputs, .. next]);
        mayOverwrite = function.MayOverwrite([.. State.Select((_, i) => (1 + i, 1 + OutputCount + i))]);
        this.outputs = outputs;
        this.loss = OwnedArray.Create(loss.Shape, loss.DType);
        arguments = new NDArray[1 + State.Count + InputCount];
        arguments[0] = NDArray.Wrap(count, []);
        results = new ResultBuffer[1 + OutputCount + State.Count];
        results[0] = this.loss.Target;
    }

    /// <summary>The nodes that stand for the state: each has the name, the shape and the element type of its array.</summary>
    public IReadOnlyList<Node> State { get; }

    public int InputCount { get; }

    public int OutputCount { get; }

    /// <summary>Takes a step: the state becomes that after it. Gives the loss and the outputs, both from before.</summary>
    /// <remarks>A step that can be cancelled leaves the old state untouched until it is over.</remarks>
    public (double Loss, NDArray[] Outputs) Run(
        long number, StepMemory state, IReadOnlyList<NDArray> inputs, CancellationToken cancellation)
    {
        if (inputs.Count != InputCount)
            throw new ArgumentException($"a step takes {InputCount} inputs, {inputs.Count} were given", nameof(inputs));
        count[0] = number;
        for (var i = 0; i < state.Count; i++)
        {
            arguments[1 + i] = state.Value(i);
            results[1 + OutputCount + i] = state.Target(i, IsInPlace(i, cancellation));
        }

        for (var i = 0; i < InputCount; i++)
            arguments[1 + state.Count + i] = inputs[i];
        var made = Array.ConvertAll(outputs, output => OwnedArray.Create(output.Shape, output.DType));
        for (var i = 0; i < OutputCount; i++)
            results[1 + i] = made[i].Target;
        function.RunInto(arguments, results, cancellation);
        for (var i = 0; i < state.Count; i++)
            state.Advance(i, IsInPlace(i, cancellation));
        return ((double)loss.Value, Array.ConvertAll(made, array => array.Value));
    }

    private bool IsInPlace(int index, CancellationToken cancellation) =>
        mayOverwrite[index] && !cancellation.CanBeCanceled;

    private static string SlotName(string slot, Node parameter) => $"optimizer/{slot}/{parameter.Name}";

    private static ParameterUpdate[] Updates(
        Node loss, Node[] parameters, Optimizer optimizer, Node[] slots, Node step)
    {
        var gradients = Ad.Grad(loss, parameters);
        var each = optimizer.Slots.Count;
        return
        [
            .. parameters.Select((parameter, i) =>
                optimizer.Update(parameter, gradients[i], slots[(i * each)..((i + 1) * each)], step)),
        ];
    }

    private static void RequireSame(Optimizer optimizer, IReadOnlyList<Node> state, Node[] next)
    {
        if (next.Length != state.Count)
            throw new ArgumentException($"{optimizer.GetType().Name} gives {next.Length} arrays for a state of {state.Count}");
        foreach (var (old, latest) in state.Zip(next))
        {
            if (latest.Shape != old.Shape || latest.DType != old.DType)
                throw new ArgumentException(
                    $"{optimizer.GetType().Name} makes {latest.DType}{latest.Shape} of '{old.Name}', which is {old.DType}{old.Shape}");
        }
    }
}
