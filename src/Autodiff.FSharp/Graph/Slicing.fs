namespace Autodiff.FSharp

open System
open Autodiff

/// F#'s own slices on nodes: x.[0, 1..3], x.[*, 1], up to four axes; both ends of a range belong to it, as in F#. Steps,
/// new axes and more axes are made by `slice`.
[<AutoOpen>]
module Slicing =

    /// A range whose ends are inside, as F# has it.
    let private range (first: int option) (last: int option) : Slice =
        let start =
            match first with
            | Some i -> Nullable(Index i)
            | None -> Nullable()

        let stop =
            match last with
            | Some i -> Nullable(Index(i + 1))
            | None -> Nullable()

        Slice.Step(start, stop, 1)

    let private at (i: int) : Slice = Slice.op_Implicit i

    type Node with

        /// The slice at a position of the first axis.
        member x.Item
            with get (i: int): Node = x[[| at i |]]

        /// The slice at positions of the first two axes.
        member x.Item
            with get (i: int, j: int): Node = x[[| at i; at j |]]

        /// The slice at positions of the first three axes.
        member x.Item
            with get (i: int, j: int, k: int): Node = x[[| at i; at j; at k |]]

        /// The slice at positions of the first four axes.
        member x.Item
            with get (i: int, j: int, k: int, l: int): Node = x[[| at i; at j; at k; at l |]]

        member x.GetSlice(s0: int option, e0: int option) : Node = x[[| range s0 e0 |]]

        member x.GetSlice(s0: int option, e0: int option, s1: int option, e1: int option) : Node =
            x[[| range s0 e0; range s1 e1 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int) : Node = x[[| range s0 e0; at i1 |]]
        member x.GetSlice(i0: int, s1: int option, e1: int option) : Node = x[[| at i0; range s1 e1 |]]

        member x.GetSlice
            (s0: int option, e0: int option, s1: int option, e1: int option, s2: int option, e2: int option)
            : Node =
            x[[| range s0 e0; range s1 e1; range s2 e2 |]]

        member x.GetSlice(s0: int option, e0: int option, s1: int option, e1: int option, i2: int) : Node =
            x[[| range s0 e0; range s1 e1; at i2 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int, s2: int option, e2: int option) : Node =
            x[[| range s0 e0; at i1; range s2 e2 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int, i2: int) : Node = x[[| range s0 e0; at i1; at i2 |]]

        member x.GetSlice(i0: int, s1: int option, e1: int option, s2: int option, e2: int option) : Node =
            x[[| at i0; range s1 e1; range s2 e2 |]]

        member x.GetSlice(i0: int, s1: int option, e1: int option, i2: int) : Node = x[[| at i0; range s1 e1; at i2 |]]
        member x.GetSlice(i0: int, i1: int, s2: int option, e2: int option) : Node = x[[| at i0; at i1; range s2 e2 |]]

        member x.GetSlice
            (
                s0: int option,
                e0: int option,
                s1: int option,
                e1: int option,
                s2: int option,
                e2: int option,
                s3: int option,
                e3: int option
            ) : Node =
            x[[| range s0 e0; range s1 e1; range s2 e2; range s3 e3 |]]

        member x.GetSlice
            (s0: int option, e0: int option, s1: int option, e1: int option, s2: int option, e2: int option, i3: int)
            : Node =
            x[[| range s0 e0; range s1 e1; range s2 e2; at i3 |]]

        member x.GetSlice
            (s0: int option, e0: int option, s1: int option, e1: int option, i2: int, s3: int option, e3: int option)
            : Node =
            x[[| range s0 e0; range s1 e1; at i2; range s3 e3 |]]

        member x.GetSlice(s0: int option, e0: int option, s1: int option, e1: int option, i2: int, i3: int) : Node =
            x[[| range s0 e0; range s1 e1; at i2; at i3 |]]

        member x.GetSlice
            (s0: int option, e0: int option, i1: int, s2: int option, e2: int option, s3: int option, e3: int option)
            : Node =
            x[[| range s0 e0; at i1; range s2 e2; range s3 e3 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int, s2: int option, e2: int option, i3: int) : Node =
            x[[| range s0 e0; at i1; range s2 e2; at i3 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int, i2: int, s3: int option, e3: int option) : Node =
            x[[| range s0 e0; at i1; at i2; range s3 e3 |]]

        member x.GetSlice(s0: int option, e0: int option, i1: int, i2: int, i3: int) : Node =
            x[[| range s0 e0; at i1; at i2; at i3 |]]

        member x.GetSlice
            (i0: int, s1: int option, e1: int option, s2: int option, e2: int option, s3: int option, e3: int option)
            : Node =
            x[[| at i0; range s1 e1; range s2 e2; range s3 e3 |]]

        member x.GetSlice(i0: int, s1: int option, e1: int option, s2: int option, e2: int option, i3: int) : Node =
            x[[| at i0; range s1 e1; range s2 e2; at i3 |]]

        member x.GetSlice(i0: int, s1: int option, e1: int option, i2: int, s3: int option, e3: int option) : Node =
            x[[| at i0; range s1 e1; at i2; range s3 e3 |]]

        member x.GetSlice(i0: int, s1: int option, e1: int option, i2: int, i3: int) : Node =
            x[[| at i0; range s1 e1; at i2; at i3 |]]

        member x.GetSlice(i0: int, i1: int, s2: int option, e2: int option, s3: int option, e3: int option) : Node =
            x[[| at i0; at i1; range s2 e2; range s3 e3 |]]

        member x.GetSlice(i0: int, i1: int, s2: int option, e2: int option, i3: int) : Node =
            x[[| at i0; at i1; range s2 e2; at i3 |]]

        member x.GetSlice(i0: int, i1: int, i2: int, s3: int option, e3: int option) : Node =
            x[[| at i0; at i1; at i2; range s3 e3 |]]
