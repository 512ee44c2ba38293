namespace Autodiff.CSharp;

public static partial class Ad
{
    /// <summary>The values of several nodes, computed together; what they share is computed once.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="values">Nodes (variables, inputs, inner ones) and the values that they have instead of their own.</param>
    /// <exception cref="UnboundInputException">An input that is needed has no value.</exception>
    /// <exception cref="ShapeException">A value has another shape than its node.</exception>
    /// <exception cref="DTypeException">A value does not fit the element type of its node.</exception>
    public static NDArray[] Eval(IEnumerable<Node> nodes, params ReadOnlySpan<(Node Node, NDArray Value)> values) =>
        FSharp.Compiler.evaluate(values.ToArray(), [.. nodes]);

    /// <summary>
    /// A function of the inputs, which may be any nodes, that gives the outputs: simplified, fused and laid out once.
    /// Variables that are not listed are read as their starting values.
    /// </summary>
    /// <param name="inputs">The nodes whose values are given when the function is run.</param>
    /// <param name="outputs">The nodes whose values it gives.</param>
    /// <exception cref="UnboundInputException">An input that is needed is not listed.</exception>
    /// <exception cref="ArgumentException">A node is named twice among the inputs.</exception>
    public static CompiledFunction Compile(IEnumerable<Node> inputs, IEnumerable<Node> outputs) =>
        FSharp.Evaluation.compile(inputs, outputs);

    /// <summary>
    /// A function of the inputs that gives the outputs and keeps within a number of bytes: what does not fit is computed
    /// anew (<see cref="CompiledFunction.RecomputeFactor"/>). Where the plan without a budget would hold more, sums may be taken
    /// in another order than there.
    /// </summary>
    /// <param name="inputs">The nodes whose values are given when the function is run.</param>
    /// <param name="outputs">The nodes whose values it gives.</param>
    /// <param name="memoryBudget">The most bytes that a run may hold at once, results included.</param>
    /// <exception cref="MemoryBudgetException">No plan keeps within the budget; the exception names the least.</exception>
    /// <exception cref="UnboundInputException">An input that is needed is not listed.</exception>
    /// <exception cref="ArgumentException">A node is named twice among the inputs.</exception>
    public static CompiledFunction Compile(IEnumerable<Node> inputs, IEnumerable<Node> outputs, long memoryBudget) =>
        FSharp.Evaluation.compileWith(new FSharp.CompileOptions(memoryBudget), inputs, outputs);
}
