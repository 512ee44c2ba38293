/// Random cases of every function that chooses elements by indices, masks and diagonals, each with a formula over
/// indices that is written for itself.
module Autodiff.Properties.Graph.ChoiceCases

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Graph.MovementCases

/// Indices into an axis of a size, of either type, some counted from the end; and the positions that they mean.
let private indices (random: Random) n (sizes: int[]) =
    let written = Array.init (Shapes.size sizes) (fun _ -> random.Next(-n, n))
    let array = (NDArray.Create written).Reshape sizes
    let node = constant (if random.Next 2 = 0 then array else array.AsType DType.Int64)
    let at (index: int[]) = let i = written[Tensor.position sizes index] in if i < 0 then i + n else i
    struct (node, at)

let private filled random low high = shape random low high |> Array.map (max 1)

let private takes (random: Random) =
    let sizes = filled random 1 3
    let struct (written, axis) = axis random sizes.Length
    let inner = shape random 0 2
    let struct (node, at) = indices random sizes[axis] inner
    let into = Array.concat [ sizes[.. axis - 1]; inner; sizes[axis + 1 ..] ]

    let source (index: int[]) =
        Array.concat
            [
                index[.. axis - 1]
                [| at index[axis .. axis + inner.Length - 1] |]
                index[axis + inner.Length ..]
            ]

    case $"take {written} %A{inner} %A{sizes}" [ sizes ] (List.head >> take written node) (Formula.moved into source)

let private takesAlong (random: Random) =
    let sizes = filled random 1 3
    let struct (written, axis) = axis random sizes.Length
    let shrink a n = if a <> axis && random.Next 3 = 0 then 1 else n
    let own, theirs = Array.mapi shrink sizes, Array.mapi shrink (setAt axis (random.Next 4) sizes)
    let into = Array.map2 (fun m n -> if m = 1 then n else m) own theirs |> setAt axis theirs[axis]
    let struct (node, at) = indices random own[axis] theirs
    let clip (sizes: int[]) (index: int[]) = Array.mapi (fun a i -> if a <> axis && sizes[a] = 1 then 0 else i) index
    let source index = clip own (setAt axis (at (clip theirs index)) index)

    case
        $"takeAlongAxis {written} %A{theirs} %A{own}"
        [ own ]
        (List.head >> takeAlongAxis written node)
        (Formula.moved into source)

/// Indices that are repeated along some of the other axes: values along them, and what stands at an index.
let private repeated (random: Random) axis limit (sizes: int[]) =
    let own = sizes |> Array.mapi (fun a n -> if a <> axis && n > 0 && random.Next 2 = 0 then 1 else n)
    let struct (node, at) = indices random limit own
    struct (broadcastTo sizes node, Array.mapi (fun a i -> if own[a] = 1 then 0 else i) >> at)

let private shorter (random: Random) axis free (sizes: int[]) =
    sizes |> Array.mapi (fun a n -> if a = axis then free else random.Next(n + 1))

let private gathers (random: Random) =
    let sizes = filled random 1 3
    let struct (written, axis) = axis random sizes.Length
    let theirs = shorter random axis (random.Next 4) sizes
    let struct (node, at) = repeated random axis sizes[axis] theirs

    case
        $"gather {written} %A{theirs} %A{sizes}"
        [ sizes ]
        (List.head >> gather written node)
        (Formula.moved theirs (fun index -> setAt axis (at index) index))

let private scatters (random: Random) =
    let sizes = filled random 1 3
    let struct (written, axis) = axis random sizes.Length
    let theirs = shorter random axis (random.Next 4) sizes
    let updates = theirs |> Array.map (fun n -> n + random.Next 2)
    let struct (node, at) = repeated random axis sizes[axis] theirs

    let from (index: int[]) =
        [
            for i in Tensor.coordinates theirs do
                if setAt axis (at i) i = index then
                    Formula.product [ 1, i ]
        ]

    { case
          $"scatterAdd {written} %A{theirs} %A{updates} %A{sizes}"
          [ sizes; updates ]
          (fun nodes -> scatterAdd written node nodes[1] nodes[0])
          { Sizes = sizes; At = fun index -> Formula.element 0 index @ from index } with
        Type = fun dtype -> if dtype = DType.Bool then DType.Int64 else dtype
    }

