/// Formulas for every rule of the table: it rewrites each of them.
module Autodiff.Properties.Plans.RuleFormulas

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp

/// Formulas of two floating matrices of one shape, which rewriting by one rule changes; and the shapes on which it does.
type Formulas = { Rule: string; Shapes: int[] list; Formulas: (Node -> Node -> Node) list }

let private filled = [ [| 3; 4 |]; [| 1; 1 |]; [| 5; 17 |]; [| 1; 7 |]; [| 33; 2 |] ]
let private anyShape = [| 0; 3 |] :: [| 2; 0 |] :: filled

let private zero: Node = Node.op_Implicit 0.0
let private positive (x: Node) = x .> zero
let private other (x: Node) = logicalNot (positive x)
let private truth value (x: Node) = broadcastTo x.Shape (Leaf.constant (NDArray.Scalar(value: bool)))
let private only condition (x: Node) = where condition x (zerosLike x)
let private whole (x: Node) = cast DType.Int64 x
let private back (x: Node) (n: Node) = cast x.DType n
let private minusZero: Node = Node.op_Implicit -0.0
let private number (x: Node) (shape: int list) = broadcastTo shape (cast x.DType (scalar 3.0))

let private ranges =
    Array.ofList
    >> Array.map (fun struct (start, step, count) -> { Start = start; Step = step; Count = count })

let private part at (x: Node) = Node.Make(Op.Slice(ranges at, x))

let private within at shape (x: Node) =
    Node.Make(Op.Embed(ranges at, Shape.Create(System.ReadOnlySpan(Array.ofList shape)), x))

let private entire = [ struct (0, 1, 3); struct (0, 1, 4) ]
let private rows start count = [ struct (start, 1, count); struct (0, 1, 4) ]

let private contract labels result sizes (operands: Node list) =
    Node.Make(
        Op.Einsum(
            Labels.create (Array.ofList (List.map Array.ofList labels)) (Array.ofList result) sizes,
            Array.ofList operands
        )
    )

let private on shapes rule formulas = { Rule = rule; Shapes = shapes; Formulas = formulas }

let private arithmetic =
    [
        on
            anyShape
            "fold constants"
            [
                fun x _ -> x * exp (cast x.DType (scalar 0.5))
                fun x _ -> x + (cast x.DType (scalar 0.5) + cast x.DType (scalar 0.25))
                fun x _ -> x * cast x.DType (onesLike (cast DType.Float64 x) * 3.0)
                fun x y -> where (onesLike x .< (3.0 * onesLike x)) x y
                fun x y -> where (isNaN (onesLike x)) x y
                fun x y -> where (logicalNot (truth true x)) x y
            ]
        on
            anyShape
            "moved numbers"
            [
                fun x _ -> x * reshape (x.Shape.ToArray()) (number x [ x.Shape.Size ])
                fun x _ ->
                    let ones = onesLike x
                    x * part [ struct (0, 1, x.Shape[0]); struct (0, 1, x.Shape[1]) ] (concat 0 [ ones; ones ])
                fun x _ -> x + within [ struct (0, 1, 1); struct (0, 1, 1) ] [ 1; 1 ] (zerosLike (number x [ 1; 1 ]))
                fun x _ -> x + amax [ 0 ] (number x [ 2; x.Shape[1] ])
                fun x _ -> x + part [ struct (0, 1, 1) ] (number x [ 2 ])
            ]
        on
            anyShape
            "neutral elements"
            [
                fun x _ -> x * 1.0
                fun x _ -> x / 1.0
                fun x _ -> x - 0.0
                fun x _ -> x ** 1.0
                fun x _ -> -1.0 * x
                fun x _ -> x / -1.0
                fun x _ -> minusZero + x
            ]
        on
            anyShape
            "whole numbers"
            [
                fun x _ -> back x (whole x + Node.op_Implicit 0)
                fun x _ -> back x (Node.op_Implicit 0 + whole x)
                fun x _ -> back x (whole x - Node.op_Implicit 0)
                fun x _ -> back x (whole x * Node.op_Implicit 1)
                fun x _ -> x + back x (Node.op_Implicit 0 * whole x)
                fun x _ ->
                    let n = whole x
                    x + back x (n - n)
            ]
        on
            anyShape
            "signs"
            [
                fun x _ -> -(-x)
                fun x y -> x + -y
                fun x y -> -y + x
                fun x y -> x - -y
                fun x y -> -x * y
                fun x y -> x * -y
                fun x y -> -x * -y
                fun x y -> -x / -y
            ]
        on
            anyShape
            "repeated functions"
            [
                fun x _ -> abs -x
                fun x _ -> square -x
                fun x _ -> cos -x
                fun x _ -> cosh -x
                fun x _ -> square (abs x)
                fun x _ -> abs (abs x)
                fun x _ -> abs (square x)
                fun x _ -> abs (exp x)
                fun x _ -> relu (relu x)
                fun x _ -> signum (signum x)
                fun x _ -> floor (round x)
                fun x _ -> truncate (truncate x)
            ]
        on anyShape "squares" [ fun x _ -> x * x ]
        on
            anyShape
            "quotients"
            [
                fun x _ -> x / 4.0
                fun x _ -> x / -0.125
                fun x _ -> x / 1024.0
                fun x _ -> x / System.Math.ScaleB(1.0, 126)
                fun x _ -> x / System.Math.ScaleB(1.0, -126)
            ]
    ]

