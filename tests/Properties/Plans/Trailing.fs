/// Loops that end in a reduction, against the same graphs with the operand of the reduction kept.
module Autodiff.Properties.Plans.Trailing

open System
open Autodiff
open Autodiff.FSharp
open Xunit

let private values (random: Random) (node: Node) =
    let data = Array.init node.Shape.Size (fun _ -> random.NextDouble() * 4.0 - 2.0)
    NDArray.Create(data, node.Shape.ToArray()).AsType node.DType

let private bits (array: NDArray) =
    array.AsType(DType.Float64).ToArray<float>() |> Array.map BitConverter.DoubleToInt64Bits

/// What is reduced, of which inputs, and the reduction.
let private cases dtype : (string * Node[] * Node * (Node -> Node)) list =
    let x shape name = input name shape dtype
    let a, b, c = x [ 3; 500 ] "a", x [ 500 ] "b", x [ 3; 1 ] "c"
    let e = x [ 6; 2; 300 ] "e"
    let v, single = x [ 5000 ] "v", x [ 3; 17; 17; 1 ] "single"
    let affine = tanh (a * b + c)

    [
        "all", [| v |], tanh (v * v) * v, sum []
        "all of two axes", [| a; b; c |], affine, sum []
        "the last axis", [| a; b; c |], affine, sum [ 1 ]
        "the first axis", [| a; b; c |], affine, sum [ 0 ]
        "maximum of the last", [| a; b; c |], affine, amax [ 1 ]
        "minimum of all", [| a; b; c |], affine, amin [ 0; 1 ]
        "the middle axis", [| e |], exp e * e, sum [ 1 ]
        "the outer axes", [| e |], exp e * e, sum [ 0; 1 ]
        "axes before one of size 1 that is kept", [| single |], exp single * single, sum [ 1; 2 ]
    ]

[<Theory>]
[<InlineData(DType.Float32)>]
[<InlineData(DType.Float64)>]
let ``a fused reduction has the bits of one that is not`` (dtype: DType) =
    for name, inputs, operand, reduce in cases dtype do
        let random = Random 5
        let arguments = inputs |> Array.map (values random)
        let y = reduce operand
        let alone = compile inputs [| y |]
        let kept = compile inputs [| y; operand |]

        Assert.True(alone.Explain().Contains " and ", $"{name}: {alone.Explain()}")

        // The second run may be of generated code.
        for _ in 1..2 do
            Assert.Equal<int64[]>(bits ((kept.Run arguments)[0]), bits ((alone.Run arguments)[0]))

[<Fact>]
let ``the operand of a fused reduction takes no memory`` () =
    let v = input "v" [ 5000 ] DType.Float64
    let plan = compile [| v |] [| sum [] (tanh (v * v) * v) |]
    Assert.Contains("and Sum", plan.Explain())
    Assert.True(plan.PeakBytes < 1000L, plan.Explain())

[<Fact>]
let ``what a loss reads and its gradient are one loop, also where the loss is computed on from the sum`` () =
    let x = [| for name in [ "a"; "b"; "c" ] -> input name [ 5000 ] DType.Float64 |]
    let loss = scalar 3.0 * sum [] (tanh (x[0] * x[1]) * x[2]) + scalar 2.0
    let whole = compile x (Array.append [| loss |] (Array.ofList (grad loss (List.ofArray x))))
    let loops = whole.Explain().Split("loop of").Length - 1
    Assert.True((loops = 1), whole.Explain())

[<Fact>]
let ``what is stored and summed over rows is computed once`` () =
    let x = input "x" [ 5; 300 ] DType.Float32
    let y = exp x
    let keepingSum (y: Node) = reshape [ 5; 1 ] (sum [ 1 ] y)
    let plan = compile [| x |] [| y / keepingSum y |]
    Assert.Contains("and Sum", plan.Explain())
    Assert.DoesNotContain("einsum", plan.Explain())
