/// Random values of graphs: what their keys say, in batches, under derivatives.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Randomness.Draws

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let private shapes =
    Gen.choose (0, 3) |> Gen.bind (fun rank -> Gen.arrayOfLength rank (Gen.choose (0, 9)))

let private seedsAndShapes = Gen.zip (ArbMap.defaults |> ArbMap.generate<int64>) shapes |> Arb.fromGen

let private floats = [ DType.Float32; DType.Float64 ]

let private same what (expected: NDArray) (node: Node) =
    let actual = eval node
    Assert.Equal(expected.DType, actual.DType)
    Assert.True(actual.IsSameAs expected, $"{what}: {actual} instead of {expected}")

[<Property(MaxTest = 100)>]
let ``a graph draws what the source of its seed draws`` () =
    Prop.forAll seedsAndShapes (fun (seed, shape) ->
        let key, source = Random.key seed, RandomSource seed
        same "bits" (source.Bits shape) (Random.bits key shape)

        for dtype in floats do
            same "uniform" (source.Uniform(shape, dtype = dtype)) (Random.uniformOf dtype key shape)
            same "normal" (source.Normal(shape, dtype = dtype)) (Random.normalOf dtype key shape)

        same "integers" (source.Integers(-5L, 17L, shape, DType.Int64)) (Random.integers key -5L 17L shape)
        let wide = source.Integers(Int64.MinValue, Int64.MaxValue, shape, DType.Int64)
        same "wide" wide (Random.integers key Int64.MinValue Int64.MaxValue shape)
        same "bernoulli" (source.Bernoulli(0.3, shape)) (Random.bernoulli key (scalar 0.3) shape)
        let n = Array.length shape * 5
        same "permutation" (source.Permutation(n, DType.Int64)) (Random.permutation key n)
        same "split" (NDArray.Create(source.Split n |> Array.map _.Seed)) (Random.split key n)
        same "foldIn" (NDArray.Scalar (source.Fold seed).Seed) (Random.foldIn key (constant seed))
        same "ofSource" (NDArray.Scalar seed) (Random.ofSource source)

        if n > 0 then
            let logits = source.Fold(1L).Normal(Array.append shape [| 4 |])
            same "categorical" (source.Categorical logits) (Random.categorical key (constant logits)))

[<Property(MaxTest = 60)>]
let ``several keys draw one after the other`` () =
    Prop.forAll seedsAndShapes (fun (seed, shape) ->
        let keys = Random.split (Random.key seed) 3
        let each f = stack 0 [ for i in 0..2 -> f keys.[i] ]
        let grid = reshape [ 3; 1 ] keys

        for name, draw in
            [
                "bits", (fun k -> Random.bits k shape)
                "uniform", (fun k -> Random.uniform k shape)
                "normal", (fun k -> Random.normalOf DType.Float32 k shape)
                "integers", (fun k -> Random.integers k 3L 9L shape)
                "permutation", (fun k -> Random.permutation k 6)
                "split", (fun k -> Random.split k 4)
                "exponential", (fun k -> Random.exponential k shape)
                "laplace", (fun k -> Random.laplace k shape)
                "gumbel", (fun k -> Random.gumbel k shape)
                "truncated", (fun k -> Random.truncatedNormal k (scalar -1.0) (scalar 2.0) shape)
                "bernoulli", (fun k -> Random.bernoulli k (scalar 0.4) shape)
                "foldInText", (fun k -> Random.foldInText k "path/of a layer")
            ] do
            let expected = eval (each draw)
            same name expected (draw keys)
            same name expected (vmap draw keys)
            same name (expected.Reshape(Array.append [| 3; 1 |] (Array.tail (expected.Shape.ToArray())))) (draw grid))

[<Fact>]
let ``a batch over one key sees the same bits in each example`` () =
    let key = Random.key 5L
    let noise = eval (Random.normal key [ 4 ])
    let x = constant (NDArray.Zeros(3, 4))
    let noisy = eval (vmap (fun row -> row + Random.normal key [ 4 ]) x)

    for i in 0..2 do
        Assert.True((noisy[[| i |]]).IsSameAs noise)

    let data = constant [ 3L; 4L; 5L ]
    let apart = eval (stack 0 [ for i in 0..2 -> Random.foldIn key data.[i] ])
    same "folded together" apart (Random.foldIn key data)
    same "folded by vmap" apart (vmap (Random.foldIn key) data)
    let keys = Random.split key 3
    let each = eval (stack 0 [ for i in 0..2 -> Random.foldIn keys.[i] data.[i] ])
    same "folded in pairs" each (Random.foldIn keys data)

