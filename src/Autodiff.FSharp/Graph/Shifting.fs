/// Elements moved by one place along an axis, in the direction of a scan or against it.
module internal Autodiff.FSharp.Shifting

open Autodiff

let private ranges axis start (shape: Shape) =
    let whole (size: int) = { Start = 0; Step = 1; Count = size }
    let part = { Start = start; Step = 1; Count = max 0 (shape[axis] - 1) }
    shape |> Seq.map whole |> Array.ofSeq |> Array.updateAt axis part

/// Places can be moved only along an axis whose size is known.
let requireKnown operation axis (x: Node) =
    if x.Shape[axis] = -1 then
        raise (ShapeException $"{operation}: the size of axis {axis} of {Axes.describe x} is not known yet")

/// The places that have a predecessor, or those that have a successor.
let private side isLater axis shape = ranges axis (if isLater then 1 else 0) shape

/// All elements but the first of each line.
let later reverse axis (x: Node) : Node = Node.Make(Op.Slice(side (not reverse) axis x.Shape, x))

/// All elements but the last of each line.
let earlier reverse axis (x: Node) : Node = Node.Make(Op.Slice(side reverse axis x.Shape, x))

/// Elements of all places but the first of each line, in an array of zeros.
let embedLater reverse axis (shape: Shape) (x: Node) : Node =
    Node.Make(Op.Embed(side (not reverse) axis shape, shape, x))

/// Each element at the place of its successor; the first of each line is zero.
let shift reverse axis (x: Node) : Node = earlier reverse axis x |> embedLater reverse axis x.Shape

/// The first element of each line where the value has it, and zeros elsewhere.
let onlyFirst reverse axis (x: Node) : Node =
    let size = x.Shape[axis]

    let first = { Start = (if reverse then max 0 (size - 1) else 0); Step = 1; Count = min 1 size }

    let ranges = Array.updateAt axis first (ranges axis 0 x.Shape)
    Node.Make(Op.Embed(ranges, x.Shape, Node.Make(Op.Slice(ranges, x))))

/// Each element at the place of its successor, and a number at the first place of each line.
let shiftWith (first: float) reverse axis (x: Node) : Node =
    if x.Shape[axis] = 0 then
        x
    else
        let start = Node.Broadcast(Shapes.resize axis 1 x.Shape, Node.Cast(x.DType, Node.op_Implicit first))

        let rest = earlier reverse axis x
        Node.Make(Op.Concat(axis, (if reverse then [| rest; start |] else [| start; rest |])))
