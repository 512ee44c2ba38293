/// Normalisations against loops over the elements of each part, and their derivatives to the third order.
module Autodiff.Properties.Graph.Normalizations

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// A normalisation of an array: the function of options, the sizes of weight and bias, and by index the part to which
/// an element belongs and the place of its weight.
type private Case =
    {
        Name: string
        Sizes: int[]
        Parameters: int[]
        Apply: Normalization -> Node -> Node
        Part: int[] -> int list
        Parameter: int[] -> int[]
        IsCentered: bool
    }

let private lastAxes sizes trailing isCentered =
    let first = Array.length sizes - trailing
    let shape = Array.skip first sizes

    {
        Name = if isCentered then "layerNorm" else "rmsNorm"
        Sizes = sizes
        Parameters = shape
        Apply = fun options x -> (if isCentered then layerNorm else rmsNorm) options shape x
        Part = fun index -> index |> Array.truncate first |> List.ofArray
        Parameter = Array.skip first
        IsCentered = isCentered
    }

let private perChannel name (sizes: int[]) apply part =
    {
        Name = name
        Sizes = sizes
        Parameters = [| sizes[1] |]
        Apply = apply
        Part = part
        Parameter = fun index -> [| index[1] |]
        IsCentered = true
    }

let private kinds (sizes: int[]) trailing groups (sizesInGroups: int[]) =
    [
        lastAxes sizes trailing true
        lastAxes sizes trailing false
        perChannel "groupNorm" sizesInGroups (fun options -> groupNorm options groups) (fun index ->
            [ index[0]; index[1] / (sizesInGroups[1] / groups) ])
        perChannel "batchNorm" sizesInGroups (fun options x -> (batchNorm options x).Value) (fun index -> [ index[1] ])

        if sizesInGroups.Length > 2 then
            perChannel "instanceNorm" sizesInGroups instanceNorm (fun index -> [ index[0]; index[1] ])
    ]

/// One of each kind over generated sizes.
let private cases limit =
    gen {
        let! sizes = Gen.choose (1, 4) |> Gen.bind (fun rank -> Gen.arrayOfLength rank Shapes.filled)
        let! trailing = Gen.choose (1, sizes.Length)
        let! groups = Gen.choose (1, 3)
        let! inGroup = Gen.choose (1, 3)
        let! others = Gen.choose (0, 3) |> Gen.bind (fun rank -> Gen.arrayOfLength rank Shapes.filled)
        let! batch = Gen.choose (2, 3)
        let sizesInGroups = Array.append [| batch; groups * inGroup |] others
        let! seed = Gen.choose (0, 100000)

        return
            seed,
            kinds sizes trailing groups sizesInGroups
            |> List.filter (fun case -> Shapes.size case.Sizes <= limit)
    }

let private forAll limit (test: Random -> Case -> unit) =
    Prop.forAll (Arb.fromGen (cases limit)) (fun (seed, cases) -> cases |> List.iter (test (Random seed)))

let private values (random: Random) low high (sizes: int[]) =
    Array.init (Shapes.size sizes) (fun _ -> Math.Round(low + (high - low) * random.NextDouble(), 3))

let private leaf (dtype: DType) name (sizes: int[]) (values: float[]) =
    Leaf.variable name ((NDArray.Create(values, sizes)).AsType dtype)

let private mean (elements: float[]) = Array.sum elements / float elements.Length

