/// Parts of einsums over windows: what is not asked for is not computed.
module Autodiff.Properties.Plans.WindowParts

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Kernel
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private array (random: Random) (shape: int[]) : Node =
    let value = (RandomSource(random.Next())).Normal shape
    Leaf.variable "x" (if random.Next 2 = 0 then value else value.AsType DType.Float32)

let private somePart (random: Random) (size: int) : Slice =
    let start = random.Next size
    Slice.Step(Nullable start, Nullable(random.Next(start + 1, size + 1)), (if random.Next 6 = 0 then 2 else 1))

/// Some of the positions of a padded correlation: with steps from window to window and within them, and an axis beside
/// them.
let private partOfCorrelation (random: Random) : Node =
    let x = array random [| random.Next(1, 6); random.Next(1, 6) |]
    let before, after = random.Next 5, random.Next 5
    let width = x.Shape[0] + before + after
    let size = random.Next(1, min 4 width + 1)
    let dilation = if size = 1 then 1 else random.Next(1, min 2 ((width - 1) / (size - 1)) + 1)
    let window = AxisWindow(0, size, random.Next(1, 3), dilation)
    let w = Node.Cast(x.DType, array random [| size; 3 |])
    let slid = pad [ struct (before, after); struct (random.Next 2, 0) ] x |> slidingWindowView [ window ]
    let product = einsum ([| "pqi,ik->pqk"; "pqi,ik->kqp"; "pqi,ik->qp" |][random.Next 3]) [ slid; w ]
    let cut = product[product.Shape.ToArray() |> Array.map (somePart random)]
    // Read for itself too, now and then: it is computed once then, whole.
    if random.Next 4 = 0 then sum [] (sin cut) + sum [] product else sin cut

[<Property(MaxTest = 400)>]
let ``parts of correlations have the values of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let y = partOfCorrelation (Random seed)
    Close.require "part" (Close.expect [] [ y ]).Head ((compile [] [ y ]).Run []).[0]

[<Property(MaxTest = 200)>]
let ``gradients of padded convolutions have the values of the reference`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let kernel = [| random.Next(1, 4); random.Next(1, 4) |]
    let x = array random [| 2; 2; random.Next(kernel[0], 6); random.Next(kernel[1], 6) |]
    let w = Node.Cast(x.DType, array random (Array.append [| 4; 1 + random.Next 2 |] kernel))

    let options =
        { Convolution.standard with
            Padding = Padding.By [ random.Next 3; random.Next 3 ]
            Stride = [ random.Next(1, 3) ]
            Groups = 2 / w.Shape[1]
        }

    let gradients = grad (sum [] (square (conv2d options x w))) [ x; w ]

    for expected, value in Seq.zip (Close.expect [] gradients) ((compile [] gradients).Run []) do
        Close.require "gradient" expected value

let private x = Leaf.input "x" [ 1; 4; 30; 30 ] DType.Float32
let private w = Leaf.input "w" [ 8; 4; 5; 5 ] DType.Float32
let private padded = { Convolution.standard with Padding = Padding.By [ 4 ] }

[<Fact>]
let ``the gradient of a padded convolution is not computed under the padding`` () =
    let y = conv2d padded x w
    let forward = (compile [ x; w ] [ y ]).Flops
    let flops = (compile [ x; w ] (grad (sum [] (square y)) [ x ])).Flops
    // 30 x 30 places instead of 34 x 34, beside the forward product.
    Assert.InRange(flops, forward, forward + (int64 (30 * 30) * int64 (2 * 8 * 25 * 4)) + 200_000L)

[<Fact>]
let ``what several parts are read of is computed once`` () =
    let y = conv2d padded x w
    let part (first: int) (last: int) = y[[| Slice.All; Slice.All; Slice.Step(Nullable first, Nullable last, 1) |]]
    let whole = (compile [ x; w ] [ y ]).Flops
    let flops = (compile [ x; w ] [ part 1 34 - part 0 33 ]).Flops
    Assert.InRange(flops, whole, whole + 100_000L)
