/// Forward mode: one walk from the variables to the result, by the same linear maps.
module internal Autodiff.FSharp.Forward

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// Operations that are linear in several operands together have one of themselves as their tangent.
let private jointly (node: Node) (tangents: (Node | null)[]) : Node voption =
    let tangent position (operand: Node) =
        match tangents[position] with
        | null -> zerosLike operand
        | t -> t

    match node.Op with
    | Op.Concat(axis, parts) -> ValueSome(Node.Make(Op.Concat(axis, Array.mapi tangent parts)))
    | Op.Recurrence(axis, reverse, a, _) -> ValueSome(Scanning.tangent axis reverse a node tangents[0] tangents[1])
    | Op.Select(condition, x, y) ->
        if isNull tangents[2] then
            ValueSome(Masks.only condition (tangent 1 x))
        elif isNull tangents[1] then
            ValueSome(Masks.only (logicalNot condition) (tangent 2 y))
        else
            ValueSome(where condition (tangent 1 x) (tangent 2 y))
    | Op.Custom(rule, _, operands) when not (Array.forall isNull tangents[1..]) ->
        ValueSome((GradientRule.Of rule).Push(operands, node, tangents[1..]))
    | Op.Checkpoint(_, operands) when not (isNull tangents[0]) ->
        ValueSome(Checkpoints.tangent operands (Array.choose Option.ofObj tangents[1..]) (tangent 0 node))
    | _ -> ValueNone

/// The sum of what each operand's tangent contributes to that of the node; nothing if none does.
let private separately (emitter: Emitter) (node: Node) (tangents: (Node | null)[]) : Node | null =
    let mutable sum: Node | null = null

    for position in 0 .. tangents.Length - 1 do
        match tangents[position] with
        | null -> ()
        | t ->
            match Linear.map node position with
            | ValueNone -> ()
            | ValueSome map ->
                let term = emitter.Emit(map.Apply t)

                sum <-
                    match sum with
                    | null -> term
                    | rest -> emitter.Emit(rest + term)

    sum

/// For each node whether its tangent counts for that of the last.
let private wanted (tape: Tape) : bool[] =
    let wanted = Array.zeroCreate tape.Nodes.Length
    wanted[wanted.Length - 1] <- true

    for i in tape.Nodes.Length - 1 .. -1 .. 0 do
        if wanted[i] then
            tape.Children i
            |> Array.iteri (fun position child ->
                if not (Linear.stops tape.Nodes[i] position) then
                    wanted[child] <- true)

    wanted

let private tangentOf (primal: Primal.Primal) (emitter: Emitter) (tangents: (Node | null)[]) i : Node | null =
    let tape = primal.Tape
    let node = tape.Nodes[i]
    let passing k : Node | null = if Linear.carries node tape.Nodes[k] then tangents[k] else null
    let own = tape.Children i |> Array.map passing

    if Array.forall isNull own then
        null
    else
        emitter.Mark(primal.Source node, "jvp")

        match jointly node own with
        | ValueSome t -> emitter.Emit(Linear.joint node t)
        | ValueNone -> separately emitter node own

let private checkTangent (x: Node) (tangent: Node) =
    if not ((Node.Given x).DType.IsFloat()) then
        raise (
            DTypeException $"jvp: the variable {Axes.describe x} is {x.DType}; only floating values have derivatives"
        )

    if (Node.Given tangent).Shape <> x.Shape then
        raise (ShapeException $"jvp: the tangent has shape {tangent.Shape}, its variable {Axes.describe x}")

    Node.Cast(x.DType, tangent)

/// The graph of the tangent of y, given tangents of the xs.
let jvp (y: Node) (xs: Node[]) (given: Node[]) : Node =
    if not ((Node.Given y).DType.IsFloat()) then
        raise (DTypeException $"jvp: the result {Axes.describe y} is {y.DType}; only floating values have derivatives")

    if xs.Length <> given.Length then
        raise (System.ArgumentException $"jvp: {xs.Length} variables but {given.Length} tangents")

    let given = Array.map2 checkTangent xs given
    let primal = Primal.make "jvp" [| y |] xs [||]
    let tape = primal.Tape
    let emitter = Emitter Rewrite.always
    emitter.Adopt tape
    let tangents: (Node | null)[] = Array.zeroCreate tape.Nodes.Length

    let add i (term: Node | null) =
        match tangents[i], term with
        | _, null -> ()
        | null, term -> tangents[i] <- term
        | sum, term -> tangents[i] <- emitter.Emit(sum + term)

    // A variable may be an inner node: then it moves by its given tangent beside the one that reaches it.
    for x, t in Array.zip xs given do
        let position = tape.Position x

        if position >= 0 then
            add position (emitter.Emit t)

    let isWanted = wanted tape

    Annotation.Keeping(fun () ->
        for i in 0 .. tape.Nodes.Length - 1 do
            if isWanted[i] then
                add i (tangentOf primal emitter tangents i))

    match tangents[tangents.Length - 1] with
    | null -> zerosLike y
    | t -> t
