/// Which elementwise nodes run in one loop. A region is a connected set of elementwise nodes of one shape such that no
/// path leaves it and comes back.
module internal Autodiff.FSharp.Regions

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp.Traversal

/// Whether the operation computes each element from the elements at the same place.
let isElementwise (op: Op<Node>) =
    match op with
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _ -> true
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Einsum _
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Window _
    | Op.OverlapAdd _
    | Op.Concat _
    | Op.Gather _
    | Op.ScatterAdd _
    | Op.Extremum _
    | Op.ArgExtremum _
    | Op.Recurrence _
    | Op.ArgSort _
    | Op.RunningExtremum _
    | Op.Factor _
    | Op.Solve _
    | Op.Identity _
    | Op.StopGradient _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _
    | Op.Opaque _ -> false

[<Literal>]
let private Apart = -1

[<Literal>]
let private OfNumbers = 0

/// For each node a number of its shape, if it is computed elementwise: only nodes of one number can share a loop. A leaf of
/// the tape is given.
let private spaces (tape: Tape) =
    let spaces = ChunkedList<int>.Zeros tape.Length
    let numbers = Dictionary<Shape, int>()
    let mutable shape = Shape.Scalar
    let mutable number = OfNumbers
    numbers[shape] <- number

    for i in 0 .. tape.Length - 1 do
        let node = tape.Nodes[i]

        if not (isElementwise node.Op) || tape.IsLeaf i then
            spaces[i] <- Apart
        else
            // Most nodes have the shape of the one before.
            if not (node.Shape.Equals shape) then
                shape <- node.Shape

                match numbers.TryGetValue shape with
                | true, known -> number <- known
                | false, _ ->
                    number <- numbers.Count
                    numbers[shape] <- number

            spaces[i] <- number

    spaces

/// Whether two neighbours may share a loop. The additions of a long sum do not: one loop over all of its products would
/// keep them all.
let inline private mayFuse (spaces: ChunkedList<int>) (isLong: ChunkedList<bool>) i k =
    spaces[i] = spaces[k] && spaces[i] <> Apart && not (isLong[i] && isLong[k])

/// The level below all others of nodes that lead to no loop over arrays: there are fewer steps than this between them.
let private beyondLoops = -(1 <<< 30)

/// For each node how many edges that no loop spans lie at most between it and the last loop over arrays that it leads to,
/// or, far below, a result. Along a path this never grows, and it falls on every edge that leaves a loop; so nodes of one
/// level that are joined by fusible edges can be a region, and each node runs as late as it can, beside its consumers. A
/// sum that only numbers are computed from keeps no loop from running later: what a loss reads and its gradient are one.
let private levels (tape: Tape) (spaces: ChunkedList<int>) isLong =
    let level = ChunkedList<int>.Filled(tape.Length, beyondLoops)

    for i in 0 .. tape.Length - 1 do
        if spaces[i] > OfNumbers then
            level[i] <- 0

    for i in tape.Length - 1 .. -1 .. 0 do
        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)
            let step = if mayFuse spaces isLong child i then 0 else 1
            level[child] <- max level[child] (level[i] + step)

    level

/// The regions of nodes that are one where fusible edges of one level join them.
let private joined (tape: Tape) (spaces: ChunkedList<int>) isLong : ChunkedList<int> =
    let level = levels tape spaces isLong
    let parent = ChunkedList<int>.Zeros tape.Length

    // Union-find with path halving.
    let find i =
        let mutable i = i

        while parent[i] <> i do
            parent[i] <- parent[parent[i]]
            i <- parent[i]

        i

    for i in 0 .. tape.Length - 1 do
        parent[i] <- i

        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)

            if level[child] = level[i] && mayFuse spaces isLong child i then
                parent[find child] <- i

    let regions = ChunkedList<int>.Zeros tape.Length

    // A parent is a later node.
    for i in tape.Length - 1 .. -1 .. 0 do
        regions[i] <-
            if spaces[i] = Apart then -1
            elif parent[i] = i then i
            else regions[parent[i]]

    regions

/// Whether nothing is computed but numbers, each by itself.
let private areNumbers (tape: Tape) (spaces: ChunkedList<int>) =
    let mutable i = 0

    while i < tape.Length && (spaces[i] = OfNumbers || tape.Arity i = 0) do
        i <- i + 1

    i = tape.Length

/// All that is computed as one region.
let private whole (spaces: ChunkedList<int>) : ChunkedList<int> =
    let regions = ChunkedList<int>.Filled(spaces.Length, -1)
    let mutable last = -1

    for i in spaces.Length - 1 .. -1 .. 0 do
        if spaces[i] <> Apart then
            last <- max i last
            regions[i] <- last

    regions

/// For each node the number of its region, named after its last member, -1 where the node is in none; for a plan that keeps
/// within a number of bytes.
let assignWithin (budget: int64) (tape: Tape) : ChunkedList<int> =
    let spaces = spaces tape

    if areNumbers tape spaces then
        whole spaces
    else
        joined tape spaces (LongSums.find budget tape)

/// The regions of a plan that keeps what it can use.
let assign (tape: Tape) : ChunkedList<int> = assignWithin System.Int64.MaxValue tape

/// Every elementwise node as a region of its own: what fusion is measured against.
let apart (tape: Tape) : ChunkedList<int> =
    let spaces = spaces tape
    let regions = ChunkedList<int>.Zeros tape.Length

    for i in 0 .. tape.Length - 1 do
        regions[i] <- if spaces[i] <> Apart then i else -1

    regions
