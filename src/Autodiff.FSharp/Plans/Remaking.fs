/// Graphs with other nodes in the place of some, where what else reads a node decides.
module internal Autodiff.FSharp.Remaking

open Autodiff
open Autodiff.FSharp.Traversal

/// The outputs, where a node is what is given for its position, if that is anything, or else the same operation as it was.
/// What is given may read what became of other nodes. Leaves stay as they are.
let outputs (tape: Tape) (outputs: Node[]) (other: int -> (Node -> Node) -> Node voption) : Node[] =
    let table = NodeTable<Node>()
    let made (node: Node) = table[node]

    for i in 0 .. tape.Length - 1 do
        let node = tape.Nodes[i]

        table[node] <-
            match other i made with
            | ValueSome other -> other
            | ValueNone when tape.IsLeaf i || Op.forall (fun child -> Literals.isSame (made child) child) node.Op ->
                node
            | ValueNone -> Node.Annotated(Op.map made node.Op, node.Annotation)

    outputs |> Array.map made
