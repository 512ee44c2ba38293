/// What derivatives are as graphs: of inner nodes, of what is not reached, where their nodes come from; and derivatives
/// made of derivatives.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Derivatives.Structure

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private same what (expected: Node) (actual: Node) = Close.requireWithin 1e-12 what (eval expected) (eval actual)

[<Fact>]
let ``inner nodes have gradients`` () =
    let x = variable "x" [ 0.3; -0.4 ]
    let inner = sin x
    let y = inner * inner * x
    same "by the inner node" (2.0 * inner * x) (derivative y inner)
    same "by the variable" (2.0 * sin x * cos x * x + square (sin x)) (derivative y x)

    match grad y [ x; inner ] with
    | [ dx; dInner ] ->
        same "together, by the variable" (derivative y x) dx
        same "together, by the inner node" (derivative y inner) dInner
    | _ -> failwith "two gradients"

[<Fact>]
let ``the gradient of a node by itself is one`` () =
    let x = variable "x" [ [ 1.0; 2.0 ] ]
    same "variable" (onesLike x) (derivative x x)
    let y = exp x
    same "inner node" (onesLike y) (derivative y y)
    let v = constant [ [ 3.0; -1.0 ] ]
    same "vjp" v (vjp y [ y ] v).Head
    same "jvp" v (jvp y [ y ] [ v ])

[<Fact>]
let ``a tangent given to an inner node adds to the one that reaches it`` () =
    let x = variable "x" 0.7
    let inner = sin x
    let y = square inner
    same "both" (2.0 * inner * (cos x * 3.0 + 5.0)) (jvp y [ x; inner ] [ constant 3.0; constant 5.0 ])

[<Property(MaxTest = 50)>]
let ``what is not reached has a zero of its shape`` (graph: Graph) =
    let stranger = variable "stranger" (NDArray.Ones(3, 2))
    let gradient = derivative graph.Outputs.Head stranger
    Assert.True((eval gradient).IsSameAs(NDArray.Zeros(3, 2)))
    let blocked = derivative (stopGradient graph.Outputs.Head) graph.Variables.Head
    Assert.True((eval blocked).IsSameAs(NDArray.Zeros(graph.Variables.Head.Shape.ToArray())))

    Assert.True(
        (eval (jvp graph.Outputs.Head [ stranger ] [ onesLike stranger ])).IsSameAs(eval (zerosLike graph.Outputs.Head))
    )

[<Property(MaxTest = 100)>]
let ``every node that a gradient makes names its primal node`` (graph: Graph) =
    let y = graph.Outputs.Head
    let primal = HashSet<Node>(Traversal.order [ y ], HashIdentity.Reference)
    let cotangent = variable "c" (eval (onesLike y))
    let reached = Reverse.reached (Traversal.Tape [ y ]) (Array.ofList graph.Variables)
    let gradients = vjp y graph.Variables cotangent

    if reached[reached.Length - 1] then
        for node in Traversal.order gradients do
            let isMade = not (primal.Contains node) && Op.children node.Op <> [||]
            // The zero of an unreached variable comes from no node.
            let isZero =
                node.Op.IsEinsum && (Op.children node.Op |> Array.forall (fun child -> child.Op.IsConstant))

            if isMade && not isZero then
                match node.Origin with
                | null -> failwith $"{node} has no origin"
                | origin ->
                    Assert.True(
                        primal.Contains origin.Primal,
                        $"{node} comes from {origin.Primal}, which is not in the graph"
                    )

                    Assert.Equal("vjp", origin.Rule)

[<Property(MaxTest = 60)>]
let ``differentiating builds nothing but nodes over the primal graph`` (graph: Graph) =
    let before = Traversal.order graph.Outputs
    let gradients = grad graph.Outputs.Head graph.Variables
    let after = Traversal.order graph.Outputs
    Assert.Equal<Node[]>(before, after)

    let leaves =
        Traversal.order gradients |> Array.filter (fun node -> node.Op.IsVariable || node.Op.IsInput)

    for leaf in leaves do
        Assert.Contains(leaf, before)

