/// The transpose of a convolution is a convolution: windows that overlap, each a product of one factor that tells the window and
/// one that tells the place in it, add up to windows of the one, padded, times the other, turned round. With positions p, places t
/// in a window and dilation d,
///     y[h] = sum over p + t d = h of g[p] w[t] = sum over t of g[h - t d] w[t].
/// So what all the windows hold never stands in memory, and the sum is a part of the product. Terms beyond the ends of g are
/// zeros: where w is infinite they make NaN of what would be infinite or finite near the ends.
module internal Autodiff.FSharp.OverlapProducts

open System
open Autodiff
open Autodiff.Kernel

let private wholeRanges (shape: Shape) =
    shape.ToArray() |> Array.map (fun size -> { Start = 0; Step = 1; Count = size })

/// The operand with zeros before and behind along the axes of the windows, as many as reach beyond its ends.
let private padded (windows: AxisWindow[]) (axes: int[]) (x: Node) =
    let sizes = x.Shape.ToArray()
    let ranges = wholeRanges x.Shape

    for i in 0 .. windows.Length - 1 do
        let reach = (windows[i].Size - 1) * windows[i].Dilation
        ranges[axes[i]] <- { ranges[axes[i]] with Start = reach }
        sizes[axes[i]] <- sizes[axes[i]] + 2 * reach

    Node.Make(Op.Embed(ranges, Shapes.ofArray sizes, x))

let private turned (axes: int[]) (x: Node) =
    let ranges = wholeRanges x.Shape

    for axis in axes do
        let count = ranges[axis].Count
        ranges[axis] <- { Start = count - 1; Step = -1; Count = count }

    Node.Make(Op.Slice(ranges, x))

/// The product over windows: the positions' labels stand for the places in the result.
let private product (windows: AxisWindow[]) (shape: Shape) (subscripts: Subscripts) (operands: Node[]) =
    let labels = Array.init operands.Length (fun position -> Labels.operand position subscripts)
    let result = Labels.result subscripts
    let positions = windows |> Array.map (fun window -> result[window.Axis])
    let places = result[shape.Rank ..]

    match Labels.holder labels positions, Labels.holder labels places with
    | ValueSome g, ValueSome w when g <> w && Labels.areDistinct result ->
        let axesOf operand = Array.map (fun label -> Array.IndexOf(labels[operand], label))
        let axes = axesOf g positions
        let slide axis (window: AxisWindow) = AxisWindow(axis, window.Size, 1, window.Dilation)
        let nodes = Array.copy operands
        nodes[g] <- Node.Make(Op.Window(Array.map2 slide axes windows, padded windows axes operands[g]))
        nodes[w] <- turned (axesOf w places) operands[w]
        labels[g] <- Array.append labels[g] places
        let sizes = Labels.sizes subscripts
        windows |> Array.iteri (fun i window -> sizes[positions[i]] <- shape[window.Axis])
        let merged = Labels.create labels result[.. shape.Rank - 1] sizes
        ValueSome(Node.Make(Op.Einsum(merged, nodes)))
    | _ -> ValueNone

/// The rule, of windows that begin at every element.
let apply (op: Op<Node>) : Node voption =
    match op with
    | Op.OverlapAdd(windows, shape, x) when shape.IsKnown && windows |> Array.forall (fun window -> window.Stride = 1) ->
        match x.Op with
        | Op.Einsum(subscripts, operands) when not (Seq.contains -1 subscripts.Sizes) ->
            product windows shape subscripts operands
        | _ -> ValueNone
    | _ -> ValueNone
