/// Functions of shapes and products agree with formulas over indices: in value for every element type, in derivatives
/// of both orders and both modes, and over batches.
module Autodiff.Properties.Graph.Shaping

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck
open FsCheck.FSharp

let private functions =
    MovementCases.all @ PaddingCases.all @ ChoiceCases.all @ ProductCases.all @ EinopsCases.all

let names: TheoryData<string> = TheoryData<string>(List.map fst functions)

/// The law for so many random cases of a function.
let private forCases (count: int) name (law: Random -> ShapeCase -> unit) =
    let make = functions |> List.find (fun (other, _) -> other = name) |> snd
    let seeds = Gen.choose (0, Int32.MaxValue - 1) |> Arb.fromGen

    let check seed =
        let random = Random(seed: int)
        law random (make random)

    Check.One(Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess true, Prop.forAll seeds check)

let private filled (random: Random) (dtype: DType) (sizes: int[]) : Tensor =
    let count = Shapes.size sizes

    if dtype.IsFloat() then
        Tensor.floats dtype sizes (Array.init count (fun _ -> Math.Round(4.0 * random.NextDouble() - 2.0, 3)))
    else
        Tensor.cast dtype (Tensor.wholes DType.Int64 sizes (Array.init count (fun _ -> int64 (random.Next(-4, 5)))))

let private operands random dtype (case: ShapeCase) = case.Operands |> List.map (filled random dtype) |> Array.ofList

let private constants (xs: Tensor[]) = xs |> Seq.map (Tensor.toArray >> constant) |> List.ofSeq

let private bounds (case: ShapeCase) xs = Formula.value (Formula.bounding case.Formula) (Formula.sizesOf xs)

/// What the formula gives for operands, in the type of the result.
let private expected (case: ShapeCase) dtype xs =
    Formula.expected
        (case.Type dtype)
        case.Formula.Sizes
        (Formula.value case.Formula xs)
        (bounds case xs)
        (Formula.isMovement case.Formula)

[<Theory; MemberData(nameof names)>]
let ``a value is what the formula says, for every element type`` (name: string) =
    forCases 60 name (fun random case ->
        for dtype in Arrays.dtypes do
            let xs = operands random dtype case
            let node = case.Apply(constants xs)
            Assert.Equal<Shape>(Shape.op_Implicit case.Formula.Sizes, node.Shape)
            Close.require $"{case.Text} of {dtype}" (expected case dtype xs) (eval node))

let private variables (xs: Tensor[]) =
    xs |> Seq.mapi (fun k x -> Leaf.variable $"x{k}" (Tensor.toArray x)) |> List.ofSeq

let private dot (a: Node) (b: Node) = sum [] (a * b)

let private total (nodes: Node list) = List.reduce (+) nodes

[<Theory; MemberData(nameof names)>]
let ``the tangent is that of the formula, and the gradient its dual`` (name: string) =
    forCases 40 name (fun random case ->
        let dtype = MovementCases.pick random [| DType.Float32; DType.Float64 |]
        let xs, ts = operands random dtype case, operands random dtype case
        let nodes, tangents = variables xs, constants ts
        let y = case.Apply nodes
        let c = filled random dtype case.Formula.Sizes
        let tangent = jvp y nodes tangents
        let dual = vjp y nodes (constant (Tensor.toArray c)) |> List.map2 dot tangents |> total
        let first = Formula.first case.Formula xs ts
        let bound = Formula.first (Formula.bounding case.Formula) (Formula.sizesOf xs) (Formula.sizesOf ts)
        let isExact = Formula.isMovement case.Formula
        let values = evalMany [ tangent; dual ]

        Close.require
            $"tangent of {case.Text}"
            (Formula.expected dtype case.Formula.Sizes first bound isExact)
            values[0]

        let weigh = Array.map2 (*) (Tensor.asFloats c) >> Array.sum
        let weighed = Array.map2 (fun c b -> abs c * b) (Tensor.asFloats c) bound |> Array.sum

        Close.require
            $"dual of {case.Text}"
            (Formula.expected dtype [||] [| weigh first |] [| weighed |] false)
            values[1])

/// The second derivative of sum (c y^2) along t and u is 2 sum c (y_t y_u + y y_tu).
let private curvature (formula: Formula) xs ts us c =
    let y, t, u = Formula.value formula xs, Formula.first formula xs ts, Formula.first formula xs us
    let tu = Formula.second formula xs ts us
    Seq.sum (seq { for i in 0 .. y.Length - 1 -> 2.0 * (Tensor.asFloats c)[i] * (t[i] * u[i] + y[i] * tu[i]) })

[<Theory; MemberData(nameof names)>]
let ``second derivatives, reverse and forward, are those of the formula`` (name: string) =
    forCases 25 name (fun random case ->
        let dtype = MovementCases.pick random [| DType.Float32; DType.Float64; DType.Float64 |]
        let xs, ts, us = operands random dtype case, operands random dtype case, operands random dtype case
        let nodes, t, u = variables xs, constants ts, constants us
        let c = filled random dtype case.Formula.Sizes
        let y = case.Apply nodes
        let z = sum [] (constant (Tensor.toArray c) * y * y)
        let slope = grad z nodes |> List.map2 dot t |> total
        let reverse = grad slope nodes |> List.map2 dot u |> total
        let forward = jvp (jvp z nodes t) nodes u
        let value = curvature case.Formula xs ts us c
        let size = Formula.sizesOf

        let bound =
            curvature (Formula.bounding case.Formula) (size xs) (size ts) (size us) (Array.head (size [| c |]))

        let expected = Formula.expected dtype [||] [| value |] [| bound |] false
        let values = evalMany [ reverse; forward ]
        Close.require $"reverse over reverse of {case.Text}" expected values[0]
        Close.require $"forward over forward of {case.Text}" expected values[1])

[<Theory; MemberData(nameof names)>]
let ``over a batch of one operand it is the function of each slice`` (name: string) =
    forCases 25 name (fun random case ->
        let dtype = MovementCases.pick random (Array.ofList Arrays.dtypes)
        let xs = operands random dtype case
        let k, count = random.Next xs.Length, 1 + random.Next 3
        let batch = Array.init count (fun _ -> filled random dtype case.Operands[k])
        let nodes = constants xs
        let stacked = stack 0 (constants batch)
        let node = vmap (fun x -> case.Apply(List.updateAt k x nodes)) stacked
        let each = batch |> Array.map (fun x -> expected case dtype (Array.updateAt k x xs))

        let expected =
            {
                Value =
                    Tensor.cast
                        (case.Type dtype)
                        (Tensor.floats
                            DType.Float64
                            (Array.append [| count |] case.Formula.Sizes)
                            (each |> Array.collect (fun e -> Tensor.asFloats e.Value)))
                Allowed = each |> Array.collect _.Allowed
            }

        Close.require $"vmap of operand {k} of {case.Text}" expected (eval node))

[<Theory; MemberData(nameof names)>]
let ``derivatives agree with differences`` (name: string) =
    forCases 6 name (fun random case ->
        if List.sumBy Shapes.size case.Operands <= 40 then
            let nodes = variables (operands random DType.Float64 case)
            let y = case.Apply nodes

            if y.Shape.Size > 0 then
                for check in checkGradients 2 (y * y + sin y) nodes do
                    Assert.True(check.Passed, $"{case.Text}: {check}"))