[<Property(MaxTest = 200)>]
let ``each part has mean 0 and variance 1, then weight and bias`` () =
    forAll 2000 (fun random case ->
        let x = values random -2.0 2.0 case.Sizes
        let weight, bias = values random 0.5 1.5 case.Parameters, values random -1.0 1.0 case.Parameters
        let epsilon = [| 1e-5; 1e-12; 0.3 |][random.Next 3]
        let indices = Tensor.coordinates case.Sizes

        let parts =
            Seq.zip indices x
            |> Seq.groupBy (fun (index, _) -> case.Part index)
            |> Seq.map (fun (part, elements) -> part, elements |> Seq.map snd |> Array.ofSeq)
            |> dict

        let expected (index: int[]) x =
            let part = parts[case.Part index]
            let center = if case.IsCentered then mean part else 0.0
            let variance = part |> Array.map (fun e -> (e - center) * (e - center)) |> mean
            let place = Tensor.position case.Parameters (case.Parameter index)
            (x - center) / sqrt (variance + epsilon) * weight[place] + bias[place]

        let tensor = Tensor.floats DType.Float64 case.Sizes (Array.map2 expected indices x)

        for dtype, tolerance in [ DType.Float64, 1e-9; DType.Float32, 1e-3 ] do
            let options =
                {
                    Epsilon = epsilon
                    Weight = Some(leaf dtype "w" case.Parameters weight)
                    Bias = Some(leaf dtype "b" case.Parameters bias)
                }

            // A part of one element is 0 divided by the root of epsilon: its rounding would show.
            if dtype = DType.Float64 || epsilon > 1e-6 then
                let y = eval (case.Apply options (leaf dtype "x" case.Sizes x))
                Assert.Equal(dtype, y.DType)
                Close.requireWithin tolerance case.Name (Tensor.toArray (Tensor.cast dtype tensor)) y)

[<Property(MaxTest = 40)>]
let ``derivatives to the third order are those of differences`` () =
    forAll 12 (fun random case ->
        let x = leaf DType.Float64 "x" case.Sizes (values random -2.0 2.0 case.Sizes)
        let w = leaf DType.Float64 "w" case.Parameters (values random 0.5 1.5 case.Parameters)
        let b = leaf DType.Float64 "b" case.Parameters (values random -1.0 1.0 case.Parameters)
        let options = { Epsilon = 0.5; Weight = Some w; Bias = Some b }

        for check in checkGradients 3 (case.Apply options x) [ x; w; b ] do
            Assert.True(check.Passed, $"{case.Name} {check}"))

[<Property(MaxTest = 100)>]
let ``forward and reverse mode agree, twice`` () =
    forAll 300 (fun random case ->
        for dtype, tolerance in [ DType.Float64, 1e-10; DType.Float32, 1e-3 ] do
            let some low high sizes = leaf dtype "v" sizes (values random low high sizes)
            let x, w = some -2.0 2.0 case.Sizes, some 0.5 1.5 case.Parameters
            let y = case.Apply { Epsilon = 0.5; Weight = Some w; Bias = None } x
            let t, s, c = some -1.0 1.0 case.Sizes, some -1.0 1.0 case.Parameters, some -1.0 1.0 case.Sizes
            let forward = sum [] (c * jvp y [ x; w ] [ t; s ])
            let backward = List.map2 (fun t d -> sum [] (t * d)) [ t; s ] (vjp y [ x; w ] c) |> List.reduce (+)
            Close.requireWithin tolerance case.Name (eval forward) (eval backward)
            let second = derivative (sum [] (derivative (sum [] (c * y)) x * t)) x
            Close.requireWithin tolerance case.Name (eval second) (eval (hvp (sum [] (c * y)) x t)))

[<Property(MaxTest = 100)>]
let ``vmap normalises each example`` () =
    forAll 300 (fun random case ->
        let some sizes = leaf DType.Float64 "v" sizes (values random -2.0 2.0 sizes)
        let a, b, w = some case.Sizes, some case.Sizes, some case.Parameters
        let f = case.Apply { Normalization.standard with Weight = Some w }
        Close.requireWithin 1e-12 case.Name (eval (stack 0 [ f a; f b ])) (eval (vmap f (stack 0 [ a; b ]))))

