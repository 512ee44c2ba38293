/// Linear algebra: values against naive algorithms, laws, unknown sizes, and what is refused.
module Autodiff.Properties.Graph.LinearAlgebra

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Kernel
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let names: TheoryData<string> = TheoryData<string>(MatrixFunctions.all |> Seq.map _.Name)

let private find name = MatrixFunctions.all |> List.find (fun f -> f.Name = name)

let private cases =
    gen {
        let! f = Gen.elements MatrixFunctions.all
        let! dtype = Gen.elements Arrays.floatTypes
        let! sizes, m, n = MatrixFunctions.sizes
        let! seed = Gen.choose (0, 1000)
        return f, MatrixFunctions.batch f dtype seed sizes m n
    }

[<Property(MaxTest = 800)>]
let ``values are those of naive algorithms, for any batch and any size`` () =
    Prop.forAll (Arb.fromGen cases) (fun (f, value) ->
        let y = f.Apply(Leaf.variable "x" value)
        let expected = List.head (Close.expect [] [ y ])
        Close.require $"{f.Name} of {value.Shape} {value.DType}" expected (eval y))

[<Property(MaxTest = 200)>]
let ``singular vectors are wrong by some roundings over the gap between singular values`` () =
    let cases =
        gen {
            let! part = Gen.elements [ "svd.U"; "svd.Vt" ]
            let! n = Gen.choose (5, 12)
            let! seed = Gen.choose (0, 1_000_000)
            return find part, seed, n
        }

    Prop.forAll (Arb.fromGen cases) (fun (f, seed, n) ->
        let x = Leaf.variable "x" (MatrixFunctions.batch f DType.Float64 seed [||] n n)
        let y = f.Apply x
        let largest = MatrixFunctions.least + MatrixFunctions.gap * float (n - 1)
        let distance = Math.Pow(2.0, -49.0) * largest / MatrixFunctions.gap
        let exact = (List.head (Close.expect [] [ y ])).Value
        // Vectors of length 1: a distance relative to 1.
        Close.require $"{f.Name} {seed} of {n}" (Close.within distance exact) (eval y))

let private swap (x: Node) = swapAxes -1 -2 x

/// Matrices one behind the other, by columns, backwards, one for all, and every second one.
let private standings: (Node -> Node) list =
    [
        id
        swap
        flip [ 0 ]
        fun x -> broadcastTo x.Shape (x[0..0, *, *])
        fun x -> x[Slice.Step 2]
    ]

/// Whether no sum is taken, whose order depends on where its terms stand.
let private hasNoSum (f: MatrixFunction) = not (List.contains f.Name [ "solve for few columns"; "nuclearNorm" ])

[<Property(MaxTest = 300)>]
let ``what becomes of a small matrix does not depend on its batch, nor on where it stands`` () =
    let cases =
        gen {
            let! f = MatrixFunctions.all |> List.filter hasNoSum |> Gen.elements
            let! dtype = Gen.elements Arrays.floatTypes
            let! n = Gen.choose (1, 9)
            let! count = Gen.choose (1, 40)
            let! seed = Gen.choose (0, 1000)
            let! stand = Gen.elements standings
            return f, MatrixFunctions.batch f dtype seed [| count |] n n, stand
        }

    Prop.forAll (Arb.fromGen cases) (fun (f, value, stand) ->
        let x = stand (Leaf.variable "x" value)
        let matrices, together = eval x, eval (f.Apply x)
        let alone (i: int) = eval (f.Apply(Leaf.variable "alone" matrices[i]))
        Seq.forall (fun (i: int) -> together[i].IsSameAs(alone i, true)) (seq { 0 .. matrices.Shape[0] - 1 }))

let private near what (expected: Node) (actual: Node) =
    let relative = if actual.DType = DType.Float32 then 1e-4 else 1e-11
    Close.requireWithin relative what (eval expected) (eval actual)

let private variable' f dtype seed (sizes, m, n) = Leaf.variable "x" (MatrixFunctions.batch f dtype seed sizes m n)

