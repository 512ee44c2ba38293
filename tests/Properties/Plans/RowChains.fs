/// Chains of instructions that work row by row, run some rows at a time: the bits of the instructions one after the other.
module Autodiff.Properties.Plans.RowChains

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Properties.Kernel.Bodies
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private lastAxis (x: Node) = x.Rank - 1

/// Functions that never mix the first axis, and some that do at their end.
let private functions: (Node -> Node list) list =
    [
        fun x -> [ softmax -1 x ]
        fun x -> [ logSoftmax -1 x; amin [ lastAxis x ] x ]
        fun x -> [ layerNorm Normalization.standard [ x.Shape[lastAxis x] ] x ]
        fun x -> [ rmsNorm (Normalization.machine x.DType) [ x.Shape[lastAxis x] ] x; exp x ]
        fun x ->
            let y = tanh x
            [ y; sum [ 1 ] y; amax [ 1 ] (y * y) ]
        fun x -> grad (sum [] (square (softmax -1 x))) [ x ]
        fun x -> [ softmax 0 (tanh (softmax -1 x)); softmax 1 (transpose x) ]
        fun x -> [ sum [ 0 ] (exp x / sum [ 1 ] (exp x)) ]
    ]

/// Unequal sizes would not broadcast: a square where the function needs one.
let private shapes = [ [ 40; 7 ]; [ 33; 1 ]; [ 70; 300 ]; [ 9; 5; 12 ]; [ 17; 17 ]; [ 64; 3; 40 ] ]

let private weights (dtype: DType) (rows: int) (columns: int) =
    Leaf.constant (fill (Random(rows + columns)) (allocate dtype (shapeOf [ rows; columns ])))

let private layer (columns: int) (x: Node) =
    tanh (x *@ weights x.DType x.Shape[lastAxis x] columns + weights x.DType 1 columns)

/// Functions whose products leave the first axis alone: of one operand all rows are needed, or it has the same ones.
let private products: (Node -> Node list) list =
    [
        fun x -> [ layer 10 x ]
        fun x -> [ layer 5 (layer 12 x) ]
        fun x -> [ weights x.DType x.Shape[lastAxis x] 9 |> matmul (abs x) |> square ]
        fun x -> [ sum [ -1 ] (exp x * softmax -1 x); amax [ -1 ] x ]
        fun x ->
            let x = reshape [ x.Shape[0]; -1 ] x
            [ einsum "ab,ab->a" [ tanh x; exp x ] ]
        fun x ->
            let x = if x.Rank = 3 then x else reshape [ x.Shape[0]; 1; x.Shape[1] ] x
            let weights = softmax -1 (einsum "bsd,btd->bst" [ x; x ])
            [ einsum "bst,btd->bsd" [ weights; x ] ]
    ]

let private productShapes =
    [ [ 400; 7 ]; [ 301; 20 ]; [ 1000; 3 ]; [ 61; 12; 5 ]; [ 200; 4; 6 ]; [ 997; 1 ]; [ 500; 130 ] ]

let private joined (program: Program) (blockBytes: int64) =
    Program(program.Buffers, RowChain.Join(program.Instructions, program.Buffers, 0L, blockBytes), program.Results)

let private isChain (instruction: Instruction) =
    match instruction with
    | :? RowChainInstruction -> true
    | _ -> false

/// The outputs of a function, and of the same in blocks of rows.
let private agree (f: Node -> Node list) (shape: int list) dtype (blockBytes: int64) (random: Random) =
    let x = input "x" shape dtype
    let program = Lower.run (Formula([| x |], Array.ofList (f x)))
    let chained = joined program blockBytes
    let value = fill random (allocate dtype (shapeOf shape))
    let bits (program: Program) = Executor.Run(program, ReadOnlySpan [| value |]) |> Array.map (View.Of >> bitsOf)
    let expected = bits program

    let same =
        [ 1; 2; 3 ]
        |> List.forall (fun threads ->
            use _ = ComputeThreads.Use threads
            bits chained = expected)

    struct (same, Array.exists isChain chained.Instructions)

[<Property(MaxTest = 60)>]
let ``rows in blocks give the bits of all rows`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let index = random.Next functions.Length

    let shape =
        if index = functions.Length - 1 then
            [ 17; 17 ]
        else
            shapes[random.Next shapes.Length]

    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let struct (same, _) = agree functions[index] shape dtype (int64 (random.Next(64, 20000))) random
    same

let private holdsProduct (instruction: Instruction) = isChain instruction && instruction.Name.Contains ','

[<Property(MaxTest = 100)>]
let ``products in blocks of rows give the bits of all rows`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let index = random.Next products.Length
    let shape = productShapes[random.Next productShapes.Length]
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let blockBytes = random.Next(1000, 100000)
    let struct (same, _) = agree products[index] shape dtype (int64 blockBytes) random
    Assert.True(same, $"function {index} of {shape}, {dtype}, in blocks of {blockBytes} bytes")

[<Fact>]
let ``layers and attention are chains with their products`` () =
    for f, shape in [ products[0], [ 16384; 16 ]; products[1], [ 16384; 16 ]; products[5], [ 512; 64; 32 ] ] do
        let x = input "x" shape DType.Float32
        let program = Lower.run (Formula([| x |], Array.ofList (f x)))
        Assert.Contains(joined program 655360L |> _.Instructions, holdsProduct)

[<Fact>]
let ``softmax and normalisations are chains`` () =
    for f in functions[0..3] do
        let struct (same, isChained) = agree f [ 70; 300 ] DType.Float32 16384L (Random 3)
        Assert.True same
        Assert.True isChained

[<Fact>]
let ``what only a chain reads has no place in memory`` () =
    let x = input "x" [ 4096; 1024 ] DType.Float32
    let program = Lower.run (Formula([| x |], [| softmax -1 x |]))
    Assert.Equal(1, program.Instructions.Length)
    Assert.Equal(0n, program.ArenaBytes)

[<Theory>]
[<InlineData(1)>]
[<InlineData(3)>]
let ``rows written past the caches have the bits of fewer rows`` (threads: int) =
    let functions x = [| softmax -1 x; layerNorm Normalization.standard [ 1000 ] x |]
    let rows = 4400
    let value = fill (Random 4) (allocate DType.Float32 (shapeOf [ rows; 1000 ]))
    use _ = ComputeThreads.Use threads

    let run (first: int) (count: int) =
        let x = input "x" [ count; 1000 ] DType.Float32
        let program = Lower.run (Formula([| x |], functions x))

        let part =
            NDArray.Create(value.ToArray<float32>()[first * 1000 .. (first + count) * 1000 - 1], [| count; 1000 |])

        struct (program, Executor.Run(program, ReadOnlySpan [| part |]))

    let struct (program, whole) = run 0 rows
    Assert.Contains(program.Instructions, isChain)
    let struct (_, parts) = run 0 1500
    let struct (_, others) = run 1500 (rows - 1500)

    for i in 0..1 do
        let elements (array: NDArray) = array.ToArray<float32>()
        Assert.True((elements whole[i] = Array.append (elements parts[i]) (elements others[i])))
