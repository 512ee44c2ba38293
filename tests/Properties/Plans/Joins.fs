/// Sums of embedded parts are joins: the gradient of an array that is read in slices.
module Autodiff.Properties.Plans.Joins

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private range (random: Random) size : Slice =
    let start = random.Next(size + 1)
    let stop = random.Next(start, size + 1)
    Slice.Step(Nullable start, Nullable stop, (if random.Next 8 = 0 then 2 else 1))

/// A slice along some axes; where they coincide in all but one, parts are joined in a frame.
let private slice (random: Random) (frames: Slice[][]) (x: Node) : Node =
    let ranges = Array.copy frames[random.Next frames.Length]
    let axis = random.Next x.Rank
    ranges[axis] <- range random x.Shape[axis]
    x[ranges]

/// A sum of functions of slices of one array, with other terms in between.
let private ofSlices (random: Random) (x: Node) : Node =
    let everything = Array.init x.Rank (fun _ -> Slice.All)
    let frames = [| everything; everything |> Array.mapi (fun axis _ -> range random x.Shape[axis]) |]

    let term _ : Node =
        match random.Next 6 with
        | 0 -> sum [] (square x)
        | 1 -> sum [] (cos (slice random frames x) * 0.5)
        | _ -> sum [] (sin (slice random frames x))

    [ 1 .. random.Next(1, 8) ] |> List.map term |> List.reduce (+)

let private array (random: Random) : Node =
    let shape = Array.init (random.Next(1, 4)) (fun _ -> random.Next(0, 8))
    let value = (RandomSource(random.Next())).Normal shape
    Leaf.variable "x" (if random.Next 2 = 0 then value else value.AsType DType.Float32)

[<Property(MaxTest = 400)>]
let ``the gradient of what reads slices has the values of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let x = array random
    let gradient = grad (ofSlices random x) [ x ]
    let value = (compile [ x ] gradient).Run [ Leaf.start x ]
    Close.require "gradient" (Close.expect [] gradient).Head value[0]

[<Property(MaxTest = 200)>]
let ``embedded parts have the values of the reference, first and second derivative`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let x = array random
    let first = (grad (ofSlices random x) [ x ]).Head
    let second = grad (sum [] (square first)) [ x ]
    let outputs = first :: second
    let values = (compile [ x ] outputs).Run [ Leaf.start x ]

    for expected, value in Seq.zip (Close.expect [] outputs) values do
        Close.require "derivative" expected value

let private steps count (part: Node -> int -> Node) (x: Node) =
    Seq.init count (fun i -> sum [] (sin (part x i))) |> Seq.reduce (+)

[<Fact>]
let ``the steps of an array take its memory once`` () =
    let x = Leaf.input "x" [ 200; 32 ] DType.Float32

    let parts: (string * (Node -> int -> Node)) list =
        [
            "rows", (fun x i -> x[[| Slice.op_Implicit i |]])
            "pieces of rows", (fun x i -> x[[| Slice.op_Implicit i; Slice.Step(Nullable 3, Nullable 30, 1) |]])
            "pairs of rows", (fun x i -> x[[| Slice.Step(Nullable i, Nullable(i + 2), 1) |]])
        ]

    for name, part in parts do
        let plan = compile [ x ] (grad (steps 200 part x) [ x ])
        let bytes = 200L * 32L * 4L
        // Pairs overlap, so that there are two rows of them; pieces stand in an array of their own first.
        Assert.True(plan.PeakBytes <= 3L * bytes + 4096L, $"{name}: {plan.PeakBytes} bytes")

[<Fact>]
let ``a part is computed in its place`` () =
    let x = Leaf.input "x" [ 100; 32 ] DType.Float32
    let plan = compile [ x ] (grad (sum [] (sin x[[| Slice.Step(Nullable 10, Nullable 40, 1) |]])) [ x ])
    Assert.Equal(100L * 32L * 4L, plan.PeakBytes)
    Assert.DoesNotContain("embed", plan.Explain())

[<Fact>]
let ``a part that leaves several axes unfilled is computed in its place`` () =
    let x = Leaf.input "x" [ 8; 30; 50 ] DType.Float32

    let part =
        x[[| Slice.All; Slice.Step(Nullable 1, Nullable 28, 1); Slice.Step(Nullable 2, Nullable 49, 1) |]]

    let plan = compile [ x ] (grad (sum [] (sin part)) [ x ])
    Assert.Equal(8L * 30L * 50L * 4L, plan.PeakBytes)
    Assert.DoesNotContain("embed", plan.Explain())

/// Joins of joins, of what is computed from them, and paddings, whose parts are also read for themselves.
let private nested (random: Random) (x: Node) : Node list =
    let wrap (y: Node) : Node =
        let join parts = concat (random.Next y.Rank) parts

        match random.Next 7 with
        | 0 -> join [ y; sin y ]
        | 1 -> join [ cos y; y; y ]
        | 2 -> reshape [ y.Shape.Size ] (sin y)
        | 3 -> tanh y
        | 4 -> y * 0.5
        | _ -> pad (List.init y.Rank (fun _ -> struct (random.Next 3, random.Next 3))) (sin y)

    let extend (made: Node list) _ : Node list = if made.Head.Shape.Size > 4000 then made else wrap made.Head :: made
    [ 1 .. random.Next(1, 7) ] |> List.fold extend [ x ]

[<Property(MaxTest = 300)>]
let ``joins within joins have the values of the reference, with their gradients`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let x = array random
    let made = nested random x
    let read = made |> List.filter (fun _ -> random.Next 3 = 0)
    let loss = made.Head :: read |> List.map (fun y -> sum [] (square y)) |> List.reduce (+)
    let outputs = made.Head :: read @ grad loss [ x ]
    let values = (compile [ x ] outputs).Run [ Leaf.start x ]

    for expected, value in Seq.zip (Close.expect [] outputs) values do
        Close.require "join" expected value

[<Fact>]
let ``joins nest as deep as they like`` () =
    let x = Leaf.input "x" [ 1; 1 ] DType.Float32

    let wrap (y: Node) i : Node =
        let axis = i % 2

        let border =
            broadcastTo (List.init 2 (fun other -> if other = axis then 1 else y.Shape[other])) (sin (x * float i))

        concat axis [ y; border ]

    let plan = compile [ x ] [ List.fold wrap (cos x) [ 1..600 ] ]
    // The last join has the room of all others; a sine has a place of its own until it is repeated.
    Assert.InRange(plan.PeakBytes, 301L * 301L * 4L, 301L * 301L * 4L + 64L)

[<Property(MaxTest = 60)>]
let ``parts of joins that a loop also reduces have the values of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let x = Leaf.variable "x" ((RandomSource(random.Next())).Normal [| random.Next(1, 4); 24; 20 |])
    let y = sin x
    let axis, reduced = random.Next 3, random.Next 3
    let reduce = if random.Next 2 = 0 then sum [ reduced..2 ] else amax [ reduced..2 ]
    let outputs = [ concat axis [ x; y; 2.0 * x ]; reduce y; y ] |> List.take (random.Next(2, 4))
    let values = (compile [ x ] outputs).Run [ Leaf.start x ]

    for expected, value in Seq.zip (Close.expect [] outputs) values do
        Close.require "joined and reduced" expected value
