/// Values of reductions over any axes, of every element type, against naive formulas over what is reduced.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Graph.Reducing

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// A tensor of any type and some of its axes, counted from either end; none mean all.
let private cases (numbers: DType -> int[] -> Gen<Tensor>) =
    gen {
        let! dtype = Gen.elements Arrays.dtypes
        let! sizes = Shapes.any
        let! tensor = numbers dtype sizes
        let! chosen = Gen.subListOf [ 0 .. sizes.Length - 1 ]
        let! negative = Gen.elements [ false; true ]
        return tensor, chosen |> List.map (fun axis -> if negative then axis - sizes.Length else axis)
    }

let private normal rank (axes: int list) =
    let axes = axes |> Seq.map (fun axis -> if axis < 0 then axis + rank else axis) |> Array.ofSeq
    if axes.Length = 0 then [| 0 .. rank - 1 |] else axes

/// The tensor of what a formula makes of the elements that are reduced together.
let private reduced axes (dtype: DType) (formula: float list -> float) (x: Tensor) =
    let elements = Tensor.asFloats x
    let struct (sizes, groups) = Tensor.groups (normal x.Sizes.Length axes) x.Sizes
    let value (group: int[]) = formula [ for i in group -> elements[i] ]
    Tensor.cast dtype (Tensor.floats DType.Float64 sizes (Array.map value groups))

let private counted (dtype: DType) = if DTypes.IsFloat dtype then dtype else DType.Int64
let private floating (dtype: DType) = if DTypes.IsFloat dtype then dtype else DType.Float64
let private tolerance (x: Tensor) = if x.Type = DType.Float32 then 2e-5 else 1e-12

let private isEmpty axes (x: Tensor) = normal x.Sizes.Length axes |> Array.exists (fun axis -> x.Sizes[axis] = 0)

/// One reduction: how it is built, the type of its result, its formula, and whether it has a value over nothing.
type Reduction =
    {
        Name: string
        Build: seq<int> -> Node -> Node
        Type: DType -> DType
        Formula: float list -> float
        OfNothing: bool
    }

    override reduction.ToString() = reduction.Name

let private reduction name build dtype formula =
    { Name = name; Build = build; Type = dtype; Formula = formula; OfNothing = true }

let private mean (values: float list) = List.sum values / float values.Length

let private spread ddof (values: float list) =
    let center = mean values
    List.sum [ for v in values -> (v - center) * (v - center) ] / max 0.0 (float (values.Length - ddof))

let private extremum (choose: float -> float -> float) (values: float list) =
    if List.exists Double.IsNaN values then nan else List.reduce choose values

let private logSum (values: float list) = log (List.sumBy exp values)
let private pNorm p (values: float list) = (values |> List.sumBy (fun v -> abs v ** p)) ** (1.0 / p)

let private ofSome name build dtype formula = { reduction name build dtype formula with OfNothing = false }

/// Those whose formula is right for numbers of moderate size.
let private moderate =
    [
        reduction "prod" prod counted (List.fold (*) 1.0)
        reduction "variance" variance floating (spread 0)
        reduction "variance, ddof 1" (fun axes x -> x.Variance(axes, 1)) floating (spread 1)
        reduction "variance, ddof 3" (fun axes x -> x.Variance(axes, 3)) floating (spread 3)
        reduction "std" std floating (spread 0 >> sqrt)
        reduction "logSumExp" logSumExp floating logSum
        reduction "norm" norm floating (pNorm 2.0)
        reduction "norm of order 1" (vectorNorm 1.0) floating (List.sumBy abs)
        reduction "norm of order 2" (vectorNorm 2.0) floating (pNorm 2.0)
        reduction "norm of order 3" (vectorNorm 3.0) floating (pNorm 3.0)
        reduction "norm of order 4" (vectorNorm 4.0) floating (pNorm 4.0)
        reduction "norm of order 1.5" (vectorNorm 1.5) floating (pNorm 1.5)
        reduction "norm of order 0.5" (vectorNorm 0.5) floating (pNorm 0.5)
        reduction "norm of order -1" (vectorNorm -1.0) floating (pNorm -1.0)
        reduction "norm of order -2" (vectorNorm -2.0) floating (pNorm -2.0)
        ofSome "ptp" ptp id (fun values -> List.max values - List.min values)
    ]

