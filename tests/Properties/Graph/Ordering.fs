/// Sorting and what is made of it, against naive sorts of every line.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Graph.Ordering

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let private wild =
    gen {
        let! dtype = Gen.elements Arrays.dtypes
        let! sizes = Shapes.any |> Gen.where (fun sizes -> sizes.Length > 0)
        let! tensor = Arrays.wild dtype sizes
        let! axis = Gen.choose (-sizes.Length, sizes.Length - 1)
        return tensor, axis
    }

let private order (x: float) (y: float) =
    match Double.IsNaN x, Double.IsNaN y with
    | true, true -> 0
    | true, false -> 1
    | false, true -> -1
    | false, false ->
        if x < y then -1
        elif x > y then 1
        else 0

/// For each line along the axis the places of its elements in order.
let private sortedPlaces descending axis (x: Tensor) =
    let elements = Tensor.asFloats x
    let axis = if axis < 0 then axis + x.Sizes.Length else axis
    let struct (_, lines) = Tensor.groups [| axis |] x.Sizes
    let sign = if descending then -1 else 1

    struct (lines,
            lines
            |> Array.map (
                List.ofArray >> List.sortWith (fun i k -> sign * order elements[i] elements[k]) >> Array.ofList
            ))

/// The tensor with the elements of the places, line by line.
let private arranged descending axis (x: Tensor) =
    let struct (lines, sorted) = sortedPlaces descending axis x
    let places = Array.zeroCreate (Tensor.size x)
    Array.iter2 (Array.iter2 (fun target place -> places[target] <- place)) lines sorted
    Tensor.pick x.Sizes places x

let private ranks descending axis (x: Tensor) =
    let struct (lines, sorted) = sortedPlaces descending axis x
    let result = Array.zeroCreate (Tensor.size x)

    Array.iter2
        (fun line places ->
            Array.iter2 (fun target place -> result[target] <- int64 (Array.IndexOf((line: int[]), place))) line places)
        lines
        sorted

    Tensor.wholes DType.Int64 x.Sizes result

[<Property(MaxTest = 300)>]
let ``sort and argsort agree with a stable sort`` () =
    Prop.forAll (Arb.fromGen wild) (fun (x, axis) ->
        let node = constant (Tensor.toArray x)
        Close.require "sort" (Close.within 0.0 (arranged false axis x)) (eval (sort axis node))
        Close.require "falling" (Close.within 0.0 (arranged true axis x)) (eval (node.Sort(axis, descending = true)))
        Close.require "argsort" (Close.within 0.0 (ranks false axis x)) (eval (argsort axis node))
        Close.require "falling" (Close.within 0.0 (ranks true axis x)) (eval (node.ArgSort(axis, descending = true))))

let private cut axis k (x: Tensor) =
    let axis = if axis < 0 then axis + x.Sizes.Length else axis
    let sizes = Array.updateAt axis k x.Sizes
    Tensor.pick sizes (Tensor.coordinates sizes |> Array.map (Tensor.position x.Sizes)) x

[<Property(MaxTest = 200)>]
let ``topK is the start of the sorted line`` (FsCheck.DoNotSize(seed: int)) =
    Prop.forAll (Arb.fromGen wild) (fun (x, axis) ->
        let node = constant (Tensor.toArray x)
        let size = node.Shape[if axis < 0 then axis + node.Rank else axis]
        let k = Random(seed).Next(size + 1)

        for largest in [ true; false ] do
            let struct (values, positions) = node.TopK(k, axis, largest)
            Close.require "values" (Close.within 0.0 (cut axis k (arranged largest axis x))) (eval values)
            Close.require "positions" (Close.within 0.0 (cut axis k (ranks largest axis x))) (eval positions))

[<Property(MaxTest = 200)>]
let ``parts of the sorted positions are those of all`` (FsCheck.DoNotSize(seed: int)) =
    Prop.forAll (Arb.fromGen wild) (fun (x, axis) ->
        let random = Random seed
        let sorted = argsort axis (constant (Tensor.toArray x))
        let axis = if axis < 0 then axis + sorted.Rank else axis
        let size = sorted.Shape[axis]

        let part _ =
            let ends = [ random.Next(size + 1); random.Next(size + 1) ]
            let slice = Slice.Step(Nullable(List.min ends), Nullable(List.max ends), random.Next(1, 3))
            sorted[[| for i in 0..axis -> if i = axis then slice else Slice.All |]]

        let values (nodes: Node list) = (compile [] nodes).Run [] |> List.ofArray
        let parts = List.init 2 part

        for found, expected in List.zip (values parts) (values (sorted :: parts) |> List.tail) do
            Close.require "part" (Close.within 0.0 (Tensor.ofArray expected)) found)