[<Fact>]
let ``a key is a value that may be bound`` () =
    let key = input "key" [] DType.Int64

    let f =
        compile [ key ] [ Random.normal key [ 5 ]; Random.uniform (Random.foldInText key "layer") [ 5 ] ]

    let run (seed: int64) = f.Run [ NDArray.Scalar seed ]
    let first, again, other = run 1L, run 1L, run 2L
    Assert.True(first[0].IsSameAs again[0] && first[1].IsSameAs again[1])
    Assert.False(first[0].IsSameAs other[0] || first[1].IsSameAs other[1])
    Assert.True(first[0].IsSameAs((RandomSource 1L).Normal [| 5 |]))
    // A key may be Int32 too.
    same "short key" ((RandomSource 3L).Normal [| 5 |]) (Random.normal (constant 3) [ 5 ])

[<Fact>]
let ``derived keys are all different`` () =
    let key = Random.key 9L

    let keys =
        concat
            0
            [
                Random.split key 200
                Random.foldIn key (constant (Array.init 200 int64))
                Random.foldIn key (constant (Array.init 200 (fun i -> -1L - int64 i)))
                stack 0 [ for i in 0..50 -> Random.foldInText key $"{i}" ]
                Random.split (Random.foldInText key "x") 200
            ]

    let all = (eval keys).ToArray<int64>()
    Assert.Equal(all.Length, (Array.distinct all).Length)

[<Fact>]
let ``shuffling permutes the slices`` () =
    let x = constant (NDArray.Arange(12.0).Reshape(4, 3))
    let order = (RandomSource 6L).Permutation(3, DType.Int64)
    same "columns" (eval (take 1 (constant order) x)) (Random.shuffle (Random.key 6L) 1 x)
    same "columns" (eval (take 1 (constant order) x)) (Random.shuffle (Random.key 6L) -1 x)

// Derivatives pass to the parameters, along frozen keys.

let private key = Random.key 77L

let private reparameterised (dtype: DType) : (string * Node * Node list) list =
    let leaf name (value: NDArray) = Leaf.variable name (value.AsType dtype)
    let mean = leaf "mean" (nd [ 0.3; -1.2; 2.0 ])
    let scale = leaf "scale" (nd [ 0.5; 1.5; 0.9 ])
    let low = leaf "low" (nd [ -0.6; 0.4; -2.5 ])

    [
        "normal", mean + scale * Random.normalOf dtype key [ 4; 3 ], [ mean; scale ]
        "uniform", mean + (square scale) * Random.uniformOf dtype key [ 4; 3 ], [ mean; scale ]
        "exponential", Random.exponentialOf dtype key [ 4; 3 ] / scale, [ scale ]
        "laplace", mean + scale * Random.laplaceOf dtype key [ 4; 3 ], [ mean; scale ]
        "gumbel", mean + scale * Random.gumbelOf dtype key [ 4; 3 ], [ mean; scale ]
        "log normal", exp (0.3 * (mean + scale * Random.normalOf dtype key [ 4; 3 ])), [ mean; scale ]
        "truncated normal", Random.truncatedNormal key low (low + square scale) [ 2; 3 ], [ low; scale ]
        "half infinite", Random.truncatedNormal key low (scalar infinity) [ 2; 3 ] |> sin, [ low ]
        "shuffled", Random.shuffle key 0 (mean * scale) * mean, [ mean; scale ]
    ]

let names = TheoryData<string>(reparameterised DType.Float64 |> Seq.map (fun (name, _, _) -> name))

let private find dtype name = reparameterised dtype |> List.find (fun (other, _, _) -> other = name)

[<Theory; MemberData(nameof names)>]
let ``derivatives with frozen keys agree with differences`` (name: string) =
    let _, node, variables = find DType.Float64 name

    for check in checkGradients 3 node variables do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof names)>]
let ``forward and reverse mode agree in both types`` (name: string) =
    for dtype in floats do
        let _, node, variables = find dtype name
        Assert.Equal(dtype, node.DType)
        let tangents = variables |> List.map cos
        let forward = sum [] (jvp node variables tangents)
        let backward = List.map2 (fun g t -> sum [] (g * t)) (grad node variables) tangents |> List.reduce (+)
        let relative = if dtype = DType.Float64 then 1e-12 else 1e-4
        Close.requireWithin relative name (eval forward) (eval backward)

[<Fact>]
let ``draws that are whole have no derivative`` () =
    let p = variable "p" [ 0.2; 0.7 ]
    let drawn = Node.op_Implicit 1.0 * cast DType.Float64 (Random.bernoulli key p [ 2 ])
    Close.requireWithin 0.0 "bernoulli" (nd [ 0.0; 0.0 ]) (eval (derivative drawn p))
    let chosen = cast DType.Float64 (Random.categorical key (stack 0 [ p; p ]))
    Close.requireWithin 0.0 "categorical" (nd [ 0.0; 0.0 ]) (eval (derivative chosen p))

// What does not fit.

let private k = named "k" (Random.key 1L)
let private ks = named "ks" (Random.split k 3)
let private x = variable "x" (NDArray.Zeros(2, 3))

