/// What is asked of the arguments of random draws.
module internal Autodiff.FSharp.Keys

open System
open Autodiff
open Autodiff.Kernel

/// Keys are whole numbers, one for each stream.
let check (operation: string) (keys: Node) : Node =
    match keys.DType with
    | DType.Int64 -> keys
    | DType.Int32 -> Node.Cast(DType.Int64, keys)
    | other ->
        raise (DTypeException $"{operation}: the key {Axes.describe keys} is {other}; keys are whole numbers (Int64)")

/// A shape of what is drawn for each key.
let checkShape (operation: string) (sizes: seq<int>) : Shape =
    let sizes = Array.ofSeq sizes

    match sizes |> Array.tryFind (fun size -> size < 0) with
    | Some size ->
        let shown = sizes |> Seq.map string |> String.concat ","
        raise (ShapeException $"{operation}: the shape [{shown}] has a size of {size}; sizes are 0 or more")
    | None -> Shapes.ofArray sizes

let checkFloat (operation: string) (dtype: DType) : unit =
    if not (DTypes.IsFloat dtype) then
        raise (DTypeException $"{operation}: {dtype} is no float type: ask for Float64 or Float32")

let checkCount (operation: string) (count: int) : unit =
    if count < 0 then
        raise (ArgumentOutOfRangeException("count", $"{operation}: {count} of them; it is 0 or more"))

/// Values of which each key has its part: their first axes are those of the keys.
let checkParts (operation: string) (keys: Node) (x: Node) : unit =
    let fits = keys.Rank <= x.Rank && Seq.forall2 (=) keys.Shape (Seq.take keys.Rank x.Shape)

    if not fits then
        raise (
            ShapeException
                $"{operation}: the first axes of {Axes.describe x} are not those of the keys, {Axes.describe keys}"
        )

/// A draw for each key.
let draw (draw: Draw) (shape: Shape) (keys: Node) : Node = Node.Make(Op.Draw(draw, shape, keys))

/// The key number i of each key.
let part (i: int) (keys: Node) : Node = keys[[| Slice.Ellipsis; Slice.op_Implicit i |]]

/// Two independent keys for each key.
let halves (keys: Node) : struct (Node * Node) =
    let both = draw Draw.Split (Shapes.ofArray [| 2 |]) keys
    struct (part 0 both, part 1 both)
