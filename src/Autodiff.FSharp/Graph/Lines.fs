/// Several axes seen as one.
module internal Autodiff.FSharp.Lines

open Autodiff

/// The value with the axes joined to one, the last, in row-major order; without axes it has size 1. Sizes that are not
/// known yet cannot be multiplied: one axis alone may have one.
let join (operation: string) (axes: int[]) (x: Node) : Node =
    let kept = [| 0 .. x.Rank - 1 |] |> Array.except axes
    let last = permute (Array.append kept axes) x

    if axes.Length = 1 then
        last
    else
        axes |> Array.iter (fun axis -> Shifting.requireKnown operation axis x)
        let sizes = kept |> Array.map (fun axis -> x.Shape[axis])
        let length = axes |> Seq.fold (fun length axis -> Checked.(*) length x.Shape[axis]) 1
        Node.Reshape(Shapes.ofArray (Array.append sizes [| length |]), last)

/// One place of the last axis, without that axis.
let pick (place: int) (x: Node) : Node =
    let whole (size: int) = { Start = 0; Step = 1; Count = size }
    let last = x.Rank - 1

    let ranges =
        x.Shape
        |> Seq.map whole
        |> Array.ofSeq
        |> Array.updateAt last { Start = place; Step = 1; Count = 1 }

    Node.Reshape(Shapes.without [| last |] x.Shape, Node.Make(Op.Slice(ranges, x)))

/// A number of the element type of x, in the shape of x without the given axes: what a reduction of nothing gives.
let filled (axes: int[]) (value: float) (x: Node) : Node =
    Node.Broadcast(Shapes.without axes x.Shape, Node.Cast(x.DType, Node.op_Implicit value))