/// Those that are right for infinities and NaN too.
let private wild =
    [
        reduction "sum" sum counted List.sum
        reduction "mean" Reductions.mean floating mean
        ofSome "amax" amax id (extremum max)
        ofSome "amin" amin id (extremum min)
        reduction "any" any (fun _ -> DType.Bool) (fun values ->
            if List.exists (fun v -> v <> 0.0) values then 1.0 else 0.0)
        reduction "all" all (fun _ -> DType.Bool) (fun values ->
            if List.forall (fun v -> v <> 0.0) values then 1.0 else 0.0)
        reduction
            "countNonzero"
            countNonzero
            (fun _ -> DType.Int64)
            (List.filter (fun v -> v <> 0.0) >> List.length >> float)
        reduction "norm of order 0" (vectorNorm 0.0) floating (List.filter (fun v -> v <> 0.0) >> List.length >> float)
        ofSome "norm of order infinity" (vectorNorm infinity) floating (List.map abs >> extremum max)
        ofSome "norm of order -infinity" (vectorNorm -infinity) floating (List.map abs >> extremum min)
    ]

let private agrees (reductions: Reduction list) tensors =
    Prop.forAll (Arb.fromGen (Gen.zip (Gen.elements reductions) (cases tensors))) (fun (reduction, (x, axes)) ->
        let node = constant (Tensor.toArray x)
        // Products of many whole numbers wrap around, and a range of truth values is taken in Int64.
        let isLarge = not (DTypes.IsFloat x.Type) && reduction.Name = "prod" && Tensor.size x > 15

        if not isLarge && not (x.Type = DType.Bool && reduction.Name = "ptp") then
            if isEmpty axes x && not reduction.OfNothing then
                Assert.Throws<ShapeException>(fun () -> reduction.Build axes node |> ignore) |> ignore
            else
                let expected = reduced axes (reduction.Type x.Type) reduction.Formula x
                Close.require reduction.Name (Close.within (tolerance x) expected) (eval (reduction.Build axes node)))

[<Property(MaxTest = 1500)>]
let ``reductions of moderate numbers are what their formulas say`` () = agrees moderate Arrays.ofShape

[<Property(MaxTest = 1500)>]
let ``reductions of any numbers are what their formulas say`` () = agrees wild Arrays.wild

[<Property(MaxTest = 200)>]
let ``argmax and argmin are the first places of the extrema`` () =
    Prop.forAll (Arb.fromGen (cases Arrays.wild)) (fun (x, _) ->
        let node = constant (Tensor.toArray x)

        let first (choose: float -> float -> float) (values: float list) =
            let best = extremum choose values
            values |> List.findIndex (fun v -> v = best || (Double.IsNaN v && Double.IsNaN best)) |> float

        for axis in 0 .. node.Rank - 1 do
            if x.Sizes[axis] > 0 then
                let expected choose = Close.within 0.0 (reduced [ axis ] DType.Int64 (first choose) x)
                Close.require "argmax" (expected max) (eval (argmax axis node))
                Close.require "argmin" (expected min) (eval (argmin (axis - node.Rank) node))
                Assert.Equal(1, (node.ArgMax(axis, true)).Shape[axis])

        if Tensor.size x > 0 then
            let whole choose = Close.within 0.0 (reduced [] DType.Int64 (first choose) x)
            Close.require "argmax of all" (whole max) (eval (node.ArgMax()))
            Close.require "argmin of all" (whole min) (eval (node.ArgMin())))