let private errors: (string * Type * string list * (unit -> Node)) list =
    let shape = typeof<ShapeException>
    let dtype = typeof<DTypeException>
    let argument = typeof<ArgumentException>
    let range = typeof<ArgumentOutOfRangeException>
    let f = x.[0, 0]

    [
        yield "a floating key", dtype, [ "split"; "'x'"; "Float64" ], fun () -> Random.split x 2

        for name, draw in
            [
                "bits", Random.bits
                "uniform", Random.uniform
                "normal", Random.normal
                "uniform", Random.exponential
                "laplace", Random.laplace
                "uniform", Random.gumbel
                "integers", (fun keys shape -> Random.integers keys 0L 3L shape)
                "truncatedNormal", (fun keys shape -> Random.truncatedNormal keys f f shape)
                "bernoulli", (fun keys shape -> Random.bernoulli keys f shape)
            ] do
            yield $"a floating key of {name}", dtype, [ name; "'x' [2,3]"; "Float64" ], (fun () -> draw x [ 2 ])
            yield $"a Bool key of {name}", dtype, [ name; "Bool" ], (fun () -> draw (x .> f) [ 2 ])
            yield $"a negative size of {name}", shape, [ "[2,-1]"; "-1" ], (fun () -> draw k [ 2; -1 ])

        yield "a whole type of uniform", dtype, [ "uniform"; "Int32" ], (fun () -> Random.uniformOf DType.Int32 k [])
        yield "a whole type of normal", dtype, [ "normal"; "Bool" ], (fun () -> Random.normalOf DType.Bool k [])
        yield "a type of laplace", dtype, [ "uniform"; "Int64" ], (fun () -> Random.laplaceOf DType.Int64 k [])
        yield "a negative count of keys", range, [ "split"; "-1" ], (fun () -> Random.split k -1)
        yield "a negative permutation", range, [ "permutation"; "-3" ], (fun () -> Random.permutation k -3)
        yield "a floating key of permutation", dtype, [ "permutation"; "'x'" ], (fun () -> Random.permutation x 3)
        yield "floating data", dtype, [ "foldIn"; "'x' [2,3]"; "Float64" ], (fun () -> Random.foldIn k x)
        yield "a floating key of foldIn", dtype, [ "foldIn"; "'x' [2,3]" ], (fun () -> Random.foldIn x k)

        yield
            "data that are not the keys'",
            shape,
            [ "foldIn"; "[2]"; "'ks' [3]" ],
            (fun () -> Random.foldIn ks (constant [ 1; 2 ]))

        yield "too few data", shape, [ "foldIn"; "'ks' [3]" ], (fun () -> Random.foldIn ks (constant 1))
        yield "no integers", argument, [ "integers"; "from 3 up to 3" ], (fun () -> Random.integers k 3L 3L [ 2 ])
        yield "an axis of shuffle", shape, [ "shuffle"; "axis 2"; "'x' [2,3]" ], (fun () -> Random.shuffle k 2 x)
        yield "keys of shuffle", shape, [ "shuffle"; "'ks' [3]" ], (fun () -> Random.shuffle ks 0 x)

        yield
            "an unknown size",
            shape,
            [ "shuffle"; "-1" ],
            (fun () -> Random.shuffle k 0 (input "y" [ -1 ] DType.Float64))

        yield
            "bounds that do not broadcast",
            shape,
            [ "truncatedNormal"; "[2,3]"; "[4]" ],
            (fun () -> Random.truncatedNormal k x f [ 4 ])

        yield
            "bounds that do not meet",
            shape,
            [ "truncatedNormal"; "[2]"; "[2,3]" ],
            (fun () -> Random.truncatedNormal k x (constant [ 1.0; 2.0 ]) [ 2; 3 ])

        yield
            "probabilities that do not broadcast",
            shape,
            [ "bernoulli"; "'x' [2,3]"; "[4]" ],
            (fun () -> Random.bernoulli k x [ 4 ])

        for p in [ -0.1; 1.5; nan ] do
            yield
                $"the probability {p}",
                argument,
                [ "bernoulli"; "no probability" ],
                (fun () -> Random.bernoulli k (scalar p) [ 4 ])

        yield "logits without an axis", shape, [ "categorical" ], (fun () -> Random.categorical k f)

        yield
            "logits of fewer axes than the keys",
            shape,
            [ "categorical"; "last axis" ],
            (fun () -> Random.categorical ks f)

        yield
            "logits without a choice",
            shape,
            [ "categorical"; "[2,0]" ],
            (fun () -> Random.categorical k (constant (NDArray.Zeros(2, 0))))

        yield
            "logits that are not the keys'",
            shape,
            [ "categorical"; "[2,3]"; "'ks' [3]" ],
            (fun () -> Random.categorical ks x)
    ]

let errorNames = TheoryData<string>(errors |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof errorNames)>]
let ``what does not fit is refused where the node is built`` (name: string) =
    let _, kind, words, call = errors |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, (fun () -> call () |> ignore))

    for word in words do
        Assert.Contains(word, error.Message)