[<Property(MaxTest = 60)>]
let ``gradWith is grad of the product with the cotangent`` (graph: Graph) =
    let y = graph.Outputs.Head
    let c = cos (constant (eval y))
    let one, other = gradWith c y graph.Variables, grad (y * stopGradient c) graph.Variables

    for a, b in List.zip one other do
        match Close.expect [] [ a; b ] with
        | [ expected; own ] when Close.isWellConditioned expected && Close.isWellConditioned own ->
            Close.require "gradient" (Close.either expected own) (eval b)
        | _ -> ()

let private x = variable "x" [ 0.3; -0.7; 1.1 ]
let private m = variable "m" [ [ 0.5; -0.2 ]; [ 0.1; 0.9 ]; [ -0.6; 0.4 ] ]
let private f (x: Node) = tanh (x *@ m) |> exp

let private rows (node: Node) = node |> flatten |> fun flat -> [ for i in 0 .. flat.Shape[0] - 1 -> flat.[i] ]

[<Fact>]
let ``a jacobian holds the gradient of every element`` () =
    let expected = rows (f x) |> List.map (fun element -> derivative element x) |> stack 0
    same "jacobian" expected (jacobian (f x) x)
    let inM = rows (f x) |> List.map (fun element -> derivative element m) |> stack 0
    same "in a matrix" inM (jacobian (f x) m)
    Assert.Equal<Shape>(Shape.op_Implicit [| 2; 3; 2 |], (jacobian (f x) m).Shape)
    same "of a matrix" (jacobian (flatten (m * m)) m |> reshape [ 3; 2; 3; 2 ]) (jacobian (m * m) m)

[<Fact>]
let ``a jacobian of nothing, by nothing, and of a scalar`` () =
    let none = variable "none" (NDArray.Zeros 0)
    Assert.Equal<Shape>(Shape.op_Implicit [| 0; 3 |], (eval (jacobian (concat 0 [ none ]) x)).Shape)
    Assert.Equal<Shape>(Shape.op_Implicit [| 3; 0 |], (eval (jacobian x none)).Shape)
    same "scalar" (derivative (sum [] x) x) (jacobian (sum [] x) x)
    same "by itself" (constant (NDArray.Eye 3)) (jacobian x x)

[<Fact>]
let ``a hessian holds the gradients of the gradient and is symmetric`` () =
    let y = sum [] (f x)
    let h = hessian y x
    same "rows" (rows (derivative y x) |> List.map (fun element -> derivative element x) |> stack 0) h
    same "symmetry" (transpose h) h

[<Fact>]
let ``the hvp is the hessian times the vector`` () =
    let v = constant [ 0.2; -1.0; 0.5 ]
    let y = f x
    same "hvp" (hessian y x *@ v) (hvp y x v)
    same "twice forward" (jvp (derivative y x) [ x ] [ v ]) (hvp y x v)

[<Property(MaxTest = 60)>]
let ``the hvp of a random graph is reverse over reverse`` (graph: Graph) =
    let y, x = graph.Outputs.Head, graph.Variables.Head
    let v = cos (2.0 * onesLike x)
    let forward, backward = hvp y x v, derivative (sum [] (derivative y x * v)) x

    match Close.expect [] [ forward; backward ] with
    | [ a; b ] when Close.isWellConditioned a && Close.isWellConditioned b ->
        Close.require
            "hvp"
            { a with Allowed = Array.map2 (fun p q -> 2.0 * (p + q)) a.Allowed b.Allowed }
            (eval backward)
    | _ -> ()