let private eye (x: Node) n =
    let shape = Seq.append (Seq.take (x.Rank - 2) x.Shape) [ n; n ]
    broadcastTo shape (cast x.DType (Leaf.constant (NDArray.Eye n)))

[<Property(MaxTest = 200)>]
let ``the results of a factorisation multiply to the matrix`` () =
    let cases =
        gen {
            let! dtype = Gen.elements Arrays.floatTypes
            let! sizes = MatrixFunctions.sizes
            let! seed = Gen.choose (0, 1000)
            return dtype, sizes, seed
        }

    Prop.forAll (Arb.fromGen cases) (fun (dtype, sizes, seed) ->
        let x = variable' (find "svd.U") dtype seed sizes
        let square = variable' (find "inv") dtype seed sizes
        let symmetric = variable' (find "eigvalsh") dtype seed sizes
        let definite = variable' (find "cholesky") dtype seed sizes
        let n = square.Shape[square.Rank - 1]
        let struct (q, r) = qr x
        near "q r" x (q *@ r)
        let struct (u, s, vt) = svd x
        near "u s vt" x ((u * unsqueeze -2 s) *@ vt)
        let struct (l, v) = eigh symmetric
        near "v l v'" symmetric ((v * unsqueeze -2 l) *@ swap v)
        let root = cholesky definite
        near "l l'" definite (root *@ swap root)
        near "a inv a" (eye square n) (square *@ inv square)
        near "inv is the solution for the identity" (inv square) (solve square (eye square n))
        near "pinv of a regular matrix is its inverse" (inv square) (pinv square)
        let struct (sign, log) = slogdet square
        near "slogdet" (det square) (sign * exp log)
        near "det of a product" (det square * det definite) (det (square *@ definite))
        near "expm of a sum of what commutes" (expm square) (expm (0.3 * square) *@ expm (0.7 * square))
        near "det expm = exp trace" (exp (trace square)) (det (expm square))
        near "nuclear norm" (sum [ -1 ] s) (nuclearNorm x))

[<Fact>]
let ``right-hand sides are vectors where they have one axis, and broadcast`` () =
    let a = MatrixFunctions.batch (find "inv") DType.Float64 3 [| 2; 1 |] 3 3 |> Leaf.constant
    let vector = constant [ 1.0; 2.0; 3.0 ]
    let columns = MatrixFunctions.batch (find "svd.U") DType.Float64 4 [| 4 |] 3 2 |> Leaf.constant

    for name, f in [ "solve", solve; "triangularSolve", triangularSolve true; "lstsq", lstsq ] do
        let x = f a vector
        Assert.Equal<int[]>([| 2; 1; 3 |], x.Shape.ToArray())
        near name (f a (reshape [ 3; 1 ] vector)) (unsqueeze -1 x)
        let y = f a columns
        Assert.Equal<int[]>([| 2; 4; 3; 2 |], y.Shape.ToArray())

    near "residual" (broadcastTo [ 2; 1; 3 ] vector) (squeeze [ -1 ] (a *@ unsqueeze -1 (solve a vector)))
    let wide = MatrixFunctions.batch (find "svd.U") DType.Float64 5 [||] 2 3 |> Leaf.constant
    Assert.Equal<int[]>([| 3 |], (lstsq wide (constant [ 1.0; 2.0 ])).Shape.ToArray())

[<Fact>]
let ``least squares are least, and of those the shortest`` () =
    let tall = MatrixFunctions.batch (find "svd.U") DType.Float64 6 [||] 5 2 |> Leaf.constant
    let b = constant [ 1.0; -2.0; 0.5; 3.0; 1.5 ]
    let x = lstsq tall b
    near "normal equations" (constant [ 0.0; 0.0 ]) (swap tall *@ (tall *@ x - b))
    // Of rank 1: the shortest solution lies in the span of the rows.
    let single = outer b (constant [ 1.0; 2.0; 2.0 ])
    near "shortest" (constant [ 1.0; 2.0; 2.0 ] / 9.0) (lstsq single b)