/// The element of the sorted ones at a place between two of them.
let private naiveQuantile (q: float) (values: float list) =
    if values.IsEmpty || List.exists Double.IsNaN values then
        nan
    else
        let sorted = List.sort values
        let place = q * float (sorted.Length - 1)
        let low = int (floor place)
        let share = place - float low

        if share = 0.0 then
            sorted[low]
        else
            sorted[low] * (1.0 - share) + sorted[low + 1] * share

let private axesOf =
    gen {
        let! tensor, _ = wild
        let! chosen = Gen.subListOf [ 0 .. tensor.Sizes.Length - 1 ]
        let! negative = Gen.elements [ false; true ]
        return tensor, chosen |> List.map (fun axis -> if negative then axis - tensor.Sizes.Length else axis)
    }

let private reduced axes formula (x: Tensor) =
    let rank = x.Sizes.Length
    let axes = axes |> Seq.map (fun axis -> if axis < 0 then axis + rank else axis) |> Array.ofSeq
    let axes = if axes.Length = 0 then [| 0 .. rank - 1 |] else axes
    let elements = Tensor.asFloats x
    let struct (sizes, groups) = Tensor.groups axes x.Sizes
    let dtype = if DTypes.IsFloat x.Type then x.Type else DType.Float64
    let value (group: int[]) = formula [ for i in group -> elements[i] ]
    Tensor.floats dtype sizes (Array.map value groups)

[<Property(MaxTest = 300)>]
let ``quantiles lie between the sorted elements`` () =
    let q = Gen.elements [ 0.0; 1.0; 0.5; 0.25; 0.1; 1.0 / 3.0; 0.99 ]

    Prop.forAll (Arb.fromGen (Gen.zip axesOf q)) (fun ((x, axes), q) ->
        let node = constant (Tensor.toArray x)
        let tolerance = if x.Type = DType.Float32 then 1e-6 else 1e-14
        let expected q = Close.within tolerance (reduced axes (naiveQuantile q) x)
        Close.require "quantile" (expected q) (eval (quantile q axes node))
        Close.require "median" (expected 0.5) (eval (median axes node)))

[<Fact>]
let ``medians of odd and even numbers of elements`` () =
    let is (expected: float) (node: Node) = Close.requireWithin 0.0 "median" (nd expected) (eval node)
    is 2.0 (median [] (constant [ 3.0; 1.0; 2.0 ]))
    is 2.5 (median [] (constant [ 3.0; 1.0; 2.0; 7.0 ]))
    is 1.5 (median [] (constant [ 1; 2 ]))
    is nan (median [] (constant [ 1.0; nan; 2.0 ]))
    is infinity (median [] (constant [ infinity; infinity ]))
    Assert.Equal<int>([ 1; 1 ], ((constant [ [ 1.0; 2.0 ] ]).Quantile(0.5, [], true)).Shape)

let private batch = constant ((RandomSource 3L).Normal [| 4; 2; 3 |])

[<Fact>]
let ``vmap sorts each element of a batch`` () =
    let functions: (string * (Node -> Node)) list =
        [
            "sort", sort 0
            "sort falling", fun x -> x.Sort(-1, true)
            "argsort", argsort 1
            "topK", fun x -> let struct (values, _) = topK 2 1 x in values
            "median", median [ 0 ]
            "quantile", quantile 0.3 []
        ]

    for name, f in functions do
        let apart = stack 0 [ for i in 0..3 -> f batch.[i] ]
        Close.requireWithin 1e-15 name (eval apart) (eval (vmap f batch))

[<Fact>]
let ``an unknown axis is sorted when its size is known`` () =
    let x = input "x" [ -1; 3 ] DType.Float64
    let value = (RandomSource 1L).Normal [| 5; 3 |]
    let made (x: Node) = [ sort 0 x; sort 1 x; median [ 1 ] x; derivative (square (sort 0 x) * x) x ]

    for expected, actual in
        List.zip (evalMany (made (constant value))) (List.ofArray ((compile [ x ] (made x)).Run value)) do
        Close.requireWithin 1e-15 "sorted" expected actual