let private masks (random: Random) =
    let sizes = shape random 0 3

    let own =
        sizes
        |> Array.map (fun n -> if random.Next 3 = 0 then 1 else n)
        |> Array.skip (random.Next(sizes.Length + 1))

    let holds = Array.init (Shapes.size own) (fun _ -> random.Next 2 = 0)
    let mask = constant ((NDArray.Create holds).Reshape own)
    let lead = sizes.Length - own.Length

    let isMasked (index: int[]) =
        holds[Tensor.position own (Array.mapi (fun a n -> if n = 1 then 0 else index[a + lead]) own)]

    struct (sizes, own, mask, isMasked)

let private fills (random: Random) =
    let struct (sizes, own, mask, isMasked) = masks random
    let at index = if isMasked index then Formula.element 1 [||] else Formula.element 0 index

    case
        $"maskedFill %A{own} %A{sizes}"
        [ sizes; [||] ]
        (fun nodes -> maskedFill mask nodes[1] nodes[0])
        { Sizes = sizes; At = at }

let private choices (random: Random) =
    let struct (sizes, own, mask, isMasked) = masks random
    let at index = Formula.element (if isMasked index then 0 else 1) index

    case
        $"where %A{own} %A{sizes}"
        [ sizes; sizes ]
        (fun nodes -> where mask nodes[0] nodes[1])
        { Sizes = sizes; At = at }

let private likes (random: Random) =
    let sizes = shape random 0 3
    let at _ = Formula.element 1 [||]
    case $"fullLike %A{sizes}" [ sizes; [||] ] (fun nodes -> fullLike nodes[1] nodes[0]) { Sizes = sizes; At = at }

let private triangles isLower (random: Random) =
    let sizes = shape random 2 4
    let offset = random.Next(-4, 5)
    let name = if isLower then "tril" else "triu"

    let source (index: int[]) =
        let distance = index[index.Length - 1] - index[index.Length - 2]

        if (if isLower then distance <= offset else distance >= offset) then
            Some index
        else
            None

    let apply (x: Node) =
        match isLower, offset with
        | true, 0 -> tril x
        | true, _ -> x.Tril offset
        | false, 0 -> triu x
        | false, _ -> x.Triu offset

    case $"{name} {offset} %A{sizes}" [ sizes ] (List.head >> apply) (Formula.placed sizes source)

/// Two axes of a rank, as they are written and as they are.
let private twoAxes (random: Random) rank =
    let order = [| 0 .. rank - 1 |]
    random.Shuffle order
    let written a = if random.Next 2 = 0 then a else a - rank
    struct (struct (written order[0], order[0]), struct (written order[1], order[1]))

/// The places (i, j) of a diagonal of an m by n matrix, one by one.
let private along m n offset =
    [|
        for i in 0 .. m - 1 do
            if i + offset >= 0 && i + offset < n then
                (i, i + offset)
    |]

let private diagonals (random: Random) =
    let sizes = shape random 2 4
    let offset = if random.Next 2 = 0 then 0 else random.Next(-4, 5)

    let struct (struct (p, a), struct (q, b)) =
        if offset = 0 && random.Next 2 = 0 then
            struct (struct (-2, sizes.Length - 2), struct (-1, sizes.Length - 1))
        else
            twoAxes random sizes.Length

    struct (sizes, offset, struct (p, a), struct (q, b), along sizes[a] sizes[b] offset)

/// The coordinates with those of a diagonal put in at two axes.
let private restored rank a b (i, j) (rest: int[]) =
    let rest = Collections.Generic.Queue<int>(rest)

    Array.init rank (fun axis ->
        if axis = a then i
        elif axis = b then j
        else rest.Dequeue())

let private others a b (sizes: int[]) =
    [|
        for axis in 0 .. sizes.Length - 1 do
            if axis <> a && axis <> b then
                sizes[axis]
    |]

