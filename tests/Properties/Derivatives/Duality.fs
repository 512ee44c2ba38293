/// Forward and reverse mode are transposes of each other, on random graphs and for every linear primitive.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Derivatives.Duality

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// An array of the node's shape with numbers that a seed gives.
let private like seed (node: Node) =
    let random = Random(seed: int)
    let numbers = Array.init node.Shape.Size (fun _ -> Math.Round(random.NextDouble() * 2.0 - 1.0, 3))
    constant (Tensor.toArray (Tensor.floats node.DType (node.Shape.ToArray()) numbers))

let private dot (a: Node) (b: Node) = sum [] (a * b)

[<Property(MaxTest = 200)>]
let ``the vjp is the transpose of the jvp`` (graph: Graph) =
    let y = graph.Outputs.Head
    let tangents = graph.Variables |> List.mapi like
    let cotangent = like 99 y
    let forward = dot cotangent (jvp y graph.Variables tangents)
    let backward = List.map2 dot tangents (vjp y graph.Variables cotangent) |> List.reduce (+)

    match Close.expect [] [ forward; backward ] with
    | [ a; b ] when Close.isWellConditioned a && Close.isWellConditioned b ->
        let allowed = { a with Allowed = Array.map2 (+) a.Allowed b.Allowed |> Array.map ((*) 2.0) }
        Close.require "reverse against forward" allowed (eval backward)
        Close.require "forward against itself" allowed (eval forward)
    | _ -> ()

/// The directional derivative by central differences of the reference, extrapolated.
let private difference (y: Node) (variables: Node list) (tangents: Node list) (weight: Tensor) =
    let direction = tangents |> List.map (Reference.value >> Tensor.asFloats)

    let at (t: float) =
        let moved (x: Node) d =
            let start = Tensor.ofArray (Leaf.start x)

            x,
            { start with
                Elements = Elements.Floats(Array.map2 (fun a b -> a + t * b) (Tensor.asFloats start) d)
            }

        let value = Reference.run (List.map2 moved variables direction) [ y ] |> List.head
        Array.map2 (*) (Tensor.asFloats value) (Tensor.asFloats weight) |> Array.sum

    let quotient h = (at h - at -h) / (2.0 * h)
    (4.0 * quotient 1e-4 - quotient 2e-4) / 3.0

[<Property(MaxTest = 200)>]
let ``the jvp is the directional derivative`` (graph: Graph) =
    let y = graph.Outputs.Head

    if
        y.DType = DType.Float64
        && not (
            Traversal.order [ y ]
            |> Array.exists (fun node -> node.Op.IsStopGradient || node.DType = DType.Float32)
        )
    then
        let tangents = graph.Variables |> List.mapi like
        let weight = like 98 y
        let exact = dot weight (jvp y graph.Variables tangents)
        let expected = difference y graph.Variables tangents (Reference.value weight)

        if Close.isWellConditioned (List.head (Close.expect [] [ exact ])) && abs expected < 1e3 then
            Close.require "jvp" (Close.within 1e-5 (Tensor.floats DType.Float64 [||] [| expected |])) (eval exact)

[<Property(MaxTest = 100)>]
let ``tangents are linear`` (graph: Graph) =
    let y = graph.Outputs.Head
    let t, u = graph.Variables |> List.mapi like, graph.Variables |> List.mapi (fun i x -> like (i + 50) x)
    let together = jvp y graph.Variables (List.map2 (fun t u -> 2.0 * t - u) t u)
    let apart = 2.0 * jvp y graph.Variables t - jvp y graph.Variables u

    match Close.expect [] [ together; apart ] with
    | [ a; b ] when Close.isWellConditioned a && Close.isWellConditioned b ->
        Close.require "sum" { a with Allowed = Array.map2 (fun p q -> 2.0 * (p + q)) a.Allowed b.Allowed } (eval apart)
    | _ -> ()

/// A linear map with the shape of its argument.
type LinearCase = { Name: string; Shape: int[]; Apply: Node -> Node }

let private ofOp name shape op = { Name = name; Shape = shape; Apply = fun x -> Node.Make(op x) }

