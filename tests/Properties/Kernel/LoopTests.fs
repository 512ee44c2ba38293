module Autodiff.Properties.Kernel.LoopTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private body (inputs: DType list) (ops: LoopOp list) (outputs: int list) =
    LoopBody(
        ReadOnlySpan<DType>(List.toArray inputs),
        ReadOnlySpan<LoopOp>(List.toArray ops),
        ReadOnlySpan<int>(List.toArray outputs)
    )

let private run (body: LoopBody) (inputs: View[]) (outputs: View[]) =
    FusedLoop.Run(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs))

let private allocate (dtype: DType) (shape: Shape) = NDArray.Allocate(shape, dtype)

let private fill (random: Random) (array: NDArray) =
    let storage = Storage.Of array

    match array.DType with
    | DType.Float32 ->
        let span = storage.Span<float32>()

        for i in 0 .. span.Length - 1 do
            span[i] <- float32 (random.NextDouble() * 8.0 - 4.0)
    | DType.Float64 ->
        let span = storage.Span<float>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.NextDouble() * 8.0 - 4.0
    | DType.Int32 ->
        let span = storage.Span<int>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.Next(-100, 100)
    | DType.Int64 ->
        let span = storage.Span<int64>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.NextInt64(-100L, 100L)
    | _ ->
        let span = storage.Span<bool>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.Next 2 = 0

    array

/// A view of a shape over fresh random elements: dense, permuted, reversed, spread, or broadcast along some axes.
let private randomView (random: Random) (dtype: DType) (shape: Shape) =
    let rank = shape.Rank
    let order = Array.init rank id
    random.Shuffle order
    let strides = Array.zeroCreate rank
    let mutable stride = 1
    let mutable offset = 0
    let dense = random.Next 3 = 0

    for axis in (if dense then Array.init rank (fun i -> rank - 1 - i) else order) do
        if not dense && random.Next 3 = 0 then
            strides[axis] <- 0
        else
            let step = if not dense && random.Next 4 = 0 then stride * 2 else stride
            strides[axis] <- step
            stride <- step * max shape[axis] 1

            if not dense && random.Next 4 = 0 then
                offset <- offset + step * max 0 (shape[axis] - 1)
                strides[axis] <- -step

    let storage = fill random (allocate dtype (shapeOf [ stride + 1 ]))
    View.Of(storage).With(Layout.Strided(shape, strides, offset))

/// A place for results: dense, or with its axes in another order, reversed and spread, but without overlap.
let private outputView (random: Random) (dtype: DType) (shape: Shape) =
    let rec view () =
        let candidate = randomView random dtype shape

        let spread =
            Array.forall2 (fun size stride -> size <= 1 || stride <> 0) (shape.ToArray()) candidate.Layout.Strides

        if spread then candidate else view ()

    if random.Next 2 = 0 then View.Of(allocate dtype shape) else view ()

let private shapes =
    [
        []
        [ 1 ]
        [ 0 ]
        [ 7 ]
        [ 3; 0; 2 ]
        [ 64 ]
        [ 1000 ]
        [ 5; 1; 3 ]
        [ 40; 33 ]
        [ 2; 3; 4; 5 ]
        [ 300; 2 ]
        [ 2; 1500 ]
        [ 17; 16 ]
        [ 2; 700; 3 ]
    ]

let private unary =
    [
        Opcode.Exp
        Opcode.Tanh
        Opcode.Neg
        Opcode.Sin
        Opcode.Sigmoid
        Opcode.Square
        Opcode.Log1p
        Opcode.Relu
        Opcode.Lgamma
    ]

let private binary = [ Opcode.Add; Opcode.Sub; Opcode.Mul; Opcode.Div; Opcode.Maximum; Opcode.Pow ]

