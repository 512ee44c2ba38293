/// Which elementwise nodes run in one loop. A region is a connected set of elementwise nodes of one shape such that no
/// path leaves it and comes back.
module internal Autodiff.FSharp.Regions

open Autodiff
open Autodiff.Kernel
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

/// Whether node i of the tape is computed elementwise: a leaf of the tape is given.
let private isFree (tape: Tape) i = isElementwise tape.Nodes[i].Op && not (tape.IsLeaf i)

/// Sums of products that together do not fit into the caches are added up one by one, each product as it comes: one loop
/// over all of them would keep them all.
let private sumBytes = 4L <<< 20

/// For each node the bytes of all products of the chain of additions that it is a link of; 0 where it is none.
let private sums (tape: Tape) : int64[] =
    let bytes = Array.zeroCreate tape.Nodes.Length

    let isProduct i =
        match tape.Nodes[i].Op with
        | Op.Einsum(_, operands) -> operands.Length > 1 && not (tape.IsLeaf i)
        | _ -> false

    let isAddition i =
        match tape.Nodes[i].Op with
        | Op.Binary(Binary.Add, _, _) -> not (tape.IsLeaf i)
        | _ -> false

    for i in 0 .. tape.Nodes.Length - 1 do
        if isAddition i then
            for child in tape.Children i do
                if isProduct child then
                    bytes[i] <- bytes[i] + int64 tape.Nodes[i].Shape.Size * int64 (tape.Nodes[i].DType.Size())
                elif isAddition child then
                    bytes[i] <- bytes[i] + bytes[child]

    for i in tape.Nodes.Length - 1 .. -1 .. 0 do
        if bytes[i] > 0L then
            for child in tape.Children i do
                if bytes[child] > 0L then
                    bytes[child] <- max bytes[child] bytes[i]

    bytes

/// Whether two neighbours may share a loop.
let private mayFuse (tape: Tape) (sums: int64[]) i k =
    isFree tape i
    && isFree tape k
    && tape.Nodes[i].Shape = tape.Nodes[k].Shape
    && min sums[i] sums[k] < sumBytes

/// For each node how many edges that no loop spans lie at most between it and a result. Along a path this never grows,
/// and it falls on every edge that leaves a loop; so nodes of one level that are joined by fusible edges can be a region,
/// and each node runs as late as it can, beside its consumers.
let private levels (tape: Tape) sums =
    let level = Array.zeroCreate tape.Nodes.Length

    for i in tape.Nodes.Length - 1 .. -1 .. 0 do
        for child in tape.Children i do
            let step = if mayFuse tape sums child i then 0 else 1
            level[child] <- max level[child] (level[i] + step)

    level

/// For each node the number of its region, named after one of its members; -1 where the node is in none.
let assign (tape: Tape) : int[] =
    let sums = sums tape
    let level = levels tape sums
    let parent = Array.init tape.Nodes.Length id

    // Union-find with path halving.
    let find i =
        let mutable i = i

        while parent[i] <> i do
            parent[i] <- parent[parent[i]]
            i <- parent[i]

        i

    for i in 0 .. tape.Nodes.Length - 1 do
        for child in tape.Children i do
            if level[child] = level[i] && mayFuse tape sums child i then
                parent[find child] <- find i

    Array.init tape.Nodes.Length (fun i -> if isFree tape i then find i else -1)

/// Every elementwise node as a region of its own: what fusion is measured against.
let apart (tape: Tape) : int[] = Array.init tape.Nodes.Length (fun i -> if isFree tape i then i else -1)
