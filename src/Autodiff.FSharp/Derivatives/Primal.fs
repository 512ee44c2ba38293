/// The graph that is differentiated: the given one, but for logarithms of exponentials, which are taken in their stable
/// form. Of the log of a softmax the derivative would meet 1/0 times 0 where an exponential is too small; the value can be
/// mended afterwards, the derivative cannot.
module internal Autodiff.FSharp.Primal

open Autodiff
open Autodiff.FSharp.Traversal

/// A graph in dense form, its results, and for each of its nodes the one of the given graph that it stands for.
[<NoEquality; NoComparison>]
type Primal = { Tape: Tape; Roots: Node[]; Source: Node -> Node }

/// The nodes that must not be seen through, since derivatives for them are asked for.
let private fixedNodes (xs: Node[]) : NodeTable<bool> =
    xs |> Array.filter (fun x -> not (x.Op.IsVariable || x.Op.IsInput)) |> NodeTable.ofNodes

/// How a node looks to the rules.
let private looks (isFixed: NodeTable<bool>) (node: Node) =
    if not isFixed.IsEmpty && isFixed.Contains node then Op.Input else node.Op

let private isLogarithm (op: Op<Node>) =
    match op with
    | Op.Unary(f, _) -> f.IsLog || f.IsLog1p
    | _ -> false

let private holdsUnstable (tape: Tape) (see: Node -> Op<Node>) =
    let isUnstable i =
        let node = tape.Nodes[i]
        isLogarithm node.Op && not (tape.IsLeaf i) && (Stable.logarithms see (see node)).IsSome

    let mutable i = 0

    while i < tape.Length && not (isUnstable i) do
        i <- i + 1

    i < tape.Length

/// The stable form of a logarithm, and what was made for it, which stands for the logarithm.
let private stabilised rule (sources: NodeTable<Node>) (see: Node -> Op<Node>) (node: Node) (op: Op<Node>) =
    Annotation.Mark(node, rule)
    // Nodes are numbered as they are made.
    let before = (Node.Weak(Numbers.Of 0.0)).Id

    let rec name (made: Node) =
        if made.Id > before && not (sources.Contains made) then
            sources[made] <- node
            Op.children made.Op |> Array.iter name

    let stable = Stable.logarithms see op
    stable |> ValueOption.iter name
    stable

let private over (table: NodeTable<Node>) (node: Node) =
    if Op.forall (fun child -> Literals.isSame table[child] child) node.Op then
        node.Op
    else
        Op.map (fun child -> table[child]) node.Op

/// What every node becomes, and what the new ones stand for.
let private rebuilt rule (tape: Tape) (isFixed: NodeTable<bool>) : struct (NodeTable<Node> * NodeTable<Node>) =
    let table, sources = NodeTable<Node>(), NodeTable<Node>()
    let see = looks isFixed

    let made (node: Node) (op: Op<Node>) =
        match if isLogarithm op then stabilised rule sources see node op else ValueNone with
        | ValueSome stable -> stable
        | ValueNone when obj.ReferenceEquals(op, node.Op) -> node
        | ValueNone ->
            let result = Node.Annotated(op, Annotation(Label(node.Name, node.Scope, rule), node))
            sources[result] <- node
            result

    for i in 0 .. tape.Length - 1 do
        let node = tape.Nodes[i]

        table[node] <-
            if tape.IsLeaf i || isFixed.Contains node then
                node
            else
                made node (over table node)

    struct (table, sources)

/// The graph of the roots, whose derivatives by the xs are wanted; it ends at the leaves. What is made for it is made from
/// its logarithms by the rule that is named.
let make (rule: string) (roots: Node[]) (xs: Node[]) (leaves: Node[]) : Primal =
    let tape, isFixed = Tape(roots, leaves), fixedNodes xs

    if holdsUnstable tape (looks isFixed) then
        let struct (table, sources) = Annotation.Keeping(fun () -> rebuilt rule tape isFixed)
        let roots = roots |> Array.map (fun root -> table[root])
        let source node = sources.TryFind node |> ValueOption.defaultValue node
        { Tape = Tape(roots, leaves); Roots = roots; Source = source }
    else
        { Tape = tape; Roots = roots; Source = id }