/// Functions of one argument through every family of operations, for vmap.
let private functions: (string * (Node -> Node)) list =
    let w = constant (NDArray.Create([| for i in 0..11 -> 0.1 * float i - 0.5 |], 4, 3))
    let indices = constant [ 2; 0; -1 ]

    [
        "elementwise", fun x -> sin x * 2.0 + exp (-(x * x))
        "with a constant", fun x -> x + reshape [ 2; 4 ] (flatten (w.[0..3, 0..1]))
        "matmul", fun x -> x *@ w
        "the transpose", fun x -> transpose x *@ x
        "sum", fun x -> sum [ 1 ] x
        "everything", fun x -> sum [] (x * x)
        "softmax", softmax 1
        "logSumExp", logSumExp []
        "amax", amax [ 0 ]
        "argmax", fun x -> cast DType.Float64 (argmax 1 x)
        "take", take 1 indices
        "take at positions that depend on it", fun x -> take 0 (argmax 1 x) (flatten x)
        "take from a constant", fun x -> take 0 (argmax 1 x) w
        "gradient of take", fun x -> derivative (take 1 indices x |> square) x
        "gradient of amax", fun x -> derivative (amax [ 1 ] x |> square) x
        "slice", fun x -> x.[*, 1..2]
        "steps", fun x -> slice [ Slice.Step -1; Slice.Step 2 ] x
        "pad", pad [ struct (1, 0); struct (0, 2) ]
        "concat", fun x -> concat 0 [ x; constant (NDArray.Ones(1, 4)); x ]
        "stack", fun x -> stack 2 [ x; cos x ]
        "reshape", fun x -> reshape [ 4; 2 ] x
        "where", fun x -> where (x .> scalar 0.1) x (scalar 3.0)
        "norm", norm [ 1 ]
        "a constant", fun _ -> w
        "trace", fun x -> trace (x *@ transpose x)
        "stopGradient", fun x -> stopGradient x * identity x
    ]

let functionNames = TheoryData<string>(functions |> Seq.map fst)

let private batch =
    variable "batch" (NDArray.Create([| for i in 0..23 -> sin (float (7 * i)) |], 3, 2, 4))

[<Theory; MemberData(nameof functionNames)>]
let ``vmap is a loop over the first axis`` (name: string) =
    let f = functions |> List.find (fun (other, _) -> other = name) |> snd
    let loop = [ for i in 0..2 -> f batch.[i] ] |> stack 0
    same name loop (vmap f batch)

[<Theory; MemberData(nameof functionNames)>]
let ``vmap of an empty batch is empty`` (name: string) =
    let f = functions |> List.find (fun (other, _) -> other = name) |> snd
    let none = constant (NDArray.Zeros(0, 2, 4))
    let expected = Array.append [| 0 |] ((f batch.[0]).Shape.ToArray())
    Assert.Equal<int[]>(expected, (eval (vmap f none)).Shape.ToArray())

[<Theory; MemberData(nameof functionNames)>]
let ``vmap and grad commute`` (name: string) =
    let f = functions |> List.find (fun (other, _) -> other = name) |> snd
    let perExample = vmap (fun x -> derivative (f x) x) batch
    same name (derivative (vmap f batch) batch) perExample

[<Fact>]
let ``functions transform with the function first`` () =
    let at = constant [ 0.3; -0.7; 1.1 ]
    let y = f at
    same "grad" (derivative (f x) x) (Fn.grad f at)
    let struct (value, gradient) = Fn.valueAndGrad f at
    same "value" y value
    same "gradient" (Fn.grad f at) gradient
    let struct (_, tangent) = Fn.jvp f at (onesLike at)
    same "jvp" (sum [ 1 ] (Fn.jacobian f at)) tangent
    let struct (_, pullback) = Fn.vjp f at
    same "vjp" (Fn.grad f at) (pullback (onesLike y))
    same "hessian" (hessian (f x) x) (Fn.hessian f at)
    same "second" (derivative (derivative (f x) x) x) (Fn.grad (Fn.grad f) at)

[<Fact>]
let ``a function does not see what it closes over as its argument`` () =
    let a = variable "a" 3.0
    same "closure" a (Fn.grad (fun x -> x * a) a)
