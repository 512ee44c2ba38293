/// Formulas that lose their digits or overflow as they stand: their values, and their derivatives of either mode and of
/// higher orders, come out right, because they are differentiated and evaluated in a stable form.
module Autodiff.Properties.Derivatives.Stability

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private far = [ [ 0.5; 1000.5; -700.0 ]; [ 1.0; 2.0; 3.0 ] ]
let private far32 = NDArray.From(array2D far).AsType DType.Float32

let private same what (expected: Node) (actual: Node) =
    let relative = if expected.DType = DType.Float32 then 1e-5 else 1e-12
    Close.requireWithin relative what (eval expected) (eval actual)

let private agree what (stable: Node -> Node) (plain: Node -> Node) (x: Node) =
    let weights = cos (reshape x.Shape (cast x.DType (constant [| 0.0 .. float (x.Shape.Size - 1) |])))
    let loss (f: Node -> Node) = sum [] (f x * broadcastTo (f x).Shape (sum [] weights + 0.5))
    same what (stable x) (plain x)
    let first f = grad (loss f) [ x ] |> List.head
    same $"gradient of {what}" (first stable) (first plain)
    let second f = grad (sum [] (first f * weights)) [ x ] |> List.head
    same $"second derivative of {what}" (second stable) (second plain)
    let forward f = jvp (loss f) [ x ] [ weights ]
    same $"jvp of {what}" (forward stable) (forward plain)
    Assert.True((eval (all [] (isFinite (first plain)))).Item<bool>(), $"{what}: {eval (first plain)}")

let private pairs: (string * (Node -> Node) * (Node -> Node)) list =
    let column (x: Node) = reshape [ x.Shape[0]; 1 ] x

    [
        "log softmax", logSoftmax 1, (fun x -> log (softmax 1 x))
        "log softmax along the first axis", logSoftmax 0, (fun x -> log (softmax 0 x))
        "log of a softmax that is written out", logSoftmax 1, (fun x -> log (exp x / column (sum [ 1 ] (exp x))))
        "logSumExp", logSumExp [ 1 ], (fun x -> log (sum [ 1 ] (exp x)))
        "logSumExp of all", logSumExp [], (fun x -> log (sum [] (exp x)))
        "log sigmoid", logSigmoid, (fun x -> log (sigmoid x))
        "log of a sigmoid that is written out", logSigmoid, (fun x -> log (1.0 / (1.0 + exp -x)))
        "log of the other side of a sigmoid", (fun x -> logSigmoid -x), (fun x -> log (1.0 - sigmoid x))
        "softplus", softplus, (fun x -> log (1.0 + exp x))
        "softplus by log1p", softplus, (fun x -> log1p (exp x))
        "logAddExp", (fun x -> logAddExp x (2.0 * x)), (fun x -> log (exp x + exp (2.0 * x)))
        "log of exp", (fun x -> x + square x - square x), (fun x -> log (exp x) + square x - square x)
    ]

let names = TheoryData<string>(pairs |> Seq.map (fun (name, _, _) -> name))

[<Theory; MemberData(nameof names)>]
let ``values and derivatives are those of the stable form`` (name: string) =
    let _, stable, plain = pairs |> List.find (fun (other, _, _) -> other = name)
    agree name stable plain (variable "x" far)
    agree name stable plain (Leaf.variable "x" far32)
    // Logits that are computed, and of which the derivative is asked for themselves.
    let source = variable "x" far
    agree $"{name} of an inner node" stable plain (source + 0.0 * cos source)

[<Fact>]
let ``a derivative by a probability is one over it`` () =
    let x = variable "x" [ 0.1; 0.7; -0.4 ]
    let p = softmax 0 x

    match grad (log p * 2.0) [ p; x ] with
    | [ byP; byX ] ->
        same "by the probability" (2.0 / p) byP
        same "by the logits" (grad (2.0 * logSoftmax 0 x) [ x ]).Head byX
    | _ -> failwith "two gradients"

    let e = exp x
    same "by the exponential" (1.0 / e) (grad (log e) [ e ]).Head
    let one = constant 1.0
    same "by a constant" (sum [] (1.0 / (1.0 + e))) (grad (sum [] (log (one + e))) [ one ]).Head

