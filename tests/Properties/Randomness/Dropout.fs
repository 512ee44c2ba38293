/// Dropout: what is kept, how it is scaled, and what passes back.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Randomness.Dropout

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private key = Random.key 11L

/// The value, with noise of the size of the graph's, as a function of another.
let private dropped rate (x: Node) = dropout rate true key x

[<Property(MaxTest = 100)>]
let ``an element is dropped or scaled`` (x: Tensor) (seed: int64) (percent: int) =
    if x.Type = DType.Float32 || x.Type = DType.Float64 then
        let rate = float ((abs (int64 percent)) % 101L) / 100.0
        let value = Tensor.toArray x
        let source = (RandomSource seed).Uniform(x.Sizes, dtype = x.Type)
        let fractions = Tensor.asFloats (Tensor.ofArray source)
        let limit = if x.Type = DType.Float32 then float (float32 rate) else rate
        let scale = 1.0 / (1.0 - rate)
        let scale = if x.Type = DType.Float32 then float (float32 scale) else scale

        let expected =
            Array.map2
                (fun (e: float) u -> if rate < 1.0 && u >= limit then e * scale else 0.0)
                (Tensor.asFloats x)
                fractions

        let expected = if rate = 0.0 then Tensor.asFloats x else expected
        let node = dropout rate true (Random.key seed) (Leaf.variable "x" value)
        Assert.Equal(x.Type, node.DType)
        let relative = if x.Type = DType.Float32 then 1e-7 else 1e-15
        Close.require "dropout" (Close.within relative (Tensor.floats x.Type x.Sizes expected)) (eval node)

[<Fact>]
let ``the share that is kept and the mean are right`` () =
    for dtype in [ DType.Float32; DType.Float64 ] do
        for rate in [ 0.1; 0.5; 0.9 ] do
            let ones = constant (NDArray.Ones([| 40_000 |], dtype))
            let value = (eval (cast DType.Float64 (dropped rate ones))).ToArray<float>()
            let kept = value |> Array.averageBy (fun e -> if e = 0.0 then 0.0 else 1.0)

            Assert.InRange(
                kept,
                1.0 - rate - 4.0 * sqrt (rate * (1.0 - rate) / 4e4),
                1.0 - rate + 4.0 * sqrt (rate * (1.0 - rate) / 4e4)
            )

            Assert.Equal(1.0, Array.average value, 4.0 * sqrt (rate / (1.0 - rate) / 4e4))

[<Fact>]
let ``the gradient passes the same mask`` () =
    for rate in [ 0.0; 0.25; 0.75; 1.0 ] do
        let x = Leaf.variable "x" (NDArray.Linspace(0.5, 2.0, 60).Reshape(3, 20))
        let y = dropped rate x
        Close.requireWithin 1e-15 "gradient" (eval (y / x)) (eval (derivative y x))
        Close.requireWithin 1e-15 "tangent" (eval y) (eval (jvp y [ x ] [ x ]))

        for check in checkGradients 2 (sin (dropped rate (square x)) * x) [ x ] do
            Assert.True(check.Passed, string check)

[<Fact>]
let ``all or nothing is dropped at the ends, and nothing outside training`` () =
    let x = variable "x" [ 1.0; infinity; nan; -2.0 ]
    Assert.Same(x, dropped 0.0 x)
    Assert.Same(x, dropout 0.5 false key x)
    Assert.Equal<float[]>([| 0.0; 0.0; 0.0; 0.0 |], (eval (dropped 1.0 x)).ToArray<float>())
    Assert.Equal<float[]>([| 0.0; 0.0; 0.0; 0.0 |], (eval (derivative (dropped 1.0 x) x)).ToArray<float>())
    // What is dropped is 0 whatever it was.
    let mask = eval (dropped 0.5 (onesLike x))
    let value = (eval (dropped 0.5 x)).ToArray<float>()
    let isZero = Array.map2 (fun m v -> m <> 0.0 || v = 0.0) (mask.ToArray<float>()) value
    Assert.DoesNotContain(false, isZero)

[<Fact>]
let ``batches and sizes that are known later`` () =
    let x = Leaf.variable "x" (NDArray.Linspace(0.5, 2.0, 12).Reshape(3, 4))
    let keys = Random.split key 3
    let drop (i: int) = dropout 0.5 true keys.[i] x.[i]
    let apart = stack 0 [ for i in 0..2 -> drop i ]
    let joined = concat 1 [ x; unsqueeze 1 (cast DType.Float64 (constant [ 0; 1; 2 ])) ]

    let along =
        vmap (fun (row: Node) -> dropout 0.5 true (take 0 (cast DType.Int64 row.[4]) keys) row.[0..3]) joined

    Close.requireWithin 0.0 "vmap" (eval apart) (eval along)
    let batch = input "batch" [ -1; 4 ] DType.Float64
    let f = compile [ batch ] [ dropped 0.5 batch; derivative (dropped 0.5 batch) batch ]

    for n in [ 0; 1; 3 ] do
        let ones = NDArray.Ones(n, 4)
        let results = f.Run [ ones ]
        Close.requireWithin 0.0 "open" (eval (dropped 0.5 (constant ones))) results[0]
        Close.requireWithin 0.0 "open" results[0] results[1]

[<Fact>]
let ``layers in different places see different noise`` () =
    let x = constant (NDArray.Ones(1, 200))

    let net isTraining =
        model {
            let! first = Layer.dropout 0.5 isTraining key
            let! second = scope "inner" { return! Layer.dropout 0.5 isTraining key }
            return [ first x; second x; first x ]
        }

    let values = Model.apply (Model.init 1L (net true)) (net true) |> evalMany
    Assert.False(values[0].IsSameAs values[1])
    Assert.True(values[0].IsSameAs values[2])
    Assert.All(Model.apply (Model.init 1L (net false)) (net false), (fun node -> Assert.Same(x, node)))

let private errors: (string * Type * string list * (unit -> Node)) list =
    let x = variable "x" [ 1.0; 2.0 ]

    [
        for rate in [ -0.1; 1.01; nan; infinity ] do
            yield $"the rate {rate}", typeof<ArgumentException>, [ "dropout"; "rate" ], (fun () -> dropped rate x)

        yield
            "whole numbers",
            typeof<DTypeException>,
            [ "dropout"; "[2]"; "Int32" ],
            (fun () -> dropped 0.5 (constant [ 1; 2 ]))
        yield
            "a floating key",
            typeof<DTypeException>,
            [ "dropout"; "Float64" ],
            (fun () -> dropout 0.5 true (constant 1.0) x)

        yield
            "several keys",
            typeof<ShapeException>,
            [ "dropout"; "[3]" ],
            (fun () -> dropout 0.5 true (Random.split key 3) x)

        yield "the rate outside training", typeof<ArgumentException>, [ "rate" ], (fun () -> dropout 2.0 false key x)
    ]

let errorNames = TheoryData<string>(errors |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof errorNames)>]
let ``what does not fit is refused`` (name: string) =
    let _, kind, words, call = errors |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, (fun () -> call () |> ignore))

    for word in words do
        Assert.Contains(word, error.Message)
