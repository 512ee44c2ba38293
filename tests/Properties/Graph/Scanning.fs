/// Values of cumulative operations against naive formulas over every prefix, and what they refuse.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Graph.Scanning

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// The tensor in which every element along the axis is a formula of the elements up to it, its own among them.
let private prefixes axis reverse (formula: float list -> float) (dtype: DType) (x: Tensor) : Tensor =
    let elements = Tensor.asFloats x
    let result = Array.zeroCreate elements.Length
    let struct (_, lines) = Tensor.groups [| axis |] x.Sizes

    for line in lines do
        let line = if reverse then Array.rev line else line

        line |> Array.iteri (fun k place -> result[place] <- formula [ for i in 0..k -> elements[line[i]] ])

    Tensor.cast dtype (Tensor.floats DType.Float64 x.Sizes result)

/// A tensor with an axis and a direction.
let private cases (tensors: Gen<Tensor>) =
    gen {
        let! tensor = tensors |> Gen.where (fun x -> x.Sizes.Length > 0)
        let! axis = Gen.choose (-tensor.Sizes.Length, tensor.Sizes.Length - 1)
        let! reverse = Gen.elements [ false; true ]
        return tensor, axis, reverse
    }
    |> Arb.fromGen

let private wild =
    gen {
        let! dtype = Gen.elements Arrays.dtypes
        let! sizes = Shapes.any
        return! Arrays.wild dtype sizes
    }

let private tolerance (dtype: DType) = if dtype = DType.Float32 then 2e-5 else 1e-13

let private counted (dtype: DType) = if DTypes.IsFloat dtype then dtype else DType.Int64

let private agrees tensors name (build: bool -> int -> Node -> Node) (typed: DType -> DType) formula =
    Prop.forAll (cases tensors) (fun (x, axis, reverse) ->
        let fromStart = if axis < 0 then axis + x.Sizes.Length else axis
        let dtype = typed x.Type
        let expected = prefixes fromStart reverse formula dtype x

        build reverse axis (constant (Tensor.toArray x))
        |> eval
        |> Close.require name (Close.within (tolerance dtype) expected))

let private floating (dtype: DType) = if DTypes.IsFloat dtype then dtype else DType.Float64

[<Property(MaxTest = 200)>]
let ``cumsum adds what came so far`` () =
    agrees wild "cumsum" (fun reverse axis x -> x.CumSum(axis, reverse)) counted List.sum

[<Property(MaxTest = 200)>]
let ``cumprod multiplies what came so far`` () =
    // Products of whole numbers wrap around, so only few of them are multiplied here.
    let small =
        Arrays.any
        |> Gen.where (fun x -> DTypes.IsFloat x.Type || Array.forall (fun size -> size < 16) x.Sizes)

    agrees small "cumprod" (fun reverse axis x -> x.CumProd(axis, reverse)) counted (List.fold (*) 1.0)

let private extremum (choose: float -> float -> float) (values: float list) =
    if List.exists Double.IsNaN values then nan else List.reduce choose values

[<Property(MaxTest = 200)>]
let ``cummax is the largest so far`` () =
    agrees wild "cummax" (fun reverse axis x -> x.CumMax(axis, reverse)) id (extremum max)

[<Property(MaxTest = 200)>]
let ``cummin is the smallest so far`` () =
    agrees wild "cummin" (fun reverse axis x -> x.CumMin(axis, reverse)) id (extremum min)

let private logSum (values: float list) = log (values |> List.sumBy exp)

[<Property(MaxTest = 200)>]
let ``logCumSumExp is the logarithm of a sum of exponentials`` () =
    agrees Arrays.any "logCumSumExp" (fun reverse axis x -> x.LogCumSumExp(axis, reverse)) floating logSum

[<Property(MaxTest = 100)>]
let ``an exclusive scan leaves out the element itself`` () =
    Prop.forAll (cases Arrays.any) (fun (x, axis, reverse) ->
        let node = constant (Tensor.toArray (Tensor.cast DType.Float64 x))
        let fromStart = if axis < 0 then axis + x.Sizes.Length else axis

        let without neutral formula =
            prefixes fromStart reverse (fun values ->
                match List.rev values with
                | _ :: (_ :: _ as before) -> formula (List.rev before)
                | _ -> neutral)

        let agree name actual neutral formula =
            Close.require name (Close.within 1e-13 (without neutral formula DType.Float64 x)) (eval actual)

        agree "cumsum" (node.CumSum(axis, reverse, true)) 0.0 List.sum
        agree "cumprod" (node.CumProd(axis, reverse, true)) 1.0 (List.fold (*) 1.0)
        agree "logCumSumExp" (node.LogCumSumExp(axis, reverse, true)) -infinity logSum)

[<Fact>]
let ``a hundred thousand elements are summed exactly where floats are exact`` () =
    let random = Random 5
    let values = Array.init 100_000 (fun _ -> float (random.Next(-3, 4)))
    let expected = values |> Array.scan (+) 0.0 |> Array.tail

    for dtype in Arrays.dtypes |> List.except [ DType.Bool ] do
        let sums = eval (cumsum 0 (constant ((nd values).AsType dtype)))
        Assert.Equal<float[]>(expected, sums.AsType(DType.Float64).ToArray<float>())

    let longest = eval (cummax 0 (constant values))
    Assert.Equal<float[]>(Array.scan max values[0] values |> Array.tail, longest.ToArray<float>())