[<Fact>]
let ``small numbers keep the digits that the plain form loses`` () =
    let at (value: float) f = (eval (f (variable "x" value))).Item<float>()
    let derivativeAt (value: float) (f: Node -> Node) = at value (fun x -> (grad (f x) [ x ]).Head)
    Assert.Equal(1e-20, at 1e-20 (fun x -> log (1.0 + x)), 1e-35)
    Assert.Equal(-1e-20, at 1e-20 (fun x -> log (1.0 - x)), 1e-35)
    Assert.Equal(1e-20, at 1e-20 (fun x -> exp x - 1.0), 1e-35)
    Assert.Equal(-1e-20, at 1e-20 (fun x -> 1.0 - exp x), 1e-35)
    Assert.Equal(log 1e-20, at 1e-20 (fun x -> log (1.0 - exp -x)), 1e-12)
    Assert.Equal(1e20, derivativeAt 1e-20 (fun x -> log (1.0 - exp -x)), 1e6)
    Assert.Equal(1.0, derivativeAt 1e-20 (fun x -> log (1.0 + x)))

[<Fact>]
let ``what is no number stays none`` () =
    let x = variable "x" [ 0.5; 0.0; infinity; -infinity; nan ]
    let values (node: Node) = (eval node).ToArray<float>()
    Assert.Equal<float[]>([| nan; -infinity; nan; 0.0; nan |], values (log (1.0 - exp x)))
    Assert.Equal<float[]>([| nan; -infinity; nan; 0.0; nan |], values (log (-(expm1 x))))
    Assert.Equal<float[]>([| 0.0; 0.0; 0.0; -infinity; nan |], values (round (0.1 * log (sigmoid x))))
    Assert.Equal<float[]>([| 0.5; 0.0; infinity; -infinity; nan |], values (log (exp x)))
    Assert.Equal(nan, (eval (log (sum [] (exp x)))).Item<float>())

[<Fact>]
let ``a row of minus infinities stays what it is`` () =
    let x = variable "x" [ [ -infinity; -infinity ]; [ 0.0; -infinity ] ]
    let plain, stable = eval (log (softmax 1 x)), eval (logSoftmax 1 x)
    Assert.True(plain.IsSameAs stable, $"{plain}")

[<Fact>]
let ``a branch that is not taken has no say in the derivative of the plain form`` () =
    let x = variable "x" [ 0.0; 2.0; -1.0 ]
    let zero: Node = Node.op_Implicit 0.0
    let y = where (x .> zero) (log x) zero
    let values (node: Node) = (eval node).ToArray<float>()
    Assert.Equal<float[]>([| 0.0; 0.5; 0.0 |], values (grad (sum [] y) [ x ]).Head)
    Assert.Equal<float[]>([| 0.0; 0.5; 0.0 |], values (jvp y [ x ] [ onesLike x ]))
    let second = grad (sum [] (grad (sum [] y) [ x ]).Head) [ x ]
    Assert.Equal<float[]>([| 0.0; -0.25; 0.0 |], values second.Head)

[<Fact>]
let ``what a stable form makes comes from the logarithm`` () =
    let x = variable "x" [ 0.1; 0.7 ]
    let y = log (softmax 0 x)
    let primal = Traversal.order [ y ] |> Array.map _.Id |> set

    for node in Traversal.order (grad y [ x ]) do
        if not (primal.Contains node.Id) && Op.arity node.Op > 0 then
            match node.Origin with
            | null -> ()
            | origin -> Assert.Contains(origin.Primal.Id, primal)

[<Fact>]
let ``what stands above a stable form comes from the node that it stands for`` () =
    let x, z = variable "x" [ 0.1; 0.7 ], variable "z" [ [ 1.0; 2.0 ]; [ 3.0; 4.0 ] ]
    let repeated = broadcastTo [ 2; 2 ] (log (exp x))
    // The gradient for z is what stands for the repeated logarithm.
    match (grad (repeated * z) [ z ]).Head.Origin with
    | null -> failwith "no origin"
    | origin -> Assert.Same(repeated, origin.Primal)
