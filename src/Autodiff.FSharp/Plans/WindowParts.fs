/// A part of a convolution is a convolution of a part: of an einsum over windows, of which a slice alone reads some positions,
/// the others are never computed. So are the places under the padding in the gradient of a padded convolution:
///     (sum over t of w[t] x[h + t]) for h from s on, n of them = sum over t of w[t] x'[h + t], x' the n + T - 1 elements of x from s on.
module internal Autodiff.FSharp.WindowParts

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

let private whole size : AxisRange = { Start = 0; Step = 1; Count = size }

/// The elements along an axis that the windows at a range of positions read.
let private under (windows: AxisWindow[]) (axis: int) (positions: AxisRange) : AxisRange =
    match windows |> Array.tryFind (fun window -> window.Axis = axis) with
    | Some window ->
        let reach = (window.Size - 1) * window.Dilation

        {
            Start = positions.Start * window.Stride
            Step = 1
            Count = (positions.Count - 1) * window.Stride + reach + 1
        }
    | None -> positions

/// A part of y among zeros: fewer zeros, and of y what the part has.
let private embedded (part: AxisRange[]) (places: AxisRange[]) (y: Node) : Node =
    let first =
        Array.map2 (fun (part: AxisRange) (place: AxisRange) -> max part.Start place.Start) part places

    let behind =
        Array.map2
            (fun (part: AxisRange) (place: AxisRange) -> min (part.Start + part.Count) (place.Start + place.Count))
            part
            places

    let counts = Array.map2 (fun first behind -> max 0 (behind - first)) first behind

    let range (origins: AxisRange[]) i =
        // Where nothing of y is left, its place must still be within the part.
        let start = if counts[i] = 0 then 0 else first[i] - origins[i].Start
        { Start = start; Step = 1; Count = counts[i] }

    let kept = Node.Make(Op.Slice(Array.init part.Length (range places), y))
    let shape = Shapes.ofArray (part |> Array.map _.Count)
    Node.Make(Op.Embed(Array.init part.Length (range part), shape, kept))

/// The windows at some positions over an operand that was padded.
let private windowsAt (positions: AxisRange[]) (operand: Node) : Node voption =
    match operand.Op with
    | Op.Window(windows, padded) ->
        match padded.Op with
        | Op.Embed(places, _, y) when places |> Array.forall (fun place -> place.Step = 1) ->
            let part = positions |> Array.mapi (under windows)
            ValueSome(Node.Make(Op.Window(windows, embedded part places y)))
        | _ -> ValueNone
    | _ -> ValueNone

/// How many axes of an operand are positions of windows: those of what the windows are over.
let private positionRank (operand: Node) =
    match operand.Op with
    | Op.Window(_, x) -> x.Rank
    | _ -> 0

let private part (ranges: AxisRange[]) (subscripts: Subscripts) (operands: Node[]) =
    let result = Labels.result subscripts
    let sizes = Labels.sizes subscripts

    let cut = [| 0 .. ranges.Length - 1 |] |> Array.filter (fun i -> ranges[i] <> whole sizes[result[i]])

    let labels = Array.init operands.Length (fun position -> Labels.operand position subscripts)

    match Labels.holder labels (cut |> Array.map (fun i -> result[i])) with
    | ValueSome g when Labels.areDistinct result ->
        let own = labels[g][.. positionRank operands[g] - 1]

        let positions =
            own
            |> Array.map (fun label ->
                match Array.IndexOf(result, label) with
                | -1 -> whole sizes[label]
                | i -> ranges[i])

        if cut |> Array.forall (fun i -> Array.contains result[i] own) then
            windowsAt positions operands[g]
            |> ValueOption.map (fun windows ->
                cut |> Array.iter (fun i -> sizes[result[i]] <- ranges[i].Count)
                Node.Make(Op.Einsum(Labels.create labels result sizes, Array.updateAt g windows operands)))
        else
            ValueNone
    | _ -> ValueNone

/// What a part of an einsum over windows is made of instead, if it takes consecutive positions.
let private ofProduct (ranges: AxisRange[]) (product: Node) : Node voption =
    match product.Op with
    | Op.Einsum(subscripts, operands) when
        product.Shape.IsKnown
        && not (Seq.contains -1 subscripts.Sizes)
        && ranges |> Array.forall (fun range -> range.Step = 1 && range.Count > 0)
        ->
        part ranges subscripts operands
    | _ -> ValueNone

/// The outputs with parts in the place of slices of what nothing else reads. Inputs stay as they are.
let run (inputs: Node[]) (outputs: Node[]) : Node[] =
    let tape = Tape(outputs, inputs)
    let uses = Sums.usesFor tape outputs

    Remaking.outputs tape outputs (fun i made ->
        match tape.Nodes[i].Op with
        | Op.Slice(ranges, x) when not (tape.IsLeaf i) && uses[tape.Child(i, 0)] = 1 -> ofProduct ranges (made x)
        | _ -> ValueNone)
