/// Einsums that are planned together keep their meaning, and take no more operations and no more memory than each for
/// itself.
[<FsCheck.Xunit.Properties(MaxTest = 150)>]
module Autodiff.Properties.Plans.Chains

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit

let private array (random: Random) (dtype: DType) (shape: int[]) =
    let size = Array.fold (*) 1 shape
    NDArray.Create(Array.init size (fun _ -> random.NextDouble() * 2.0 - 1.0), shape).AsType dtype

/// A node and the label of each axis; equal labels are axes of one size.
[<NoEquality; NoComparison>]
type private Labelled = { Node: Node; Labels: int[] }

/// A network of einsums over leaves that share labels: products of up to five, some of what they make, some of one thing
/// twice, with sums and a function of the elements here and there.
let private network (seed: int) : Node list * Node list =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let sizes = Array.init 4 (fun _ -> [| 1; 2; 3; 5 |][random.Next 4])

    if random.Next 20 = 0 then
        sizes[random.Next 4] <- 0

    let some (labels: int[]) most =
        labels
        |> Array.distinct
        |> Array.sortBy (fun _ -> random.Next())
        |> Array.truncate (random.Next(0, most + 1))

    let leaf i =
        let labels = some [| 0..3 |] 3
        let value = array random dtype (labels |> Array.map (fun label -> sizes[label]))
        { Node = Leaf.variable $"x{i}" value; Labels = labels }

    let leaves = List.init (random.Next(2, 5)) leaf
    let pool = List<Labelled> leaves
    let any () = pool[random.Next pool.Count]

    let product () =
        let operands = Array.init (random.Next(1, 6)) (fun _ -> any ())
        let labels = operands |> Array.map _.Labels
        let distinct = some (Array.concat labels) 3
        // A label twice makes a diagonal.
        let isDiagonal = distinct.Length > 0 && random.Next 6 = 0
        let result = if isDiagonal then Array.append distinct [| distinct[0] |] else distinct
        let nodes = operands |> Array.map _.Node
        pool.Add { Node = contract labels result sizes nodes; Labels = result }

    let sum () =
        let x = any ()
        let alike = pool |> Seq.filter (fun y -> y.Labels = x.Labels) |> Array.ofSeq
        pool.Add { x with Node = x.Node + alike[random.Next alike.Length].Node }

    for _ in 1 .. random.Next(2, 8) do
        match random.Next 6 with
        | 0 -> sum ()
        | 1 when random.Next 3 = 0 ->
            let x = any ()
            pool.Add { x with Node = tanh x.Node }
        | _ -> product ()

    [ pool[pool.Count - 1].Node; (any ()).Node ], leaves |> List.map _.Node

/// What is asked of a network: values, gradients and a product with the Hessian. Nothing here is constant: whether einsums
/// are planned together is decided without what constants save.
let private questions (seed: int) =
    let outputs, leaves = network seed
    let loss = sum [] (square outputs.Head)
    outputs @ loss :: grad loss leaves @ [ hvp loss leaves.Head (cos leaves.Head) ], leaves

let private leavesOf (inputs: Node[]) = Simplify.leavesOf (Formula(inputs, inputs))

/// The programs of nodes whose einsums are planned each for itself, and together.
let private programs (inputs: Node list) (outputs: Node list) =
    let inputs, outputs = Array.ofList inputs, Array.ofList outputs
    let simple = Simplify.simple (Formula(inputs, outputs))
    let program formula = Lower.run (FoldConstants.run formula)
    program simple, program (Simplify.chained (leavesOf inputs) simple)

let private together inputs outputs = snd (programs inputs outputs)

[<Property(MaxTest = 300)>]
let ``einsums planned together have the values, gradients and Hessian products of the reference``
    (FsCheck.DoNotSize(seed: int))
    =
    let nodes, leaves = questions seed
    let _, program = programs leaves nodes
    let values = Executor.Run(program, ReadOnlySpan(leaves |> List.map Leaf.start |> Array.ofList))

    for expected, value in Seq.zip (Close.expect [] nodes) values do
        if Close.isWellConditioned expected then
            Close.require $"network {seed}" expected value

