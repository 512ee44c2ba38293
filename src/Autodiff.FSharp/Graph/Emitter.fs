namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// Builds graphs in which equal subexpressions are one node and every rule has been applied. Every transformation emits
/// through one, so that its result is simplified already: without this, derivatives of high order explode.
[<Sealed>]
type internal Emitter(rules: Rewrite.Rule list, capacity: int) =
    let interned = Dictionary<Op<Node>, Node>(capacity, OpComparer.Instance)
    let scalars = Dictionary<struct (DType * int64), Node>()
    let emitted = NodeTable<Node>(capacity)
    let stack = Stack<Node>()
    let rules = Array.ofList rules

    /// Operands of commutative operations in the order of their creation, so that x y and y x are one node.
    let commuted (op: Op<Node>) =
        match op with
        | Op.Binary((Binary.Add | Binary.Mul | Binary.Maximum | Binary.Minimum) as f, x, y) when x.Id > y.Id ->
            Op.Binary(f, y, x)
        | Op.Compare((Comparison.Equal | Comparison.NotEqual) as f, x, y) when x.Id > y.Id -> Op.Compare(f, y, x)
        | _ -> op

    let scalarKey (value: NDArray) =
        match value.DType with
        | DType.Float32 -> int64 (BitConverter.SingleToInt32Bits(value.Item<float32>()))
        | DType.Float64 -> BitConverter.DoubleToInt64Bits(value.Item<float>())
        | DType.Int32 -> int64 (value.Item<int>())
        | DType.Int64 -> value.Item<int64>()
        | _ -> Convert.ToInt64(value.Item<bool>())

    /// The one node for a leaf: numbers are equal by their bits, every other leaf is only itself.
    let leaf (node: Node) =
        match node.Op with
        | Op.Constant(value, _) when value.Rank = 0 ->
            let key = struct (value.DType, scalarKey value)

            match scalars.TryGetValue key with
            | true, known -> known
            | false, _ ->
                scalars[key] <- node
                node
        | _ -> node

    /// The first rule's result, if one applies.
    let rewrite (op: Op<Node>) : Node voption =
        let mutable result = ValueNone
        let mutable i = 0

        while result.IsNone && i < rules.Length do
            result <- rules[i].Apply op
            i <- i + 1

        result

    /// The node's operation over the nodes that its children became: itself, if they became themselves.
    let overEmitted (node: Node) =
        let mutable isSame = true

        for position in 0 .. Op.arity node.Op - 1 do
            let child = Op.child position node.Op
            isSame <- isSame && Object.ReferenceEquals(emitted[child], child)

        if isSame then node.Op else Op.map (fun child -> emitted[child]) node.Op

    /// Whether nothing is to be said of the node but what is said already.
    let isMarked (node: Node) = isNull Annotation.Ambient || obj.ReferenceEquals(node.Annotation, Annotation.Ambient)

    let annotated (op: Op<Node>) (node: Node) =
        if isMarked node then
            Node.Annotated(op, node.Annotation)
        else
            Node.Annotated(op, Annotation(node.Name, node.Scope, Annotation.Ambient.Origin))

    new(rules) = Emitter(rules, 64)

    /// Starts with the graph of given nodes as it is: what equals a part of it will be that part.
    member _.Adopt(nodes: Node[]) =
        for node in nodes do
            emitted[node] <- node

            match node.Op with
            | Op.Constant _
            | Op.Variable _
            | Op.Input -> leaf node |> ignore
            | op -> interned.TryAdd(commuted op, node) |> ignore

    /// Takes a node as a leaf: neither it nor what is below it is rewritten.
    member _.Keep(node: Node) = emitted[node] <- node

    /// Marks the nodes that this thread makes from here on as made from a primal node by a rule.
    member _.Mark(primal: Node, rule: string) = Annotation.Ambient <- Annotation(null, Scope.Path, Origin(primal, rule))

    /// The node for an operation over emitted operands; `node` is what it was before.
    member private emitter.Intern(operation: Op<Node>, node: Node) : Node =
        let op = commuted operation

        match interned.TryGetValue op with
        | true, known -> known
        | false, _ ->
            let result =
                match rewrite op with
                | ValueSome simpler -> emitter.Emit simpler
                | ValueNone when obj.ReferenceEquals(op, node.Op) && isMarked node -> node
                | ValueNone -> annotated op node

            interned[op] <- result
            emitted[result] <- result
            result

    /// The simplified node that equals the given one. It calls itself for what a rule has made; the stack is common.
    member emitter.Emit(root: Node) : Node =
        let floor = stack.Count
        stack.Push root

        while stack.Count > floor do
            let node = stack.Peek()

            if emitted.Contains node then
                stack.Pop() |> ignore
            else
                let before = stack.Count

                for position in 0 .. Op.arity node.Op - 1 do
                    let child = Op.child position node.Op

                    if not (emitted.Contains child) then
                        stack.Push child

                if stack.Count = before then
                    stack.Pop() |> ignore

                    emitted[node] <-
                        match node.Op with
                        | Op.Constant _
                        | Op.Variable _
                        | Op.Input -> leaf node
                        | _ -> emitter.Intern(overEmitted node, node)

        emitted[root]
