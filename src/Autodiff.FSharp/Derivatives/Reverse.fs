/// Reverse mode: one walk from the result back to what it depends on, multiplying by transposes.
module internal Autodiff.FSharp.Reverse

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

let private requireFloat operation role (x: Node) =
    if not ((Node.Given x).DType.IsFloat()) then
        raise (
            DTypeException $"{operation}: {role} {Axes.describe x} is {x.DType}; only floating values have derivatives"
        )

/// For each node of the tape, whether a tangent of one of the xs reaches it.
let reached (tape: Tape) (xs: Node[]) : ChunkedList<bool> =
    let active = ChunkedList<bool>.Zeros tape.Length

    for x in xs do
        let position = tape.Position x

        if position >= 0 then
            active[position] <- true

    for i in 0 .. tape.Length - 1 do
        let mutable k = 0

        while not active[i] && k < tape.Arity i do
            let operand = tape.Child(i, k)
            active[i] <- active[operand] && Linear.carries tape.Nodes[i] tape.Nodes[operand]
            k <- k + 1

    active

let private checkCotangent (y: Node) (cotangent: Node) =
    if (Node.Given cotangent).Shape <> y.Shape then
        raise (ShapeException $"vjp: the cotangent has shape {cotangent.Shape}, the result {Axes.describe y}")

    Node.Cast(y.DType, cotangent)

/// The cotangents of all nodes of the tape that lie between the ys and the xs, given those of the ys.
let rec private sweep (primal: Primal.Primal) (emitter: Emitter) (active: ChunkedList<bool>) (given: Node[]) =
    let tape = primal.Tape
    let cotangents = ChunkedList<Node | null>.Zeros tape.Length
    let groups = Checkpoints.groups tape

    let add i (term: Node) =
        cotangents[i] <-
            match cotangents[i] with
            | null -> term
            | sum -> emitter.Emit(sum + term)

    let pull (node: Node) (group: seq<int>) =
        emitter.Mark(primal.Source node, "vjp")

        for struct (operand, gradient) in pullGroup tape active cotangents group do
            // Its nodes are marked already.
            Annotation.Unmark()
            let gradient = emitter.Emit gradient
            emitter.Mark(primal.Source node, "vjp")
            add (tape.Position operand) gradient

    Array.iter2 (fun y cotangent -> add (tape.Position y) (emitter.Emit cotangent)) primal.Roots given

    for i in tape.Length - 1 .. -1 .. 0 do
        match cotangents[i] with
        | _ when tape.Nodes[i].Op.IsCheckpoint ->
            match groups.TryGetValue i with
            | true, group -> pull tape.Nodes[i] group
            | false, _ -> ()
        | null -> ()
        | c when active[i] ->
            let node = tape.Nodes[i]
            emitter.Mark(primal.Source node, "vjp")
            let mutable byRule: Node[] | null = null

            for position in 0 .. tape.Arity i - 1 do
                let operand = tape.Child(i, position)

                if active[operand] && Linear.carries node tape.Nodes[operand] then
                    match Linear.pull node position c &byRule with
                    | ValueSome term -> add operand (emitter.Emit term)
                    | ValueNone -> ()
        | _ -> ()

    cotangents

/// The gradients of a part that is computed anew, for the active nodes that enter it.
and private pullGroup
    (tape: Tape)
    (active: ChunkedList<bool>)
    (cotangents: ChunkedList<Node | null>)
    (group: seq<int>)
    : struct (Node * Node)[] =
    let reached =
        [|
            for i in group do
                match cotangents[i] with
                | NonNull c when active[i] -> struct (tape.Nodes[i], c)
                | _ -> ()
        |]

    if reached.Length = 0 then
        [||]
    else
        let results = reached |> Array.map (fun (struct (node, _)) -> node)
        let arriving = reached |> Array.map (fun (struct (_, c)) -> c)
        Checkpoints.pull pullTo results arriving (fun node -> active[tape.Position node])

/// The cotangents of the xs, at which the graphs of the ys end; null where none arrives.
and private pullTo (ys: Node[]) (xs: Node[]) (given: Node[]) : (Node | null)[] =
    let primal = Primal.make "vjp" ys xs xs
    let tape = primal.Tape
    let emitter = Emitter Rewrite.always
    emitter.Adopt tape
    // What arrives belongs to the graph around, and the part ends there.
    given |> Seq.collect Masks.pieces |> Seq.iter emitter.Keep
    let floats = xs |> Array.filter (fun x -> x.DType.IsFloat())
    let cotangents = Annotation.Keeping(fun () -> sweep primal emitter (reached tape floats) given)
    xs |> Array.map (fun x -> cotangents[tape.Position x])

/// The graphs of the cotangents of the xs, given that of y. The graph ends at the leaves; where there are any, what is given
/// is one of them, and not rewritten.
let vjpFrom (leaves: Node[]) (y: Node) (xs: Node[]) (cotangent: Node) : Node[] =
    requireFloat "grad" "the result" y
    xs |> Array.iter (requireFloat "grad" "the variable")
    let cotangent = checkCotangent y cotangent
    let primal = Primal.make "vjp" [| y |] xs leaves
    let tape = primal.Tape
    let emitter = Emitter Rewrite.always
    emitter.Adopt tape

    if leaves.Length > 0 then
        Masks.pieces cotangent |> Array.iter emitter.Keep

    let cotangents = Annotation.Keeping(fun () -> sweep primal emitter (reached tape xs) [| cotangent |])

    let result (x: Node) =
        match tape.Position x with
        | -1 -> zerosLike x
        | i ->
            match cotangents[i] with
            | null -> zerosLike x
            | c -> c

    Array.map result xs

/// The graphs of the cotangents of the xs, given that of y.
let vjp (y: Node) (xs: Node[]) (cotangent: Node) : Node[] = vjpFrom [||] y xs cotangent

/// The gradients of the sum of the elements of y.
let grad (y: Node) (xs: Node[]) : Node[] =
    requireFloat "grad" "the result" y
    vjp y xs (onesLike y)
