/// Plans that keep within a budget of memory.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Budget

open System
open System.Threading
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private requireBits (expected: NDArray[]) (actual: NDArray[]) =
    Array.iteri2
        (fun i (e: NDArray) (a: NDArray) -> Assert.True(a.IsSameAs(e, true), $"{i}: {a} instead of {e}"))
        expected
        actual

let private valuesOf (program: Program) (values: NDArray list) =
    Executor.Run(program, ReadOnlySpan(Array.ofList values))

/// The leaves of a graph, and its plan within a budget.
let private plannedFor budget (inputs: Node list) (outputs: Node list) =
    let formula = Formula(Array.ofList inputs, Array.ofList outputs)
    let leaves = Simplify.leavesOf formula
    struct (leaves, Compiler.planned budget leaves formula)

/// The values by the plan that a budget does not ask anything of.
let private asFastest budget inputs outputs =
    let struct (leaves, planned) = plannedFor budget inputs outputs
    valuesOf (Lower.run (FoldConstants.run (Simplify.stacked leaves planned)))

/// The values by the plan that computes nothing twice, where sums do not keep their products and nothing is stacked: both
/// add up in another order.
let private keepingAll budget inputs outputs =
    let struct (_, planned) = plannedFor budget inputs outputs
    valuesOf (Lower.runWithin (Int64.MaxValue - 1L) (FoldConstants.run planned))