[<Fact>]
let ``whole numbers are computed in Float64, and elementary cases are exact`` () =
    let whole = constant [ [ 2; 1 ]; [ 1; 1 ] ]
    let equal (expected: NDArray) (node: Node) = Close.requireWithin 1e-14 "value" expected (eval node)
    equal (nd 1.0) (det whole)
    equal (nd [ [ 1.0; -1.0 ]; [ -1.0; 2.0 ] ]) (inv whole)
    equal (nd [ 1.0; 1.0 ]) (solve whole (constant [ 3; 2 ]))
    Assert.Equal(DType.Float64, (svdvals whole).DType)
    Assert.Equal(DType.Float32, (det (cast DType.Float32 whole)).DType)
    Assert.Equal(DType.Float64, (solve (cast DType.Float32 whole) (constant [ 3.0; 2.0 ])).DType)
    let none = constant (NDArray.Zeros(0, 0))
    equal (nd 1.0) (det none)
    let struct (sign, log) = slogdet none
    equal (nd 1.0) sign
    equal (nd 0.0) log
    equal (nd [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ]) (expm (constant (NDArray.Zeros(2, 2))))
    equal (nd 0.0) (nuclearNorm (constant (NDArray.Zeros(3, 0))))
    let struct (sign, log) = slogdet (constant [ [ 1.0; 2.0 ]; [ 2.0; 4.0 ] ])
    equal (nd 0.0) sign
    Assert.Equal(Double.NegativeInfinity, (eval log).Item<float>())

[<Fact>]
let ``one factorisation serves all its results, forward and backward`` () =
    let x = variable "x" [ [ 2.0; 1.0 ]; [ 0.5; 3.0 ] ]
    let b = variable "b" [ 1.0; 2.0 ]
    let count (word: string) (nodes: Node list) = (compile [] nodes).Explain().Split(word).Length - 1
    let struct (u, s, vt) = svd x
    Assert.Equal(1, count "Svd" (u :: vt :: grad (sum [] s + sum [] u) [ x ]))
    let y = solve x b
    Assert.Equal(1, count "Lu" (y :: det x :: grad (sum [] (square y)) [ x; b ]))

