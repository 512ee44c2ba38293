/// Random cases of the functions that pad, turn, move on and repeat elements, each with a formula over indices that is
/// written for itself.
module Autodiff.Properties.Graph.PaddingCases

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Graph.MovementCases

let private padWidths (random: Random) (sizes: int[]) most =
    sizes |> Array.map (fun _ -> struct (random.Next(most + 1), random.Next(most + 1)))

let private padded (sizes: int[]) (widths: struct (int * int)[]) =
    Array.map2 (fun size struct (before, after) -> before + size + after) sizes widths

let private inside (sizes: int[]) (widths: struct (int * int)[]) (index: int[]) =
    let source = Array.map2 (fun i struct (before, _) -> i - before) index widths

    if Array.forall2 (fun i size -> i >= 0 && i < size) source sizes then
        Some source
    else
        None

let private pads (random: Random) =
    let sizes = shape random 0 3
    let widths = padWidths random sizes 2
    unary $"pad %A{widths} %A{sizes}" sizes (pad widths) (Formula.placed (padded sizes widths) (inside sizes widths))

let private valuePads (random: Random) =
    let sizes = shape random 0 3
    let widths = padWidths random sizes 2

    let at index =
        match inside sizes widths index with
        | Some index -> Formula.element 0 index
        | None -> Formula.element 1 [||]

    case
        $"padWith %A{widths} %A{sizes}"
        [ sizes; [||] ]
        (fun nodes -> padWith nodes[1] widths nodes[0])
        { Sizes = padded sizes widths; At = at }

/// Where a walker is who leaves an axis at its edge: step by step, turning at the ends.
let private walker mode n position =
    let mutable at, direction = (if position < 0 then 0 else n - 1), (if position < 0 then 1 else -1)
    let steps = if position < 0 then -position else position - (n - 1)

    for step in 1..steps do
        match mode with
        | PadMode.Edge -> ()
        | PadMode.Wrap -> at <- (at - direction + n) % n
        | PadMode.Reflect when n = 1 -> ()
        | PadMode.Reflect ->
            if at + direction < 0 || at + direction >= n then
                direction <- -direction

            at <- at + direction
        | _ ->
            // The first step stays on the edge, and so does each step at an end.
            if step > 1 then
                if at + direction < 0 || at + direction >= n then
                    direction <- -direction
                else
                    at <- at + direction

    at

let private modePads mode (random: Random) =
    let sizes = shape random 0 3 |> Array.map (max 1)
    let widths = padWidths random sizes (if sizes.Length < 2 then 9 else 3)

    let source (index: int[]) =
        Array.init sizes.Length (fun a ->
            let struct (before, _) = widths[a]
            let i = index[a] - before
            if i >= 0 && i < sizes[a] then i else walker mode sizes[a] i)

    unary
        $"padMode {mode} %A{widths} %A{sizes}"
        sizes
        (padMode mode widths)
        (Formula.moved (padded sizes widths) source)

let private flips (random: Random) =
    let sizes = shape random 0 4
    let axes = [| 0 .. sizes.Length - 1 |] |> Array.filter (fun _ -> random.Next 2 = 0)
    let written = axes |> Array.map (fun a -> if random.Next 2 = 0 then a else a - sizes.Length)
    let isFlipped a = axes.Length = 0 || Array.contains a axes
    let source = Array.mapi (fun a i -> if isFlipped a then sizes[a] - 1 - i else i)
    unary $"flip %A{written} %A{sizes}" sizes (flip written) (Formula.moved sizes source)

let private back n i shift = if n = 0 then 0 else (((i - shift) % n) + n) % n

let private rolls (random: Random) =
    let sizes = shape random 1 3
    let count = 1 + random.Next 2
    let axes = Array.init count (fun _ -> axis random sizes.Length)
    let shifts = Array.init (if random.Next 3 = 0 then 1 else count) (fun _ -> random.Next(-9, 10))

    let total a =
        Seq.sum (
            seq {
                for k in 0 .. count - 1 do
                    let struct (_, b) = axes[k] in

                    if a = b then
                        shifts[if shifts.Length = 1 then 0 else k]
            }
        )

    let written = axes |> Array.map (fun struct (p, _) -> p)
    let source = Array.mapi (fun a i -> back sizes[a] i (total a))
    unary $"roll %A{shifts} %A{written} %A{sizes}" sizes (roll shifts written) (Formula.moved sizes source)

let private flatRolls (random: Random) =
    let sizes = shape random 0 3
    let shift, count = random.Next(-9, 10), Shapes.size sizes
    let source index = (Tensor.coordinates sizes)[back count (Tensor.position sizes index) shift]
    unary $"roll {shift} %A{sizes}" sizes (roll [ shift ] []) (Formula.moved sizes source)

/// A quarter turn brings (i, j) of an m by n matrix to (n - 1 - j, i).
let private turns (random: Random) =
    let sizes = shape random 2 3
    let turns = random.Next(-3, 6)
    let order = [| 0 .. sizes.Length - 1 |]
    random.Shuffle order
    let a, b = order[0], order[1]
    let times = ((turns % 4) + 4) % 4
    let exchange (items: int[]) = items |> setAt a items[b] |> setAt b items[a]
    let shapes = Array.init 5 (fun k -> if k % 2 = 0 then sizes else exchange sizes)
    // From a turned matrix back to the one before.
    let step k (index: int[]) = index |> setAt a index[b] |> setAt b (shapes[k - 1][b] - 1 - index[a])
    let source index = Seq.fold (fun index k -> step k index) index (seq { times .. -1 .. 1 })

    unary $"rot90 {turns} {a} {b} %A{sizes}" sizes (fun x -> x.Rot90(turns, a, b)) (Formula.moved shapes[times] source)

let private tiles (random: Random) =
    let sizes = shape random 0 3
    let repetitions = Array.init (random.Next 4) (fun _ -> random.Next 4)
    let rank = max sizes.Length repetitions.Length
    let long fill (items: int[]) = Array.append (Array.create (rank - items.Length) fill) items
    let into = Array.map2 (*) (long 1 sizes) (long 1 repetitions)
    let source (index: int[]) = Array.map2 (fun i n -> i % n) (Array.skip (rank - sizes.Length) index) sizes
    unary $"tile %A{repetitions} %A{sizes}" sizes (tile repetitions) (Formula.moved into source)

let private repeats (random: Random) =
    let sizes = shape random 1 3
    let struct (written, axis) = axis random sizes.Length
    let counts = Array.init (if random.Next 2 = 0 then 1 else sizes[axis]) (fun _ -> random.Next 4)
    let counts = if counts.Length = 0 then [| 2 |] else counts
    let each i = if counts.Length = 1 then counts[0] else counts[i]

    let positions =
        [|
            for i in 0 .. sizes[axis] - 1 do
                for _ in 1 .. each i -> i
        |]

    unary
        $"repeat %A{counts} {written} %A{sizes}"
        sizes
        (repeat counts written)
        (Formula.moved (setAt axis positions.Length sizes) (fun index -> setAt axis positions[index[axis]] index))

/// The functions by name, each as a case from random numbers.
let all: (string * (Random -> ShapeCase)) list =
    [
        "pad", pads
        "padWith", valuePads
        "pad at the edge", modePads PadMode.Edge
        "pad by reflection", modePads PadMode.Reflect
        "pad symmetrically", modePads PadMode.Symmetric
        "pad by wrapping", modePads PadMode.Wrap
        "flip", flips
        "roll", rolls
        "roll in one row", flatRolls
        "rot90", turns
        "tile", tiles
        "repeat", repeats
    ]
