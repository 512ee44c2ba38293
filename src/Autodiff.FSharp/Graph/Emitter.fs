namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// Builds graphs in which equal subexpressions are one node and every rule has been applied. Every transformation emits
/// through one, so that its result is simplified already: without this, derivatives of high order explode.
[<Sealed>]
type internal Emitter(rules: Rewrite.Rule list) =
    let interned = OpTable()
    let scalars = Dictionary<struct (DType * int64), Node>()
    // What has been emitted: nodes that stay themselves, as most do, and what the others became.
    let same = NodeTable<bool>()
    let others = NodeTable<Node>()
    let stack = ChunkedList<Node>()

    let rulesOf = Rewrite.byGroup rules

    /// The one node for a leaf: numbers are equal by their bits, every other leaf is only itself.
    let leaf (node: Node) =
        match node.Op with
        | Op.Constant(value, _) when value.Rank = 0 ->
            let key = struct (value.DType, LeafValue.bits value)

            match scalars.TryGetValue key with
            | true, known -> known
            | false, _ ->
                scalars[key] <- node
                node
        | _ -> node

    /// The first rule's result, if one applies.
    let rewrite (op: Op<Node>) : Node voption =
        let rules, over = rulesOf[int (Occasions.group op)], Occasions.over op
        let mutable result = ValueNone
        let mutable i = 0

        while result.IsNone && i < rules.Length do
            if Rewrite.isAbout over rules[i] then
                result <- rules[i].Apply op

            i <- i + 1

        result

    let isEmitted (node: Node) = same.Contains node || others.Contains node

    let become (node: Node) (result: Node) =
        if Object.ReferenceEquals(node, result) then
            same[node] <- true
        else
            others[node] <- result

    // What an emitted node became. One object: a function of its own would be made into one at each use.
    let emitted =
        (fun (same: NodeTable<bool>) -> fun (node: Node) -> if same.Contains node then node else others[node]) same

    // What the last look at a node's operands found: whether one is not emitted yet, and whether one became another.
    let mutable waits = false
    let mutable changes = false

    let lookAt (child: Node) =
        if not (same.Contains child) then
            if others.Contains child then
                changes <- true
            else
                waits <- true
                stack.Add child

    /// Looks at the operands; those that are not emitted yet go onto the stack.
    let lookAtOperands (op: Op<Node>) =
        waits <- false
        changes <- false

        match op with
        | Op.Unary(_, x) -> lookAt x
        | Op.Binary(_, x, y) ->
            lookAt x
            lookAt y
        | _ ->
            for position in 0 .. Op.arity op - 1 do
                lookAt (Op.child position op)

    /// Whether nothing is to be said of the node but what is said already.
    let isMarked (node: Node) =
        let ambient = Annotation.Ambient
        ambient.IsNone || node.Annotation.IsSame ambient

    let annotated (op: Op<Node>) (node: Node) =
        Node.Annotated(
            op,
            (if isMarked node then
                 node.Annotation
             else
                 node.Annotation.From Annotation.Ambient)
        )

    /// Starts with a graph as it is: what equals a part of it will be that part.
    member _.Adopt(tape: Traversal.Tape) =
        // A derivative has some times the nodes of its graph.
        interned.Reserve(2 * tape.Length)

        for i in 0 .. tape.Length - 1 do
            let node = tape.Nodes[i]
            become node node

            match node.Op with
            | Op.Constant _
            | Op.Variable _
            | Op.Input -> leaf node |> ignore
            | op ->
                let key = OpEquality.key op

                if isNull (interned.Find(op, key)) then
                    interned.Add(key, node)

    /// Takes a node as a leaf: neither it nor what is below it is rewritten.
    member _.Keep(node: Node) = become node node

    /// Takes a node as standing for another, which is a leaf.
    member emitter.Substitute(node: Node, leaf: Node) =
        become node leaf
        emitter.Keep leaf

    /// Marks the nodes that this thread makes from here on as made from a primal node by a rule.
    member _.Mark(primal: Node, rule: string) = Annotation.Mark(primal, rule)

    /// The node for an operation over emitted operands; `node` is what it was before. Rules meet operands that commute in
    /// the order of their creation, x y and y x alike; a node to which none applies stays as it was written.
    member private emitter.Intern(operation: Op<Node>, node: Node) : Node =
        let op = OpEquality.ordered operation
        let key = OpEquality.key op

        match interned.Find(op, key) with
        | null ->
            let result =
                match rewrite op with
                | ValueSome simpler -> emitter.Emit simpler
                | ValueNone when Object.ReferenceEquals(operation, node.Op) && isMarked node -> node
                | ValueNone ->
                    let made = annotated op node
                    become made made
                    made

            // What a rule has made something else of is not found again, but made again: entries are small so.
            if Object.ReferenceEquals(result.Op, op) || Object.ReferenceEquals(result, node) then
                interned.Add(key, result)

            result
        | known -> known

    /// A number that is repeated is made once by a transformation: once it is simplified, it is that.
    member private _.Renew(node: Node, simplified: Node) =
        match node.Op with
        | Op.Einsum(_, [| number |]) when number.Op.IsConstant ->
            match Annotation.Numbers with
            | null -> ()
            | numbers -> numbers.Replace(node, simplified)
        | _ -> ()

    /// Whether such an operation was emitted.
    member _.Holds(predicate: Op<Node> -> bool) = interned.Exists predicate

    /// Emits a node whose operands are emitted; whether one of them became another is given.
    member private emitter.Take(node: Node, changes: bool) =
        let simplified =
            match node.Op with
            | Op.Constant _
            | Op.Variable _
            | Op.Input -> leaf node
            | op -> emitter.Intern((if changes then Op.map emitted op else op), node)

        become node simplified

        if not (Object.ReferenceEquals(simplified, node)) then
            emitter.Renew(node, simplified)

    /// Emits all nodes of a tape, whose leaves are emitted.
    member emitter.EmitAll(tape: Traversal.Tape) =
        interned.Reserve tape.Length
        // Whether each node became another.
        let isOther = ChunkedList<bool>.Zeros tape.Length

        for i in 0 .. tape.Length - 1 do
            let node, arity = tape.Nodes[i], tape.Arity i

            if arity > 0 || not (isEmitted node) then
                let mutable changes = false

                for position in 0 .. arity - 1 do
                    changes <- changes || isOther[tape.Child(i, position)]

                emitter.Take(node, changes)

            isOther[i] <- not others.IsEmpty && others.Contains node

    /// The simplified node that equals the given one. It calls itself for what a rule has made; the stack is common.
    member emitter.Emit(root: Node) : Node =
        let floor = stack.Length
        stack.Add root

        while stack.Length > floor do
            let node = stack.Peek()

            if isEmitted node then
                stack.Pop() |> ignore
            else
                lookAtOperands node.Op

                if not waits then
                    stack.Pop() |> ignore
                    emitter.Take(node, changes)

        emitted root
