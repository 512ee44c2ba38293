/// Random cases of every product, each with a formula over indices that is written for itself.
module Autodiff.Properties.Graph.ProductCases

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Graph.MovementCases

/// Truth values count as whole numbers in products.
let private whole dtype = if dtype = DType.Bool then DType.Int64 else dtype

let private product text operands apply sizes at : ShapeCase =
    { case text operands apply { Sizes = sizes; At = at } with Type = whole }

let private two (f: Node -> Node -> Node) (nodes: Node list) = f nodes[0] nodes[1]

let private size (random: Random) = pick random [| 0; 1; 2; 2; 3; 4 |]

let private init (items: int[]) = items[.. items.Length - 2]

/// Two shapes that broadcast, the shape in which they meet, and the coordinates in one of them.
let private meeting (random: Random) =
    let target = Array.init (random.Next 3) (fun _ -> 1 + random.Next 3)

    let part () =
        target
        |> Array.map (fun n -> if random.Next 3 = 0 then 1 else n)
        |> Array.skip (random.Next(target.Length + 1))

    let a, b = part (), part ()
    let rank = max a.Length b.Length
    let at (sizes: int[]) axis = let k = axis - (rank - sizes.Length) in if k < 0 then 1 else sizes[k]
    let meet axis = max (at a axis) (at b axis)

    let inside (sizes: int[]) (index: int[]) =
        Array.mapi (fun k n -> if n = 1 then 0 else index[index.Length - sizes.Length + k]) sizes

    struct (a, b, Array.init rank meet, inside)

/// All of NumPy's ranks: a vector is a row on the left and a column on the right.
let private matmuls (random: Random) =
    let m, k, n = size random, size random, size random
    let struct (a, b, batch, inside) = meeting random

    match random.Next 4 with
    | 0 ->
        product $"matmul [{k}] [{k}]" [ [| k |]; [| k |] ] (two matmul) [||] (fun _ ->
            [ for i in 0 .. k - 1 -> Formula.product [ 0, [| i |]; 1, [| i |] ] ])
    | 1 ->
        let y = Array.append b [| k; n |]

        let at (index: int[]) =
            [
                for i in 0 .. k - 1 ->
                    Formula.product [ 0, [| i |]; 1, Array.append (init index) [| i; Array.last index |] ]
            ]

        product $"matmul [{k}] %A{y}" [ [| k |]; y ] (two matmul) (Array.append b [| n |]) at
    | 2 ->
        let x = Array.append a [| m; k |]
        let at (index: int[]) = [ for i in 0 .. k - 1 -> Formula.product [ 0, Array.append index [| i |]; 1, [| i |] ] ]
        product $"matmul %A{x} [{k}]" [ x; [| k |] ] (two matmul) (Array.append a [| m |]) at
    | _ ->
        let x, y = Array.append a [| m; k |], Array.append b [| k; n |]

        let at (index: int[]) =
            let lead, row, column = index[.. index.Length - 3], index[index.Length - 2], Array.last index

            [
                for i in 0 .. k - 1 ->
                    Formula.product
                        [
                            0, Array.append (inside a lead) [| row; i |]
                            1, Array.append (inside b lead) [| i; column |]
                        ]
            ]

        product $"matmul %A{x} %A{y}" [ x; y ] (two matmul) (Array.append batch [| m; n |]) at

let private small (random: Random) low high = Array.init (random.Next(low, high + 1)) (fun _ -> size random)

let private scaled name f (random: Random) =
    let sizes = small random 0 2
    let flip = random.Next 2 = 0

    product
        $"{name} of a number and %A{sizes}"
        [ sizes; [||] ]
        (fun nodes -> if flip then f nodes[0] nodes[1] else f nodes[1] nodes[0])
        sizes
        (fun index -> [ Formula.product [ 0, index; 1, [||] ] ])

