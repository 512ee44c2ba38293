/// Products that only a transpose reads are written in its order, and loops read copies of large transposes.
module Autodiff.Properties.Plans.Transposes

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Kernel
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private leaf (random: Random) name (shape: int list) =
    let value = (RandomSource(random.Next())).Normal(Array.ofList shape)
    Leaf.variable name (if random.Next 2 = 0 then value else value.AsType DType.Float32)

/// Products of matrices under some axes of their own, and the leaves they are made of.
let private product (random: Random) : struct (Node * Node list) =
    let around = List.init (random.Next(0, 3)) (fun _ -> random.Next(1, 5))
    let rows, depth, columns = random.Next(0, 9), random.Next(0, 9), random.Next(1, 20)
    let a = leaf random "a" (around @ [ rows; depth ])
    let b = leaf random "b" (around @ [ depth; columns ])
    struct (matmul a b, [ a; b ])

let private shuffled (random: Random) (rank: int) =
    let axes = [| 0 .. rank - 1 |]
    // Mostly, rows stay rows.
    random.Shuffle(axes.AsSpan(0, (if random.Next 3 = 0 then rank else rank - 1)))
    List.ofArray axes

/// The axes of a shape, some neighbours of which are one.
let private joined (random: Random) (shape: Shape) : int list =
    let add (sizes: int list) size =
        match sizes with
        | last :: others when random.Next 2 = 0 -> last * size :: others
        | _ -> size :: sizes

    shape |> Seq.fold add [] |> List.rev

[<Property(MaxTest = 400)>]
let ``transposes of products have the values of the reference, however they are read`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let struct (product, leaves) = product random
    let transpose = permute (shuffled random product.Rank) product
    let seen = reshape (joined random transpose.Shape) transpose

    let read: Node list =
        [
            seen
            tanh seen
            concat (random.Next seen.Rank) [ seen; seen ]
            transpose
            sum [ 0 ] transpose
            product * 2.0
        ]

    let read = read |> List.filter (fun _ -> random.Next 3 = 0)
    let loss = seen :: read |> List.map (fun y -> sum [] (square y)) |> List.reduce (+)
    let outputs = (if random.Next 2 = 0 then read else seen :: read) @ grad loss leaves
    let values = (compile leaves outputs).Run(leaves |> List.map Leaf.start)

    for expected, value in Seq.zip (Close.expect [] outputs) values do
        Close.require "transpose" expected value

let private heads (y: Node) = y |> reshape [ 8; 16; 4; 32 ] |> permute [ 0; 2; 1; 3 ]

[<Fact>]
let ``attention copies nothing to split and join its heads`` () =
    let input name = Leaf.input name [ 8; 16; 128 ] DType.Float32
    let q, k, v = input "q", input "k", input "v"
    let scores = matmul (heads q) (permute [ 0; 1; 3; 2 ] (heads k))
    let joined = matmul (softmax 3 scores) (heads v) |> permute [ 0; 2; 1; 3 ]
    let w = Leaf.input "w" [ 128; 128 ] DType.Float32
    let plan = compile [ q; k; v; w ] [ matmul (reshape [ 8; 16; 128 ] joined) w; joined ]
    Assert.DoesNotContain("copy", plan.Explain())

let private sizes = [| 15; 16; 40; 63; 64; 65; 130 |]

[<Property(MaxTest = 100)>]
let ``loops over transposes have the values of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let pick () = sizes[random.Next sizes.Length]
    let rows, columns, around = pick (), pick (), random.Next(1, 3)
    let x, y = leaf random "x" [ columns; around; rows ], leaf random "y" [ rows; around; columns ]
    let turned = permute [ 2; 1; 0 ] x
    let part = slice [ Slice.Step(Nullable 1, Nullable(), 1) ] turned

    let read: Node list =
        [
            turned + y
            tanh turned * y - turned
            sum [ random.Next 3 ] (turned * y)
            exp part
            turned * (y * turned).Sum(2, keepDims = true) |> reshape [ rows; around * columns ]
        ]

    let outputs = read[random.Next read.Length] :: List.filter (fun _ -> random.Next 3 = 0) read
    let values = (compile [ x; y ] outputs).Run [ Leaf.start x; Leaf.start y ]

    for expected, value in Seq.zip (Close.expect [] outputs) values do
        Close.require "turned" expected value

[<Fact>]
let ``a transpose that loops read is copied once, and not at all where memory is scarce`` () =
    let x, y = Leaf.input "x" [ 200; 100 ] DType.Float64, Leaf.input "y" [ 100; 200 ] DType.Float64
    let outputs = [ sum [ 1 ] (transpose x * y); sum [ 1 ] (exp (transpose x) * y) ]
    let copies (plan: CompiledFunction) = plan.Explain().Split("copy(").Length - 1
    let plan = compile [ x; y ] outputs
    Assert.Equal(1, copies plan)
    let within bytes = compileWith { MemoryBudget = bytes } [ x; y ] outputs
    Assert.Equal(plan.Explain(), (within plan.PeakBytes).Explain())
    let scarce = within (plan.PeakBytes - 8L)
    Assert.Equal(0, copies scarce)
    Assert.True(scarce.PeakBytes < plan.PeakBytes)