[<Property(MaxTest = 60)>]
let ``the statistics of a batch are those that inference takes`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let count = 1 + random.Next 4

    let sizes =
        Array.append [| 2 + random.Next 3; count |] (Array.init (random.Next 3) (fun _ -> 1 + random.Next 4))

    let x = leaf DType.Float64 "x" sizes (values random -2.0 2.0 sizes)
    let batch = batchNorm { Normalization.standard with Epsilon = 0.1 } x
    let n = float (Shapes.size sizes / count)

    for channel in 0 .. count - 1 do
        let elements =
            Seq.zip (Tensor.coordinates sizes) (Tensor.asFloats (Tensor.ofArray (Leaf.start x)))
            |> Seq.filter (fun (index, _) -> index[1] = channel)
            |> Seq.map snd
            |> Array.ofSeq

        let center = mean elements
        let variance = (elements |> Array.sumBy (fun e -> (e - center) * (e - center))) / (n - 1.0)
        Close.requireWithin 1e-12 "mean" (nd center) (eval batch.Mean.[channel])
        Close.requireWithin 1e-12 "variance" (nd variance) (eval batch.Variance.[channel])

    let options = { Normalization.standard with Epsilon = 0.1 }
    let again = batchNormInference options batch.Mean (batch.Variance * ((n - 1.0) / n)) x
    Close.requireWithin 1e-12 "inference" (eval batch.Value) (eval again)

[<Fact>]
let ``inference by argument and statistics, to the third order`` () =
    let x = leaf DType.Float64 "x" [| 2; 2; 2 |] (values (Random 1) -2.0 2.0 [| 2; 2; 2 |])

    let mean, variance =
        leaf DType.Float64 "m" [| 2 |] [| 0.4; -0.2 |], leaf DType.Float64 "v" [| 2 |] [| 1.3; 0.6 |]

    let w = leaf DType.Float64 "w" [| 2 |] [| 0.7; -1.2 |]
    let y = batchNormInference { Normalization.standard with Weight = Some w } mean variance x

    for check in checkGradients 3 y [ x; mean; variance; w ] do
        Assert.True(check.Passed, string check)

[<Fact>]
let ``the standard epsilon is that of PyTorch, and equal elements have finite derivatives`` () =
    Assert.Equal(1e-5, Normalization.standard.Epsilon)
    Assert.Equal(Math.BitIncrement 1.0 - 1.0, (Normalization.machine DType.Float64).Epsilon)
    Assert.Equal(float (MathF.BitIncrement 1.0f - 1.0f), (Normalization.machine DType.Float32).Epsilon)
    let x = variable "x" [ 2.0; 2.0 ]
    let y = layerNorm Normalization.standard [ 2 ] x
    Close.requireWithin 0.0 "value" (nd [ 0.0; 0.0 ]) (eval y)
    Close.requireWithin 1e-12 "gradient" (nd [ 1.0; -1.0 ]) (eval (derivative (y.[0] - y.[1]) x * Math.Sqrt 1e-5))

[<Fact>]
let ``a batch may have an unknown size`` () =
    let value = RandomSource(5L).Normal [| 3; 4; 5 |]
    let x, known = input "x" [ -1; 4; 5 ] DType.Float64, Leaf.variable "x" value

    let all (x: Node) =
        let batch = batchNorm Normalization.standard x
        let options = Normalization.standard

        [
            layerNorm options [ 4; 5 ] x
            rmsNorm options [ 5 ] x
            groupNorm options 2 x
            instanceNorm options x
            batch.Value
            batch.Variance
            batchNormInference options batch.Mean batch.Variance x
        ]

    let withGradients x = all x @ [ for y in all x -> derivative (square y) x ]
    let actual = (compile [ x ] (withGradients x)).Run [ value ]

    for expected, actual in Seq.zip (evalMany (withGradients known)) actual do
        Close.requireWithin 1e-11 "unknown" expected actual

let private x = variable "x" (NDArray.Zeros(2, 6, 4))
let private zeros (sizes: int list) = constant (NDArray.Zeros(Array.ofList sizes))
let private refuse call words make = Refusals.row<ShapeException> call words make
let private standard = Normalization.standard
let private value (batch: BatchNormalization) = batch.Value

let private table =
    [
        for name, norm in [ "layerNorm", layerNorm; "rmsNorm", rmsNorm ] do
            refuse $"{name} over no axes" [ name; "'x' [2,6,4]"; "empty" ] (fun () -> norm standard [] x)
            refuse $"{name} over other sizes" [ name; "'x' [2,6,4]"; "[6,5]" ] (fun () -> norm standard [ 6; 5 ] x)
            refuse $"{name} over leading sizes" [ name; "'x' [2,6,4]"; "[2,6]" ] (fun () -> norm standard [ 2; 6 ] x)
            refuse $"{name} over more axes" [ name; "[1,2,6,4]" ] (fun () -> norm standard [ 1; 2; 6; 4 ] x)

            refuse $"{name} with a weight of another shape" [ name; "weight"; "[6]"; "[4]" ] (fun () ->
                norm { standard with Weight = Some(zeros [ 6 ]) } [ 4 ] x)

            refuse $"{name} with a bias of another shape" [ name; "bias"; "[1,4]"; "[4]" ] (fun () ->
                norm { standard with Bias = Some(zeros [ 1; 4 ]) } [ 4 ] x)

            Refusals.row<ArgumentException> $"{name} with a negative epsilon" [ name; "epsilon is -1" ] (fun () ->
                norm { standard with Epsilon = -1.0 } [ 4 ] x)

            Refusals.row<ArgumentException> $"{name} without an epsilon" [ name; "NaN" ] (fun () ->
                norm { standard with Epsilon = nan } [ 4 ] x)

        refuse "groups that do not divide" [ "groupNorm"; "'x' [2,6,4]"; "6 channels"; "4 groups" ] (fun () ->
            groupNorm standard 4 x)
        refuse "no groups" [ "groupNorm"; "0 groups" ] (fun () -> groupNorm standard 0 x)
        refuse "groups of no channels" [ "groupNorm"; "[3]"; "1 axes" ] (fun () -> groupNorm standard 1 (zeros [ 3 ]))
        refuse "a weight for each group" [ "groupNorm"; "weight"; "[3]"; "[6]" ] (fun () ->
            groupNorm { standard with Weight = Some(zeros [ 3 ]) } 3 x)
        refuse "instances without spatial axes" [ "instanceNorm"; "[2,6]"; "2 axes" ] (fun () ->
            instanceNorm standard (zeros [ 2; 6 ]))
        refuse "a bias of instances" [ "instanceNorm"; "bias"; "[4]"; "[6]" ] (fun () ->
            instanceNorm { standard with Bias = Some(zeros [ 4 ]) } x)
        refuse "a batch of rank 1" [ "batchNorm"; "[6]"; "1 axes" ] (fun () -> value (batchNorm standard (zeros [ 6 ])))
        refuse "a batch of one" [ "batchNorm"; "[1,6]"; "fewer than 2" ] (fun () ->
            value (batchNorm standard (zeros [ 1; 6 ])))
        refuse "a batch of none" [ "batchNorm"; "[0,6,4]"; "fewer than 2" ] (fun () ->
            value (batchNorm standard (zeros [ 0; 6; 4 ])))
        refuse "a weight of a batch" [ "batchNorm"; "weight"; "[4]"; "[6]" ] (fun () ->
            value (batchNorm { standard with Weight = Some(zeros [ 4 ]) } x))
        refuse "unknown channels" [ "batchNorm"; "axis 1"; "'o' [2,-1]"; "not known" ] (fun () ->
            value (batchNorm standard (input "o" [ 2; -1 ] DType.Float64)))
        refuse "a mean of another shape" [ "batchNormInference"; "mean"; "[4]"; "[6]" ] (fun () ->
            batchNormInference standard (zeros [ 4 ]) (zeros [ 6 ]) x)
        refuse "a variance of another shape" [ "batchNormInference"; "variance"; "[]"; "[6]" ] (fun () ->
            batchNormInference standard (zeros [ 6 ]) (scalar 1.0) x)
    ]

[<Fact>]
let ``what does not fit is refused where it is built`` () = Refusals.requireAll table
