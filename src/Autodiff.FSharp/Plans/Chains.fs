/// Einsums are planned together: those that only einsums read are replaced by their factors, and the products of many
/// factors that come of it are split into steps of two operands along the best path, on which a step that another product
/// takes too costs nothing. So a chain of products with a vector at its end never multiplies matrices, and the gradients of
/// an einsum in its operands share the products of the others. Values are rounded in another order.
module internal Autodiff.FSharp.Chains

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// Which einsums are replaced by their factors where another reads them.
[<RequireQualifiedAccess>]
type private Inlining =
    | Nothing
    /// Those with one reader.
    | Single
    /// All that only einsums read.
    | Shared

// Larger chains stay as they are: looking for better orders would take longer than it saves.
let private mostNodes = 1000
let private mostDecisions = 4000

[<NoEquality; NoComparison>]
type private Graph =
    {
        Tape: Tape
        /// Whether a node is an einsum that can be planned.
        IsEinsum: bool[]
        Uses: int[]
        /// Whether something else than an einsum that is planned reads a node.
        IsRead: bool[]
    }

let private isPlannable (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Einsum(subscripts, operands) ->
        not (tape.IsLeaf i)
        && operands.Length <= Flattening.mostFactors
        && subscripts.LabelCount <= 32
        && subscripts.Sizes |> Seq.forall (fun size -> size > 0)
    | _ -> false

let private graphOf (tape: Tape) (roots: int[]) : Graph =
    let isEinsum = Array.init tape.Length (isPlannable tape)
    let uses, isRead = Array.zeroCreate tape.Length, Array.zeroCreate tape.Length
    roots |> Array.iter (fun root -> isRead[root] <- true)

    for i in 0 .. tape.Length - 1 do
        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)
            uses[child] <- uses[child] + 1
            isRead[child] <- isRead[child] || not isEinsum[i]

    { Tape = tape; IsEinsum = isEinsum; Uses = uses; IsRead = isRead }

let private sizeOf (graph: Graph) i = float graph.Tape.Nodes[i].Shape.Size

/// How many times larger an einsum is than what it is made of.
let private inflation (graph: Graph) i = sizeOf graph i / (graph.Tape.Children i |> Seq.sumBy (sizeOf graph))

let private mayInline (graph: Graph) (inlining: Inlining) i =
    graph.IsEinsum[i]
    && Labels.areDistinct (Flattening.ofEinsum graph.Tape i).Result
    && match inlining with
       | Inlining.Nothing -> false
       | Inlining.Single -> not graph.IsRead[i] && graph.Uses[i] = 1
       // What is made anyway is worth opening only where its factors are smaller.
       | Inlining.Shared -> not graph.IsRead[i] || inflation graph i > 1.0

/// The einsums of a graph in sets that read each other.
let private components (graph: Graph) : int[][] =
    let parent = Array.init graph.Tape.Length id

    let rec find i =
        if parent[i] <> i then
            parent[i] <- parent[parent[i]]
            find parent[i]
        else
            i

    for i in 0 .. graph.Tape.Length - 1 do
        if graph.IsEinsum[i] then
            for child in graph.Tape.Children i do
                if graph.IsEinsum[child] then
                    parent[find child] <- find i

    seq { 0 .. graph.Tape.Length - 1 }
    |> Seq.filter (fun i -> graph.IsEinsum[i])
    |> Seq.groupBy find
    |> Seq.map (snd >> Array.ofSeq)
    |> Array.ofSeq

/// The steps for the nodes that are read, and for what they turn out to need of the others; nothing where a way is missing.
let private attempt (graph: Graph) (drafts: Drafts) sizeLimit (members: int[]) inlining =
    let decisions = Dictionary<int, Splitting.Decision>()
    let waiting = Stack<int>(members |> Seq.filter (fun i -> graph.IsRead[i]) |> Seq.rev)
    let mutable isPossible = true

    while isPossible && waiting.Count > 0 do
        let i = waiting.Pop()

        if not (decisions.ContainsKey i) then
            let product = Flattening.flatten graph.Tape (mayInline graph inlining) (inflation graph) i

            match Splitting.decide drafts graph.Tape sizeLimit i product with
            | ValueSome decision ->
                decisions[i] <- decision
                product.Nodes |> Seq.filter (fun node -> graph.IsEinsum[node]) |> Seq.iter waiting.Push
            | ValueNone -> isPossible <- false

    if isPossible then
        let effort = decisions.Values |> Seq.map _.Effort |> Seq.fold Effort.add Effort.none
        ValueSome struct (decisions, effort)
    else
        ValueNone

let private planOf (graph: Graph) i =
    match graph.Tape.Nodes[i].Op with
    | Op.Einsum(subscripts, _) -> EinsumPlan.For subscripts
    | _ -> invalidOp "no einsum"

