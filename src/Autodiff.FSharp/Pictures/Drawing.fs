namespace Autodiff.FSharp

open Autodiff

/// Graphs as pictures.
[<AutoOpen>]
module Drawing =

    /// The graph of the given nodes in Graphviz's language, for `dot -Tsvg` and friends.
    let toDot (nodes: seq<Node>) : string = Dot.write (Array.ofSeq nodes)