[<Fact>]
let ``sums and products of whole numbers and truth values are Int64`` () =
    for dtype in [ DType.Int32; DType.Int64; DType.Bool ] do
        let x = constant ((nd [ 1.0; 0.0; 1.0 ]).AsType dtype)

        for reduced in [ sum [] x; prod [] x; cumsum 0 x; cumprod 0 x; countNonzero [] x ] do
            Assert.Equal(DType.Int64, reduced.DType)

        Assert.Equal(DType.Float64, (Reductions.mean [] x).DType)
        Assert.Equal(dtype, (amax [] x).DType)

    let large = constant [ 2147483647; 2147483647 ]
    Assert.Equal(4294967294L, (eval (sum [] large)).Item<int64>())
    Assert.Equal(4611686014132420609L, (eval (prod [] large)).Item<int64>())

[<Fact>]
let ``norms of matrices`` () =
    let m = constant [ [ 1.0; -2.0; 3.0 ]; [ -4.0; 5.0; -6.0 ] ]
    let is (expected: float) kind = Close.requireWithin 1e-15 (string kind) (nd expected) (eval (matrixNorm kind m))
    is (sqrt 91.0) MatrixNorm.Frobenius
    is 9.0 MatrixNorm.LargestColumn
    is 5.0 MatrixNorm.SmallestColumn
    is 15.0 MatrixNorm.LargestRow
    is 6.0 MatrixNorm.SmallestRow
    let batch = stack 2 [ m; 2.0 * m ]
    Close.requireWithin 1e-15 "axes" (nd [ 9.0; 18.0 ]) (eval (batch.MatrixNorm(MatrixNorm.LargestColumn, 0, 1)))
    Close.requireWithin 1e-15 "axes" (nd [ 15.0; 30.0 ]) (eval (batch.MatrixNorm(MatrixNorm.LargestColumn, 1, 0)))

[<Fact>]
let ``reductions keep their axes if asked`` () =
    let x = constant (NDArray.Ones(2, 3, 4))
    let shape (expected: int list) (node: Node) = Assert.Equal<int>(expected, node.Shape)
    shape [ 2; 1; 4 ] (x.Prod(1, true))
    shape [ 1; 3; 1 ] (x.Prod([ 0; 2 ], true))
    shape [ 2; 3; 1 ] (x.ArgMin(-1, true))
    shape [ 1; 1; 1 ] (x.Any([], true))
    shape [ 2; 1; 4 ] (x.All([ 1 ], true))

[<Fact>]
let ``a large product and a large sum`` () =
    let values = Array.init 100_000 (fun i -> if i % 2 = 0 then 1.25 else 0.8)
    Close.requireWithin 1e-9 "prod" (nd 1.0) (eval (prod [] (constant values)))
    let ones = constant (Array.create 100_000 1.0f)
    Close.requireWithin 0.0 "sum" (nd 100000.0f) (eval (sum [] ones))

[<Fact>]
let ``vmap reduces each element of a batch`` () =
    let batch = constant ((RandomSource 3L).Normal [| 4; 2; 3 |])

    let functions: (string * (Node -> Node)) list =
        [
            "prod", prod [ 0 ]
            "prod of all", prod []
            "any", fun x -> any [ 1 ] (x .> scalar 0.5)
            "all", fun x -> all [] (x .> scalar -0.5)
            "norm", vectorNorm 3.0 [ -1 ]
            "matrixNorm", matrixNorm MatrixNorm.LargestRow
            "argmax", argmax 1
            "std", std [ 0 ]
        ]

    for name, f in functions do
        let apart = stack 0 [ for i in 0..3 -> f batch.[i] ]
        let number (node: Node) = eval (cast DType.Float64 node)
        Close.requireWithin 1e-14 name (number apart) (number (vmap f batch))

let private x = variable "x" (NDArray.Zeros(2, 3))
let private t = input "t" [ -1; 3 ] DType.Float64

