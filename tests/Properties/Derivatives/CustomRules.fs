/// Functions with a derivative of their own, and functions outside the graph.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Derivatives.CustomRules

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

/// sin x * y with its own pullback, which is right.
let private byPullback =
    customGradient (fun inputs -> sin inputs[0] * inputs[1]) (fun inputs _ c ->
        [ c * cos inputs[0] * inputs[1]; c * sin inputs[0] ])

/// The same with its own tangent.
let private byTangent =
    customTangent (fun inputs -> sin inputs[0] * inputs[1]) (fun inputs _ tangents ->
        tangents[0] * cos inputs[0] * inputs[1] + tangents[1] * sin inputs[0])

/// exp with a pullback that uses the value.
let private ownExp = customGradient (fun inputs -> exp inputs[0]) (fun _ y c -> [ c * y ])

let private sine =
    OpaqueFunction(
        "sine",
        (fun shapes -> shapes[0]),
        (fun values ->
            let x = values[0]
            let result = x.AsType(DType.Float64).ToArray<float>() |> Array.map Math.Sin
            NDArray.Create(result).Reshape(x.Shape.ToArray()).AsType x.DType)
    )

/// sin outside the graph, whose derivative is cos inside it.
let private opaqueSine = customGradient (opaque sine) (fun inputs _ c -> [ c * cos inputs[0] ])

let private functions: (string * (Node -> Node) * (Node -> Node)) list =
    let constantFactor = constant [ 0.3; -0.8; 1.1 ]

    [
        "pullback of two operands", (fun x -> byPullback [ x; square x ]), (fun x -> sin x * square x)
        "tangent of two operands", (fun x -> byTangent [ x; square x ]), (fun x -> sin x * square x)
        "one node twice", (fun x -> byPullback [ x; x ]), (fun x -> sin x * x)
        "a pullback that uses the value", (fun x -> ownExp [ 0.5 * x ]), (fun x -> exp (0.5 * x))
        "a rule inside a rule's argument", (fun x -> byTangent [ ownExp [ x ]; x ]), (fun x -> sin (exp x) * x)
        "an opaque function", (fun x -> opaqueSine [ x ] * x), (fun x -> sin x * x)
        "a sum over an axis",
        customGradient (fun inputs -> sum [ -1 ] (square inputs[0])) (fun inputs _ c ->
            [ 2.0 * inputs[0] * unsqueeze -1 c ])
        << List.singleton,
        (fun x -> sum [ -1 ] (square x))
        "a rule over a captured constant",
        (fun x ->
            let factor = cast x.DType constantFactor
            customGradient (fun inputs -> inputs[0] * factor) (fun _ _ c -> [ c * factor ]) [ x ]),
        (fun x -> x * cast x.DType constantFactor)
    ]

let names = TheoryData<string>(functions |> Seq.map (fun (name, _, _) -> name))

let private find name =
    let _, f, g = functions |> List.find (fun (other, _, _) -> other = name)
    f, g

let private start = NDArray.From(array2D [ [ 0.3; -0.7; 1.2 ]; [ 0.9; 0.1; -0.4 ] ])

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
        "jacobian", jacobian y x
        "hessian", hessian y x
    ]

[<Theory; MemberData(nameof names)>]
let ``right rules give the derivatives of the function`` (name: string) =
    let own, plain = find name

    for dtype in [ DType.Float64; DType.Float32 ] do
        let x = Leaf.variable "x" (start.AsType dtype)
        let relative = if dtype = DType.Float64 then 1e-12 else 2e-5

        for (what, a), (_, b) in List.zip (derivativesOf own x) (derivativesOf plain x) do
            Assert.Equal(dtype, a.DType)
            Close.requireWithin relative $"{name}: {what}" (eval b) (eval a)

[<Theory; MemberData(nameof names)>]
let ``right rules agree with differences`` (name: string) =
    let own, _ = find name
    let x = Leaf.variable "x" start

    for check in checkGradients 3 (own x) [ x ] do
        Assert.True(check.Passed, string check)