let private dots (random: Random) =
    if random.Next 4 = 0 then
        scaled "dot" dot random
    else
        let k, a, b = size random, small random 0 2, small random 0 2
        let x = Array.append a [| k |]

        let y =
            if b.Length = 0 then
                [| k |]
            else
                Array.concat [ init b; [| k |]; [| Array.last b |] ]

        let at (index: int[]) =
            let left, right = index[.. a.Length - 1], index[a.Length ..]

            let column i =
                if b.Length = 0 then
                    [| i |]
                else
                    Array.concat [ init right; [| i |]; [| Array.last right |] ]

            [ for i in 0 .. k - 1 -> Formula.product [ 0, Array.append left [| i |]; 1, column i ] ]

        product $"dot %A{x} %A{y}" [ x; y ] (two dot) (Array.append a b) at

let private inners (random: Random) =
    if random.Next 4 = 0 then
        scaled "inner" inner random
    else
        let k, a, b = size random, small random 0 2, small random 0 2

        let at (index: int[]) =
            [
                for i in 0 .. k - 1 ->
                    Formula.product
                        [ 0, Array.append index[.. a.Length - 1] [| i |]; 1, Array.append index[a.Length ..] [| i |] ]
            ]

        product
            $"inner %A{a} %A{b} over {k}"
            [ Array.append a [| k |]; Array.append b [| k |] ]
            (two inner)
            (Array.append a b)
            at

let private vdots (random: Random) =
    let sizes = small random 0 3
    let other = Array.append [| 1 |] (Array.rev sizes)
    let terms = List.zip (List.ofArray (Tensor.coordinates sizes)) (List.ofArray (Tensor.coordinates other))

    product $"vdot %A{sizes} %A{other}" [ sizes; other ] (two vdot) [||] (fun _ ->
        [ for i, j in terms -> Formula.product [ 0, i; 1, j ] ])

let private outers (random: Random) =
    let a, b = small random 0 2, small random 0 2
    let at (index: int[]) = [ Formula.product [ 0, index[.. a.Length - 1]; 1, index[a.Length ..] ] ]
    product $"outer %A{a} %A{b}" [ a; b ] (two outer) (Array.append a b) at

let private krons (random: Random) =
    let a, b = small random 0 3, small random 0 3
    let rank = max a.Length b.Length
    let raised (sizes: int[]) = Array.append (Array.create (rank - sizes.Length) 1) sizes
    let m, n = raised a, raised b

    let at (index: int[]) =
        let first = Array.map2 (fun i n -> i / n) index n |> Array.skip (rank - a.Length)
        let second = Array.map2 (fun i n -> i % n) index n |> Array.skip (rank - b.Length)
        [ Formula.product [ 0, first; 1, second ] ]

    product $"kron %A{a} %A{b}" [ a; b ] (two kron) (Array.map2 (*) m n) at

let private tensordots (random: Random) =
    let a, b, shared = small random 0 2, small random 0 2, small random 0 2

    let at (index: int[]) =
        [
            for i in Tensor.coordinates shared ->
                Formula.product [ 0, Array.append index[.. a.Length - 1] i; 1, Array.append i index[a.Length ..] ]
        ]

    let x, y = Array.append a shared, Array.append shared b
    product $"tensordot {shared.Length} %A{x} %A{y}" [ x; y ] (two (tensordot shared.Length)) (Array.append a b) at

/// Two axes of each, anywhere and in any order.
let private tensordotsOver (random: Random) =
    let p, q = size random, size random
    let a, b = small random 0 1, small random 0 1
    // Along the front of x stand q and p, and p and q around the rest of y.
    let x, y = Array.append [| q; p |] a, Array.concat [ [| p |]; b; [| q |] ]

    let at (index: int[]) =
        [
            for i in 0 .. p - 1 do
                for j in 0 .. q - 1 ->
                    Formula.product
                        [
                            0, Array.append [| j; i |] index[.. a.Length - 1]
                            1, Array.concat [ [| i |]; index[a.Length ..]; [| j |] ]
                        ]
        ]

    let axes =
        if random.Next 2 = 0 then
            [ 1; 0 ], [ 0; -1 ]
        else
            [ 0; 1 - x.Length ], [ y.Length - 1; 0 ]

    product
        $"tensordotOver %A{axes} %A{x} %A{y}"
        [ x; y ]
        (two (tensordotOver (fst axes) (snd axes)))
        (Array.append a b)
        at

