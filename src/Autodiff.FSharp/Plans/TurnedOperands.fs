/// Operands of loops that stand across them in memory, as the transpose of a matrix does: each element of a row is in another
/// line, which has left the cache before the next row wants it. A copy goes block by block, and takes less time than that.
module internal Autodiff.FSharp.TurnedOperands

open System
open System.Collections.Generic
open Autodiff.Kernel

// Shorter rows leave their lines in the cache until the next row, and a line has so many elements at most.
let private leastRow = 64
let private leastColumn = 16

/// Whether the elements of a row stand far apart, and those of a column side by side.
let private isTurned (layout: Layout) =
    let axes = [| 0 .. layout.Shape.Rank - 1 |] |> Array.filter (fun axis -> layout.Shape[axis] > 1)
    let stride axis = abs layout.Strides[axis]

    axes.Length > 1
    && Array.forall (fun axis -> stride axis > 0) axes
    && (let row = Array.last axes

        layout.Shape[row] >= leastRow
        && stride row >= leastColumn
        && axes |> Array.exists (fun axis -> stride axis = 1 && layout.Shape[axis] >= leastColumn))

/// The copies that were made. None is where memory is scarce.
[<Sealed>]
type Turned(builder: ProgramBuilder, isScarce: bool) =
    let copies = Dictionary<struct (int * string), BufferView>()

    let keyOf (view: BufferView) =
        let numbers = Seq.append [ view.Layout.Offset ] (Seq.append view.Layout.Shape view.Layout.Strides)
        struct (view.Buffer, String.Join(',', numbers))

    /// What a loop reads instead of an operand: a copy, or the operand itself.
    member _.Of(view: BufferView) : BufferView =
        if isScarce || not (isTurned view.Layout) then
            view
        else
            let key = keyOf view

            match copies.TryGetValue key with
            | true, copy -> copy
            | false, _ ->
                let copy = builder.Dense view
                copies[key] <- copy
                copy
