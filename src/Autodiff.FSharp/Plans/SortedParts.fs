/// Sorts of which slices alone read the positions, as those of the k largest elements are: the positions behind the last that
/// is read need not be found.
module internal Autodiff.FSharp.SortedParts

open System.Collections.Generic
open Autodiff.FSharp.Traversal

/// The positions that a range reads lie before this one.
let private behind (range: AxisRange) =
    if range.Count = 0 then
        0
    else
        1 + max range.Start (range.Start + (range.Count - 1) * range.Step)

/// How many positions, from the first on, node i reads of a sort along an axis.
let private readBy (tape: Tape) i axis =
    match tape.Nodes[i].Op with
    | Op.Slice(ranges, x) when not (tape.IsLeaf i) -> min x.Shape[axis] (behind ranges[axis])
    | _ -> System.Int32.MaxValue

/// The sorts of which less than all is read, and how many positions are.
let find (tape: Tape) (roots: int[]) : Dictionary<int, int> =
    let counts = Dictionary<int, int>()

    for i in 0 .. tape.Length - 1 do
        match tape.Nodes[i].Op with
        | Op.ArgSort _ when not (tape.IsLeaf i) -> counts[i] <- 0
        | _ -> ()

    let read sort count = counts[sort] <- max counts[sort] count

    if counts.Count > 0 then
        for i in 0 .. tape.Length - 1 do
            for child in tape.Children i do
                match tape.Nodes[child].Op with
                | Op.ArgSort(axis, _, _) when counts.ContainsKey child -> read child (readBy tape i axis)
                | _ -> ()

        for root in roots do
            if counts.ContainsKey root then
                read root System.Int32.MaxValue

        for pair in Seq.toArray counts do
            match tape.Nodes[pair.Key].Op with
            | Op.ArgSort(axis, _, x) when pair.Value >= x.Shape[axis] -> counts.Remove pair.Key |> ignore
            | _ -> ()

    counts