/// Labels over a few sizes; labels of the result may be new (a broadcast) or stand twice (a diagonal).
let private einsumCase (random: Random) =
    let sizes = Array.init 5 (fun _ -> 1 + random.Next 3)
    let labels count = Array.init count (fun _ -> random.Next 5)
    let operands = Array.init (1 + random.Next 3) (fun _ -> labels (random.Next 4))
    let result = labels (random.Next 4)

    let subscripts =
        Subscripts.Create(
            operands |> Array.map (fun l -> l :> Collections.Generic.IReadOnlyList<int>),
            result,
            (fun label -> sizes[label])
        )

    let shapes = Array.init operands.Length (fun k -> (subscripts.OperandShape k).ToArray())
    let others = shapes |> Array.mapi (fun k shape -> like k (constant (NDArray.Zeros shape)))
    let position = random.Next operands.Length

    ofOp $"einsum {subscripts}, operand {position}" shapes[position] (fun x ->
        Op.Einsum(subscripts, Array.updateAt position x others))

let private ranges (random: Random) (whole: int[]) =
    whole
    |> Array.map (fun size ->
        let count = random.Next(size + 1)
        let step = if count < 2 then 1 else 1 + random.Next((size - 1) / (count - 1))
        let start = if count = 0 then 0 else random.Next(size - (count - 1) * step)

        if random.Next 2 = 0 || count < 2 then
            { Start = start; Step = step; Count = count }
        else
            { Start = start + (count - 1) * step; Step = -step; Count = count })

/// Windows along some axes, of sizes that hold more than one, in any order.
let private windowParts (random: Random) =
    let window axis = AxisWindow(axis, 1 + random.Next 3, 1 + random.Next 3, 1 + random.Next 2)
    let room (w: AxisWindow) = (w.Size - 1) * w.Dilation + 1 + random.Next 6
    let rank = 1 + random.Next 3
    let axes = [| 0 .. rank - 1 |]
    random.Shuffle axes
    let windows = axes |> Array.truncate (1 + random.Next 2) |> Array.map window

    let size axis =
        match windows |> Array.tryFind (fun w -> w.Axis = axis) with
        | Some w -> room w
        | None -> random.Next 4

    struct (windows, Array.init rank size)

let private shape (random: Random) rank = Array.init rank (fun _ -> random.Next 5)

let private gatherParts (random: Random) =
    let batch = Array.init (random.Next 3) (fun _ -> 1 + random.Next 2)
    let between = Array.init (random.Next 2) (fun _ -> 1 + random.Next 3)
    let size = 1 + random.Next 4
    let source = Array.concat [ batch; between; [| size |]; shape random (random.Next 2) ]
    let indexShape = Array.append batch (Array.init (random.Next 3) (fun _ -> 1 + random.Next 3))
    let indices = NDArray.Create(Array.init (Shapes.size indexShape) (fun _ -> random.Next(-size, size)))
    struct (batch.Length, batch.Length + between.Length, source, constant (indices.Reshape indexShape))

let private linearCase (random: Random) : LinearCase =
    let sizes = shape random (random.Next 4)

    match random.Next 12 with
    | 0
    | 1 -> einsumCase random
    | 2 -> { Name = "reshape"; Shape = sizes; Apply = reshape [ Shapes.size sizes; 1 ] }
    | 3 -> ofOp "slice" sizes (let ranges = ranges random sizes in fun x -> Op.Slice(ranges, x))
    | 4 ->
        let ranges = ranges random sizes
        ofOp "embed" (ranges |> Array.map _.Count) (fun x -> Op.Embed(ranges, Shape.op_Implicit sizes, x))
    | 5 ->
        let sizes = Array.append [| 1 + random.Next 3 |] sizes
        let other = like 1 (constant (NDArray.Zeros sizes))
        { Name = "concat"; Shape = sizes; Apply = fun x -> concat 0 [ x; 0.0 * other; x ] }
    | 6 ->
        let struct (batch, axis, source, indices) = gatherParts random
        ofOp "gather" source (fun x -> Op.Gather(batch, axis, x, indices))
    | 7 ->
        let struct (windows, sizes) = windowParts random
        ofOp $"windows %A{windows}" sizes (fun x -> Op.Window(windows, x))
    | 8 ->
        let struct (windows, sizes) = windowParts random
        let shape = Shape.op_Implicit sizes: Shape

        ofOp $"overlapAdd %A{windows}" ((Autodiff.FSharp.Shapes.windowed windows shape).ToArray()) (fun x ->
            Op.OverlapAdd(windows, shape, x))
    | 9 ->
        let struct (batch, axis, source, indices) = gatherParts random

        let updates =
            Node.Make(Op.Gather(batch, axis, constant (NDArray.Zeros source), indices)).Shape.ToArray()

        ofOp "scatterAdd" updates (fun x -> Op.ScatterAdd(batch, axis, Shape.op_Implicit source, x, indices))
    | 10 ->
        let sizes = Array.append sizes [| random.Next 5 |]
        let factors = like 6 (constant (NDArray.Zeros sizes))
        let axis, reverse = random.Next sizes.Length, random.Next 2 = 0
        ofOp "recurrence" sizes (fun x -> Op.Recurrence(axis, reverse, factors, x))
    | _ ->
        let condition = like 2 (constant (NDArray.Zeros sizes)) .> scalar 0.0
        let zeros = constant (NDArray.Zeros sizes)

        {
            Name = "select"
            Shape = sizes
            Apply = fun x -> where condition x (where condition zeros (2.0 * x))
        }

