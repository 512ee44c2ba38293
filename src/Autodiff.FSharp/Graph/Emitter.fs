namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// Builds graphs in which equal subexpressions are one node and every rule has been applied. Every transformation emits
/// through one, so that its result is simplified already: without this, derivatives of high order explode.
[<Sealed>]
type internal Emitter(rules: Rewrite.Rule list) =
    let interned = Dictionary<Op<Node>, Node>(HashIdentity.Structural)
    let scalars = Dictionary<struct (DType * int64), Node>()
    let emitted = NodeTable<Node>()
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

    let isSame (op: Op<Node>) (node: Node) =
        let a, b = Op.children op, Op.children node.Op
        a.Length = b.Length && Array.forall2 (fun x y -> Object.ReferenceEquals(x, y)) a b

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

    /// The node for an operation over emitted operands; `node` is what it was before, or null.
    member private emitter.Intern(op: Op<Node>, node: Node, origin: Origin | null) : Node =
        let op = commuted op

        match interned.TryGetValue op with
        | true, known -> known
        | false, _ ->
            let rec rewrite i =
                if i = rules.Length then
                    ValueNone
                else
                    match rules[i].Apply op with
                    | ValueNone -> rewrite (i + 1)
                    | simpler -> simpler

            let result =
                match rewrite 0 with
                | ValueSome simpler -> emitter.Emit(simpler, origin)
                | ValueNone when isSame op node && isNull origin -> node
                | ValueNone ->
                    let annotation = Annotation(node.Name, node.Scope, (if isNull origin then node.Origin else origin))
                    Node.Annotated(op, annotation)

            interned[op] <- result
            emitted[result] <- result
            result

    /// The simplified node that equals the given one. New nodes are marked with the origin, if one is given.
    member emitter.Emit(root: Node, origin: Origin | null) : Node =
        let stack = Stack<Node>()
        stack.Push root

        while stack.Count > 0 do
            let node = stack.Peek()

            if emitted.Contains node then
                stack.Pop() |> ignore
            else
                let children = Op.children node.Op
                let mutable ready = true

                for child in children do
                    if not (emitted.Contains child) then
                        stack.Push child
                        ready <- false

                if ready then
                    stack.Pop() |> ignore

                    emitted[node] <-
                        match node.Op with
                        | Op.Constant _
                        | Op.Variable _
                        | Op.Input -> leaf node
                        | op -> emitter.Intern(Op.map (fun child -> emitted[child]) op, node, origin)

        emitted[root]
