/// NumPy's broadcasting rule: shapes are aligned at their last axis, and an axis of size 1 takes the other's size.
module internal Autodiff.FSharp.Broadcasting

open Autodiff

/// An operand as a message names it: by position, by name where it has one, and with its shape.
let describe (position: int) (name: string | null) (shape: Shape) =
    match name with
    | null -> $"operand {position} {shape}"
    | name -> $"operand {position} '{name}' {shape}"

/// Whether the shape can be broadcast to the target.
let fits (target: Shape) (shape: Shape) =
    let lead = target.Rank - shape.Rank

    let mutable axis = 0

    while lead >= 0 && axis < shape.Rank && (shape[axis] = target[axis + lead] || shape[axis] = 1) do
        axis <- axis + 1

    lead >= 0 && axis = shape.Rank

/// The shape in which two shapes meet. The operation's name is asked for only where they do not.
let pair (operation: obj) (name0: string | null) (a: Shape) (name1: string | null) (b: Shape) : Shape =
    if fits a b then
        a
    elif fits b a then
        b
    else
        let rank = max a.Rank b.Rank
        let size (shape: Shape) axis = if axis < rank - shape.Rank then 1 else shape[axis - rank + shape.Rank]

        let meet axis =
            match size a axis, size b axis with
            | m, n when m = n -> m
            | 1, n -> n
            | m, 1 -> m
            | m, n ->
                raise (
                    ShapeException
                        $"{operation}: {describe 0 name0 a} and {describe 1 name1 b} do not broadcast: axis {axis - rank} is {m} and {n}"
                )

        Shapes.ofArray (Array.init rank meet)