let private cases =
    Gen.choose (0, Int32.MaxValue - 1) |> Gen.map (fun seed -> linearCase (Random seed)) |> Arb.fromGen

[<Property(MaxTest = 600)>]
let ``a linear primitive and its transpose are adjoint`` () =
    Prop.forAll cases (fun case ->
        let x = Leaf.variable "x" (eval (like 3 (constant (NDArray.Zeros case.Shape))))
        let y = case.Apply x
        let c = like 4 y
        let forward, backward = eval (dot y c), eval (dot x (vjp y [ x ] c).Head)
        Close.requireWithin 1e-12 case.Name forward backward)

[<Property(MaxTest = 600)>]
let ``the transpose of the transpose is the primitive`` () =
    Prop.forAll cases (fun case ->
        let x = Leaf.variable "x" (eval (like 3 (constant (NDArray.Zeros case.Shape))))
        let y = case.Apply x
        let c = Leaf.variable "c" (eval (like 4 y))
        let transposed = (vjp y [ x ] c).Head
        Close.requireWithin 1e-12 case.Name (eval y) (eval (vjp transposed [ c ] x).Head))

[<Property(MaxTest = 600)>]
let ``the tangent of a linear primitive is the primitive`` () =
    Prop.forAll cases (fun case ->
        let x = Leaf.variable "x" (eval (like 3 (constant (NDArray.Zeros case.Shape))))
        let t = like 5 x
        Close.requireWithin 1e-12 case.Name (eval (case.Apply t)) (eval (jvp (case.Apply x) [ x ] [ t ])))

[<Property(MaxTest = 300)>]
let ``a linear primitive is what the reference says`` () =
    Prop.forAll cases (fun case ->
        let y = case.Apply(Leaf.variable "x" (eval (like 3 (constant (NDArray.Zeros case.Shape)))))
        Close.require case.Name (List.head (Close.expect [] [ y ])) (eval y))

[<Fact>]
let ``casts between floats are linear, and their transpose casts back`` () =
    let x = variable "x" [ 0.5; -1.25; 3.0 ]
    let y = cast DType.Float32 x
    let c = constant [ 1.0f; 2.0f; -0.5f ]
    let dx = (vjp y [ x ] c).Head
    Assert.Equal(DType.Float64, dx.DType)
    Close.requireWithin 0.0 "cotangent" (nd [ 1.0; 2.0; -0.5 ]) (eval dx)
    let dy = jvp y [ x ] [ constant [ 4.0; -0.25; 8.0 ] ]
    Assert.Equal(DType.Float32, dy.DType)
    Close.requireWithin 0.0 "tangent" (nd [ 4.0f; -0.25f; 8.0f ]) (eval dy)

[<Fact>]
let ``whole numbers and truth values carry no tangent`` () =
    let x = variable "x" [ 0.5; -1.25; 3.0 ]
    let through dtype = cast DType.Float64 (cast dtype x) * 2.0

    for dtype in [ DType.Int32; DType.Int64; DType.Bool ] do
        Close.requireWithin 0.0 "gradient" (nd [ 0.0; 0.0; 0.0 ]) (eval (derivative (through dtype) x))
        Close.requireWithin 0.0 "tangent" (nd [ 0.0; 0.0; 0.0 ]) (eval (jvp (through dtype) [ x ] [ x ]))