[<Theory; MemberData(nameof names)>]
let ``a function with a rule is batched with its derivatives`` (name: string) =
    let own, _ = find name
    let x = Leaf.variable "x" start
    let along (f: Node -> Node) = vmap f x
    let apart (f: Node -> Node) = stack 0 [ for i in 0..1 -> f x.[i] ]

    for f in
        [
            own
            fun row -> derivative (own row) row
            fun row -> jvp (own row) [ row ] [ cos row ]
            fun row -> jvp (derivative (own row) row) [ row ] [ sin row ]
        ] do
        Close.requireWithin 1e-12 name (eval (apart f)) (eval (along f))
        // A derivative of what was batched needs the batched rule.
        Close.requireWithin 1e-12 name (eval (derivative (apart f) x)) (eval (derivative (along f) x))
        Close.requireWithin 1e-12 name (eval (jvp (apart f) [ x ] [ cos x ])) (eval (jvp (along f) [ x ] [ cos x ]))

[<Fact>]
let ``the rule is used and not the derivative of the value`` () =
    let x = variable "x" [ 0.5; -2.0 ]
    let clipped = customGradient (fun i -> round i[0]) (fun _ _ c -> [ c ]) [ x ]
    Close.requireWithin 0.0 "straight through" (nd [ 1.0; 1.0 ]) (eval (derivative clipped x))
    Close.requireWithin 0.0 "straight through" (nd [ 1.0; 1.0 ]) (eval (jvp clipped [ x ] [ onesLike x ]))
    Close.requireWithin 0.0 "value" (nd [ 0.0; -2.0 ]) (eval clipped)
    let reversed = customGradient (fun i -> 2.0 * i[0]) (fun _ _ c -> [ -c ]) [ x ]
    Close.requireWithin 0.0 "reversed" (nd [ -1.0; -1.0 ]) (eval (derivative reversed x))

[<Fact>]
let ``what a rule captures counts as constant, but is batched`` () =
    let x = variable "x" [ 2.0; 3.0 ]
    let scaled (w: Node) = customGradient (fun i -> i[0] * w) (fun _ _ c -> [ c * w ]) [ x.[0] ]
    let w = variable "w" 5.0
    Close.requireWithin 0.0 "captured" (nd 0.0) (eval (derivative (scaled w) w))
    let weights = constant [ 1.0; 2.0; 4.0 ]
    let slopes = vmap (fun w -> derivative (scaled w) x) weights
    Close.requireWithin 0.0 "slopes" (nd [ [ 1.0; 0.0 ]; [ 2.0; 0.0 ]; [ 4.0; 0.0 ] ]) (eval slopes)
    Close.requireWithin 0.0 "later" (nd [ 7.0; 0.0 ]) (eval (derivative (vmap scaled weights) x))

[<Fact>]
let ``only the value is computed when the graph is evaluated`` () =
    let x = variable "x" [ 0.5; -2.0 ]
    let f = compile [ x ] [ byPullback [ x; exp (exp (exp x)) ] - sin x * exp (exp (exp x)) ]
    Close.requireWithin 0.0 "same node" (nd [ 0.0; 0.0 ]) (Array.head (f.Run [ nd [ 0.1; 0.2 ] ]))
    Assert.DoesNotContain("custom", f.Explain())

[<Fact>]
let ``rules that are formulas are equal by name, those of a user's are themselves`` () =
    let x = variable "x" [ [ 0.5; -2.0 ]; [ 1.0; 0.0 ] ]

    let areOne (f: Node -> Node) =
        let emitter = Emitter Rewrite.always
        obj.ReferenceEquals(emitter.Emit(f x), emitter.Emit(f x))

    for f in [ softmax 1; logSoftmax 1; logSumExp [ 0; 1 ]; vmap (softmax 0) ] do
        Assert.True(areOne f)

    let other (f: Node -> Node) (g: Node -> Node) = Assert.NotEqual((f x).Op, (g x).Op)
    other (softmax 0) (softmax 1)
    other (softmax 1) (vmap (softmax 0))
    Assert.False(areOne (fun x -> customGradient (fun i -> exp i[0]) (fun _ y c -> [ c * y ]) [ x ]))

[<Property(MaxTest = 100)>]
let ``any graph with a rule made of its own derivatives is that graph`` (graph: Graph) =
    let y = sum [] graph.Outputs.Head

    let own = customGradient (fun _ -> y) (fun _ _ c -> gradWith c y graph.Variables) graph.Variables

    let gradient = grad own graph.Variables

    let expected =
        List.map2 Close.either (Close.expect [] (grad y graph.Variables)) (Close.expect [] gradient)

    for e, a in List.zip expected (evalMany gradient) do
        if Close.isWellConditioned e then
            Close.require "gradient" e a

