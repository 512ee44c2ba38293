/// The transpose of a linear map that is given as a graph: a reverse sweep over that graph alone.
module internal Autodiff.FSharp.Transposition

open Autodiff
open Autodiff.FSharp.Traversal

/// Which nodes of the tape depend on its node at a position.
let private reached (tape: Tape) (source: int) =
    let active = Array.zeroCreate tape.Nodes.Length
    active[source] <- true

    for i in 0 .. tape.Nodes.Length - 1 do
        active[i] <- active[i] || tape.Children i |> Array.exists (fun child -> active[child])

    active

/// For y, a graph that is linear in the placeholder `tangent`, the cotangent of the placeholder, given that of y. The
/// graph ends at the given leaves, which do not depend on the placeholder. `transposeOf` gives for an operand of a node
/// the transpose of the map from its tangent to the node's.
let run
    (transposeOf: Node -> int -> (Node -> Node) voption)
    (leaves: Node[])
    (tangent: Node)
    (y: Node)
    (cotangent: Node)
    =
    let tape = Tape([ y ], Array.append leaves [| tangent |])

    match tape.Position tangent with
    | -1 -> zerosLike tangent
    | source ->
        let active = reached tape source
        let cotangents: (Node | null)[] = Array.zeroCreate tape.Nodes.Length
        cotangents[cotangents.Length - 1] <- cotangent

        let add i (term: Node) =
            cotangents[i] <-
                match cotangents[i] with
                | null -> term
                | sum -> sum + term

        for i in tape.Nodes.Length - 1 .. -1 .. source + 1 do
            match cotangents[i] with
            | null -> ()
            | c when active[i] ->
                tape.Children i
                |> Array.iteri (fun position child ->
                    if active[child] then
                        match transposeOf tape.Nodes[i] position with
                        | ValueSome transpose -> add child (transpose c)
                        | ValueNone -> ())
            | _ -> ()

        match cotangents[source] with
        | null -> zerosLike tangent
        | c -> c
