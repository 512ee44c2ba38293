/// Functions whose derivatives compute their inner values anew.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Derivatives.Checkpoints

open System
open System.Threading
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private start = NDArray.From(array2D [ [ 0.3; -0.7; 1.2 ]; [ 0.9; 0.1; -0.4 ] ])

/// Functions of what marks a part and of a node: `checkpoint` marks it, or nothing does.
let private zero: Node = scalar 0.0

let private cases: (string * (((Node -> Node) -> Node -> Node) -> Node -> Node)) list =
    [
        "one part", (fun mark x -> mark (fun x -> sin x * exp (0.5 * x)) x)
        "a chain", (fun mark x -> x |> mark (fun x -> tanh (1.5 * x)) |> mark (fun x -> sin x * x) |> mark square)
        "a part within a part", (fun mark -> mark (fun x -> mark (fun x -> sin x * x) (exp x) * cos x))
        "parts two deep in a chain",
        (fun mark -> mark (fun x -> x |> mark (fun x -> sin x * x) |> mark (fun x -> exp (0.3 * x))) >> mark sin)
        "what is captured",
        (fun mark x ->
            let scale = cos x
            mark (fun y -> sin (y * scale) * x) (x * x))
        "the same part twice",
        (fun mark x ->
            let f = mark (fun x -> sin x * x)
            f x * f x + f (2.0 * x))
        "two parts of the same node", (fun mark x -> mark sin x * mark (fun x -> exp x * x) x)
        "nothing inside", (fun mark x -> mark id x * mark (fun _ -> x) x)
        "a mask around", (fun mark x -> where (x .> zero) (mark (fun x -> log x * x) x) zero)
        "a mask within", (fun mark x -> mark (fun x -> where (x .> zero) (sqrt x) (x * x)) x)
        "a product of matrices",
        (fun mark x ->
            let w = cast x.DType (constant [ [ 0.3; -0.8; 1.1 ]; [ 0.2; 0.5; -0.4 ]; [ -0.6; 0.7; 0.1 ] ])
            mark (fun x -> tanh (x *@ w) *@ w) x)
        "a rule of its own within",
        (fun mark x ->
            mark (fun x -> customGradient (fun i -> sin i[0]) (fun i _ c -> [ c * cos i[0] ]) [ x * x ] * x) x)
    ]

let names = TheoryData<string>(cases |> Seq.map fst)

let private find name = cases |> List.find (fun (other, _) -> other = name) |> snd

let private plain (f: Node -> Node) = f

/// The value and the derivatives of orders one to three, in every mode and order of modes.
let private derivativesOf (f: Node -> Node) (x: Node) =
    let t, u = constant [ 0.4; -1.1; 0.7 ] + zerosLike x, constant [ 1.3; 0.2; -0.6 ] + zerosLike x
    let y = f x
    let g = derivative y x
    let gg = derivative (sum [] (g * t)) x

    [
        "value", y
        "reverse", g
        "forward", jvp y [ x ] [ t ]
        "reverse over reverse", gg
        "forward over reverse", jvp g [ x ] [ t ]
        "reverse over forward", derivative (jvp y [ x ] [ t ]) x
        "forward over forward", jvp (jvp y [ x ] [ t ]) [ x ] [ u ]
        "third order", derivative (sum [] (gg * u)) x
        "reverse over forward over reverse", derivative (jvp g [ x ] [ t ]) x
        "jacobian", jacobian y x
        "hessian", hessian y x
    ]

[<Theory; MemberData(nameof names)>]
let ``derivatives of every order and mode are those without checkpoints`` (name: string) =
    for dtype in [ DType.Float64; DType.Float32 ] do
        let x = Leaf.variable "x" (start.AsType dtype)
        let relative = if dtype = DType.Float64 then 1e-12 else 2e-5
        let expected, actual = derivativesOf (find name plain) x, derivativesOf (find name checkpoint) x

        for (what, a), (_, b) in List.zip actual expected do
            Assert.Equal(dtype, a.DType)
            Close.requireWithin relative $"{name}: {what}" (eval b) (eval a)

[<Theory; MemberData(nameof names)>]
let ``a batch has the derivatives without checkpoints`` (name: string) =
    let x = Leaf.variable "x" (stack 0 [ constant start; 0.7 * constant start ] |> eval)

    let both (f: (Node -> Node) -> Node) =
        Close.requireWithin 1e-12 name (eval (f (find name plain))) (eval (f (find name checkpoint)))

    for inner in
        [
            id
            fun f -> fun row -> derivative (f row) row
            fun f -> fun row -> jvp (derivative (f row) row) [ row ] [ sin row ]
        ] do
        both (fun f -> vmap (inner f) x)
        both (fun f -> derivative (vmap (inner f) x) x)
        both (fun f -> jvp (vmap (inner f) x) [ x ] [ cos x ])

[<Property(MaxTest = 100)>]
let ``any graph as a part of a graph has the reference's derivatives`` (graph: Graph) =
    let variables = graph.Variables

    let part =
        checkpointMany
            (fun inputs -> [ (Traversal.replace (List.zip variables inputs) [ sum [] graph.Outputs.Head ]).Head ])
            variables
        |> List.head

    let x = variables.Head
    let questions (y: Node) = y :: grad y variables @ [ hvp y x (cos (onesLike x)) ]
    let third (y: Node) = derivative (sum [] (square (hvp y x (sin (onesLike x))))) x
    let nodes (y: Node) = questions y @ [ third y ]
    let own = nodes part
    // A direction without derivative may be folded to exact zeros in the one, where rounding is left in the other.
    let expected =
        List.map2 Close.either (Close.expect [] (nodes (sum [] graph.Outputs.Head))) (Close.expect [] own)

    for e, a in List.zip expected (evalMany own) do
        if Close.isWellConditioned e then
            Close.require "checkpoint" e a