[<Fact>]
let ``operands that carry no derivative are passed over`` () =
    let x = variable "x" [ 1.0; 2.0; 3.0 ]
    let chosen = constant [ 2; 0 ]
    let f = customTangent (fun i -> take 0 i[1] i[0]) (fun i _ t -> take 0 i[1] t[0]) [ x; chosen ]
    Close.requireWithin 0.0 "gradient" (nd [ 1.0; 0.0; 1.0 ]) (eval (derivative f x))
    Close.requireWithin 0.0 "tangent" (nd [ 3.0; 1.0 ]) (eval (jvp f [ x ] [ x ]))

// Opaque functions.

let private identityOf name = OpaqueFunction(name, (fun shapes -> shapes[0]), (fun values -> values[0]))

[<Fact>]
let ``an opaque function has its own shape and type`` () =
    let f =
        OpaqueFunction(
            "count",
            (fun shapes -> Shape.op_Implicit [| shapes[0].Rank; shapes.Length |]),
            (fun _ -> DType.Int64),
            fun values -> NDArray.Full([| values[0].Rank; values.Length |], int64 values[0].Length)
        )

    let node = opaque f [ variable "x" start; constant 1.0 ]
    Assert.Equal<int[]>([| 2; 2 |], node.Shape.ToArray())
    Assert.Equal(DType.Int64, node.DType)
    Close.requireWithin 0.0 "count" (nd [ [ 6; 6 ]; [ 6; 6 ] ] |> fun x -> x.AsType DType.Int64) (eval node)
    Close.require "reference" (List.head (Close.expect [] [ node ])) (eval node)

[<Fact>]
let ``an opaque function gets strided operands as they are`` () =
    let x = constant start
    Close.requireWithin 0.0 "transposed" (eval (transpose x)) (eval (opaque (identityOf "same") [ transpose x ]))
    let part = x.[*, 1..2]
    Close.requireWithin 0.0 "sliced" (eval part) (eval (opaque (identityOf "same") [ part ]))
    let empty = constant (NDArray.Zeros(0, 3))
    Assert.Equal(0, (eval (opaque (identityOf "same") [ empty ])).Length)
    let spread = broadcastTo [ 2; 3 ] (constant 2.0)
    Close.requireWithin 0.0 "broadcast" (eval spread) (eval (opaque (identityOf "same") [ spread ]))

[<Fact>]
let ``an opaque function is called for each example of a batch`` () =
    let mutable shapes = []

    let f =
        OpaqueFunction(
            "sum of products",
            (fun _ -> Shape.Scalar),
            fun values ->
                shapes <- (values[0].Shape, values[1].Shape) :: shapes
                let a, b = values[0].ToArray<float>(), values[1].ToArray<float>()
                NDArray.Scalar(Array.sum (Array.map2 (*) a b))
        )

    let w = constant [ 1.0; 10.0; 100.0 ]
    let y = vmap (fun row -> opaque f [ row; w ]) (constant start)
    Close.requireWithin 1e-14 "rows" (eval (constant start *@ w)) (eval y)
    Assert.All(shapes, (fun (a, b) -> Assert.Equal((Shape.op_Implicit [| 3 |], Shape.op_Implicit [| 3 |]), (a, b))))
    Assert.Equal(2, shapes.Length)

    let twice =
        vmap (fun x -> vmap (fun row -> opaque f [ row; w ]) x) (reshape [ 2; 1; 3 ] (constant start))

    Close.requireWithin 1e-14 "twice" (eval (reshape [ 2; 1 ] y)) (eval twice)

[<Fact>]
let ``an opaque function takes sizes that are known later`` () =
    let x = input "x" [ -1; 2 ] DType.Float64
    let f = compile [ x ] [ opaque (identityOf "same") [ 2.0 * x ] ]

    for n in [ 0; 1; 5 ] do
        Close.requireWithin 0.0 "open" (NDArray.Full([| n; 2 |], 2.0)) (Array.head (f.Run [ NDArray.Ones(n, 2) ]))

// What does not fit.

let private x = variable "x" start
let private gradOf (f: Node list -> Node) = fun () -> derivative (f [ x ]) x |> ignore
let private evalOf (f: OpaqueFunction) = fun () -> eval (opaque f [ x ]) |> ignore
let private sameShape (shapes: Shape[]) = shapes[0]

