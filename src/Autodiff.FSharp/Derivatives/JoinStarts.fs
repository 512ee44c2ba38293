namespace Autodiff.FSharp

open System
open Autodiff

/// Where the parts of a join begin. They are asked for one after the other, so each is known from the one before: the
/// derivative of a join takes time linear in its parts.
[<Sealed; AllowNullLiteral>]
type internal JoinStarts private () =
    [<ThreadStatic; DefaultValue>]
    static val mutable private walk: JoinStarts

    let mutable node = -1L
    let mutable position = 0
    let mutable start = 0

    static let ofThread () =
        if isNull JoinStarts.walk then
            JoinStarts.walk <- JoinStarts()

        JoinStarts.walk

    member private _.Reach(join: Node, axis: int, parts: Node[], target: int) =
        if node <> join.Id || position > target then
            node <- join.Id
            position <- 0
            start <- 0

        while position < target do
            start <- start + parts[position].Shape[axis]
            position <- position + 1

        start

    /// The first place of a part of a node that joins parts along an axis.
    static member Of(join: Node, axis: int, parts: Node[], position: int) =
        (ofThread ()).Reach(join, axis, parts, position)