[<Property(MaxTest = 300)>]
let ``a compiled function takes no more operations or memory than with each einsum for itself``
    (FsCheck.DoNotSize(seed: int))
    =
    let nodes, variables = questions seed
    let written = Formula(Array.ofList variables, Array.ofList nodes)
    let leaves = Simplify.leavesOf written
    let program formula = Lower.run (FoldConstants.run (Simplify.stacked leaves formula))
    let simple = Simplify.simple written
    // Where einsums could be planned together, operands that commute are in the order of their ranks.
    let isAsWritten = obj.ReferenceEquals(Simplify.chained leaves simple, simple)
    let apart = program (if isAsWritten then simple else Ranks.ordered leaves.Value simple)
    let whole = compile variables nodes
    Assert.True(whole.Flops <= apart.Flops, $"network {seed}: {whole.Flops} > {apart.Flops}")
    Assert.True(whole.PeakBytes <= apart.PeakBytes, $"network {seed}: {whole.PeakBytes} > {apart.PeakBytes}")

// A compiled function knows its constants, and a cached plan is given them as arguments: their graphs are not the same once
// they are simplified, but what is decided about them is.
[<Property(MaxTest = 500)>]
let ``a compiled function of some leaves gives the bits of a plan for all leaves`` (FsCheck.DoNotSize(seed: int)) =
    let nodes, leaves = questions seed

    let fixedLeaves, variables =
        leaves |> List.indexed |> List.partition (fun (i, _) -> (seed >>> i) % 2 = 0)

    let constants = [ for _, leaf in fixedLeaves -> leaf, Node.Strong(Leaf.start leaf) ]
    let nodes, variables = Traversal.replace constants nodes, List.map snd variables
    let expected = evalMany nodes
    let actual = (compile variables nodes).Run(variables |> List.map Leaf.start)

    for x, y in Seq.zip expected actual do
        Assert.True(x.IsSameAs(y, true), $"network {seed}")

[<Property>]
let ``planning again changes nothing`` (FsCheck.DoNotSize(seed: int)) =
    let nodes, leaves = questions seed
    let inputs = Array.ofList leaves
    let chained = Simplify.chained (leavesOf inputs)
    let once = chained (Simplify.simple (Formula(inputs, Array.ofList nodes)))
    Assert.True((Lower.run (chained once)).Flops <= (Lower.run once).Flops, $"network {seed}")

[<Property>]
let ``with a budget the plan keeps within it`` (FsCheck.DoNotSize(seed: int)) =
    let nodes, leaves = questions seed
    let budget = (compile leaves nodes).PeakBytes
    let within = compileWith { MemoryBudget = budget } leaves nodes
    Assert.True(within.PeakBytes <= budget)

let private size = 64
let private matrix name = input name [ size; size ] DType.Float64
let private vector name = input name [ size ] DType.Float64
let private vectorProduct = 2L * int64 size * int64 size

let private isEinsum (step: Instruction) = step.Name.StartsWith("einsum", StringComparison.Ordinal)

/// The operations of the largest product.
let private largest (program: Program) = program.Instructions |> Seq.filter isEinsum |> Seq.map _.Flops |> Seq.max

[<Fact>]
let ``a chain that ends in a vector, and its gradients, multiply no matrices`` () =
    let a, b, c, v = matrix "a", matrix "b", matrix "c", vector "v"
    let f = sum [] (a *@ b *@ c *@ v)
    let apart, program = programs [ a; b; c; v ] (f :: grad f [ a; b; c; v ])
    Assert.True(largest apart > vectorProduct)
    Assert.True(largest program <= vectorProduct, program.Explain())
    // C v and B (C v), the sums of A's columns and their products with B and B C, and two outer products.
    Assert.True(program.Flops < 7L * vectorProduct, program.Explain())

[<Fact>]
let ``Hessian products of a chain multiply no matrices`` () =
    let a, b, v, d = matrix "a", matrix "b", vector "v", matrix "d"
    let f = sum [] (square (a *@ b *@ a *@ v))
    let program = together [ a; b; v; d ] [ hvp f a d ]
    Assert.True(largest program <= vectorProduct, program.Explain())
    let mixed = together [ a; b; v; d ] (grad (sum [] ((grad f [ a ]).Head * d)) [ a; b; v ])
    Assert.True(largest mixed <= vectorProduct, mixed.Explain())