let private logic =
    [
        on
            anyShape
            "choices"
            [
                fun x _ -> where (positive x) x x
                fun x y -> where (truth true x) x y
                fun x y -> where (truth false x) x y
                fun x y ->
                    let c = positive x
                    where c (where c x y) (x + y)
                fun x y ->
                    let c = positive x
                    where c (x + y) (where c x y)
                fun x y ->
                    let c = positive x
                    where c (where (logicalNot c) x y) (x * y)
                fun x y ->
                    let c = positive x
                    where c (x * y) (where (logicalNot c) x y)
                fun x y -> where (other x) x y
                fun x y -> where (where (positive x) (truth true x) (truth false x)) x y
                fun x y -> where (where (positive x) (truth false x) (truth true x)) x y
            ]
        on
            anyShape
            "truths"
            [
                fun x y -> where (logicalAnd (truth true x) (positive y)) x y
                fun x y -> where (logicalAnd (positive y) (truth false x)) x y
                fun x y -> where (logicalOr (truth true x) (positive y)) x y
                fun x y -> where (logicalOr (positive y) (truth false x)) x y
                fun x y -> where (logicalXor (truth true x) (positive y)) x y
                fun x y -> where (logicalXor (truth false x) (positive y)) x y
                fun x y ->
                    let c = positive x
                    where (logicalAnd c c) x y
                fun x y ->
                    let c = positive x
                    where (logicalAnd (logicalAnd c (positive y)) c) x y
                fun x y ->
                    let c = positive x
                    where (logicalAnd c (logicalNot c)) x y
                fun x y ->
                    let c = positive x
                    where (logicalOr c c) x y
                fun x y ->
                    let c = positive x
                    where (logicalOr (logicalNot c) c) x y
                fun x y ->
                    let c = positive x
                    where (logicalXor c c) x y
                fun x y ->
                    let c = positive x
                    where (logicalXor c (logicalNot c)) x y
                fun x y -> where (logicalNot (logicalNot (positive x))) x y
                fun x y -> where (logicalNot (x .= y)) x y
                fun x y -> where (logicalNot (x .<> y)) x y
                fun x y -> where (x .< x) x y
                fun x y ->
                    let n = whole x
                    where (n .= n) x y
                fun x y ->
                    let n = whole x
                    where (n .<> n) x y
                fun x y ->
                    let n = whole x
                    where (n .<= n) x y
            ]
        on
            anyShape
            "masks"
            [
                fun x y -> only (positive y) (only (positive x) x)
                fun x y ->
                    let c = positive x
                    only c x + only c y
                fun x _ -> 3.0 * only (positive x) x
                fun x _ -> only (positive x) x * 3.0
            ]
    ]