/// The sine, which counts how often it is computed.
let private counted (count: int ref) : Node -> Node =
    let sine =
        OpaqueFunction(
            "counted sine",
            (fun shapes -> shapes[0]),
            (fun values ->
                Interlocked.Increment &count.contents |> ignore
                eval (sin (constant values[0])))
        )

    let f = customGradient (opaque sine) (fun i _ c -> [ c * cos i[0] ])
    fun x -> f [ x ]

/// How many sines a run computes of a graph that is made of them.
let private countOf (graph: (Node -> Node) -> Node -> Node list) =
    let count = ref 0
    let x = variable "x" [ 0.5; -1.0 ]
    let f = compile [ x ] (graph (counted count) x)
    f.Run [ nd [ 0.5; -1.0 ] ] |> ignore
    count.Value

let private chain (parts: int) (layer: Node -> Node) (x: Node) = Seq.fold (fun h _ -> layer h) x [ 1..parts ]

[<Fact>]
let ``a gradient computes each checkpoint once more`` () =
    let gradient (mark: (Node -> Node) -> Node -> Node) (sine: Node -> Node) (x: Node) =
        let y = chain 5 (mark (fun h -> sine (sine h))) x
        [ y; derivative y x ]

    Assert.Equal(10, countOf (gradient plain))
    // The last sine of a part has a derivative that its value has no say in.
    Assert.Equal(10 + 5, countOf (gradient checkpoint))

[<Fact>]
let ``every order computes checkpoints anew`` () =
    let derivatives (mark: (Node -> Node) -> Node -> Node) order (sine: Node -> Node) (x: Node) =
        let y = chain 4 (mark (fun h -> square (sine (2.0 * sine h)))) x
        Seq.fold (fun y _ -> derivative y x) y [ 1..order ] |> List.singleton

    for order in 1..3 do
        let often = countOf (derivatives checkpoint order)
        Assert.Equal(8, countOf (derivatives plain order))
        Assert.InRange(often, 8 * (order + 1) - 2, 8 * pown 2 order)

[<Fact>]
let ``a part within a part is computed once for each`` () =
    let gradient (sine: Node -> Node) (x: Node) =
        let layer = checkpoint (fun h -> square (sine h))
        [ derivative (chain 3 (checkpoint (layer >> layer)) x) x ]

    // Two pairs forward, and of each pair the first for the second, then each for its own derivative.
    Assert.Equal(4 + 3 * 3, countOf gradient)

/// The gradient of a deep network in its input.
let private deep (mark: (Node -> Node) -> Node -> Node) layers stretch =
    let w = input "w" [ 16; 16 ] DType.Float64
    let x = input "x" [ 32; 16 ] DType.Float64
    let layer h = tanh (h *@ w)
    let y = chain (layers / stretch) (mark (chain stretch layer)) x
    compile [ w; x ] [ sum [] (square y); derivative (sum [] (square y)) x ]

[<Fact>]
let ``a deep chain needs far less memory, and computes the same`` () =
    let whole, parts = deep plain 400 20, deep checkpoint 400 20
    let random = RandomSource 3
    let w, x = random.Normal [| 16; 16 |], random.Normal [| 32; 16 |]
    // 400 layers, against 20 and another 20; three products in the place of two.
    Assert.InRange(parts.PeakBytes, 1L, whole.PeakBytes / 5L)
    Assert.InRange(double parts.Flops / double whole.Flops, 1.4, 1.5)

    for e, a in Seq.zip (whole.Run [ w; x ]) (parts.Run [ w; x ]) do
        Close.requireWithin 1e-9 "deep" e a

[<Fact>]
let ``checkpoints are seen, and planned once for graphs of one structure`` () =
    let x = variable "x" [ 0.25; 0.5 ]
    let y = checkpoint (fun x -> sin (x * x)) x
    Assert.StartsWith("checkpoint(", y.ToString())
    Assert.Contains("checkpoint", Drawing.toDot [ y ])
    Assert.Contains("barrier", Drawing.toDot [ derivative y x ])

    let step k =
        let x = variable "x" [ 0.1 * float k; 0.5; 0.25; 0.125; 1.0; 3.0; 2.0 ]
        Encode.graph [] [| derivative (sum [] (checkpoint (fun x -> sin (x * x)) x)) x |]

    Assert.Equal(step 1, step 2)

[<Fact>]
let ``a sum over an unknown size can be a part`` () =
    let x = input "x" [ -1; 2 ] DType.Float64
    let y = sum [] (checkpoint (fun x -> sin x * x) x)
    let f = compile [ x ] [ y; derivative y x ]
    let value = NDArray.From(array2D [ [ 0.1; 0.2 ]; [ 0.3; 0.4 ]; [ 0.5; -0.6 ] ])
    let plain = sin (constant value) + constant value * cos (constant value)
    Close.requireWithin 1e-12 "gradient" (eval plain) ((f.Run [ value ])[1])

[<Fact>]
let ``whole numbers enter a part and leave it`` () =
    let x = variable "x" [ 1.0; 2.0; 3.0 ]
    let chosen = constant [ 2; 0 ]

    let results = checkpointMany (fun i -> [ square (take 0 i[1] i[0]); 2 * i[1] ]) [ x; chosen ]

    Close.requireWithin 0.0 "doubled" (nd [ 4; 0 ]) (eval results[1])
    Close.requireWithin 0.0 "gradient" (nd [ 2.0; 0.0; 6.0 ]) (eval (derivative results[0] x))