[<Fact>]
let ``what does not fit is refused where the node is built`` () =
    let x = variable "x" (NDArray.Zeros(2, 3))
    let t = input "t" [ -1; 3 ] DType.Float64
    let refuse = Refusals.row<ShapeException>
    let range = Refusals.row<ArgumentOutOfRangeException>
    let values (struct (values: Node, _: Node)) = values

    Refusals.requireAll
        [
            refuse "sort" [ "sort: axis 2 is out of range for 'x' [2,3]" ] (fun () -> sort 2 x)
            refuse "argsort" [ "argsort: axis -3"; "'x' [2,3]" ] (fun () -> argsort -3 x)
            refuse "sort of a scalar" [ "sort: axis 0"; "0 axes" ] (fun () -> sort 0 (scalar 1.0))
            refuse "topK" [ "topK: axis 4"; "'x' [2,3]" ] (fun () -> values (topK 1 4 x))
            refuse "topK of an unknown size" [ "topK: the size of axis 0 of 't' [-1,3]" ] (fun () ->
                values (topK 1 0 t))
            range "too many" [ "topK: k is 4, but axis 1 of 'x' [2,3] has 3 elements" ] (fun () -> values (topK 4 1 x))
            range "negative" [ "topK: k is -1"; "'x' [2,3]" ] (fun () -> values (topK -1 1 x))
            range "q above 1" [ "quantile: q is 1.5 for 'x' [2,3]" ] (fun () -> quantile 1.5 [] x)
            range "q below 0" [ "quantile: q is -0.1 for 'x' [2,3]" ] (fun () -> quantile -0.1 [ 0 ] x)
            range "q is NaN" [ "quantile: q is NaN"; "'x' [2,3]" ] (fun () -> quantile nan [ 0 ] x)
            refuse "an axis twice" [ "median: axis 1 is named twice for 'x' [2,3]" ] (fun () -> median [ 1; -1 ] x)
            refuse "no such axis" [ "quantile: axis 2"; "'x' [2,3]" ] (fun () -> quantile 0.5 [ 2 ] x)
            refuse "an unknown size" [ "median: the size of axis 0 of 't' [-1,3]" ] (fun () -> median [ 0 ] t)
        ]

/// Numbers that lie apart from each other, in a random order.
let private apart seed sizes =
    let random = Random(seed: int)
    let count = Shapes.size sizes
    let numbers = Array.init count (fun i -> 0.13 * float (i - count / 2) + 0.05)
    random.Shuffle numbers
    NDArray.Create(numbers, sizes)

[<Fact>]
let ``derivatives follow the elements to their places`` () =
    let functions: (string * (int -> Node -> Node)) list =
        [
            "sort", fun axis x -> square (sort axis x)
            "sort falling", fun axis x -> exp (x.Sort(axis, true))
            "topK", fun axis x -> let struct (values, _) = topK (min 2 x.Shape[axis]) axis x in square values
            "smallest", fun axis x -> let struct (values, _) = x.TopK(min 2 x.Shape[axis], axis, false) in sin values
            "median", fun axis x -> square (median [ axis ] x)
            "median of all", fun _ x -> square (median [] x)
            "quantile", fun axis x -> square (quantile 0.3 [ axis ] x)
        ]

    for name, f in functions do
        for sizes, axis in [ [| 5 |], 0; [| 1 |], 0; [| 3; 4 |], 0; [| 3; 4 |], 1; [| 2; 3; 4 |], 1; [| 2; 0 |], 0 ] do
            let x = Leaf.variable "x" (apart 1 sizes)

            for check in checkGradients 2 (f axis x) [ x ] do
                Assert.True(check.Passed, $"{name} of %A{sizes} along {axis}: {check}")

            let single = Leaf.variable "x" ((apart 1 sizes).AsType DType.Float32)
            let wide, narrow = eval (derivative (f axis x) x), eval (derivative (f axis single) single)
            Assert.Equal(DType.Float32, narrow.DType)
            Assert.True(narrow.AllClose(wide, 1e-4, 1e-5), $"{name}: {narrow} instead of {wide}")

[<Fact>]
let ``of equal elements each keeps its own derivative`` () =
    let x = variable "x" [ 2.0; 1.0; 2.0; 1.0 ]
    let weights = constant [ 1.0; 10.0; 100.0; 1000.0 ]
    Close.requireWithin 0.0 "rising" (nd [ 100.0; 1.0; 1000.0; 10.0 ]) (eval (derivative (sort 0 x * weights) x))

    Close.requireWithin
        0.0
        "falling"
        (nd [ 1.0; 100.0; 10.0; 1000.0 ])
        (eval (derivative (x.Sort(0, true) * weights) x))