let private forms =
    [
        on
            anyShape
            "like terms"
            [
                fun x _ -> x + x
                fun x _ -> 2.0 * x + x
                fun x _ -> -x - 3.0 * x
                fun x _ -> 0.5 * x + x * 0.25
            ]
        on
            anyShape
            "factors"
            [
                fun x _ -> 2.0 * (3.0 * x)
                fun x _ -> (x * 0.5) * 0.25
                fun x _ -> -2.0 * (x * 3.0)
            ]
        on
            anyShape
            "logarithms"
            [
                fun x _ -> log (exp x)
                fun x y -> log (exp x + exp y)
                fun x _ -> log (1.0 + exp x)
                fun x _ -> log (exp x + 1.0)
                fun x _ -> log1p (exp x)
                fun x _ -> log (sigmoid x)
                fun x _ -> log (1.0 - sigmoid x)
                fun x _ -> log1p (-(sigmoid x))
                fun x _ -> log (1.0 - exp (-0.5 - square x))
                fun x _ -> log (-(expm1 (-0.5 - square x)))
                fun x _ -> log1p (-(exp (-0.5 - square x)))
                fun x y -> log (exp x / (1.0 + square y))
                fun x _ -> log (1.0 / (1.0 + exp x))
                fun x _ -> log (exp x * 3.0)
                fun x _ -> log (3.0 * exp x)
                fun x _ -> log (sum [ 1 ] (exp x))
                fun x y -> x + y * log (sum [] (exp x))
                fun x _ -> log (exp x / reshape [ x.Shape[0]; 1 ] (sum [ 1 ] (exp x)))
            ]
        on filled "logarithms" [ (fun x _ -> log (softmax 1 x)); (fun x _ -> log (softmax 0 x)) ]
        on
            anyShape
            "near one"
            [
                fun x _ -> log (1.0 + square x)
                fun x _ -> log (square x + 1.0)
                fun x _ -> log (1.0 - x / 8.0)
                fun x _ -> exp x - 1.0
                fun x _ -> exp x + -1.0
                fun x _ -> -1.0 + exp x
                fun x _ -> 1.0 - exp x
            ]
        on
            anyShape
            "exponentials"
            [
                fun x _ -> exp (log (exp x))
                fun x y -> exp (log (0.5 + square x * abs y))
            ]
        on anyShape "second powers" [ fun x _ -> x ** 2.0 ]
        on anyShape "small powers" [ (fun x _ -> x ** 3.0); (fun x _ -> x ** 4.0); (fun x _ -> x ** -1.0) ]
        on anyShape "stopped gradients" [ fun x y -> stopGradient x * y ]
    ]

