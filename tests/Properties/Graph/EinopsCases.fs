/// Random patterns of axes, written as text, and what they mean as formulas over indices. The formulas come from the lists
/// that the text was made of: nothing is read back.
module Autodiff.Properties.Graph.EinopsCases

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Graph.MovementCases

/// An axis by itself: what it is called in the pattern, and its size.
type private Axis = { Name: string; Size: int }

/// One axis of a side: those that it is composed of. The axes of an ellipsis are named "...".
type private Side = Axis list list

let private isEllipsis axis = axis.Name.StartsWith "..."

let private sizeOf (axes: Axis list) = axes |> List.fold (fun product axis -> product * axis.Size) 1

let private shapeOf (side: Side) = side |> Seq.map sizeOf |> Array.ofSeq

/// The coordinates of the axes on a side, as one index for each of its axes.
let private encode (side: Side) (at: Axis -> int) : int[] =
    side |> Seq.map (List.fold (fun index axis -> index * axis.Size + at axis) 0) |> Array.ofSeq

/// The coordinate of each axis of a side, from one index for each of its axes.
let private decode (side: Side) (index: int[]) : Axis -> int =
    let one (axes: Axis list) i =
        let folder axis struct (rest, found) = struct (rest / axis.Size, (axis, rest % axis.Size) :: found)
        let struct (_, found) = List.foldBack folder axes (struct (i, []))
        found

    let all = dict (Seq.collect id (Seq.map2 one side index))
    fun axis -> all[axis]

let private names = [| "a"; "b"; "h"; "w"; "c1"; "c2"; "time_"; "Z" |]

