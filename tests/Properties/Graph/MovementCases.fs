/// Random cases of every function that moves elements, each with a formula over indices that is written for itself.
module Autodiff.Properties.Graph.MovementCases

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs

let internal pick (random: Random) (items: 'a[]) = items[random.Next items.Length]

let private size random = pick random [| 0; 1; 1; 2; 2; 3; 3; 4; 5 |]

let rec private cut (sizes: int[]) = if Shapes.size sizes <= 72 then sizes else cut (Array.tail sizes)

/// A shape of a rank between two: now and then empty, of size 1, or longer than a vector of numbers.
let internal shape (random: Random) low high : int[] =
    let rank = random.Next(low, high + 1)
    let sizes = cut (Array.init rank (fun _ -> size random))

    if sizes.Length = 1 && random.Next 4 = 0 then [| pick random [| 17; 33 |] |]
    elif sizes.Length >= low then sizes
    else Array.append (Array.create (low - sizes.Length) 2) sizes

/// An axis of a rank, counted from either end: as it is written, and from the start.
let internal axis (random: Random) rank : struct (int * int) =
    let axis = random.Next rank
    struct ((if random.Next 2 = 0 then axis else axis - rank), axis)

let internal case text operands apply formula : ShapeCase =
    { Text = text; Operands = operands; Apply = apply; Formula = formula; Type = id }

let internal unary text sizes (apply: Node -> Node) formula = case text [ sizes ] (List.head >> apply) formula

let private remove axis (index: int[]) = Array.removeAt axis index
let internal setAt axis value (index: int[]) = Array.updateAt axis value index

/// The coordinates, in a shape of as many elements, of the element that stands there in row-major order.
let private regrouped (from: int[]) (into: int[]) (index: int[]) =
    let mutable rest = Tensor.position into index
    let result = Array.zeroCreate from.Length

    for a in from.Length - 1 .. -1 .. 0 do
        result[a] <- rest % from[a]
        rest <- rest / from[a]

    result

let private reshapes (random: Random) =
    let sizes = shape random 0 4
    let count = Shapes.size sizes
    let divisors = [| 1..12 |] |> Array.filter (fun d -> count > 0 && count % d = 0)

    match random.Next 3 with
    | 0 -> unary $"flatten %A{sizes}" sizes flatten (Formula.moved [| count |] (regrouped sizes [| count |]))
    | 1 when count > 0 ->
        let d = pick random divisors
        let into = [| d; count / d |]
        let asked = if random.Next 2 = 0 then [ d; -1 ] else [ -1; count / d ]
        unary $"reshape %A{asked} %A{sizes}" sizes (reshape asked) (Formula.moved into (regrouped sizes into))
    | _ ->
        let into = Array.append [| 1 |] (Array.rev sizes)
        unary $"reshape %A{into} %A{sizes}" sizes (reshape into) (Formula.moved into (regrouped sizes into))

let private unsqueezes (random: Random) =
    let sizes = shape random 0 3
    let struct (written, axis) = axis random (sizes.Length + 1)
    let into = Array.insertAt axis 1 sizes
    unary $"unsqueeze {written} %A{sizes}" sizes (unsqueeze written) (Formula.moved into (remove axis))

let private expansions (random: Random) =
    let sizes = shape random 0 3
    let rank = sizes.Length + 2
    let first = random.Next(rank - 1)
    let second = random.Next(first + 1, rank)
    let into = sizes |> Array.insertAt first 1 |> Array.insertAt second 1
    let axes = if random.Next 2 = 0 then [ second; first ] else [ first; second - rank ]
    unary $"expandDims %A{axes} %A{sizes}" sizes (expandDims axes) (Formula.moved into (remove second >> remove first))

let private squeezes (random: Random) =
    let kept = shape random 0 3
    let at = random.Next(kept.Length + 1)
    let sizes = Array.insertAt at 1 kept

    if random.Next 2 = 0 then
        unary $"squeeze [{at}] %A{sizes}" sizes (squeeze [ at ]) (Formula.moved kept (Array.insertAt at 0))
    else
        let axes = [| 0 .. sizes.Length - 1 |] |> Array.filter (fun a -> sizes[a] <> 1)
        let into = axes |> Array.map (fun a -> sizes[a])

        let source (index: int[]) =
            Array.init sizes.Length (fun a ->
                match Array.IndexOf(axes, a) with
                | -1 -> 0
                | k -> index[k])

        unary $"squeeze [] %A{sizes}" sizes (squeeze []) (Formula.moved into source)

let private permuted (order: int[]) (index: int[]) =
    let source = Array.zeroCreate order.Length
    order |> Array.iteri (fun place axis -> source[axis] <- index[place])
    source

let private permutations (random: Random) =
    let sizes = shape random 0 4
    let order = [| 0 .. sizes.Length - 1 |]
    random.Shuffle order
    let into = order |> Array.map (fun a -> sizes[a])
    let written = order |> Array.map (fun a -> if random.Next 3 = 0 then a - sizes.Length else a)

    if random.Next 3 = 0 then
        unary $"transpose %A{sizes}" sizes transpose (Formula.moved (Array.rev sizes) Array.rev)
    else
        unary $"permute %A{written} %A{sizes}" sizes (permute written) (Formula.moved into (permuted order))

let private exchanges (random: Random) =
    let sizes = shape random 1 4
    let struct (p, a), struct (q, b) = axis random sizes.Length, axis random sizes.Length
    let exchange (items: int[]) = items |> Array.updateAt a items[b] |> Array.updateAt b items[a]
    unary $"swapAxes {p} {q} %A{sizes}" sizes (swapAxes p q) (Formula.moved (exchange sizes) exchange)

let private axisMoves (random: Random) =
    let sizes = shape random 1 4
    let struct (p, a), struct (q, b) = axis random sizes.Length, axis random sizes.Length
    let into = Array.insertAt b sizes[a] (remove a sizes)
    let source (index: int[]) = Array.insertAt a index[b] (remove b index)
    unary $"moveAxis {p} {q} %A{sizes}" sizes (moveAxis p q) (Formula.moved into source)

/// Two axes to the front or to the back, in the order in which they are named.
let private axesMoves (random: Random) =
    let sizes = shape random 2 4
    let rank = sizes.Length
    let order = [| 0 .. rank - 1 |]
    random.Shuffle order
    let chosen, rest = order[..1], Array.sort order[2..]
    let toFront = random.Next 2 = 0
    let order = if toFront then Array.append chosen rest else Array.append rest chosen
    let places = if toFront then [ 0; 1 ] else [ -2; -1 ]
    let into = order |> Array.map (fun a -> sizes[a])

    unary
        $"moveAxes %A{chosen} %A{places} %A{sizes}"
        sizes
        (moveAxes chosen places)
        (Formula.moved into (permuted order))

let private broadcasts (random: Random) =
    let target = shape random 0 4

    let sizes =
        target
        |> Array.map (fun size -> if random.Next 3 = 0 then 1 else size)
        |> Array.skip (random.Next(target.Length + 1))

    let lead = target.Length - sizes.Length
    let source (index: int[]) = Array.mapi (fun a size -> if size = 1 then 0 else index[a + lead]) sizes
    unary $"broadcastTo %A{target} %A{sizes}" sizes (broadcastTo target) (Formula.moved target source)

let private joins (random: Random) =
    let sizes = shape random 1 3
    let struct (written, axis) = axis random sizes.Length
    let parts = List.init (1 + random.Next 3) (fun _ -> setAt axis (random.Next 4) sizes)
    let starts = parts |> List.scan (fun start part -> start + part[axis]) 0

    let isPart k (index: int[]) = index[axis] >= starts[k] && index[axis] < starts[k + 1]

    let at index =
        let k = List.findIndex (fun k -> isPart k index) [ 0 .. parts.Length - 1 ]
        Formula.element k (setAt axis (index[axis] - starts[k]) index)

    case $"concat {written} %A{parts}" parts (concat written) { Sizes = setAt axis (List.last starts) sizes; At = at }

let private stacks (random: Random) =
    let sizes = shape random 0 3
    let struct (written, axis) = axis random (sizes.Length + 1)
    let count = 1 + random.Next 3
    let at (index: int[]) = Formula.element index[axis] (remove axis index)

    case
        $"stack {written} {count} %A{sizes}"
        (List.replicate count sizes)
        (stack written)
        { Sizes = Array.insertAt axis count sizes; At = at }

let private part text sizes apply axis start count =
    unary
        text
        sizes
        apply
        (Formula.moved (setAt axis count sizes) (fun index -> setAt axis (index[axis] + start) index))

let private splits (random: Random) =
    let sections = 1 + random.Next 3
    let own = shape random 1 3
    let struct (written, axis) = axis random own.Length
    let length = random.Next 4
    let sizes = setAt axis (sections * length) own
    let k = random.Next sections

    part
        $"split {sections} {written} %A{sizes} part {k}"
        sizes
        (split sections written >> List.item k)
        axis
        (k * length)
        length

let private cuts (random: Random) =
    let sizes = shape random 1 3
    let struct (written, axis) = axis random sizes.Length
    let n = sizes[axis]
    let positions = Array.init (random.Next 4) (fun _ -> random.Next(-n - 2, n + 3))
    let k = random.Next(positions.Length + 1)
    // What a reader of Python expects of x[a:b]: the elements that stand at a or later and before b.
    let inside i = if i < 0 then i + n else i
    let isIn i = (k = 0 || i >= inside positions[k - 1]) && (k = positions.Length || i < inside positions[k])
    let members = [| 0 .. n - 1 |] |> Array.filter isIn
    let start = if members.Length = 0 then 0 else members[0]

    part
        $"splitAt %A{positions} {written} %A{sizes} part {k}"
        sizes
        (splitAt positions written >> List.item k)
        axis
        start
        members.Length

let private chunks (random: Random) =
    let sizes = shape random 1 3
    let struct (written, axis) = axis random sizes.Length
    let count = 1 + random.Next 4
    let length = max 1 (int (Math.Ceiling(float sizes[axis] / float count)))
    let pieces = Array.chunkBySize length [| 0 .. sizes[axis] - 1 |]
    let pieces = if pieces.Length = 0 then [| [||] |] else pieces
    let k = random.Next pieces.Length
    let start = if pieces[k].Length = 0 then 0 else pieces[k][0]

    let apply x =
        let parts = chunk count written x

        if parts.Length <> pieces.Length then
            failwith $"{parts.Length} parts instead of {pieces.Length}"

        parts[k]

    part $"chunk {count} {written} %A{sizes} part {k}" sizes apply axis start pieces[k].Length

/// The positions that Python's start:stop:step names in a list of n, walked one by one.
let private walked n (start: int option) (stop: int option) step =
    let absolute i = if i < 0 then i + n else i

    let first, last =
        if step > 0 then
            max 0 (absolute (defaultArg start 0)),
            (match stop with
             | Some i -> min n (absolute i)
             | None -> n)
        else
            min
                (n - 1)
                (match start with
                 | Some i -> absolute i
                 | None -> n - 1),
            (match stop with
             | Some i -> max -1 (absolute i)
             | None -> -1)

    Array.unfold
        (fun i ->
            if (step > 0 && i < last) || (step < 0 && i > last) then
                Some(i, i + step)
            else
                None)
        first

let private slices (random: Random) =
    let sizes = shape random 0 4
    let named = random.Next(sizes.Length + 1)
    let bound n = if random.Next 3 = 0 then None else Some(random.Next(-n - 2, n + 3))

    let nullable bound =
        match bound with
        | Some(i: int) -> Nullable i
        | None -> Nullable()

    /// For each axis the slice, the positions that it takes, and whether the axis stays.
    let chosen =
        Array.init named (fun a ->
            let n = sizes[a]

            if n > 0 && random.Next 3 = 0 then
                let i = random.Next(-n, n)
                (Slice.op_Implicit i, [| (if i < 0 then i + n else i) |], false)
            else
                let start, stop, step = bound n, bound n, pick random [| 1; 1; 2; -1; -2; -3 |]
                (Slice.Step(nullable start, nullable stop, step), walked n start stop step, true))

    let positions =
        Array.append
            (chosen |> Array.map (fun (_, p, _) -> p))
            (sizes[named..] |> Array.map (fun n -> [| 0 .. n - 1 |]))

    let stays =
        Array.append (chosen |> Array.map (fun (_, _, s) -> s)) (Array.create (sizes.Length - named) true)

    let isNew = random.Next 3 = 0
    let kept = [| 0 .. sizes.Length - 1 |] |> Array.filter (fun a -> stays[a])

    let into =
        Array.append (if isNew then [| 1 |] else [||]) (kept |> Array.map (fun a -> positions[a].Length))

    let source (index: int[]) =
        let index = if isNew then Array.tail index else index

        Array.init sizes.Length (fun a ->
            match Array.IndexOf(kept, a) with
            | -1 -> positions[a][0]
            | k -> positions[a][index[k]])

    let front = if isNew then [ Slice.NewAxis ] else []
    let rest = if random.Next 2 = 0 then [ Slice.Ellipsis ] else []
    let written = front @ [ for slice, _, _ in chosen -> slice ] @ rest
    unary $"slice %A{written} %A{sizes}" sizes (slice written) (Formula.moved into source)

/// The functions by name, each as a case from random numbers.
let all: (string * (Random -> ShapeCase)) list =
    [
        "reshape", reshapes
        "unsqueeze", unsqueezes
        "expandDims", expansions
        "squeeze", squeezes
        "permute", permutations
        "swapAxes", exchanges
        "moveAxis", axisMoves
        "moveAxes", axesMoves
        "broadcastTo", broadcasts
        "concat", joins
        "stack", stacks
        "split", splits
        "splitAt", cuts
        "chunk", chunks
        "slice", slices
    ]
