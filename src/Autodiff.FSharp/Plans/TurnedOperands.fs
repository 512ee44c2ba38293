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
    let size axis = layout.Shape[axis]
    let stride axis = abs layout.Strides[axis]
    let isColumn axis = stride axis = 1 && size axis >= leastColumn
    let isRepeated axis = stride axis = 0 && size axis > 1
    let row = layout.Shape.Rank - 1

    not layout.IsContiguous
    && row > 0
    && size row >= leastRow
    && stride row >= leastColumn
    && Seq.exists isColumn (seq { 0 .. row - 1 })
    && not (Seq.exists isRepeated (seq { 0 .. row - 1 }))

/// The copies that were made, where they are allowed.
[<Sealed>]
type Turned(builder: ProgramBuilder, isAllowed: bool) =
    let copies = Dictionary<struct (int * string), BufferView>()

    let keyOf (view: BufferView) =
        let numbers = Seq.append [ view.Layout.Offset ] (Seq.append view.Layout.Shape view.Layout.Strides)
        struct (view.Buffer, String.Join(',', numbers))

    let copyOf (view: BufferView) =
        let key = keyOf view

        match copies.TryGetValue key with
        | true, copy -> copy
        | false, _ ->
            let copy = builder.Dense view
            copies[key] <- copy
            copy

    /// Whether an operand was not copied that would have been.
    member val HasRefused = false with get, set

    /// What a loop reads instead of an operand: a copy, or the operand itself.
    member turned.Of(view: BufferView) : BufferView =
        if not (isTurned view.Layout) then
            view
        elif isAllowed then
            copyOf view
        else
            turned.HasRefused <- true
            view
