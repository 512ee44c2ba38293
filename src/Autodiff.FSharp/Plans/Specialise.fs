/// A graph whose inputs have a size that was not known becomes one in which every size is.
module internal Autodiff.FSharp.Specialise

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp.Traversal

/// Whether a node's shape holds a size that is not known yet.
let isOpen (node: Node) = not node.Shape.IsKnown

let private size (value: int) (size: int) = if size = -1 then value else size

/// The shape with the size in place of what was not known.
let shape value (shape: Shape) = if shape.IsKnown then shape else shape |> Seq.map (size value) |> Shapes.ofSeq

let private ranges value (ranges: AxisRange[]) =
    ranges |> Array.map (fun range -> { range with Count = size value range.Count })

let private subscripts value (subscripts: Kernel.Subscripts) =
    if Seq.contains -1 subscripts.Sizes then
        let operands = Array.init subscripts.OperandCount (fun i -> Labels.operand i subscripts)
        Labels.create operands (Labels.result subscripts) (Array.map (size value) (Labels.sizes subscripts))
    else
        subscripts

/// The operation with the size in place of what was not known.
let private resolve value (op: Op<Node>) : Op<Node> =
    match op with
    | Op.Einsum(labels, operands) -> Op.Einsum(subscripts value labels, operands)
    | Op.Draw(draw, target, keys) -> Op.Draw(draw, shape value target, keys)
    | Op.Reshape(target, x) -> Op.Reshape(shape value target, x)
    | Op.Slice(parts, x) -> Op.Slice(ranges value parts, x)
    | Op.Embed(parts, whole, x) -> Op.Embed(ranges value parts, shape value whole, x)
    | Op.OverlapAdd(windows, whole, x) -> Op.OverlapAdd(windows, shape value whole, x)
    | Op.ScatterAdd(batch, axis, whole, updates, indices) ->
        Op.ScatterAdd(batch, axis, shape value whole, updates, indices)
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _
    | Op.Window _
    | Op.Concat _
    | Op.Gather _
    | Op.Extremum _
    | Op.ArgExtremum _
    | Op.Recurrence _
    | Op.ArgSort _
    | Op.RunningExtremum _
    | Op.Factor _
    | Op.Solve _
    | Op.Identity _
    | Op.StopGradient _
    | Op.KeyedMap _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _
    | Op.Opaque _ -> op

/// The graph of the outputs above the inputs with every unknown size equal to the value: the new formula.
let run (value: int) (formula: Formula) : Formula =
    let tape = formula.Tape
    let made = NodeTable<Node>()

    for i in 0 .. tape.Nodes.Length - 1 do
        let node = tape.Nodes[i]

        made[node] <-
            if tape.IsLeaf i || Op.arity node.Op = 0 then
                if isOpen node then Node.Placeholder(node, shape value node.Shape) else node
            else
                Node.Annotated(resolve value (Op.map (fun child -> made[child]) node.Op), node.Annotation)

    let made (nodes: Node[]) = nodes |> Array.map (fun node -> made[node])
    Formula(made formula.Inputs, made formula.Outputs)

/// The size that values give to what the inputs do not know: the same wherever it occurs. Throws ShapeException if two
/// differ.
let measure (inputs: Node[]) (values: IReadOnlyList<NDArray>) : int =
    let found =
        seq {
            for i in 0 .. inputs.Length - 1 do
                if values[i].Rank = inputs[i].Rank then
                    for axis in 0 .. inputs[i].Rank - 1 do
                        if inputs[i].Shape[axis] = -1 then
                            struct (inputs[i], values[i].Shape[axis])
        }
        |> Array.ofSeq

    match found with
    | [||] -> 0
    | _ ->
        let struct (first, size) = found[0]

        for struct (other, another) in found do
            if another <> size then
                raise (
                    ShapeException
                        $"the size that is -1 is one number throughout: it is {size} in '{first.Name}' {first.Shape} but {another} in '{other.Name}' {other.Shape}"
                )

        size