[<Fact>]
let ``scans run over transposed, sliced and broadcast operands`` () =
    let x = constant [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
    let is (expected: float list list) node = Close.requireWithin 0.0 "scan" (nd expected) (eval node)
    is [ [ 1.0; 5.0 ]; [ 2.0; 7.0 ]; [ 3.0; 9.0 ] ] (cumsum 1 (transpose x))
    is [ [ 3.0; 5.0; 6.0 ]; [ 6.0; 11.0; 15.0 ] ] (cumsum 1 (slice [ Slice.All; Slice.Step -1 ] x))
    is [ [ 2.0; 2.0 ]; [ 4.0; 4.0 ]; [ 8.0; 8.0 ] ] (cumprod 0 (broadcastTo [ 3; 2 ] (scalar 2.0)))
    is [ [ 1.0; 2.5; 4.25 ]; [ 4.0; 7.0; 9.5 ] ] (recurrence 1 (scalar 0.5) x)

[<Fact>]
let ``signs of zero pass through products and sums`` () =
    let bits (node: Node) = (eval node).ToArray<float>() |> Array.map BitConverter.DoubleToInt64Bits
    let expected (values: float list) = values |> Array.ofList |> Array.map BitConverter.DoubleToInt64Bits
    Assert.Equal<int64[]>(expected [ -1.0; -0.0; -0.0; 0.0 ], bits (cumprod 0 (constant [ -1.0; 0.0; 2.0; -3.0 ])))
    Assert.Equal<int64[]>(expected [ -0.0; -0.0; 0.0 ], bits (cumsum 0 (constant [ -0.0; -0.0; 0.0 ])))

/// Functions along axis 0 or 1 of a matrix, of which each row of a batch must get its own.
let private functions: (string * (Node -> Node)) list =
    [
        "cumsum", cumsum 0
        "cumsum from the end", fun x -> x.CumSum(1, reverse = true)
        "cumprod", cumprod 1
        "cumprod without itself", fun x -> x.CumProd(0, exclusive = true)
        "cummax", cummax 0
        "cummin from the end", fun x -> x.CumMin(-1, true)
        "logCumSumExp", logCumSumExp 1
        "recurrence", fun x -> recurrence 0 (sin x) x
        "recurrence with a constant", recurrence 1 (constant [ 0.5; -0.5; 2.0 ])
    ]

[<Fact>]
let ``vmap scans each element of a batch`` () =
    let batch = constant ((RandomSource 3L).Normal [| 4; 2; 3 |])

    for name, f in functions do
        let apart = stack 0 [ for i in 0..3 -> f batch.[i] ]
        Close.requireWithin 1e-14 name (eval apart) (eval (vmap f batch))

let private x = variable "x" (NDArray.Zeros(2, 3))
let private w = variable "w" (NDArray.Zeros(4, 5))
let private openInput = input "t" [ -1; 3 ] DType.Float64

let private refusals =
    let refuse = Refusals.row<ShapeException>

    [
        refuse "cumsum" [ "cumsum: axis 2 is out of range for 'x' [2,3]" ] (fun () -> cumsum 2 x)
        refuse "cumprod" [ "cumprod: axis -3"; "'x' [2,3]" ] (fun () -> cumprod -3 x)
        refuse "cummax" [ "cummax: axis 5"; "'x' [2,3]" ] (fun () -> cummax 5 x)
        refuse "cummin" [ "cummin: axis 2"; "'x' [2,3]" ] (fun () -> cummin 2 x)
        refuse "logCumSumExp" [ "logCumSumExp: axis 2"; "'x' [2,3]" ] (fun () -> logCumSumExp 2 x)
        refuse "a scalar has no axis" [ "cumsum: axis 0"; "0 axes" ] (fun () -> cumsum 0 (scalar 1.0))
        refuse "recurrence" [ "recurrence: axis 2"; "2 axes" ] (fun () -> recurrence 2 x x)
        refuse
            "recurrence of two shapes"
            [ "recurrence: operand 0 'x' [2,3] and operand 1 'w' [4,5]"; "axis -2 is 2 and 4" ]
            (fun () -> recurrence 0 x w)
        refuse
            "cumprod along an unknown axis"
            [ "cumprod: the size of axis 0 of 't' [-1,3] is not known yet" ]
            (fun () -> cumprod 0 openInput)
        refuse
            "logCumSumExp along an unknown axis"
            [ "logCumSumExp: the size of axis 0 of 't'"; "not known yet" ]
            (fun () -> logCumSumExp 0 openInput)
        refuse
            "exclusive cumsum along an unknown axis"
            [ "cumsum: the size of axis 0 of 't' [-1,3] is not known yet" ]
            (fun () -> openInput.CumSum(0, exclusive = true))
        refuse
            "the derivative of cummax along an unknown axis"
            [ "cummax"; "the size of axis 0 of 't' [-1,3] is not known yet" ]
            (fun () -> derivative (cummax 0 openInput) openInput)
    ]

[<Fact>]
let ``what does not fit is refused where the node is built`` () = Refusals.requireAll refusals

[<Fact>]
let ``an unknown axis is scanned when its size is known`` () =
    let f = compile [ openInput ] [ cumsum 0 openInput; cummax 0 openInput; cumprod 1 openInput ]
    let value = (RandomSource 1L).Normal [| 5; 3 |]
    let node = constant value

    for expected, actual in
        List.zip (evalMany [ cumsum 0 node; cummax 0 node; cumprod 1 node ]) (List.ofArray (f.Run value)) do
        Close.requireWithin 0.0 "scan" expected actual

    let gradients (x: Node) = [ derivative (square (cumsum 0 x)) x; derivative (square (cumprod 1 x)) x ]
    let g = compile [ openInput ] (gradients openInput)

    for expected, actual in List.zip (evalMany (gradients node)) (List.ofArray (g.Run value)) do
        Close.requireWithin 1e-14 "gradient" expected actual
