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

/// The cotangents of all nodes of the tape that lie between y, its last node, and the xs.
let private sweep (tape: Tape) (emitter: Emitter) (active: ChunkedList<bool>) (cotangent: Node) =
    let cotangents = ChunkedList<Node | null>.Zeros tape.Length

    let add i (term: Node) =
        cotangents[i] <-
            match cotangents[i] with
            | null -> term
            | sum -> emitter.Emit(sum + term)

    cotangents[tape.Length - 1] <- emitter.Emit cotangent

    for i in tape.Length - 1 .. -1 .. 0 do
        match cotangents[i] with
        | null -> ()
        | c when active[i] ->
            let node = tape.Nodes[i]
            emitter.Mark(node, "vjp")

            for position in 0 .. tape.Arity i - 1 do
                let operand = tape.Child(i, position)

                if active[operand] && Linear.carries node tape.Nodes[operand] then
                    match Linear.pull node position c with
                    | ValueSome term -> add operand (emitter.Emit term)
                    | ValueNone -> ()
        | _ -> ()

    cotangents

/// The graphs of the cotangents of the xs, given that of y.
let vjp (y: Node) (xs: Node[]) (cotangent: Node) : Node[] =
    requireFloat "grad" "the result" y
    xs |> Array.iter (requireFloat "grad" "the variable")
    let cotangent = checkCotangent y cotangent
    let tape = Tape [ y ]
    let emitter = Emitter Rewrite.always
    emitter.Adopt tape
    let cotangents = Annotation.Keeping(fun () -> sweep tape emitter (reached tape xs) cotangent)

    let result (x: Node) =
        match tape.Position x with
        | -1 -> zerosLike x
        | i ->
            match cotangents[i] with
            | null -> zerosLike x
            | c -> c

    Array.map result xs

/// The gradients of the sum of the elements of y.
let grad (y: Node) (xs: Node[]) : Node[] =
    requireFloat "grad" "the result" y
    vjp y xs (onesLike y)