let private errors: (string * Type * string list * (unit -> unit)) list =
    [
        "too many gradients",
        typeof<ArgumentException>,
        [ "customGradient"; "2 gradients"; "1 operands" ],
        gradOf (customGradient List.head (fun _ _ c -> [ c; c ]))
        "no gradients",
        typeof<ArgumentException>,
        [ "customGradient"; "0 gradients" ],
        gradOf (customGradient List.head (fun _ _ _ -> []))
        "a gradient of another shape",
        typeof<ShapeException>,
        [ "customGradient"; "operand 0 'x' [2,3]"; "[2]" ],
        gradOf (customGradient List.head (fun _ _ c -> [ sum [ 1 ] c ]))
        "a tangent of another shape",
        typeof<ShapeException>,
        [ "customTangent"; "[2,3]"; "[3]" ],
        (fun () -> jvp (customTangent List.head (fun _ _ t -> sum [ 0 ] t[0]) [ x ]) [ x ] [ x ] |> ignore)
        "a tangent of another shape, transposed",
        typeof<ShapeException>,
        [ "customTangent"; "[2,3]"; "[3]" ],
        gradOf (customTangent List.head (fun _ _ t -> sum [ 0 ] t[0]))
        "a backward function that is not linear",
        typeof<ArgumentException>,
        [ "customGradient"; "not linear" ],
        (fun () -> jvp (customGradient List.head (fun _ _ c -> [ square c ]) [ x ]) [ x ] [ x ] |> ignore)
        "a tangent function that is not linear",
        typeof<ArgumentException>,
        [ "customTangent"; "not linear" ],
        gradOf (customTangent List.head (fun _ _ t -> exp t[0]))
        "an opaque function without a derivative",
        typeof<NotSupportedException>,
        [ "opaque 'same'"; "customGradient" ],
        gradOf (opaque (identityOf "same"))
        "an opaque function that refuses the shape",
        typeof<ShapeException>,
        [ "two axes" ],
        (fun () ->
            opaque (OpaqueFunction("f", (fun _ -> raise (ShapeException "two axes")), (fun values -> values[0]))) [ x ]
            |> ignore)
        "an opaque function whose shape fails",
        typeof<ArgumentException>,
        [ "opaque 'f'"; "shape" ],
        (fun () -> opaque (OpaqueFunction("f", (fun shapes -> shapes[1]), (fun values -> values[0]))) [ x ] |> ignore)
        "an opaque function that throws",
        typeof<InvalidOperationException>,
        [ "opaque 'f'"; "no luck" ],
        evalOf (OpaqueFunction("f", sameShape, (fun _ -> failwith "no luck")))
        "an opaque value of another shape",
        typeof<ShapeException>,
        [ "opaque 'f'"; "[3]"; "[2,3]" ],
        evalOf (OpaqueFunction("f", sameShape, (fun _ -> NDArray.Zeros 3)))
        "an opaque value of another type",
        typeof<DTypeException>,
        [ "opaque 'f'"; "Float32"; "Float64" ],
        evalOf (OpaqueFunction("f", sameShape, (fun values -> values[0].AsType DType.Float32)))
        "an opaque value that is null",
        typeof<InvalidOperationException>,
        [ "opaque 'f'"; "null" ],
        evalOf (OpaqueFunction("f", sameShape, (fun _ -> Unchecked.defaultof<NDArray>)))
        "an opaque function without a name", typeof<ArgumentException>, [], (fun () -> identityOf " " |> ignore)
        "an opaque function without a value",
        typeof<ArgumentNullException>,
        [ "null" ],
        (fun () -> OpaqueFunction("f", sameShape, Unchecked.defaultof<Func<NDArray[], NDArray>>) |> ignore)
    ]

let errorNames = TheoryData<string>(errors |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof errorNames)>]
let ``what does not fit is refused`` (name: string) =
    let _, kind, words, call = errors |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, Action call)

    for word in words do
        Assert.Contains(word, error.Message)

[<Fact>]
let ``what an opaque function threw is kept`` () =
    let f = OpaqueFunction("f", sameShape, (fun _ -> raise (DivideByZeroException())))
    let error = Assert.Throws<InvalidOperationException>(fun () -> eval (opaque f [ x ]) |> ignore)
    Assert.IsType<DivideByZeroException> error.InnerException |> ignore
