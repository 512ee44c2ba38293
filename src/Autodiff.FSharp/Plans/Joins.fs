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

/// A row of parts, with zeros between them, in its frame.
let private join (shape: Shape) (dtype: DType) (row: List<Part>) (made: Node -> Node) : Node =
    let axis, frame = row[0].Axis, row[0].Frame
    let pieces = List<Node>()
    let mutable position = 0

    let fill upTo =
        if upTo > position then
            pieces.Add(Node.Filled(Shapes.resize axis (upTo - position) row[0].Value.Shape, dtype, 0.0))

    for part in row do
        fill part.Start
        pieces.Add(made part.Value)
        position <- part.End

    fill shape[axis]
    let join = Node.Make(Op.Concat(axis, pieces.ToArray()))

    if isWhole shape frame then join else Node.Make(Op.Embed(frame, shape, join))

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
        | true, row when seen.Add row -> Some(join node.Shape node.DType row made)
        | true, _ -> None
        | false, _ -> Some(made tape.Nodes[term])

    terms
    |> Array.choose value
    |> Array.reduce (fun sum term -> Node.Make(Op.Binary(Binary.Add, sum, term)))

/// What a sum with rows of parts, or a part, is made of instead; nothing for another node.
let private remade (tape: Tape) (uses: int[]) (terms: int[]) i (made: Node -> Node) : Node voption =
    let node = tape.Nodes[i]

    // Most nodes are neither.
    if terms.Length > 0 then
        match joined tape uses terms with
        | [||] -> ValueNone
        | rows -> ValueSome(total tape node terms rows made)
    else
        // Of one that does not fill several axes, the join would be embedded again.
        match partsOf tape i with
        | [| part |] when isWhole node.Shape part.Frame -> ValueSome(join node.Shape node.DType (List [ part ]) made)
        | _ -> ValueNone

/// The outputs with joins in the place of parts. Inputs stay as they are.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(outputs, inputs)
    let isResult = Array.zeroCreate tape.Length
    outputs |> Array.iter (fun output -> isResult[tape.Position output] <- true)
    let uses = Sums.uses tape isResult
    let sums = Sums.find 2 tape uses
    let table = NodeTable<Node>()
    let made (node: Node) = table[node]

    for i in 0 .. tape.Length - 1 do
        let node, terms = tape.Nodes[i], sums.Terms[i]

        table[node] <-
            match remade tape uses terms i made with
            | ValueSome join -> join
            | ValueNone when tape.IsLeaf i || Op.forall (fun child -> Literals.isSame (made child) child) node.Op ->
                node
            | ValueNone -> Node.Annotated(Op.map made node.Op, node.Annotation)

    outputs |> Array.map made