/// The elements of the largest array that the einsums read, write, or make on their way.
let private largest (graph: Graph) (members: int[]) =
    let ofNode i =
        graph.Tape.Children i
        |> Seq.map (sizeOf graph)
        |> Seq.append [ sizeOf graph i; (planOf graph i).Path.IntermediateSize ]
        |> Seq.max

    members |> Seq.map ofNode |> Seq.max

/// The ways to plan a set, of which a later one is taken where it is better than all before.
let private inlinings (graph: Graph) (members: int[]) =
    let isInner inlining i = graph.Tape.Children i |> Array.exists (mayInline graph inlining)

    [
        Inlining.Nothing
        if members |> Array.exists (isInner Inlining.Single) then
            Inlining.Single
        if members |> Array.exists (isInner Inlining.Shared) then
            Inlining.Shared
    ]

/// The best way to plan a set of einsums, decided on; nothing where they stay as they are.
let private choose (graph: Graph) (drafts: Drafts) (members: int[]) : Dictionary<int, Splitting.Decision> =
    let limit = largest graph members

    let standing = members |> Seq.map (planOf graph >> Effort.ofPlan) |> Seq.fold Effort.add Effort.none

    let mutable best, bestWay = { standing with Cost = standing.Cost * (1.0 + 1e-9) }, ValueNone

    for inlining in inlinings graph members do
        let mark = drafts.Mark

        match attempt graph drafts limit members inlining with
        | ValueSome struct (_, effort) when
            effort.Flops <= best.Flops
            && effort.Cost <= best.Cost
            && (effort.Flops < best.Flops || bestWay.IsNone)
            ->
            best <- effort
            bestWay <- ValueSome inlining
        | ValueSome _
        | ValueNone -> ()

        drafts.Return mark

    match bestWay with
    | ValueSome inlining ->
        match attempt graph drafts limit members inlining with
        | ValueSome struct (decisions, _) -> decisions
        | ValueNone -> Dictionary()
    | ValueNone -> Dictionary()

/// Whether anything can come of it: a product of more than two factors, or one that reads another.
let private hasChains (tape: Tape) (isEinsum: bool[]) =
    let isChain i = tape.Arity i > 2 || tape.Children i |> Array.exists (fun child -> isEinsum[child])

    Seq.exists (fun i -> isEinsum[i] && isChain i) (seq { 0 .. tape.Length - 1 })

/// The decisions for all nodes of the graph, by node.
let private decisions (graph: Graph) (drafts: Drafts) =
    let decisions = Dictionary<int, Splitting.Decision>()

    for members in components graph do
        if members.Length <= mostNodes && decisions.Count < mostDecisions then
            for pair in choose graph drafts members do
                decisions.Add(pair.Key, pair.Value)

    decisions

/// The graph with the steps that were decided on.
let private rebuild (graph: Graph) (drafts: Drafts) (decisions: Dictionary<int, Splitting.Decision>) =
    let tape = graph.Tape
    let values = Dictionary<int, Node>()

    let rec valueOf value : Node =
        match values.TryGetValue value with
        | true, node -> node
        | false, _ ->
            let node = make value
            values[value] <- node
            node

    // As deep as a product has factors: the nodes are asked for in their order, and steps read only those before.
    and make value : Node =
        if value >= tape.Length then
            match drafts.Step value with
            | Draft.Contract(subscripts, operands) -> Node.Make(Op.Einsum(subscripts, Array.map valueOf operands))
            | Draft.Scale(factor, operand) ->
                let x = valueOf operand
                x * Node.Cast(x.DType, Node.op_Implicit factor)
        else
            match decisions.TryGetValue value with
            | true, decision when decision.Value <> value -> valueOf decision.Value
            | _ -> standing value

    and standing i =
        let node = tape.Nodes[i]

        if tape.IsLeaf i then
            node
        else
            let operands = tape.Children i |> Array.map valueOf
            let isSame = Seq.forall2 (fun x y -> obj.ReferenceEquals(x, y)) operands (Op.children node.Op)
            let mutable position = -1

            let next _ =
                position <- position + 1
                operands[position]

            if isSame then node else Node.Annotated(Op.map next node.Op, node.Annotation)

    for i in 0 .. tape.Length - 1 do
        valueOf i |> ignore

    valueOf

/// The outputs, with einsums in the order in which they take the fewest operations together.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(Seq.append outputs inputs, inputs)
    let graph = graphOf tape (outputs |> Array.map tape.Position)

    if not (hasChains tape graph.IsEinsum) then
        outputs
    else
        let drafts = Drafts tape
        let decisions = decisions graph drafts

        if Seq.forall (fun (pair: KeyValuePair<int, Splitting.Decision>) -> pair.Value.Value = pair.Key) decisions then
            outputs
        else
            let valueOf = rebuild graph drafts decisions
            outputs |> Array.map (fun output -> valueOf (tape.Position output))
