/// Rules of derivatives from one function of the user's: the other direction is its transpose, because tangents and
/// cotangents pass linearly.
module internal Autodiff.FSharp.Custom

open System
open Autodiff

let private placeholder name (like: Node) = Node.Leaf(Op.Input, name, like.Shape, like.DType)

let private describe (position: int) (x: Node) = Broadcasting.describe position x.Name x.Shape

/// A derivative in the element type of what it belongs to, whose shape it must have.
let private fit operation (what: string) (like: Node) (given: Node) : Node =
    if given.Shape <> like.Shape then
        raise (ShapeException $"{operation}: {what} has shape {given.Shape}")

    Node.Cast(like.DType, given)

let private checkGradients operation (operands: Node[]) (given: Node[]) =
    if given.Length <> operands.Length then
        raise (
            ArgumentException
                $"{operation}: the backward function gave {given.Length} gradients for {operands.Length} operands"
        )

    Array.mapi2 (fun i operand g -> fit operation $"the gradient for {describe i operand}" operand g) operands given

/// Whether the graphs of the roots depend on a placeholder, and the nodes before all placeholders at which they end. Nodes
/// are numbered as they are made, so an older one depends on none: what a function that is called for each node of a
/// graph makes is looked at, and not the whole graph at each.
let private sinceMade (placeholders: Node[]) (roots: Node[]) : struct (bool * Node[]) =
    let first = placeholders |> Seq.map _.Id |> Seq.min
    let seen = NodeTable.ofNodes roots
    let waiting = Collections.Generic.Stack<Node>(roots)
    let older = Collections.Generic.List<Node>()

    let meet (node: Node) =
        if not (seen.Contains node) then
            seen[node] <- true
            waiting.Push node

    while waiting.Count > 0 do
        let node = waiting.Pop()

        if node.Id < first then
            older.Add node
        else
            Op.children node.Op |> Array.iter meet

    struct (Array.exists seen.Contains placeholders, older.ToArray())

/// The transpose of a function that is linear in a placeholder, which must not be left over.
let private transpose operation (result: Node) (placeholders: Node[]) (cotangent: Node) : Node[] =
    match sinceMade placeholders [| result |] with
    | struct (false, _) -> placeholders |> Array.map zerosLike
    | struct (true, older) ->
        // What arrives is a leaf too.
        let leaves = Array.append older [| cotangent |]
        let transposed = Reverse.vjpFrom leaves result placeholders cotangent
        let struct (isLeft, _) = sinceMade placeholders transposed

        if isLeft then
            raise (
                ArgumentException
                    $"{operation}: the derivative that was given is not linear in what it passes on, so that it has no transpose"
            )

        transposed

/// Forward mode from a pullback: for each operand with a tangent, the transpose of the gradient as a function of the
/// cotangent.
let private pushOf operation (pull: Node[] -> Node -> Node -> Node[]) (operands: Node[]) (result: Node) tangents =
    let cotangent = placeholder "cotangent" result
    let gradients = pull operands result cotangent

    let term (position: int) (tangent: Node | null) =
        match tangent with
        | null -> None
        | t -> Some(transpose operation gradients[position] [| cotangent |] t |> Array.head)

    match Seq.mapi term tangents |> Seq.choose id |> List.ofSeq with
    | [] -> zerosLike result
    | terms -> List.reduce (+) terms

let private isFloat (x: Node) = Kernel.DTypes.IsFloat x.DType

/// Reverse mode from a tangent function: its transpose in the tangents of the floating operands.
let private pullOf operation (push: Node[] -> Node -> (Node | null)[] -> Node) (operands: Node[]) (result: Node) c =
    let tangents: (Node | null)[] =
        operands |> Array.map (fun x -> if isFloat x then placeholder "tangent" x else null)

    let tangent = push operands result tangents

    let cotangents =
        Collections.Generic.Queue<Node>(transpose operation tangent (Array.choose Option.ofObj tangents) c)

    operands |> Array.map (fun x -> if isFloat x then cotangents.Dequeue() else zerosLike x)

/// The rule of a function whose pullback is given.
let ofPullback (backward: Node[] -> Node -> Node -> Node[]) : GradientRule =
    let operation = "customGradient"

    let pull (operands: Node[]) result cotangent =
        checkGradients operation operands (backward operands result cotangent)

    GradientRule(pushOf operation pull, pull)

/// The rule of a function whose tangent is given; operands without a tangent have zeros.
let ofTangent (tangent: Node[] -> Node -> Node[] -> Node) : GradientRule =
    let operation = "customTangent"

    let push (operands: Node[]) (result: Node) (tangents: (Node | null)[]) =
        let filled =
            Array.map2
                (fun (x: Node) (t: Node | null) ->
                    match t with
                    | null -> zerosLike x
                    | t -> t)
                operands
                tangents

        fit operation $"the tangent of the result {result.Shape}" result (tangent operands result filled)

    GradientRule(push, pullOf operation push)

/// The rule of a function whose pullback is given as a delegate, which must give something.
let pullback (backward: Func<Node[], Node, Node, Node[]>) : GradientRule =
    ofPullback (fun operands result cotangent ->
        // Copies: a rule may be called again.
        match backward.Invoke(Array.copy operands, result, cotangent) |> box with
        | :? (Node[]) as gradients when gradients |> Array.forall (fun g -> not (isNull (box g))) -> gradients
        | _ -> raise (ArgumentException "customGradient: the backward function gave null for a gradient"))

/// The rule of a function whose tangent is given as a delegate.
let pushforward (tangent: Func<Node[], Node, Node[], Node>) : GradientRule =
    ofTangent (fun operands result tangents ->
        match tangent.Invoke(Array.copy operands, result, tangents) |> box with
        | :? Node as result -> result
        | _ -> raise (ArgumentException "customTangent: the tangent function gave null"))

/// A call of a function outside the graph.
let opaque (f: OpaqueFunction) (operands: Node[]) : Node = Node.Make(Op.Opaque(0, f, operands))

/// The value with a rule of its own in the place of its derivative.
let node (rule: GradientRule) (value: Node) (operands: Node[]) : Node = Node.Make(Op.Custom(rule, value, operands))
