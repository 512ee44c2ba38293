module Autodiff.Properties.Kernel.LoopTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Bodies
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

/// The registers of a body, one whole array after the other, by loops of a single operation each.
let private opByOp (body: LoopBody) (inputs: View[]) =
    let registers = ResizeArray inputs

    for op in body.Ops.ToArray() do
        let operands = List.take (Opcodes.Arity op.Code) [ op.A; op.B; op.C ]
        let types = operands |> List.map (fun r -> registers[r].DType)
        let n = operands.Length
        let one = LoopOp(op.Code, op.Type, 0, min 1 (n - 1), min 2 (n - 1))

        let single = Kernel.LoopBody(ReadOnlySpan(List.toArray types), [| one |], ReadOnlySpan [| n |])

        let result = View.Of(allocate op.Type inputs[0].Shape)
        run single [| for r in operands -> registers[r] |] [| result |]
        registers.Add result

    registers

[<Property(MaxTest = 400)>]
let ``a fused body gives the bits of its operations one by one`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf shapes[random.Next shapes.Length]
    let body = randomBody random
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    let outputs = [| for r in body.Outputs.ToArray() -> outputView random (body.TypeOf r) shape |]
    let expected = opByOp body inputs

    // The second run may be of generated code.
    List.forall
        (fun _ ->
            run body inputs outputs
            Array.forall2 (fun r output -> bitsOf expected[r] = bitsOf output) (body.Outputs.ToArray()) outputs)
        [ 1; 2 ]

[<Property(MaxTest = 200)>]
let ``the scalar tape and the chunked loop give the same bits`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf (if random.Next 2 = 0 then [] else [ 1; 1 ])
    let body = randomBody random
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    let results () = [| for r in body.Outputs.ToArray() -> View.Of(allocate (body.TypeOf r) shape) |]
    let tape, chunks = results (), results ()
    ScalarTape.Run(body.Tape, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(tape))
    runLoop (ChunkedLoop(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(chunks))) inputs chunks
    Array.forall2 (fun a b -> bitsOf a = bitsOf b) tape chunks