[<Property(MaxTest = 100)>]
let ``a plan within a budget computes the same bits, or names what it needs`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables
    let values = graph.Variables |> List.map Leaf.start
    let whole = compile graph.Variables nodes

    for share in [ 0.9; 0.6; 0.3 ] do
        let asked = int64 (share * double whole.PeakBytes)

        let struct (budget, within) =
            try
                struct (asked, compileWith { MemoryBudget = asked } graph.Variables nodes)
            with :? MemoryBudgetException as error ->
                Assert.Equal(asked, error.Budget)
                Assert.True(error.Least > asked && error.Least <= whole.PeakBytes)
                struct (error.Least, compileWith { MemoryBudget = error.Least } graph.Variables nodes)

        Assert.True(within.PeakBytes <= whole.PeakBytes)
        Assert.True(within.RecomputeFactor >= 1.0)

        let expected = if within.PeakBytes = whole.PeakBytes then asFastest else keepingAll
        requireBits (expected budget graph.Variables nodes values) (within.Run values)

[<Fact>]
let ``a budget that the fastest plan keeps within changes nothing`` () =
    let w = input "w" [ 8; 8 ] DType.Float64
    let steps = [ for i in 1..6 -> tanh (input $"x{i}" [ 4; 8 ] DType.Float64 *@ w) ]
    let loss = steps |> List.map (fun h -> sum [] (square h)) |> List.reduce (+)
    let inputs = w :: [ for h in steps -> (Op.child 0 (Op.child 0 h.Op).Op) ]
    let whole = compile inputs [ loss; (grad loss [ w ]).Head ]
    let within = compileWith { MemoryBudget = whole.PeakBytes } inputs [ loss; (grad loss [ w ]).Head ]
    Assert.Equal(whole.Explain(), within.Explain())

/// A deep network of one weight, with the gradient for its input, and for its weight too if asked for.
let private deep layers (sizes: struct (int * int)) (hasWeight: bool) (each: Node -> Node) =
    let struct (rows, columns) = sizes
    let w = input "w" [ columns; columns ] DType.Float64
    let x = input "x" [ rows; columns ] DType.Float64
    let y = Seq.fold (fun h _ -> each (h *@ w)) x [ 1..layers ]
    let loss = 0.5 * sum [] (square y)
    struct ([ w; x ], loss :: grad loss (if hasWeight then [ x; w ] else [ x ]))

let private small = struct (32, 24)

let private startOf (struct (rows, columns)) =
    let random = RandomSource 5
    [ random.Normal [| columns; columns |] * NDArray.Scalar 0.2; random.Normal [| rows; columns |] ]

let private start = startOf small

[<Fact>]
let ``memory falls to the root of the depth for at most a second evaluation`` () =
    let struct (inputs, outputs) = deep 1000 small true tanh
    let whole = compile inputs outputs
    // A layer is 6 KB; the whole holds 1000 of them.
    Assert.InRange(whole.PeakBytes, 6_000_000L, 6_400_000L)
    let within = compileWith { MemoryBudget = 600_000L } inputs outputs
    Assert.InRange(within.PeakBytes, 1L, 600_000L)
    Assert.InRange(within.RecomputeFactor, 1.2, 4.0 / 3.0)
    Assert.Contains("times the FLOPs", within.Explain())
    requireBits (whole.Run start) (within.Run start)

[<Fact>]
let ``what several instructions write is computed anew as a whole, or kept`` () =
    // The loop of a layer writes the middle of an array whose borders are constants, and one instruction writes both.
    let border = constant (NDArray.Ones(32, 1))

    let bordered (h: Node) =
        concat 1 [ border; tanh (slice [ Slice.All; Slice.Step(Nullable 1, Nullable 23, 1) ] h); border ]

    let struct (inputs, outputs) = deep 100 small true bordered
    let whole = compile inputs outputs
    let budget = whole.PeakBytes / 8L
    let within = compileWith { MemoryBudget = budget } inputs outputs
    Assert.InRange(within.RecomputeFactor, 1.1, 2.0)
    requireBits (keepingAll budget inputs outputs start) (within.Run start)

[<Fact>]
let ``within a budget no sum keeps its products`` () =
    let struct (inputs, outputs) = deep 100 small true tanh
    let whole = compile inputs outputs
    // What is kept of the layers falls to their root; their products, which a plan without a budget keeps, take 460 KB.
    let within = compileWith { MemoryBudget = 120_000L } inputs outputs
    Assert.True(whole.PeakBytes > 1_000_000L)
    requireBits (keepingAll 120_000L inputs outputs start) (within.Run start)

[<Fact>]
let ``no more is computed twice than the budget asks for`` () =
    let struct (inputs, outputs) = deep 300 small false tanh
    let whole = compile inputs outputs

    let factor share =
        (compileWith { MemoryBudget = int64 (share * double whole.PeakBytes) } inputs outputs).RecomputeFactor

    Assert.Equal(1.0, factor 1.0)
    let some, more = factor 0.9, factor 0.4
    Assert.InRange(some, 1.001, 1.15)
    Assert.True(more > some)

[<Fact>]
let ``no layer is computed more than twice`` () =
    let counts = ref 0

    let counted =
        OpaqueFunction(
            "counted",
            (fun shapes -> shapes[0]),
            (fun values ->
                Interlocked.Increment &counts.contents |> ignore
                values[0])
        )

    let layer = customGradient (fun i -> tanh (opaque counted i)) (fun _ y c -> [ c * (1.0 - square y) ])
    let struct (inputs, outputs) = deep 100 small false (fun h -> layer [ h ])
    let whole = compile inputs outputs
    let within = compileWith { MemoryBudget = whole.PeakBytes / 3L } inputs outputs
    let expected = whole.Run start
    Assert.Equal(100, counts.Value)
    counts.Value <- 0
    requireBits expected (within.Run start)
    Assert.InRange(counts.Value, 101, 200)

[<Fact>]
let ``a budget below what is needed is refused with both numbers`` () =
    let struct (inputs, outputs) = deep 50 small true tanh

    let error =
        Assert.Throws<MemoryBudgetException>(fun () -> compileWith { MemoryBudget = 1000L } inputs outputs |> ignore)

    Assert.Equal(1000L, error.Budget)
    Assert.Contains("1,000", error.Message)
    let least = compileWith { MemoryBudget = error.Least } inputs outputs
    Assert.True(least.PeakBytes <= error.Least)

[<Fact>]
let ``a run takes hardly more memory than its plan says`` () =
    // 50 MB: what a thread keeps for products and the views of the operands count little beside the arena.
    let sizes = struct (96, 64)

    let places =
        [| 1; 96 * 64; 64 * 64 |]
        |> Array.map (fun n -> ResultBuffer.op_Implicit (Array.zeroCreate<float> n))

    let values = Array.ofList (startOf sizes)

    let network layers =
        let struct (inputs, outputs) = deep layers sizes true tanh
        compile inputs outputs

    let shallow, f = network 5, network 1000

    // The scratch memory of products and the code of loops serve all that comes later.
    for _ in 1..3 do
        shallow.RunInto(values, places)

    let before = GC.GetAllocatedBytesForCurrentThread()
    f.RunInto(values, places)
    let allocated = GC.GetAllocatedBytesForCurrentThread() - before
    Assert.InRange(double allocated, 0.0, 1.05 * double f.PeakBytes)
