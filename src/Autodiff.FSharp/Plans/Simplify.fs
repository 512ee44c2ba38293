/// The first stage of a plan: the graph that will be evaluated, with equal subexpressions shared and every rewrite rule
/// applied, forward and backward parts together.
module internal Autodiff.FSharp.Simplify

open Autodiff

/// The outputs as the emitter simplifies them, parts of convolutions by themselves, and sums of embedded parts as joins.
let private emitted (emitter: Emitter) (inputs: Node[]) (formula: Formula) : Node[] =
    emitter.EmitAll formula.Tape
    let simple = formula.Outputs |> Array.map emitter.Emit

    let parts =
        if emitter.Holds _.IsWindow && emitter.Holds _.IsSlice then
            WindowParts.run inputs simple |> Array.map emitter.Emit
        else
            simple

    if emitter.Holds _.IsEmbed then
        Joins.run inputs parts |> Array.map emitter.Emit
    else
        parts

/// The outputs, simplified. Inputs stay as they are, inner nodes too: what is below them is not looked at.
let simple (formula: Formula) : Formula =
    let emitter = Emitter Rewrite.forEvaluation
    formula.Inputs |> Array.iter emitter.Keep
    formula.With(emitted emitter formula.Inputs formula)

/// The outputs, simplified, as functions of arguments whose values they do not know: the inputs are what stands for each
/// argument. A variable may stand for itself, since no rule asks for its value, and what is above it stays as it is;
/// for a constant or an inner node stands its placeholder.
let substituting (arguments: Node[]) (placeholders: Node[]) (outputs: Node[]) : Formula =
    let emitter = Emitter Rewrite.forEvaluation

    let stand (argument: Node) (placeholder: Node) =
        if argument.Op.IsVariable then
            emitter.Keep argument
            argument
        else
            emitter.Substitute(argument, placeholder)
            placeholder

    let inputs = Array.map2 stand arguments placeholders
    let formula = Formula(arguments, outputs)
    formula.With(inputs, emitted emitter inputs formula)

let private isNumber (tape: Traversal.Tape) i =
    match tape.Nodes[i].Op with
    | Op.Constant(value, _) -> value.Rank = 0 && not (tape.IsLeaf i)
    | _ -> false

/// The leaves of a graph, inputs among them, in the order in which it first reads them, once they are asked for. Numbers are
/// known by their bits: a plan for all graphs of one structure does not count them either.
let leavesOf (formula: Formula) : Lazy<Ranks.Leaf[]> =
    lazy
        (let tape = Traversal.Tape(formula.Outputs, formula.Inputs)
         let isConstant i = tape.Nodes[i].Op.IsConstant && not (tape.IsLeaf i)
         let leaf i : Ranks.Leaf = { Node = tape.Nodes[i]; IsConstant = isConstant i }

         [| 0 .. tape.Length - 1 |]
         |> Array.filter (fun i -> tape.Arity i = 0 && not (isNumber tape i))
         |> Array.map leaf)

/// Simplified outputs with einsums in their best order, and the leaves in that of the graph as it was written.
let chained (leaves: Lazy<Ranks.Leaf[]>) (simple: Formula) : Formula = Chains.run leaves simple

/// Simplified outputs with small operations of one form stacked where that pays: what equals itself then is shared once
/// more.
let stacked (leaves: Lazy<Ranks.Leaf[]>) (simplified: Formula) : Formula =
    let stacked = Stacking.run leaves simplified
    if obj.ReferenceEquals(stacked, simplified) then simplified else simple stacked

/// The whole of this stage: simplified, einsums planned together, small operations stacked.
let run (formula: Formula) : Formula =
    let leaves = leavesOf formula
    simple formula |> chained leaves |> stacked leaves