let private movement =
    [
        on
            anyShape
            "idle movement"
            [
                fun x _ -> reshape [ x.Shape.Size ] (reshape [ 1; x.Shape.Size; 1 ] x)
                fun x _ -> Node.Make(Op.Reshape(x.Shape, x))
                fun x _ -> identity x
                fun x _ -> amax [ 0; 3 ] (reshape [ 1; x.Shape[0]; x.Shape[1]; 1 ] x)
                fun x _ -> contract [ [ 0; 1 ] ] [ 0; 1 ] (x.Shape.ToArray()) [ x ]
                fun x y -> where (cast DType.Bool (cast x.DType (positive x))) x y
                fun x _ ->
                    let n = cast DType.Int32 x
                    back x (cast DType.Int32 (cast DType.Int64 n))
            ]
        on
            [ [| 3; 4 |] ]
            "parts"
            [
                fun x _ -> part entire x
                fun x _ -> part [ struct (0, 1, 1); struct (1, 1, 2) ] (part [ struct (1, 1, 2); struct (3, -1, 4) ] x)
                fun x _ -> part [ struct (1, -1, 2); struct (0, 2, 2) ] (part [ struct (2, -1, 3); struct (0, 1, 4) ] x)
                fun x _ -> part (rows 1 0) (part (rows 1 2) x)
                fun x y -> part (rows 4 2) (concat 0 [ x; y ])
                fun x y -> part [ struct (2, -2, 2); struct (3, -1, 3) ] (concat 0 [ x; y ])
                fun x _ -> part entire (within entire [ 5; 6 ] x)
                fun x _ -> within entire [ 3; 4 ] x
                fun x _ -> within (rows 1 5) [ 7; 4 ] (within (rows 2 3) [ 5; 4 ] x)
                fun x _ -> within [ struct (6, -2, 4); struct (0, 1, 4) ] [ 7; 4 ] (within (rows 1 3) [ 4; 4 ] x)
                fun x _ -> Node.Make(Op.Concat(0, [| x |]))
                fun x y -> concat 0 [ x; part (rows 0 0) y; y ]
                fun x y -> concat 0 [ concat 0 [ x; y ]; x ]
                fun x _ -> concat 0 [ part (rows 0 2) x; part (rows 2 1) x ]
                fun x y -> concat 0 [ y; part (rows 0 1) x; part (rows 1 1) x ]
                fun x _ ->
                    concat
                        1
                        [
                            part [ struct (0, 1, 3); struct (3, -1, 2) ] x
                            part [ struct (0, 1, 3); struct (1, -1, 2) ] x
                        ]
                fun x _ -> concat 0 [ part (rows 0 0) x; part (rows 3 0) x ]
            ]
        on
            filled
            "scalar factors"
            [
                fun x _ -> contract [ []; [ 0; 1 ] ] [ 0 ] (x.Shape.ToArray()) [ cast x.DType (scalar 3.0); x ]
                fun x y ->
                    contract [ [ 0; 1 ]; []; [ 0; 1 ] ] [] (x.Shape.ToArray()) [ x; cast x.DType (scalar 0.0); y ]
                fun x y -> contract [ []; [ 0; 1 ] ] [ 1; 0 ] (x.Shape.ToArray()) [ sum [] y; x ]
                fun x y ->
                    let sizes = Array.append (x.Shape.ToArray()) (y.Shape.ToArray())
                    contract [ [ 0; 1 ]; []; [ 2; 3 ] ] [ 0; 1; 2; 3 ] sizes [ x; cast x.DType (scalar -2.0); y ]
                fun x _ ->
                    contract
                        [ []; [ 0; 1 ] ]
                        [ 0; 1; 2 ]
                        (Array.append (x.Shape.ToArray()) [| 3 |])
                        [ cast x.DType (scalar 3.0); x ]
            ]
        on
            filled
            "overlapping products"
            [
                fun x y ->
                    let size, width = x.Shape[0], x.Shape[1]
                    let shape = [ 2 * size - 1; 2 * width - 1 ]
                    overlapAdd [ AxisWindow(0, size); AxisWindow(1, width) ] shape (einsum "ab,cd->abcd" [ x; y ])
                fun x y ->
                    let size, width = x.Shape[0], x.Shape[1]
                    let windows = [ AxisWindow(1, width, 1, 2); AxisWindow(0, size) ]
                    overlapAdd windows [ 2 * size - 1; 3 * width - 2 ] (einsum "ab,cd->abdc" [ x; y ])
                fun x y -> overlapAdd [ AxisWindow(0, x.Shape[0]) ] [ 2 * x.Shape[0] - 1 ] (einsum "ab,cb->ac" [ x; y ])
            ]
        on
            anyShape
            "merge einsums"
            [
                fun x y -> matmul x (transpose y)
                fun x _ -> transpose (transpose x)
                fun x y -> matmul (transpose x) y |> sum [] |> fun total -> total + sum [ 0; 1 ] (transpose x)
            ]
    ]

/// All of them.
let all: Formulas list = List.concat [ arithmetic; logic; forms; movement ]