[<Property(MaxTest = 100)>]
let ``outputs may be written over inputs of the same layout`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf shapes[random.Next shapes.Length]
    let inputs = [| for _ in 1..3 -> outputView random DType.Float64 shape |]
    let expected = [| for _ in 1..3 -> View.Of(allocate DType.Float64 shape) |]
    run updates inputs expected
    run updates inputs inputs
    Array.forall2 (fun a b -> bitsOf a = bitsOf b) expected inputs

[<Fact>]
let ``a swap in place exchanges its inputs`` () =
    let a, b = vector [| 1.0 .. 2000.0 |], vector [| -1.0 .. -1.0 .. -2000.0 |]
    let views = [| View.Of a; View.Of b |]
    run (body [ DType.Float64; DType.Float64 ] [] [ 1; 0 ]) views views
    Assert.Equal<float[]>([| -1.0 .. -1.0 .. -2000.0 |], a.ToArray<float>())
    Assert.Equal<float[]>([| 1.0 .. 2000.0 |], b.ToArray<float>())

[<Fact>]
let ``a tape of a million operations runs`` () =
    let count = 1_000_000
    let step = 1e-6
    let ops = [| for i in 1..count -> LoopOp(Opcode.Add, DType.Float64, (if i = 1 then 0 else i), 1) |]

    let chain = LoopBody(ReadOnlySpan [| DType.Float64; DType.Float64 |], ops, ReadOnlySpan [| count + 1 |])

    let result = NDArray.Scalar 0.0
    run chain [| View.Of(NDArray.Scalar 0.0); View.Of(NDArray.Scalar step) |] [| View.Of result |]
    Assert.Equal(1.0, (result.ToArray<float>())[0], 1e-9)
    Assert.True(chain.Plan.Cells < 8, "a chain needs few cells")

[<Fact>]
let ``many registers that live at once find room`` () =
    let count = 3000

    let squares =
        [ for i in 1..count -> LoopOp(Opcode.Mul, DType.Float32, 0, (if i = 1 then 0 else i - 1)) ]

    let sums =
        [ for i in 1..count -> LoopOp(Opcode.Add, DType.Float32, (if i = 1 then 1 else count + i - 1), i) ]

    let wide = body [ DType.Float32 ] (squares @ sums) [ 2 * count ]
    let x = vector (Array.init 100 (fun i -> 0.9f * float32 i / 100f))
    let fused = View.Of(allocate DType.Float32 x.Shape)
    run wide [| View.Of x |] [| fused |]
    let expected = opByOp wide [| View.Of x |]
    Assert.Equal<int64[]>(bitsOf expected[2 * count], bitsOf fused)

[<Fact>]
let ``a loop in its steady state allocates nothing`` () =
    let x, y = NDArray.Own(Array.create 5000 0.5, shapeOf [ 50; 100 ]), vector [| 1.0 .. 100.0 |]
    let rows = View.Of(y).With(Layout.Strided(x.Shape, [| 0; 1 |], 0))

    let sum =
        body
            [ DType.Float64; DType.Float64 ]
            [ LoopOp(Opcode.Add, DType.Float64, 0, 1); LoopOp(Opcode.Tanh, DType.Float64, 2) ]
            [ 3 ]

    let inputs, outputs = [| View.Of x; rows |], [| View.Of(allocate DType.Float64 x.Shape) |]

    let loop = ChunkedLoop(sum, ReadOnlySpan inputs, ReadOnlySpan outputs)

    for _ in 1..3 do
        runLoop loop inputs outputs

    let before = GC.GetAllocatedBytesForCurrentThread()
    runLoop loop inputs outputs
    Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread())

[<Fact>]
let ``bodies are compared by structure`` () =
    let add a b = body [ DType.Float64; DType.Float64 ] [ LoopOp(Opcode.Add, DType.Float64, a, b) ] [ 2 ]
    Assert.Equal(add 0 1, add 0 1)
    Assert.Equal((add 0 1).GetHashCode(), (add 0 1).GetHashCode())
    Assert.NotEqual(add 0 1, add 1 0)
    let exp unused = body [ DType.Float64 ] [ LoopOp(Opcode.Exp, DType.Float64, 0, unused, unused) ] [ 1 ]
    Assert.Equal(exp 0, exp 7)

let private refuses<'E when 'E :> exn> (f: unit -> unit) = Assert.ThrowsAny<'E>(f) |> ignore

[<Fact>]
let ``a body that cannot run is refused`` () =
    let f64 = DType.Float64
    refuses<ArgumentException>(fun () -> body [ f64 ] [ LoopOp(Opcode.Exp, f64, 1) ] [ 1 ] |> ignore)
    refuses<ArgumentException>(fun () -> body [ f64 ] [ LoopOp(Opcode.Exp, f64, -1) ] [ 1 ] |> ignore)
    refuses<ArgumentException>(fun () -> body [ f64 ] [] [ 1 ] |> ignore)
    refuses<ArgumentException>(fun () -> body [ f64 ] [] [] |> ignore)
    refuses<DTypeException>(fun () -> body [ f64 ] [ LoopOp(Opcode.Exp, DType.Float32, 0) ] [ 1 ] |> ignore)
    refuses<DTypeException>(fun () -> body [ f64; DType.Int32 ] [ LoopOp(Opcode.Add, f64, 0, 1) ] [ 2 ] |> ignore)
    refuses<DTypeException>(fun () -> body [ f64 ] [ LoopOp(Opcode.Select, f64, 0, 0, 0) ] [ 1 ] |> ignore)
    let exp = body [ f64 ] [ LoopOp(Opcode.Exp, f64, 0) ] [ 1 ]
    let x = View.Of(vector [| 1.0; 2.0 |])
    let y = View.Of(vector [| 1.0; 2.0; 3.0 |])
    let z = View.Of(vector [| 1f; 2f |])
    refuses<ShapeException>(fun () -> run exp [| x |] [| y |])
    refuses<DTypeException>(fun () -> run exp [| z |] [| x |])
    refuses<ArgumentException>(fun () -> run exp [| x; x |] [| x |])