/// A random body over inputs of all types.
let private randomBody (random: Random) =
    let inputTypes = [ for _ in 0 .. random.Next 5 -> enum<DType>(random.Next 5) ]
    let registers = ResizeArray inputTypes
    let ops = ResizeArray<LoopOp>()
    let pick (candidates: 'a list) = candidates[random.Next candidates.Length]

    let ofType dtype =
        match
            [
                for r in 0 .. registers.Count - 1 do
                    if registers[r] = dtype then
                        r
            ]
        with
        | [] -> None
        | candidates -> Some(pick candidates)

    let emit code (dtype: DType) a b c =
        ops.Add(LoopOp(code, dtype, a, b, c))
        registers.Add dtype

    for _ in 0 .. random.Next 12 do
        let a = random.Next registers.Count
        let dtype = registers[a]
        let b = (ofType dtype).Value

        match random.Next 6 with
        | 0 -> emit Opcode.Cast (enum<DType>(random.Next 5)) a 0 0
        | 1 -> emit (pick [ Opcode.Less; Opcode.LessEqual; Opcode.Equal; Opcode.NotEqual ]) DType.Bool a b 0
        | 2 ->
            match ofType DType.Bool with
            | Some condition -> emit Opcode.Select dtype condition a b
            | None -> emit Opcode.Copy dtype a 0 0
        | 3 when dtype.IsFloat() -> emit (pick unary) dtype a 0 0
        | _ when dtype.IsFloat() -> emit (pick binary) dtype a b 0
        | _ when dtype = DType.Bool -> emit (pick [ Opcode.And; Opcode.Or; Opcode.Xor ]) dtype a b 0
        | _ -> emit (pick [ Opcode.Add; Opcode.Sub; Opcode.Mul; Opcode.Minimum ]) dtype a b 0

    let outputs = [ for _ in 0 .. random.Next 3 -> random.Next registers.Count ]
    body inputTypes (List.ofSeq ops) (registers.Count - 1 :: outputs)

/// The registers of a body, one whole array after the other, by loops of a single operation each.
let private opByOp (body: LoopBody) (inputs: View[]) =
    let registers = ResizeArray inputs

    for op in body.Ops.ToArray() do
        let operands = List.take (Opcodes.Arity op.Code) [ op.A; op.B; op.C ]
        let types = operands |> List.map (fun r -> registers[r].DType)
        let n = operands.Length
        let one = LoopOp(op.Code, op.Type, 0, min 1 (n - 1), min 2 (n - 1))

        let single =
            Kernel.LoopBody(ReadOnlySpan(List.toArray types), ReadOnlySpan [| one |], ReadOnlySpan [| n |])

        let result = View.Of(allocate op.Type inputs[0].Shape)
        run single [| for r in operands -> registers[r] |] [| result |]
        registers.Add result

    registers

[<Property(MaxTest = 400)>]
let ``a fused body gives the bits of its operations one by one`` (seed: int) =
    let random = Random seed
    let shape = shapeOf shapes[random.Next shapes.Length]
    let body = randomBody random
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    let outputs = [| for r in body.Outputs.ToArray() -> outputView random (body.TypeOf r) shape |]
    let expected = opByOp body inputs
    run body inputs outputs
    Array.forall2 (fun r output -> bitsOf expected[r] = bitsOf output) (body.Outputs.ToArray()) outputs

[<Property(MaxTest = 200)>]
let ``the scalar tape and the chunked loop give the same bits`` (seed: int) =
    let random = Random seed
    let shape = shapeOf (if random.Next 2 = 0 then [] else [ 1; 1 ])
    let body = randomBody random
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    let results () = [| for r in body.Outputs.ToArray() -> View.Of(allocate (body.TypeOf r) shape) |]
    let tape, chunks = results (), results ()
    ScalarTape.Run(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(tape))
    ChunkedLoop.Run(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(chunks))
    Array.forall2 (fun a b -> bitsOf a = bitsOf b) tape chunks

/// w - 0.1 g, m + g and both inputs swapped: everything written over what is read.
let private updates =
    body
        [ DType.Float64; DType.Float64; DType.Float64 ]
        [
            LoopOp(Opcode.Mul, DType.Float64, 1, 2)
            LoopOp(Opcode.Sub, DType.Float64, 0, 3)
            LoopOp(Opcode.Add, DType.Float64, 4, 1)
        ]
        [ 4; 5; 0 ]

[<Property(MaxTest = 100)>]
let ``outputs may be written over inputs of the same layout`` (seed: int) =
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

    let chain =
        LoopBody(ReadOnlySpan [| DType.Float64; DType.Float64 |], ReadOnlySpan ops, ReadOnlySpan [| count + 1 |])

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

    for _ in 1..3 do
        run sum inputs outputs

    let before = GC.GetAllocatedBytesForCurrentThread()
    run sum inputs outputs
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
