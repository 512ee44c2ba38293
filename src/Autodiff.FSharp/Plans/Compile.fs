/// The whole way from graph to numbers: simplify, lower, run.
module internal Autodiff.FSharp.Compiler

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

let private checkInputs (inputs: Node[]) =
    let seen = HashSet<Node>(HashIdentity.Reference)

    for input in inputs do
        if not (seen.Add input) then
            raise (System.ArgumentException $"compile: {Axes.describe input} is named twice among the inputs")

/// An Input that the outputs need must be listed, also where the plan is only made later.
let private requireBound (inputs: Node[]) (outputs: Node[]) =
    let tape = Traversal.Tape(outputs, inputs)

    for i in 0 .. tape.Nodes.Length - 1 do
        match tape.Nodes[i].Op with
        | Op.Input when not (tape.IsLeaf i) ->
            raise (UnboundInputException $"input '{tape.Nodes[i].Name}' {tape.Nodes[i].Shape} has no value")
        | _ -> ()

/// The program of simplified outputs, in which small constant parts are computed already.
let private lowered budget (formula: Formula) = Lower.runWithin budget (FoldConstants.run formula)

/// Simplified outputs with einsums planned together, unless what they share then raises the peak, and that beyond the
/// budget. Constants count as values that are given, and operands that commute are in the order of their ranks: a plan for
/// all values must make the same choice.
let private chained budget (leaves: Lazy<Ranks.Leaf[]>) (simple: Formula) : Formula =
    let chained = Simplify.chained leaves simple

    if obj.ReferenceEquals(chained, simple) then
        simple
    else
        let ordered = Ranks.ordered leaves.Value
        let chained, simple = ordered chained, ordered simple
        let given = leaves.Value |> Array.map _.Node
        let program (formula: Formula) = Lower.run (Simplify.stacked leaves (Formula(given, formula.Outputs)))
        let together, apart = program chained, program simple

        let fits =
            together.PeakBytes <= apart.PeakBytes
            || (together.PeakBytes <= budget && budget < System.Int64.MaxValue)

        if fits && together.Flops <= apart.Flops then chained else simple

/// The outputs, simplified, with einsums planned together where that keeps within the budget.
let planned budget leaves (formula: Formula) : Formula = Simplify.simple formula |> chained budget leaves

/// The fastest program of simplified outputs.
let private fastest leaves (simple: Formula) : Program = lowered System.Int64.MaxValue (Simplify.stacked leaves simple)

/// The program that keeps within a number of bytes: the fastest one if it does, else one that stacks nothing and computes
/// anew what it cannot keep. Stacks, and sums that do not keep their products, are added up in another order, so these two
/// may differ by rounding.
let private programWithin budget (formula: Formula) =
    let leaves = Simplify.leavesOf formula
    let simple = planned budget leaves formula
    let fastest = fastest leaves simple

    if fastest.PeakBytes <= budget then
        fastest
    else
        try
            lowered budget simple
        with :? MemoryBudgetException as error when error.Least > fastest.PeakBytes ->
            raise (MemoryBudgetException(budget, fastest.PeakBytes))

/// Inputs and outputs in which no input shows what it is made of: rules look at operands, and would not see that an inner
/// node or a constant is given.
let private hidden (inputs: Node[]) (outputs: Node[]) : struct (Node[] * Node[]) =
    let isPlain (input: Node) = input.Op.IsVariable || input.Op.IsInput

    if Array.forall isPlain inputs then
        struct (inputs, outputs)
    else
        let stands =
            inputs
            |> Array.map (fun input -> if isPlain input then input else Node.Placeholder(input, input.Shape))

        struct (stands, Array.ofList (Traversal.replace (Seq.zip inputs stands) outputs))

/// A function of the inputs, which may be any nodes, that gives the outputs and keeps within a number of bytes. Variables
/// that are not listed are read as their starting values. Throws UnboundInputException if an Input that is needed is not
/// listed, and MemoryBudgetException where the budget cannot be met.
let compileWithin (budget: int64) (inputs: Node[]) (outputs: Node[]) : CompiledFunction =
    checkInputs inputs
    let plan = programWithin budget
    requireBound inputs outputs
    let struct (inputs, outputs) = hidden inputs outputs

    let forSize size =
        let formula = Formula(inputs, outputs)

        if Array.exists Specialise.isOpen inputs then
            plan (Specialise.run size formula)
        else
            plan formula

    CompiledFunction(inputs, outputs.Length, forSize)

/// A function of the inputs that gives the outputs.
let compile inputs outputs : CompiledFunction = compileWithin System.Int64.MaxValue inputs outputs

/// The function of the arguments, which stand for any nodes of a structure: it holds none of their values.
let private compileStructure (outputs: Node[]) (arguments: Node[]) : CompiledFunction =
    let placeholders = arguments |> Array.map (fun node -> Node.Placeholder(node, node.Shape))

    if Array.exists Specialise.isOpen arguments then
        let replaced = Traversal.replace (Seq.zip arguments placeholders) outputs
        compile placeholders (Array.ofList replaced)
    else
        let simple = Simplify.substituting arguments placeholders outputs
        let leaf (argument: Node) (input: Node) : Ranks.Leaf = { Node = input; IsConstant = argument.Op.IsConstant }
        let leaves = lazy (Array.map2 leaf arguments simple.Inputs)
        let program = fastest leaves (chained System.Int64.MaxValue leaves simple)
        CompiledFunction(placeholders, outputs.Length, (fun _ -> program))

/// The values of nodes, with some nodes replaced by given values. The plan is made once for graphs of one structure.
let evaluate (bindings: struct (Node * NDArray)[]) (outputs: Node[]) : NDArray[] =
    let bound = NodeTable<NDArray>()

    for struct (node, value) in bindings do
        if bound.Contains node then
            raise (System.ArgumentException $"eval: {Axes.describe node} is given two values")

        bound[node] <- CompiledFunction.Fit(node, value)

    let leaves = bindings |> Seq.map (fun (struct (node, _)) -> node)
    let encoding = Encode.graph leaves outputs

    let compile (arguments: int[]) =
        if arguments.Length = 0 then
            compileStructure outputs encoding.Leaves
        else
            let apart = Encode.apart leaves outputs
            let numbers = (Encode.graph leaves apart).Numbers
            let given = arguments |> Array.map (fun i -> numbers[i])
            compileStructure apart (Array.append encoding.Leaves given)

    let plan = PlanCache.Store.Find(encoding, compile)

    let value (leaf: Node) =
        match bound.TryFind leaf with
        | ValueSome value -> value
        | ValueNone -> LeafValue.ofNode leaf

    plan.Run(Array.map value encoding.Leaves, encoding.Numbers)
