/// Shapes made from shapes.
module internal Autodiff.FSharp.Shapes

open System
open Autodiff

/// The shape with the given sizes, of which -1 means that it is known only when the graph is evaluated.
let ofArray (sizes: int[]) : Shape = Shape.Open(ReadOnlySpan sizes)

/// The shape with the given sizes.
let ofSeq (sizes: seq<int>) : Shape = ofArray (Array.ofSeq sizes)

/// The shape without the given axes.
let without (axes: int[]) (shape: Shape) : Shape =
    Array.init shape.Rank id
    |> Array.filter (fun axis -> Array.IndexOf(axes, axis) < 0)
    |> Array.map (fun axis -> shape[axis])
    |> ofArray

/// The shape with one axis replaced by other axes.
let replaceAxis (axis: int) (sizes: seq<int>) (shape: Shape) : Shape =
    ofSeq (Seq.concat [ Seq.take axis shape; sizes; Seq.skip (axis + 1) shape ])

/// The shape with one axis of another size.
let resize (axis: int) (size: int) (shape: Shape) : Shape = ofArray (Array.updateAt axis size (shape.ToArray()))

/// The shape of the windows of a shape.
let windowed (windows: AxisWindow[]) (shape: Shape) : Shape =
    let counts = shape.ToArray()
    windows |> Array.iter (fun window -> counts[window.Axis] <- window.Count counts[window.Axis])
    ofArray (Array.append counts (windows |> Array.map _.Size))

/// The shape with one more axis, before all others.
let prepend (size: int) (shape: Shape) : Shape = ofSeq (Seq.append [ size ] shape)