let private diagonalCases (random: Random) =
    let struct (sizes, offset, struct (p, a), struct (q, b), places) = diagonals random
    let apply (x: Node) = if offset = 0 && p = -2 && q = -1 then diagonal x else x.Diagonal(offset, p, q)
    let source (index: int[]) = restored sizes.Length a b places[Array.last index] index[.. index.Length - 2]

    case
        $"diagonal {offset} {p} {q} %A{sizes}"
        [ sizes ]
        (List.head >> apply)
        (Formula.moved (Array.append (others a b sizes) [| places.Length |]) source)

let private whole dtype = if dtype = DType.Bool then DType.Int64 else dtype

let private traces (random: Random) =
    let struct (sizes, offset, struct (p, a), struct (q, b), places) = diagonals random
    let apply (x: Node) = if offset = 0 && p = -2 && q = -1 then trace x else x.Trace(offset, p, q)

    let at index = [ for place in places -> Formula.product [ 0, restored sizes.Length a b place index ] ]

    { case $"trace {offset} {p} {q} %A{sizes}" [ sizes ] (List.head >> apply) { Sizes = others a b sizes; At = at } with
        Type = whole
    }

let private embeds (random: Random) =
    let sizes = shape random 1 3
    let n, rank = Array.last sizes, sizes.Length + 1
    let offset = if random.Next 2 = 0 then 0 else random.Next(-3, 4)
    let struct (struct (p, a), struct (q, b)) = twoAxes random rank
    let side = n + abs offset
    let into = restored rank a b (side, side) sizes[.. sizes.Length - 2]

    let source (index: int[]) =
        match Array.IndexOf(along side side offset, (index[a], index[b])) with
        | -1 -> None
        | k -> Some(Array.append (others a b index) [| k |])

    case
        $"diagEmbed {offset} {p} {q} %A{sizes}"
        [ sizes ]
        (fun nodes -> nodes.Head.DiagEmbed(offset, p, q))
        (Formula.placed into source)

let private diags (random: Random) =
    let sizes = shape random 1 2
    let offset = random.Next(-2, 3)
    let apply (x: Node) = if offset = 0 then diag x else x.Diag offset

    if sizes.Length = 1 then
        let side = sizes[0] + abs offset
        let places = along side side offset

        let source (index: int[]) =
            match Array.IndexOf(places, (index[0], index[1])) with
            | -1 -> None
            | k -> Some [| k |]

        case $"diag {offset} %A{sizes}" [ sizes ] (List.head >> apply) (Formula.placed [| side; side |] source)
    else
        let places = along sizes[0] sizes[1] offset
        let source (index: int[]) = let i, j = places[index[0]] in [| i; j |]
        case $"diag {offset} %A{sizes}" [ sizes ] (List.head >> apply) (Formula.moved [| places.Length |] source)

let private meshes indexing (random: Random) =
    let lengths = Array.init (1 + random.Next 3) (fun _ -> random.Next 4)
    let k = random.Next lengths.Length

    let exchange (items: int[]) =
        if indexing = MeshIndexing.XY && items.Length > 1 then
            Array.append [| items[1]; items[0] |] items[2..]
        else
            items

    case
        $"meshgrid {indexing} %A{lengths} array {k}"
        [ for n in lengths -> [| n |] ]
        (meshgrid indexing >> List.item k)
        { Sizes = exchange lengths; At = fun index -> Formula.element k [| (exchange index)[k] |] }

/// The functions by name, each as a case from random numbers.
let all: (string * (Random -> ShapeCase)) list =
    [
        "take", takes
        "takeAlongAxis", takesAlong
        "gather", gathers
        "scatterAdd", scatters
        "maskedFill", fills
        "where", choices
        "fullLike", likes
        "tril", triangles true
        "triu", triangles false
        "diagonal", diagonalCases
        "trace", traces
        "diagEmbed", embeds
        "diag", diags
        "meshgrid of a picture", meshes MeshIndexing.XY
        "meshgrid of a matrix", meshes MeshIndexing.IJ
    ]