let private shuffled (random: Random) (items: 'a list) =
    let items = Array.ofList items
    random.Shuffle items
    List.ofArray items

/// The axes in groups of one to three, and now and then a group of none.
let rec private grouped (random: Random) (axes: Axis list) : Side =
    match axes with
    | [] -> if random.Next 3 = 0 then [ [] ] else []
    | _ when random.Next 6 = 0 -> [] :: grouped random axes
    | _ ->
        let count = min axes.Length (pick random [| 1; 1; 2; 3 |])
        List.take count axes :: grouped random (List.skip count axes)

let private text (random: Random) (side: Side) =
    let name axis = if axis.Name.StartsWith "#" then string axis.Size else axis.Name
    let spaced (items: string list) = String.concat (pick random [| " "; "  " |]) items

    // The axes of an ellipsis stand side by side, and are written once.
    let written (axes: Axis list) =
        axes
        |> List.filter (fun axis -> not (isEllipsis axis) || axis.Name = "...0")
        |> List.map (fun axis -> if isEllipsis axis then "..." else name axis)

    let part (axes: Axis list) =
        match written axes with
        | [] when axes.IsEmpty -> [ pick random [| "1"; "()" |] ]
        | [] -> []
        | [ one ] when axes.Length = 1 -> [ (if one <> "..." && random.Next 4 = 0 then $"({one})" else one) ]
        | several -> [ $"({spaced several})" ]

    spaced (List.collect part side)

/// A side in which the ellipsis stands for axes of its own, outside all groups.
let private withEllipsis (random: Random) (ellipsis: Axis list) (side: Side) : Side =
    let at = random.Next(side.Length + 1)
    List.take at side @ List.map List.singleton ellipsis @ List.skip at side

/// The sizes that a caller has to give, and perhaps one more: of each composed axis all but one.
let private given (random: Random) (left: Side) (fresh: Axis list) =
    let named (axes: Axis list) = axes |> List.filter (fun axis -> not (axis.Name.StartsWith "#"))

    let needed (axes: Axis list) =
        let named = shuffled random (named axes)

        if named.IsEmpty || isEllipsis named.Head then []
        elif sizeOf axes = 0 || random.Next 5 = 0 then named
        else named.Tail

    let said = List.collect needed left @ named fresh
    shuffled random (said |> List.map (fun axis -> axis.Name, axis.Size))

let private axes (random: Random) count low =
    let chosen = shuffled random (List.ofArray names)

    List.init count (fun i ->
        {
            Name = chosen[i]
            Size = (if low = 0 && random.Next 12 = 0 then 0 else pick random [| 1; 2; 2; 3 |])
        })

let private ellipsis (random: Random) =
    if random.Next 2 = 0 then
        []
    else
        List.init (1 + random.Next 2) (fun i -> { Name = $"...{i}"; Size = 1 + random.Next 3 })

let private rearrangements (random: Random) =
    let axes, ellipsis = axes random (random.Next 5) 0, ellipsis random
    let left = withEllipsis random ellipsis (grouped random axes)

    let right =
        let groups = grouped random (shuffled random axes)

        if ellipsis.IsEmpty || random.Next 2 = 0 then
            withEllipsis random ellipsis groups
        elif groups.IsEmpty then
            [ ellipsis ]
        else
            // Here the ellipsis is composed with others.
            let at = random.Next groups.Length
            List.updateAt at (groups[at] @ ellipsis) groups

    let sizes = given random left []
    let pattern = $"{text random left}->{text random right}"
    let source index = encode left (decode right index)

    case
        $"rearrange \"{pattern}\" %A{sizes} %A{shapeOf left}"
        [ shapeOf left ]
        (List.head >> Einops.rearrange pattern sizes)
        (Formula.moved (shapeOf right) source)

let private repetitions (random: Random) =
    let all, ellipsis = axes random (1 + random.Next 5) 0, ellipsis random
    let fresh, old = List.splitAt (1 + random.Next 2 |> min all.Length) all
    // A new axis may be only a size.
    let fresh =
        fresh
        |> List.mapi (fun i axis ->
            if axis.Size > 1 && random.Next 3 = 0 then
                { axis with Name = $"#{i}" }
            else
                axis)

    let left = withEllipsis random ellipsis (grouped random old)
    let right = withEllipsis random ellipsis (grouped random (shuffled random (fresh @ old)))
    let sizes = given random left fresh
    let pattern = $"{text random left} -> {text random right}"
    let source index = encode left (decode right index)

    case
        $"repeat \"{pattern}\" %A{sizes} %A{shapeOf left}"
        [ shapeOf left ]
        (List.head >> Einops.repeat pattern sizes)
        (Formula.moved (shapeOf right) source)

/// The coordinates of axes that go away, one choice after the other.
let private choices (gone: Axis list) =
    let sizes = gone |> Seq.map _.Size |> Array.ofSeq
    Tensor.coordinates sizes |> Array.map (fun index -> dict (Seq.zip gone index)) |> List.ofArray

let private reductions isMean (random: Random) =
    let all, ellipsis = axes random (random.Next 5) 1, ellipsis random
    let gone, kept = List.splitAt (random.Next(all.Length + 1)) all

    let gone =
        gone
        |> List.mapi (fun i axis ->
            if axis.Size > 1 && random.Next 3 = 0 then
                { axis with Name = $"#{i}" }
            else
                axis)

    let left = withEllipsis random ellipsis (grouped random (shuffled random (gone @ kept)))
    let isEllipsisGone = random.Next 3 = 0

    let right =
        withEllipsis random (if isEllipsisGone then [] else ellipsis) (grouped random (shuffled random kept))

    let gone = if isEllipsisGone then gone @ ellipsis else gone
    let sizes = given random left []
    let pattern = $"{text random left} -> {text random right}"
    let factor = if isMean then 1.0 / float (sizeOf gone) else 1.0

    let at index =
        let kept = decode right index

        [
            for choice in choices gone ->
                let at axis = if choice.ContainsKey axis then choice[axis] else kept axis
                { Factor = factor; Elements = [ 0, encode left at ] }
        ]

    let name, reduction = if isMean then "mean", mean else "sum", sum

    { case
          $"reduce \"{pattern}\" {name} %A{sizes} %A{shapeOf left}"
          [ shapeOf left ]
          (List.head >> Einops.reduce pattern reduction sizes)
          { Sizes = shapeOf right; At = at } with
        Type =
            fun dtype ->
                if dtype.IsFloat() then dtype
                elif isMean then DType.Float64
                else DType.Int64
    }

/// The functions by name, each as a case from random numbers.
let all: (string * (Random -> ShapeCase)) list =
    [
        "Einops.rearrange", rearrangements
        "Einops.repeat", repetitions
        "Einops.reduce with a sum", reductions false
        "Einops.reduce with a mean", reductions true
    ]