/// Every reduction refuses an axis that is not there, or that is named twice.
let private axisRefusals =
    [
        for reduction in moderate @ wild do
            let name =
                if reduction.Name.StartsWith("norm of", StringComparison.Ordinal) then
                    "orm"
                else
                    reduction.Name

            let word = (name.Split ',').[0]

            for axes, words in
                [ [ 2 ], "axis 2 is out of range"; [ -3 ], "axis -3"; [ 1; -1 ], "axis 1 is named twice" ] do
                Refusals.row<ShapeException> reduction.Name [ words; word; "'x' [2,3]" ] (fun () ->
                    reduction.Build axes x)
    ]

[<Fact>]
let ``what does not fit is refused where the node is built`` () =
    let refuse = Refusals.row<ShapeException>
    let empty = variable "e" (NDArray.Zeros(2, 0))

    Refusals.requireAll (
        axisRefusals
        @ [
            refuse "an extremum of nothing" [ "amax: axis 1 of 'e' [2,0] is empty" ] (fun () -> amax [ 1 ] empty)
            refuse "an extremum of nothing" [ "amin: axis 1 of 'e' [2,0] is empty" ] (fun () -> amin [] empty)
            refuse "a place in nothing" [ "argmax: axis 1 of 'e' [2,0] is empty" ] (fun () -> argmax 1 empty)
            refuse "a place in nothing" [ "argmin"; "is empty" ] (fun () -> empty.ArgMin())
            refuse "no such axis" [ "argmax: axis 2"; "'x' [2,3]" ] (fun () -> argmax 2 x)
            refuse "the range of nothing" [ "ptp: axis 1 of 'e' [2,0] is empty" ] (fun () -> ptp [ 1 ] empty)
            refuse "the largest of nothing" [ "vectorNorm: axis 1 of 'e' [2,0] is empty" ] (fun () ->
                vectorNorm infinity [ 1 ] empty)
            refuse "an unknown size" [ "prod: the size of axis 0 of 't' [-1,3] is not known yet" ] (fun () -> prod [] t)
            refuse "one axis twice" [ "matrixNorm: axis 1 is named twice for 'x' [2,3]" ] (fun () ->
                x.MatrixNorm(MatrixNorm.Frobenius, 1, -1))
            refuse "no such axis" [ "matrixNorm: axis 3"; "'x' [2,3]" ] (fun () ->
                x.MatrixNorm(MatrixNorm.LargestRow, 3, 0))
            refuse "no matrix" [ "matrixNorm: axis -2"; "1 axes" ] (fun () ->
                matrixNorm MatrixNorm.Frobenius (constant [ 1.0 ]))
            refuse "an empty axis" [ "matrixNorm: axis 1 of 'e' [2,0] is empty" ] (fun () ->
                matrixNorm MatrixNorm.LargestColumn empty)
            Refusals.row<ArgumentOutOfRangeException>
                "an order"
                [ "vectorNorm: the order for 'x' [2,3] is NaN" ]
                (fun () -> vectorNorm nan [] x)
            Refusals.row<ArgumentOutOfRangeException> "a kind" [ "matrixNorm"; "9"; "'x' [2,3]" ] (fun () ->
                matrixNorm (enum<MatrixNorm> 9) x)
        ]
    )

[<Fact>]
let ``an unknown axis is reduced when its size is known, even to nothing`` () =
    let made (x: Node) =
        [ prod [ 1 ] x; any [ 0 ] x; all [ 0 ] x; countNonzero [] x; vectorNorm 3.0 [ 0 ] x; std [ 0 ] x ]

    let f = compile [ t ] (made t)

    for rows in [ 4; 1 ] do
        let value = (RandomSource 1L).Normal [| rows; 3 |]

        for expected, actual in List.zip (evalMany (made (constant value))) (List.ofArray (f.Run value)) do
            Close.requireWithin 1e-14 "reduced" expected actual

    let nothing = (compile [ t ] [ any [ 0 ] t; all [ 0 ] t; sum [ 0 ] t ]).Run(NDArray.Zeros(0, 3))
    Assert.Equal<bool>([ false; false; false ], nothing[0].ToArray<bool>())
    Assert.Equal<bool>([ true; true; true ], nothing[1].ToArray<bool>())
