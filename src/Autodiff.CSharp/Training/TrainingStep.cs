namespace Autodiff.CSharp;

/// <summary>
/// One step of training as one compiled function: the number of the step, the state and the inputs become the loss and
/// the new state, beside the values of further nodes. The state is every parameter, then for each parameter the optimizer's slots.
/// </summary>
internal sealed class TrainingStep
{
    private readonly CompiledFunction function;

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
    }

    /// <summary>The nodes that stand for the state: each has the name, the shape and the element type of its array.</summary>
    public IReadOnlyList<Node> State { get; }

    public int InputCount { get; }

    public int OutputCount { get; }

    /// <summary>The loss and the outputs of the step, and the state after it.</summary>
    public (double Loss, NDArray[] Outputs, NDArray[] State) Run(
        long number, NDArray[] state, IReadOnlyList<NDArray> inputs, CancellationToken cancellation)
    {
        if (inputs.Count != InputCount)
            throw new ArgumentException($"a step takes {InputCount} inputs, {inputs.Count} were given", nameof(inputs));
        var results = function.Run([NDArray.Scalar((double)number), .. state, .. inputs], cancellation);
        var next = 1 + OutputCount;
        return ((double)results[0], results[1..next], results[next..]);
    }

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
