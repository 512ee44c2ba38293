/// Every rule of the table on formulas that it rewrites: it fires, keeps the meaning, and derivatives before it and after it
/// agree. The rules that promise every bit keep those of special values too.
[<FsCheck.Xunit.Properties(MaxTest = 15)>]
module Autodiff.Properties.Plans.Rules

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Autodiff.Properties.Plans.RuleFormulas
open Xunit
open FsCheck.Xunit

let private ruleOf name = Rewrite.forEvaluation |> List.find (fun rule -> rule.Name = name)

/// Every formula, on one of its shapes: the rule, what to call the case, the formula, the shape.
let private cases (random: Random) =
    [
        for formulas in all do
            for number, formula in List.indexed formulas.Formulas do
                let shape = formulas.Shapes[random.Next formulas.Shapes.Length]
                struct (ruleOf formulas.Rule, $"{formulas.Rule} {number} on {Shape.Create shape}", formula, shape)
    ]

let private array dtype (shape: int[]) (pick: unit -> float) =
    Tensor.toArray (Tensor.floats dtype shape (Array.init (Shapes.size shape) (fun _ -> pick ())))

/// The rule, and how often it is applied.
let private counted (rule: Rewrite.Rule) =
    let count = ref 0

    let apply op =
        let result = rule.Apply op

        if result.IsSome then
            count.Value <- count.Value + 1

        result

    struct ({ rule with Apply = apply }, count)

let private rewritten (rule: Rewrite.Rule) (nodes: Node list) =
    let emitter = Emitter [ rule ]
    nodes |> List.map (fun node -> emitter.Emit node)

let private requireSame what (before: Node list) (after: Node list) =
    for e, a in List.zip (Close.expect [] before) (Close.expect [] after) do
        if Close.isWellConditioned e && Close.isWellConditioned a then
            Close.require what (Close.either e a) (Tensor.toArray a.Value)

[<Fact>]
let ``every rule has formulas, says something, and has a name of its own`` () =
    let names = Rewrite.forEvaluation |> List.map _.Name
    Assert.Equal<string list>(List.sort names, all |> List.map _.Rule |> List.distinct |> List.sort)
    Assert.Equal(names.Length, (List.distinct names).Length)

    for rule in Rewrite.forEvaluation do
        Assert.NotEmpty rule.Says
        Assert.NotEmpty rule.On

[<Property>]
let ``a rule fires on its formulas and keeps their meaning and derivatives`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let pick () = random.NextDouble() * 4.0 - 2.0

    for struct (rule, what, formula, shape) in cases random do
        let x = Leaf.variable "x" (array dtype shape pick)
        let y = Leaf.variable "y" (array dtype shape pick)
        let before = formula x y
        let struct (rule, count) = counted rule
        let after = (rewritten rule [ before ]).Head
        Assert.True(count.Value > 0, $"{what} does not fire")
        Assert.Equal<Shape>(before.Shape, after.Shape)
        Assert.Equal(before.DType, after.DType)
        requireSame what [ before ] [ after ]
        // What stops a gradient is forgotten for evaluation only.
        if rule.Name <> "stopped gradients" then
            requireSame $"gradient of {what}" (grad before [ x; y ]) (grad after [ x; y ])

        requireSame $"{what} after differentiation" (grad before [ x; y ]) (rewritten rule (grad before [ x; y ]))

let private special =
    [|
        0.0
        -0.0
        1.0
        -1.0
        infinity
        -infinity
        nan
        1e-310
        -1e-40
        1e-38
        3e38
        1e308
        0.1
        -2.5
        0.5
        2.0
    |]

/// The value by the kernel, without any other rule.
let private run (inputs: Node[]) (values: NDArray[]) (node: Node) =
    Executor.Run(Lower.run (Formula(inputs, [| node |])), ReadOnlySpan<NDArray> values)[0]

let private bits (x: NDArray) =
    Tensor.asFloats (Tensor.ofArray x)
    |> Array.map (fun e -> if Double.IsNaN e then 1L else BitConverter.DoubleToInt64Bits e)

[<Property(MaxTest = 20)>]
let ``the rules that promise it keep every bit of special values`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let pick () = special[random.Next special.Length]

    for struct (rule, what, formula, shape) in cases random do
        if rule.Keeps <> Rewrite.Keeps.Meaning then
            let values = Array.init 2 (fun _ -> array dtype shape pick)
            let inputs = [| input "x" shape dtype; input "y" shape dtype |]
            let before = formula inputs[0] inputs[1]
            let after = (rewritten rule [ before ]).Head
            let expected, actual = run inputs values before, run inputs values after

            if bits expected <> bits actual then
                failwith $"{what} of {values[0]} and {values[1]}: {actual} instead of {expected}"

