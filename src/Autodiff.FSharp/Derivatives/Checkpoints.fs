/// Checkpoints: parts of a graph that derivatives compute anew from what enters them, instead of keeping what lies between.
/// A part begins at barriers, across which nothing is simplified. Computed anew it stands behind barriers that wait for
/// the arriving cotangents: they are part of its identity, so that it is never shared with the part itself, and it is not
/// computed before it is needed. The gradients are a part of the same kind, and so are those of every higher order.
module internal Autodiff.FSharp.Checkpoints

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp.Traversal

let private isNumber (x: Node) = x.Op.IsConstant || (Literals.scalarConstant x).IsSome

let private barrier (after: Node[]) (x: Node) : Node = Node.Make(Op.Barrier(x, after))

/// The node as a part sees it. A constant needs no computation.
let private enter (x: Node) : Node = if isNumber x then x else barrier [||] x

/// The nodes that the values are made of down to the outside, each after its operands; and the nodes outside that these
/// read. Variables and inputs are always outside, numbers never.
let private between (isOutside: Node -> bool) (values: seq<Node>) : struct (Node[] * Node[]) =
    let seen = NodeTable<bool>()
    let inside, border = List<Node>(), List<Node>()
    let stack = ChunkedList<struct (Node * int)>()

    let reach (node: Node) =
        if not (seen.Contains node) then
            seen[node] <- true

            if not (isNumber node) && (isOutside node || node.Op.IsVariable || node.Op.IsInput) then
                border.Add node
            else
                stack.Add(struct (node, 0))

    for value in values do
        reach value

        while stack.Length > 0 do
            let struct (node, next) = stack.Pop()

            if next = Op.arity node.Op then
                inside.Add node
            else
                stack.Add(struct (node, next + 1))
                reach (Op.child next node.Op)

    struct (inside.ToArray(), border.ToArray())

/// What each node of the border and each inside it becomes where the border is replaced.
let private replaced make (border: Node[]) (replacements: Node[]) (inside: Node[]) : NodeTable<Node> =
    let table = NodeTable<Node>()
    Array.iter2 (fun node replacement -> table[node] <- replacement) border replacements

    for node in inside do
        let isSame (child: Node) = obj.ReferenceEquals(table[child], child)

        table[node] <-
            if Op.forall isSame node.Op then
                node
            else
                make (Op.map (fun child -> table[child]) node.Op) node

    table

/// Makes the values one part, which begins at the nodes of the cut and at whatever else is outside.
let private close (cut: seq<Node>) (isOutside: Node -> bool) (values: Node[]) : Node[] =
    let cut = NodeTable.ofNodes cut
    let outside node = cut.Contains node || isOutside node
    let struct (inside, border) = between outside (Seq.collect Masks.pieces values)
    let operands = border |> Array.map (fun node -> if cut.Contains node then node else enter node)
    let table = replaced (fun op node -> Node.Annotated(op, node.Annotation)) border operands inside
    let isBorder = NodeTable.ofNodes border

    let part (value: Node) =
        if isBorder.Contains value || isNumber value || operands.Length = 0 then
            value
        else
            Node.Make(Op.Checkpoint(table[value], operands))

    values |> Array.map (Masks.moving part part)

/// The results of a function of the inputs as one part. It holds what the function makes; what it takes from elsewhere
/// enters, as the inputs do.
let call (f: Node[] -> Node[]) (inputs: Node[]) : Node[] =
    let entered = Array.map enter inputs
    let mark = (Node.Weak(NDArray.Scalar 0.0)).Id
    close entered (fun node -> node.Id <= mark) (f (Array.copy entered))

/// The tangent of a part, as a part that begins where that one does and at the tangents that enter it.
let tangent (operands: Node[]) (entering: Node[]) (t: Node) : Node =
    close (Seq.append operands (Seq.collect Masks.pieces entering)) (fun _ -> false) [| t |]
    |> Array.head

/// For each part of a tape the positions of its results: nodes over the same operands are one part. They stand under the
/// first of them, to which reverse mode comes last: by then the cotangents of all are known.
let groups (tape: Tape) : Dictionary<int, List<int>> =
    let found = Dictionary<Node[], List<int>>(HashIdentity.Structural)
    let groups = Dictionary<int, List<int>>()

    for i in 0 .. tape.Nodes.Length - 1 do
        match tape.Nodes[i].Op with
        | Op.Checkpoint(_, operands) when not (tape.IsLeaf i) ->
            match found.TryGetValue operands with
            | true, group -> group.Add i
            | false, _ ->
                found[operands] <- List<int>([ i ])
                groups[i] <- found[operands]
        | _ -> ()

    groups

/// The gradients of a part for what enters it, with their nodes: the part is computed anew once the cotangents are known.
/// `vjp` gives those of several values for nodes at which their graphs end.
let pull
    (vjp: Node[] -> Node[] -> Node[] -> (Node | null)[])
    (results: Node[])
    (cotangents: Node[])
    (isWanted: Node -> bool)
    : struct (Node * Node)[] =
    let operands =
        NodeTable.ofNodes (Seq.collect (fun (result: Node) -> Seq.tail (Op.children result.Op)) results)

    let values = results |> Array.map (fun result -> Op.child 0 result.Op)
    let struct (inside, border) = between operands.Contains values
    let after = cotangents |> Seq.collect Masks.pieces |> Seq.distinct |> Array.ofSeq
    let again = border |> Array.map (barrier after)
    let table = replaced (fun op _ -> Node.Make op) border again inside
    let arriving = cotangents |> Array.map (Masks.moving enter enter)
    let gradients = vjp (values |> Array.map (fun value -> table[value])) again arriving

    let wanted =
        [|
            for i in 0 .. border.Length - 1 do
                match gradients[i] with
                | NonNull g when isWanted border[i] -> struct (border[i], g)
                | _ -> ()
        |]

    let parts =
        wanted
        |> Array.map (fun (struct (_, g)) -> g)
        |> close (Seq.append again (Seq.collect Masks.pieces arriving)) (fun _ -> false)

    Array.map2 (fun (struct (node, _)) part -> struct (node, part)) wanted parts