/// Over all walks of so many steps from row to column.
let private powers (random: Random) =
    let n, exponent = random.Next 4, random.Next 5
    let batch = small random 0 1
    let sizes = Array.append batch [| n; n |]

    let rec walks from steps into =
        match steps with
        | 0 -> if from = into then [ [] ] else []
        | 1 -> [ [ from, into ] ]
        | _ ->
            [
                for next in 0 .. n - 1 do
                    for walk in walks next (steps - 1) into -> (from, next) :: walk
            ]

    let at (index: int[]) =
        let lead = index[.. index.Length - 3]

        [
            for walk in walks index[index.Length - 2] exponent (Array.last index) ->
                Formula.product [ for i, j in walk -> 0, Array.append lead [| i; j |] ]
        ]

    product $"matrixPower {exponent} %A{sizes}" [ sizes ] (List.head >> matrixPower exponent) sizes at

let private bilinears (random: Random) =
    let struct (a, b, batch, inside) = meeting random
    let m, n, out = size random, size random, size random
    let x1, x2, weight = Array.append a [| m |], Array.append b [| n |], [| out; m; n |]

    let at (index: int[]) =
        let lead, k = init index, Array.last index

        [
            for i in 0 .. m - 1 do
                for j in 0 .. n - 1 ->
                    Formula.product
                        [
                            0, Array.append (inside a lead) [| i |]
                            1, Array.append (inside b lead) [| j |]
                            2, [| k; i; j |]
                        ]
        ]

    product
        $"bilinear %A{x1} %A{x2} %A{weight}"
        [ x1; x2; weight ]
        (fun nodes -> bilinear nodes[0] nodes[1] nodes[2])
        (Array.append batch [| out |])
        at

let private crosses (random: Random) =
    let struct (a, b, batch, inside) = meeting random
    let sizes lead = Array.append lead [| 3 |]

    let at (index: int[]) =
        let lead, k = init index, Array.last index
        let p, q = (k + 1) % 3, (k + 2) % 3

        let term factor i j =
            {
                Factor = factor
                Elements = [ 0, Array.append (inside a lead) [| i |]; 1, Array.append (inside b lead) [| j |] ]
            }

        [ term 1.0 p q; term -1.0 q p ]

    product $"cross %A{sizes a} %A{sizes b}" [ sizes a; sizes b ] (two (cross -1)) (sizes batch) at

/// Einsums with an ellipsis, a repeated label and an implied result.
let private einsums (random: Random) =
    let struct (a, b, batch, inside) = meeting random
    let n, k = size random, size random

    match random.Next 3 with
    | 0 ->
        let at (index: int[]) =
            let lead = init index

            [
                for i in 0 .. k - 1 ->
                    Formula.product
                        [
                            0, Array.append (inside a lead) [| Array.last index; i |]
                            1, Array.append (inside b lead) [| i |]
                        ]
            ]

        product
            "einsum ...ij,...j"
            [ Array.append a [| n; k |]; Array.append b [| k |] ]
            (einsum "...ij,...j")
            (Array.append batch [| n |])
            at
    | 1 ->
        let at (index: int[]) = [ for i in 0 .. k - 1 -> Formula.product [ 0, [| i; index[0]; i |]; 1, [| i |] ] ]
        product "einsum iji,i->j" [ [| k; n; k |]; [| k |] ] (einsum "iji,i->j") [| n |] at
    | _ ->
        let at (index: int[]) = [ Formula.product [ 0, [| index[1]; index[0] |] ] ]
        product "einsum ba" [ [| n; k |] ] (einsum "ba") [| k; n |] at

/// The functions by name, each as a case from random numbers.
let all: (string * (Random -> ShapeCase)) list =
    [
        "matmul", matmuls
        "dot", dots
        "inner", inners
        "vdot", vdots
        "outer", outers
        "kron", krons
        "tensordot", tensordots
        "tensordotOver", tensordotsOver
        "matrixPower", powers
        "bilinear", bilinears
        "cross", crosses
        "einsum", einsums
    ]
