/// Graphs in Graphviz's language: one box for each node, arrows from operands to what is made of them, scopes as frames.
module internal Autodiff.FSharp.Dot

open System.Collections.Generic
open System.Text
open Autodiff
open Autodiff.FSharp.Traversal

let private escape (text: string) = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")

/// Fill colours by family: what is given, what is elementwise, what contracts, what moves, what reduces, what factorises.
let private colour (op: Op<Node>) =
    match op with
    | Op.Variable _
    | Op.Input -> "#fff2cc"
    | Op.Constant _ -> "#eeeeee"
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _ -> "#dae8fc"
    | Op.Einsum _ -> "#d5e8d4"
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Window _
    | Op.OverlapAdd _
    | Op.Concat _
    | Op.Gather _
    | Op.ScatterAdd _ -> "#e1d5e7"
    | Op.Extremum _
    | Op.ArgExtremum _
    | Op.Recurrence _
    | Op.ArgSort _
    | Op.RunningExtremum _ -> "#ffe6cc"
    | Op.Factor _
    | Op.Solve _ -> "#b0e3e6"
    | Op.Identity _
    | Op.StopGradient _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _ -> "#ffffff"
    | Op.Opaque _ -> "#f8cecc"
    | Op.Draw _
    | Op.KeyedMap _ -> "#d0cee2"

let private title (node: Node) =
    match node.Op, node.Name with
    | Op.Constant(value, _), _ when value.Rank = 0 -> value.ToString()
    | op, null -> Op.name op
    | (Op.Variable _ | Op.Input | Op.Constant _), name -> name
    | op, name -> $"{name} = {Op.name op}"

let private box (indent: string) i (node: Node) =
    let shape = if node.Rank = 0 then $"{node.DType}" else $"{node.DType} {node.Shape}"
    let style = if isNull node.Origin then "filled,rounded" else "filled,rounded,dashed"
    $"{indent}n{i} [label=\"{escape (title node)}\\n{shape}\", fillcolor=\"{colour node.Op}\", style=\"{style}\"];"

/// A scope's own nodes and the scopes below it.
type private Frame = { Nodes: List<int>; Frames: SortedDictionary<string, Frame> }

let private frame () = { Nodes = List(); Frames = SortedDictionary() }

let private frames (nodes: Node[]) =
    let root = frame ()

    let descend (at: Frame) (step: string) =
        match at.Frames.TryGetValue step with
        | true, known -> known
        | false, _ ->
            let next = frame ()
            at.Frames[step] <- next
            next

    nodes
    |> Array.iteri (fun i node ->
        let path = if node.Scope = "" then [||] else node.Scope.Split '/'
        (Array.fold descend root path).Nodes.Add i)

    root

// Scopes nest as deeply as a user's modules do, which is shallow.
let rec private writeFrame (text: StringBuilder) (nodes: Node[]) (indent: string) (path: string) (at: Frame) : unit =
    for i in at.Nodes do
        text.AppendLine(box indent i nodes[i]) |> ignore

    for pair in at.Frames do
        let inner = if path = "" then pair.Key else path + "/" + pair.Key
        text.AppendLine($"{indent}subgraph \"cluster_{escape inner}\" {{") |> ignore

        text.AppendLine($"{indent}  label=\"{escape pair.Key}\"; color=\"#999999\"; style=\"rounded\";")
        |> ignore

        writeFrame text nodes (indent + "  ") inner pair.Value
        text.AppendLine($"{indent}}}") |> ignore

/// The text for the graph of the given nodes. Nodes that a transformation made have dashed borders.
let write (roots: Node[]) : string =
    let tape = Tape roots
    let text = StringBuilder()
    text.AppendLine("digraph autodiff {") |> ignore

    text.AppendLine("  rankdir=BT; node [shape=box, fontname=\"Helvetica\", fontsize=10, color=\"#666666\"];")
    |> ignore

    let nodes = tape.Nodes.ToArray()
    writeFrame text nodes "  " "" (frames nodes)

    for i in 0 .. tape.Nodes.Length - 1 do
        for child in tape.Children i do
            text.AppendLine($"  n{child} -> n{i};") |> ignore

    text.AppendLine("}").ToString()
