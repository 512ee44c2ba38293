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
        /// Whether a node is a sum, over einsums, that only einsums and such sums read: it can be multiplied out.
        IsSum: bool[]
        Uses: int[]
        /// Whether something else than an einsum or such a sum reads a node.
        IsRead: bool[]
        /// The order of nodes in which decisions are made.
        Rank: int[]
    }

    member graph.IsPart i = graph.IsEinsum[i] || graph.IsSum[i]

let private isPlannable (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Einsum(subscripts, operands) ->
        not (tape.IsLeaf i)
        && operands.Length <= Flattening.mostFactors
        && subscripts.LabelCount <= 32
        && subscripts.Sizes |> Seq.forall (fun size -> size > 0)
    | _ -> false

let private isAddition (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Binary(Binary.Add, x, _) -> x.DType.IsFloat() && not (tape.IsLeaf i)
    | _ -> false

/// Whether each node is an addition of what is a product, or another such addition.
let private additions (tape: Tape) (isEinsum: bool[]) : bool[] =
    let additions = Array.zeroCreate tape.Length
    let isProduct i = isEinsum[i] && tape.Arity i > 1

    for i in 0 .. tape.Length - 1 do
        additions[i] <-
            isAddition tape i
            && tape.Children i |> Array.exists (fun child -> isProduct child || additions[child])

    additions

/// A graph in which some additions may be multiplied out.
let private graphOf (tape: Tape) (isEinsum: bool[]) (mayBeSum: int -> bool) (roots: int[]) rank : Graph =
    let isSum, uses, isRead =
        Array.zeroCreate tape.Length, Array.zeroCreate tape.Length, Array.zeroCreate tape.Length

    roots |> Array.iter (fun root -> isRead[root] <- true)

    for i in tape.Length - 1 .. -1 .. 0 do
        isSum[i] <- mayBeSum i && not isRead[i]

        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)
            uses[child] <- uses[child] + 1
            isRead[child] <- isRead[child] || not (isEinsum[i] || isSum[i])

    { Tape = tape; IsEinsum = isEinsum; IsSum = isSum; Uses = uses; IsRead = isRead; Rank = rank }

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

/// Of many einsums fewer factors are looked at together, each time three times fewer ways for one factor less.
let private mostFactors count =
    if count <= 40 then Flattening.mostFactors
    elif count <= 150 then 6
    else 4

let private openingOf (graph: Graph) count inlining : Flattening.Opening =
    {
        IsProduct = mayInline graph inlining
        IsSum = fun i -> graph.IsSum[i]
        Gain = inflation graph
        Most = mostFactors count
        Rank = fun i -> graph.Rank[i]
    }

/// The einsums of a graph, and the sums between them, in sets that read each other.
let private components (graph: Graph) : int[][] =
    let parent = Array.init graph.Tape.Length id

    let rec find i =
        if parent[i] <> i then
            parent[i] <- parent[parent[i]]
            find parent[i]
        else
            i

    for i in 0 .. graph.Tape.Length - 1 do
        if graph.IsPart i then
            for child in graph.Tape.Children i do
                if graph.IsPart child then
                    parent[find child] <- find i

    seq { 0 .. graph.Tape.Length - 1 }
    |> Seq.filter graph.IsPart
    |> Seq.groupBy find
    |> Seq.map (snd >> Seq.sortBy (fun i -> graph.Rank[i]) >> Array.ofSeq)
    |> Seq.sortBy (fun members -> graph.Rank[members[0]])
    |> Array.ofSeq

/// The decisions for some nodes, and what they and the sums that are left take.
[<NoEquality; NoComparison>]
type private Attempt = { Decisions: Dictionary<int, Splitting.Decision>; Effort: Effort.Effort }

let private decide (graph: Graph) (drafts: Drafts) sizeLimit (products: Flattening.Product[]) i =
    if products.Length = 1 then
        Splitting.decide drafts graph.Tape sizeLimit i products[0]
    else
        Horner.decide drafts graph.Tape sizeLimit products

/// The steps for the nodes that are read, and for what they turn out to need of the others; nothing where a way is missing.
let private attempt (graph: Graph) (drafts: Drafts) sizeLimit (members: int[]) inlining : Attempt voption =
    let decisions = Dictionary<int, Splitting.Decision>()
    let sums = HashSet<int>()
    let waiting = Stack<int>(members |> Seq.filter (fun i -> graph.IsRead[i]) |> Seq.rev)
    let opening = openingOf graph members.Length inlining
    let mutable effort, isPossible = Effort.none, true

    let await (nodes: int[]) = nodes |> Seq.filter graph.IsPart |> Seq.iter waiting.Push

    let plan i =
        let products = Flattening.flatten graph.Tape opening i

        match decide graph drafts sizeLimit products i with
        | ValueSome decision ->
            decisions[i] <- decision
            effort <- Effort.add effort decision.Effort
            products |> Array.iter (fun product -> await product.Nodes)
        | ValueNone -> isPossible <- false

    while isPossible && waiting.Count > 0 do
        let i = waiting.Pop()

        if graph.IsSum[i] && sums.Add i then
            effort <- Effort.add effort (Effort.ofLoop (sizeOf graph i))
            await (graph.Tape.Children i)
        elif graph.IsEinsum[i] && not (decisions.ContainsKey i) then
            plan i

    if isPossible then
        ValueSome { Decisions = decisions; Effort = effort }
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

/// A way to plan a set: a graph, in which sums may be multiplied out or not, and what is inlined.
[<NoEquality; NoComparison>]
type private Way = { Graph: Graph; Inlining: Inlining }

/// The ways to plan a set, of which a later one is taken where it is better than all before.
let private ways (plain: Graph) (opened: Graph) (members: int[]) : Way list =
    let reads (graph: Graph) mayOpen =
        members
        |> Array.exists (fun i -> graph.IsEinsum[i] && graph.Tape.Children i |> Array.exists mayOpen)

    [
        { Graph = plain; Inlining = Inlining.Nothing }
        if reads plain (mayInline plain Inlining.Single) then
            { Graph = plain; Inlining = Inlining.Single }
        if reads plain (mayInline plain Inlining.Shared) then
            { Graph = plain; Inlining = Inlining.Shared }
        if reads opened (fun i -> opened.IsSum[i]) then
            { Graph = opened; Inlining = Inlining.Shared }
    ]

/// What the sums of a set take where they are not multiplied out.
let private sumsOf (graph: Graph) (members: int[]) =
    members
    |> Seq.filter (fun i -> graph.IsSum[i])
    |> Seq.map (sizeOf graph >> Effort.ofLoop)
    |> Seq.fold Effort.add Effort.none

/// The best way to plan a set of einsums and sums, decided on; nothing where they stay as they are.
let private choose (plain: Graph) (opened: Graph) (drafts: Drafts) (members: int[]) =
    let einsums = members |> Array.filter (fun i -> plain.IsEinsum[i])
    let limit, sums = largest plain einsums, sumsOf opened members

    let perform (way: Way) =
        let rest = if obj.ReferenceEquals(way.Graph, plain) then sums else Effort.none

        attempt way.Graph drafts limit einsums way.Inlining
        |> ValueOption.map (fun found -> { found with Effort = Effort.add rest found.Effort })

    let standing = einsums |> Seq.map (planOf plain >> Effort.ofPlan) |> Seq.fold Effort.add sums

    let mutable best, bestWay = { standing with Cost = standing.Cost * (1.0 + 1e-9) }, ValueNone

    let isBetter (effort: Effort.Effort) =
        effort.Flops <= best.Flops
        && effort.Cost <= best.Cost
        && (effort.Flops < best.Flops || bestWay.IsNone)

    for way in ways plain opened members do
        let mark = drafts.Mark

        match perform way with
        | ValueSome found when isBetter found.Effort ->
            best <- found.Effort
            bestWay <- ValueSome way
        | ValueSome _
        | ValueNone -> ()

        drafts.Return mark

    match bestWay |> ValueOption.bind perform with
    | ValueSome found -> found.Decisions
    | ValueNone -> Dictionary()

/// Whether anything can come of some nodes: of a product of more than two factors, or an einsum of a product or a sum of such.
/// Einsums of one operand are merged with what reads them already.
let private haveChains (graph: Graph) (members: seq<int>) =
    let isProduct i = graph.IsEinsum[i] && graph.Tape.Arity i > 1
    let continues child = isProduct child || graph.IsSum[child]
    let isChain i = graph.Tape.Arity i > 2 || graph.Tape.Children i |> Array.exists continues
    members |> Seq.exists (fun i -> graph.IsEinsum[i] && isChain i)

/// The decisions for all nodes of the graph, by node.
let private decisions (plain: Graph) (opened: Graph) (drafts: Drafts) =
    let decisions = Dictionary<int, Splitting.Decision>()

    for members in components opened do
        if members.Length <= mostNodes && decisions.Count < mostDecisions && haveChains opened members then
            for pair in choose plain opened drafts members do
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
            | Draft.Sum operands ->
                let add (x: Node) y = Node.Make(Op.Binary(Binary.Add, x, y))
                operands |> Seq.map valueOf |> Seq.reduce add
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
            let operand position _ = operands[position]

            if isSame then
                node
            else
                Node.Annotated(Op.mapi operand node.Op, node.Annotation)

    for i in 0 .. tape.Length - 1 do
        valueOf i |> ignore

    valueOf

/// The formula with the einsums that are marked in the order in which they take the fewest operations together.
let private together (leaves: Lazy<Ranks.Leaf[]>) (formula: Formula) (isEinsum: bool[]) : Formula =
    let tape, roots = formula.Tape, formula.Roots
    let additions = additions tape isEinsum
    let opened = graphOf tape isEinsum (fun i -> additions[i]) roots [||]

    if not (haveChains opened (seq { 0 .. tape.Length - 1 })) then
        formula
    else
        let leaves = leaves.Value
        let rank, isConstant = Ranks.ofTape tape leaves, Ranks.constants tape leaves
        // What constants make is computed beforehand: to take it apart would cost.
        let isEinsum = isEinsum |> Array.mapi (fun i isEinsum -> isEinsum && not isConstant[i])
        let opened = graphOf tape isEinsum (fun i -> additions[i] && not isConstant[i]) roots rank
        let plain = graphOf tape isEinsum (fun _ -> false) roots rank
        let drafts = Drafts tape
        let decisions = decisions plain opened drafts

        if decisions |> Seq.forall (fun pair -> pair.Value.Value = pair.Key) then
            formula
        else
            formula.With(Array.map (rebuild plain drafts decisions) roots)

/// The formula with einsums in the order in which they take the fewest operations together. The leaves are in an order that
/// only the graph as it was written decides.
let run (leaves: Lazy<Ranks.Leaf[]>) (formula: Formula) : Formula =
    let isEinsum = Array.init formula.Tape.Length (isPlannable formula.Tape)

    if Array.contains true isEinsum then
        together leaves formula isEinsum
    else
        formula