[<Fact>]
let ``the gradients of an einsum of four operands share their products`` () =
    let tensor name (shape: int list) = input name shape DType.Float32

    let operands =
        [ tensor "a" [ 8; 9; 10 ]; tensor "b" [ 9; 11 ]; tensor "c" [ 10; 11; 12 ]; tensor "d" [ 12; 8 ] ]

    let f = einsum "ijk,jl,klm,mi->" operands
    let gradients = grad f operands

    let separate = gradients |> Seq.sumBy (fun gradient -> (together operands [ gradient ]).Flops)

    let program = together operands gradients
    Assert.True(program.Flops < separate, $"{program.Flops} of {separate}")
    // Four contractions of two operands give A B and C D both ways; each gradient takes one more.
    let isProduct (step: Instruction) = isEinsum step && step.Inputs.Length = 2
    Assert.True((program.Instructions |> Seq.filter isProduct |> Seq.length) <= 8, program.Explain())

[<Fact>]
let ``what others read too is made once and read`` () =
    let a, b, v = matrix "a", matrix "b", vector "v"
    let m = a *@ b
    let program = together [ a; b; v ] [ tanh m; m *@ v ]
    let products = program.Instructions |> Array.filter (fun step -> step.Inputs.Length = 2)

    Assert.Equal<int64 list>(
        [ vectorProduct * int64 size; vectorProduct ],
        [ for step in products -> step.Flops ] |> List.sortDescending
    )

[<Fact>]
let ``what others read is not read where its factors are smaller`` () =
    let u, v, w = vector "u", vector "v", vector "w"
    let m = outer u v
    let program = together [ u; v; w ] [ exp m; m *@ w ]
    // The outer product and its exponential; then one inner product and a vector times a number.
    Assert.True(program.Flops <= vectorProduct + vectorProduct / 2L + 4L * int64 size, program.Explain())

[<Fact>]
let ``what is left of a product may be a diagonal`` () =
    let x = variable "x" (NDArray.Create([| 1.0; 2.0; 3.0; 4.0 |], 2, 2))
    let one = Leaf.constant (NDArray.Scalar 1.0)
    let diagonal = contract [| [| 0; 0 |]; [||] |] [| 0; 0 |] [| 2 |] [| x; one |]

    let y =
        contract [| [| 0; 1 |]; [| 1; 2 |]; [| 2 |] |] [| 0 |] [| 2; 2; 2 |] [| diagonal; x; onesLike x.[0] |]

    let program = together [ x ] [ diagonal; y ]
    let values = Executor.Run(program, ReadOnlySpan [| Leaf.start x |])
    Assert.Equal<float[]>([| 1.0; 0.0; 0.0; 4.0 |], values[0].ToArray<float>())
    Assert.Equal<float[]>([| 3.0; 28.0 |], values[1].ToArray<float>())

[<Fact>]
let ``sums of a product are products of sums`` () =
    let a, b = matrix "a", matrix "b"
    let program = together [ a; b ] [ sum [] (a *@ b) ]
    Assert.True(program.Flops <= 2L * vectorProduct, program.Explain())

[<Fact>]
let ``terms with a common factor are added before it is multiplied`` () =
    let a, b, c, d, v = matrix "a", matrix "b", matrix "c", matrix "d", vector "v"
    let y = a *@ (b *@ c + c *@ d) *@ v
    let program = together [ a; b; c; d; v ] [ y ]
    // C v, B (C v), D v, C (D v), and A times their sum.
    Assert.True(program.Flops <= 5L * vectorProduct + 2L * int64 size, program.Explain())

[<Fact>]
let ``layers without activations are planned although the outer products of their weights would be immense`` () =
    let w, x = input "w" [ 300; 300 ] DType.Float32, input "x" [ 8; 300 ] DType.Float32
    let y = Seq.fold (fun h _ -> h *@ w) x [ 1..12 ]
    let apart, program = programs [ w; x ] (grad (sum [] (square y)) [ w ])
    Assert.True(program.Flops <= apart.Flops)

[<Fact>]
let ``long chains are planned in linear time`` () =
    let n = 4
    let links = [ for _ in 1..20000 -> Leaf.constant (NDArray.Ones [| n; n |]) ]
    let v = input "v" [ n ] DType.Float64
    let y = List.foldBack (fun link (y: Node) -> link *@ y) links v
    let f = compile [ v ] [ y; (grad (sum [] y) [ v ]).Head ]
    Assert.True(f.Flops > 0L)