/// Numbers at which IEEE has special rules, but none whose square leaves the range.
let private moderate =
    [| 0.0; -0.0; 1.0; -1.0; infinity; -infinity; nan; 0.1; -2.5; 0.5; 2.0; 1e-3; 40.0 |]

// These give a number where the formula as it stands does not: that is what they are for.
let private mending = [ "logarithms"; "exponentials" ]

// Zeros around a factor meet infinities of the other that no term of the formula had.
let private padding = [ "overlapping products" ]

[<Property(MaxTest = 20)>]
let ``the rules that round otherwise keep infinities and what is no number`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let pick () = moderate[random.Next moderate.Length]
    let relative = if dtype = DType.Float32 then 1e-4 else 1e-12

    for struct (rule, what, formula, shape) in cases random do
        if rule.Keeps = Rewrite.Keeps.Meaning && not (List.contains rule.Name (mending @ padding)) then
            let values = Array.init 2 (fun _ -> array dtype shape pick)
            let inputs = [| input "x" shape dtype; input "y" shape dtype |]
            let before = formula inputs[0] inputs[1]
            let after = (rewritten rule [ before ]).Head
            Close.requireWithin relative what (run inputs values before) (run inputs values after)

/// Some elements of an axis, in some order of steps; none now and then.
let private someRange (random: Random) (size: int) =
    let start = random.Next(max 1 size)
    let step = [| 1; 1; 2; 3; -1; -2 |][random.Next 6]

    let most =
        if size = 0 then 0
        elif step > 0 then (size - 1 - start) / step + 1
        else start / -step + 1

    { Start = start; Step = step; Count = random.Next(most + 1) }

/// The places of an axis among others, and the size that holds them all.
let private someplace (random: Random) (count: int) =
    let step = [| 1; 1; 2; -1; -2 |][random.Next 5]
    let before, span = random.Next 3, max 0 ((count - 1) * abs step + 1)
    let start = if step > 0 || count = 0 then before else before + span - 1
    struct ({ Start = start; Step = step; Count = count }, before + span + random.Next 3)

let private slicedAtRandom (random: Random) (x: Node) =
    Node.Make(Op.Slice(x.Shape.ToArray() |> Array.map (someRange random), x))

let private embeddedAtRandom (random: Random) (x: Node) =
    let places = x.Shape.ToArray() |> Array.map (someplace random)
    let shape = places |> Array.map (fun (struct (_, size)) -> size)
    Node.Make(Op.Embed(places |> Array.map (fun (struct (range, _)) -> range), Shape.Create shape, x))

/// The node cut along an axis and joined with itself.
let private joinedAtRandom (random: Random) (x: Node) =
    let axis = random.Next x.Rank
    let ranges = x.Shape.ToArray() |> Array.map (fun size -> { Start = 0; Step = 1; Count = size })
    let cut = random.Next(x.Shape[axis] + 1)

    let piece start count =
        Node.Make(Op.Slice(Array.updateAt axis { Start = start; Step = 1; Count = count } ranges, x))

    concat axis [ piece 0 cut; piece cut (x.Shape[axis] - cut); (if random.Next 2 = 0 then x else piece 0 cut) ]

[<Property(MaxTest = 200)>]
let ``parts of parts hold the elements that they are made of`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let size () = random.Next 6

    let x =
        Leaf.variable "x" (array DType.Float64 [| size (); size () |] (fun () -> float (random.Next 1000)))

    let steps = [| slicedAtRandom; embeddedAtRandom; joinedAtRandom |]
    let mutable y = x

    for _ in 1 .. 1 + random.Next 5 do
        if y.Shape.Size < 500 then
            y <- steps[random.Next 3] random y

    let after = (rewritten (ruleOf "parts") [ y ]).Head
    Assert.Equal(Reference.value y, Reference.value after)
    let kernel = Executor.Run(Lower.run (Formula([| x |], [| after |])), ReadOnlySpan [| Leaf.start x |])
    Assert.Equal(Reference.value y, Tensor.ofArray kernel[0])
