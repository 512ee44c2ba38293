/// Embedded parts, and sums of them, as joins with zeros: the parts of a join are computed in their places. The gradient for
/// an array of which a graph reads slices is a sum with a term for each of them, zero but for the slice's cotangent. Of parts
/// that do not overlap a join is made instead: each is written once to its place, and a recurrence over the steps of one array
/// costs that array once, and not once for each step. Terms are added up in another order, and -0 + 0, which is 0, is not
/// computed.
module internal Autodiff.FSharp.Joins

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// The node whose elements in their order the part is.
let rec source (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Reshape _ when not (tape.IsLeaf i) -> source tape (tape.Child(i, 0))
    | _ -> i

/// Whether a node's elements are written to any place that they are given: a join's too, as those of its parts.
let isPlaceable (tape: Tape) i =
    let source = source tape i
    let op = tape.Nodes[source].Op

    not (tape.IsLeaf source)
    && (Regions.isElementwise op || op.IsEinsum || op.IsExtremum || op.IsConcat)

/// A term of a sum that is zero but for ranges of its axes, one of which is walked from part to part.
[<NoEquality; NoComparison>]
type private Part =
    {
        Term: int
        Axis: int
        /// The ranges along all axes; that of the axis itself counts as whole.
        Frame: AxisRange[]
        Start: int
        Value: Node
    }

    member part.End = part.Start + part.Value.Shape[part.Axis]

let private whole (shape: Shape) axis : AxisRange = { Start = 0; Step = 1; Count = shape[axis] }

let private isWhole (shape: Shape) (ranges: AxisRange[]) =
    ranges |> Seq.indexed |> Seq.forall (fun (axis, range) -> range = whole shape axis)

/// The ways to see a node as a part: one for each axis that it does not fill.
let private partsOf (tape: Tape) term : Part[] =
    match tape.Nodes[term].Op with
    // Where nothing is embedded, ranges may begin anywhere.
    | Op.Embed(ranges, shape, x) when not (tape.IsLeaf term) && shape.IsKnown && x.Shape.Size > 0 ->
        [|
            for axis in 0 .. ranges.Length - 1 do
                if ranges[axis].Step = 1 && ranges[axis] <> whole shape axis then
                    {
                        Term = term
                        Axis = axis
                        Frame = Array.updateAt axis (whole shape axis) ranges
                        Start = ranges[axis].Start
                        Value = x
                    }
        |]
    | _ -> [||]

/// Parts along one axis in as few rows as they can be laid in without overlap, each row in order.
let private rows (parts: Part[]) : seq<List<Part>> =
    let rows = List<List<Part>>()
    // By where they end.
    let latest = PriorityQueue<List<Part>, int>()

    for part in parts |> Array.sortBy _.Start do
        let row =
            match latest.TryPeek() with
            | true, _, last when last <= part.Start -> latest.Dequeue()
            | _ ->
                rows.Add(List())
                rows[rows.Count - 1]

        row.Add part
        latest.Enqueue(row, part.End)

    rows

/// Parts along an axis with zeros before, between and after them.
let private padded axis size (row: struct (int * Node) seq) : Node =
    let pieces = List<Node>()
    let mutable position = 0

    let fill upTo (like: Node) =
        if upTo > position then
            pieces.Add(Node.Filled(Shapes.resize axis (upTo - position) like.Shape, like.DType, 0.0))
            position <- upTo

    for struct (start, part) in row do
        fill start part
        pieces.Add part
        position <- position + part.Shape[axis]

    fill size pieces[0]
    Node.Make(Op.Concat(axis, pieces.ToArray()))

/// A value within zeros as joins, one along each axis that it does not fill, each in its place in the next; what takes
/// every second element, say, is embedded.
let private framed (shape: Shape) (frame: AxisRange[]) (x: Node) : Node =
    let mutable framed = x

    for axis in frame.Length - 1 .. -1 .. 0 do
        if frame[axis].Step = 1 && frame[axis] <> whole shape axis then
            framed <- padded axis shape[axis] [ struct (frame[axis].Start, framed) ]

    let isJoined axis (range: AxisRange) = if range.Step = 1 then whole shape axis else range
    let rest = Array.mapi isJoined frame
    if isWhole shape rest then framed else Node.Make(Op.Embed(rest, shape, framed))

/// A row of parts, with zeros between them, in its frame.
let private join (shape: Shape) (row: List<Part>) (made: Node -> Node) : Node =
    let parts = row |> Seq.map (fun part -> struct (part.Start, made part.Value))
    padded row[0].Axis shape[row[0].Axis] parts |> framed shape row[0].Frame

/// The rows of a sum's parts that can be joined, each of two or more that nothing else reads. A part that fits into several
/// frames goes where most parts are.
let private joined (tape: Tape) (uses: int[]) (terms: int[]) : List<Part>[] =
    let taken = HashSet<int>()

    let take (_, parts: Part[]) =
        let found =
            parts
            |> Array.filter (fun part -> not (taken.Contains part.Term))
            |> rows
            |> Seq.filter (fun row -> row.Count > 1)
            |> Array.ofSeq

        found |> Seq.concat |> Seq.iter (fun part -> taken.Add part.Term |> ignore)
        found

    terms
    |> Array.filter (fun term -> uses[term] = 1)
    |> Array.collect (partsOf tape)
    |> Array.groupBy (fun part -> part.Axis, part.Frame)
    |> Array.sortBy (fun (_, parts) -> -parts.Length)
    |> Array.collect take

/// The sum of the terms, each row of parts in the place of its first one.
let private total (tape: Tape) (node: Node) (terms: int[]) (rows: List<Part>[]) (made: Node -> Node) : Node =
    let rowOf = Dictionary<int, List<Part>>()
    rows |> Seq.iter (fun row -> row |> Seq.iter (fun part -> rowOf[part.Term] <- row))
    let seen = HashSet<List<Part>>(HashIdentity.Reference)

    let value term =
        match rowOf.TryGetValue term with
        | true, row when seen.Add row -> Some(join node.Shape row made)
        | true, _ -> None
        | false, _ -> Some(made tape.Nodes[term])

    terms
    |> Array.choose value
    |> Array.reduce (fun sum term -> Node.Make(Op.Binary(Binary.Add, sum, term)))

/// Whether a node is a part that a join serves better: along one axis always, along several where the part is computed in
/// its place and loses nothing there. Borders take more small steps than zeros below a copy, and a product whose columns end
/// at each border more than the copy.
let private isJoin (tape: Tape) i =
    match partsOf tape i with
    | [||] -> false
    | [| part |] when isWhole tape.Nodes[i].Shape part.Frame -> true
    | _ ->
        let part = tape.Child(i, 0)
        isPlaceable tape part && not (tape.Nodes[source tape part].Op.IsEinsum)

/// What a sum with rows of parts, or a part, is made of instead; nothing for another node.
let private remade (tape: Tape) (uses: int[]) (terms: int[]) i (made: Node -> Node) : Node voption =
    let node = tape.Nodes[i]

    // Most nodes are neither.
    if terms.Length > 0 then
        match joined tape uses terms with
        | [||] -> ValueNone
        | rows -> ValueSome(total tape node terms rows made)
    else
        match node.Op with
        | Op.Embed(ranges, _, x) when isJoin tape i -> ValueSome(framed node.Shape ranges (made x))
        | _ -> ValueNone

/// The outputs with joins in the place of parts. Inputs stay as they are.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(outputs, inputs)
    let uses = Sums.usesFor tape outputs
    let sums = Sums.find 2 tape uses
    Remaking.outputs tape outputs (fun i made -> remade tape uses sums.Terms[i] i made)