[<Fact>]
let ``a batch of unknown size is factorised when it is known`` () =
    for name in names |> Seq.map (fun row -> row.Data) do
        let f = find name
        let value = MatrixFunctions.batch f DType.Float64 9 [| 3 |] 3 3
        let x = input "x" [ -1; 3; 3 ] DType.Float64
        let y = f.Apply x
        let run = (compile [ x ] [ y; derivative y x ]).Run [ value ]
        let fixed' = Leaf.variable "x" value
        Close.requireWithin 1e-12 name (eval (f.Apply fixed')) run[0]
        Close.requireWithin 1e-9 name (eval (derivative (f.Apply fixed') fixed')) run[1]

let private refusals =
    let x = variable "x" (NDArray.Zeros(2, 3))
    let a = variable "a" (NDArray.Zeros(5, 3, 3))
    let v = variable "v" (NDArray.Zeros 3)
    let truths = constant [| true; false |]
    let unknown = input "u" [ 2; -1; -1 ] DType.Float64

    let single: (string * (Node -> Node)) list =
        [
            "cholesky", cholesky
            "inv", inv
            "det", det
            "slogdet", (fun x -> let struct (s, _) = slogdet x in s)
            "expm", expm
            "eigh", (fun x -> let struct (l, _) = eigh x in l)
            "eigvalsh", eigvalsh
        ]

    let oblong: (string * (Node -> Node)) list =
        [
            "qr", (fun x -> let struct (q, _) = qr x in q)
            "svd", (fun x -> let struct (u, _, _) = svd x in u)
            "svdvals", svdvals
            "pinv", pinv
            "nuclearNorm", nuclearNorm
        ]

    let systems: (string * (Node -> Node -> Node)) list =
        [ "solve", solve; "triangularSolve", triangularSolve true; "lstsq", lstsq ]

    [
        for name, f in single do
            Refusals.row<ShapeException>
                $"{name}, oblong"
                [ $"{name}: 'x' [2,3]"; "axis 0 is 2, axis 1 is 3" ]
                (fun () -> f x)

        for name, f in single @ oblong do
            Refusals.row<ShapeException> $"{name}, vector" [ $"{name}: 'v' [3] has 1 axes" ] (fun () -> f v)
            Refusals.row<ShapeException> $"{name}, number" [ $"{name}: "; "0 axes" ] (fun () -> f (constant 1.0))

            Refusals.row<ShapeException>
                $"{name}, unknown size"
                [ $"{name}: the size of axis 1"; "'u'"; "not known" ]
                (fun () -> f unknown)

            Refusals.row<DTypeException> $"{name}, truth values" [ $"{name}: "; "is Bool" ] (fun () ->
                f (reshape [ 1; 1 ] (truths.[0])))

        for name, f in systems do
            Refusals.row<ShapeException>
                $"{name}, rows"
                [ $"{name}: operand 0 'a' [5,3,3] and operand 1 'x' [2,3]"; "is 3, axis 0 is 2" ]
                (fun () -> f a x)

            Refusals.row<ShapeException> $"{name}, vector" [ $"{name}: "; "is 3, axis 0 is 4" ] (fun () ->
                f a (constant [ 1.0; 2.0; 3.0; 4.0 ]))

            Refusals.row<ShapeException> $"{name}, scalar" [ $"{name}: "; "a scalar is no right-hand side" ] (fun () ->
                f a (constant 1.0))

            Refusals.row<ShapeException>
                $"{name}, batches"
                [ $"{name}: "; "operand 1 [4,3,1]"; "the leading axes do not broadcast" ]
                (fun () -> f a (constant (NDArray.Zeros(4, 3, 1))))

            Refusals.row<ShapeException> $"{name}, vector for a matrix" [ $"{name}: 'v' [3] has 1 axes" ] (fun () ->
                f v v)

            Refusals.row<DTypeException> $"{name}, truth values" [ $"{name}: "; "is Bool" ] (fun () -> f a truths)

        Refusals.row<ShapeException>
            "solve, oblong"
            [ "solve: 'x' [2,3] is not square"; "axis 0 is 2, axis 1 is 3" ]
            (fun () -> solve x v)

        Refusals.row<ShapeException> "triangularSolve, oblong" [ "triangularSolve: 'x' [2,3] is not square" ] (fun () ->
            triangularSolve true x v)

        Refusals.row<ArgumentException> "pinv, negative" [ "pinv: rcond is -1"; "0 or more" ] (fun () ->
            pinvWith -1.0 x)
        Refusals.row<ArgumentException> "pinv, NaN" [ "pinv: rcond is NaN" ] (fun () -> pinvWith nan x)
    ]

[<Fact>]
let ``what does not fit is refused where it is said`` () = Refusals.requireAll refusals

[<Fact>]
let ``what has no solution is refused when it is computed, with the matrix and the place`` () =
    let fails message (node: Node) =
        let error = Assert.Throws<NumericalException>(fun () -> eval node |> ignore)
        Assert.Equal(message, error.Message)

    let singular = constant [ [ 1.0; 2.0 ]; [ 2.0; 4.0 ] ]
    let identity = constant (NDArray.Eye 2)
    let batch = stack 0 [ identity; identity; singular ]
    fails "solve: the matrix is singular: pivot 1 is zero" (inv singular)
    fails "solve: matrix [2] of the batch is singular: pivot 1 is zero" (solve batch (constant [ 1.0; 2.0 ]))

    fails
        "solve: matrix [0,2] of the batch is singular: pivot 0 is zero"
        (triangularSolve
            true
            (unsqueeze 0 (batch - 1.0 * stack 0 [ 0.5 * identity; 0.5 * identity; identity ]))
            identity)

    fails
        "cholesky: the matrix is not positive definite: the leading minor of order 2 is not positive"
        (cholesky singular)

    fails
        "cholesky: matrix [1] of the batch is not positive definite: the leading minor of order 1 is not positive"
        (cholesky (stack 0 [ identity; -identity ]))

    let x = variable "x" [ [ 1.0; 2.0 ]; [ 2.0; 4.0 ] ]
    let struct (_, log) = slogdet x
    fails "solve: the matrix is singular: pivot 1 is zero" (derivative log x)
