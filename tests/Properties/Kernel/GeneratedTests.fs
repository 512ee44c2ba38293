/// Generated loops against the interpreter: the same bits, for every body, layout, length and vector width.
module Autodiff.Properties.Kernel.GeneratedTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties
open Autodiff.Properties.Kernel.Bodies
open Autodiff.Properties.Kernel.Elements
open FsCheck.Xunit
open Xunit

let private widths = [ VectorWidth.Of128; VectorWidth.Of256; VectorWidth.Of512 ]

let private interpreted = FindLoop(fun _ _ _ _ -> null)

/// Runs the loop that is generated for vectors of a width.
let private generated (width: VectorWidth) =
    FindLoop(fun body repeats _ form -> GeneratedLoop(body, repeats, width, form))

/// The same, which writes past the caches where it can.
let private streaming stores (width: VectorWidth) =
    FindLoop(fun body repeats _ form ->
        GeneratedLoop(body, repeats, width, LoopForm(form.Reduction, stores, form.Lookahead)))

let private runBy (find: FindLoop) (body: LoopBody) (inputs: View[]) (outputs: View[]) =
    runLoop (ChunkedLoop(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs), find, false)) inputs outputs

let private results (body: LoopBody) (shape: Shape) =
    [| for r in body.Outputs.ToArray() -> View.Of(allocate (body.TypeOf r) shape) |]

/// The outputs' bits by the interpreter, and by the generated loop of each width.
let private agree (body: LoopBody) (inputs: View[]) (outputs: unit -> View[]) =
    let bits find =
        let outputs = outputs ()
        runBy find body inputs outputs
        Array.map bitsOf outputs

    let expected = bits interpreted
    widths |> List.forall (fun width -> bits (generated width) = expected)

[<Property(MaxTest = 150)>]
let ``a generated loop gives the bits of the interpreter`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf shapes[random.Next shapes.Length]

    shape.Size = 0
    || (let body = randomBody random
        let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
        let layoutSeed = random.Next()

        agree body inputs (fun () ->
            let random = Random layoutSeed
            [| for r in body.Outputs.ToArray() -> outputView random (body.TypeOf r) shape |]))

[<Property(MaxTest = 200)>]
let ``a cell serves elements of one width, which no result overtakes`` (FsCheck.DoNotSize(seed: int)) =
    let body = randomBody (Random seed)
    let inputs = body.Inputs.ToArray() |> Array.mapi (fun cell dtype -> struct (cell, dtype.Size()))
    let results = body.Plan.Steps |> Array.map (fun step -> struct (step.Target, step.Result.Size()))
    let widths = Array.append inputs results |> Array.distinct
    widths |> Array.distinctBy (fun (struct (cell, _)) -> cell) |> Array.length = widths.Length

/// Every operation on every type that it takes, alone.
let private singles =
    [|
        for code in Enum.GetValues<Opcode>() do
            for dtype in Enum.GetValues<DType>() do
                if Opcodes.Takes(code, dtype) && not (isInteger dtype && mayDivideByZero code) then
                    if code = Opcode.Cast then
                        for target in Enum.GetValues<DType>() do
                            single code dtype target
                    else
                        single code dtype (Opcodes.Result(code, dtype))
    |]

[<Fact>]
let ``every operation gives the interpreter's bits at every length around a vector`` () =
    let random = Random 11
    let lengths = [ 1; 2; 3; 7; 8; 9; 15; 16; 17; 31; 32; 33; 47; 63; 64; 65; 100 ]

    for body in singles do
        for length in lengths do
            let shape = shapeOf [ length ]
            let inputs = [| for dtype in body.Inputs.ToArray() -> withSpecials random dtype shape |]
            Assert.True(agree body inputs (fun () -> results body shape), $"{body.Ops[0]} of {length}")

[<Fact>]
let ``an operand that repeats gives the interpreter's bits`` () =
    let random = Random 12
    let shape = shapeOf [ 70 ]

    for body in singles do
        for repeating in 0 .. (1 <<< body.Inputs.Length) - 1 do
            let inputs =
                [|
                    for i in 0 .. body.Inputs.Length - 1 do
                        let view = withSpecials random body.Inputs[i] shape

                        if repeating &&& (1 <<< i) <> 0 then
                            view.With(Layout.Strided(shape, [| 0 |], random.Next 70))
                        else
                            view
                |]

            Assert.True(agree body inputs (fun () -> results body shape), $"{body.Ops[0]} {repeating}")

/// A body of one type, so long that it is cut: each operation takes any two of the last registers.
let private longBody (random: Random) (dtype: DType) count =
    let ops =
        [
            for i in 0 .. count - 1 do
                let operand () = 2 + i - 1 - random.Next(min (i + 2) 40)
                let code = [| Opcode.Add; Opcode.Mul; Opcode.Tanh; Opcode.Sub; Opcode.Maximum; Opcode.Lgamma |]

                let pick =
                    match random.Next 40 with
                    | 0 -> 5
                    | n when n < 8 -> 2
                    | n -> [| 0; 1; 3; 4 |][n % 4]

                LoopOp(code[pick], dtype, operand (), operand ())
        ]

    body [ dtype; dtype ] ops [ count + 1; count / 2 + 1; count / 3 + 1 ]

[<Property(MaxTest = 12)>]
let ``a long body is cut, and gives the interpreter's bits`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let body = longBody random dtype (20 + random.Next 280)
    let shape = shapeOf [ 1 + random.Next 3000 ]
    let inputs = [| for dtype in body.Inputs.ToArray() -> randomView random dtype shape |]
    agree body inputs (fun () -> results body shape)

[<Property(MaxTest = 60)>]
let ``generated outputs may be written over inputs of the same layout`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf shapes[random.Next shapes.Length]

    shape.Size = 0
    || widths
       |> List.forall (fun width ->
           let inputs = [| for _ in 1..3 -> outputView random DType.Float64 shape |]
           let expected = results updates shape
           runBy interpreted updates inputs expected
           runBy (generated width) updates inputs inputs
           Array.forall2 (fun a b -> bitsOf a = bitsOf b) expected inputs)

/// Floating-point bodies of several outputs.
let private severalOutputs dtype =
    [
        updates
        body [ dtype; dtype ] [ LoopOp(Opcode.Tanh, dtype, 0); LoopOp(Opcode.Mul, dtype, 2, 1) ] [ 2; 3 ]
        body [ dtype; dtype ] [ LoopOp(Opcode.Mul, dtype, 0, 1) ] [ 2 ]
    ]

/// An operand of rows: their elements one after the other, the same row for all, or one element for each.
let private rowsView (random: Random) (dtype: DType) (shape: Shape) =
    let columns = shape[shape.Rank - 1]
    let strides = (Layout.Contiguous shape).Strides |> Array.copy

    match random.Next 4 with
    | 0 -> Array.fill strides 0 (shape.Rank - 1) 0
    | 1 ->
        for axis in 0 .. shape.Rank - 1 do
            strides[axis] <- if axis = shape.Rank - 1 then 0 else strides[axis] / columns
    | _ ->
        // Rows of more elements than are read.
        let gap = random.Next 3

        for axis in 0 .. shape.Rank - 2 do
            strides[axis] <- strides[axis] / columns * (columns + gap)

    let size =
        1 + (Array.map2 (fun size stride -> (size - 1) * stride) (shape.ToArray()) strides |> Array.sum)

    View.Of(fill random (allocate dtype (shapeOf [ size ]))).With(Layout.Strided(shape, strides, 0))

/// Places for results: those of operands that have as many elements, or new ones.
let private placesFor (random: Random) (body: LoopBody) (inputs: View[]) (shape: Shape) =
    let free = ResizeArray(inputs |> Seq.filter (fun view -> not (Array.contains 0 view.Layout.Strides)))

    [|
        for r in body.Outputs.ToArray() do
            match free |> Seq.tryFindIndex (fun view -> view.DType = body.TypeOf r) with
            | Some place when random.Next 3 > 0 ->
                free[place]
                free.RemoveAt place
            | _ -> View.Of(allocate (body.TypeOf r) shape)
    |]

[<Property(MaxTest = 300)>]
let ``short rows give the interpreter's bits, also where results are written over operands``
    (FsCheck.DoNotSize(seed: int))
    =
    let random = Random seed
    let shape = shapeOf [ 1 + random.Next 3; 1 + random.Next 5; 1 + random.Next 70 ]
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let comparing = body [ dtype; dtype ] [ LoopOp(Opcode.Less, DType.Bool, 0, 1) ] [ 2 ]
    let bodies = comparing :: severalOutputs dtype
    let body = bodies[random.Next bodies.Length]

    widths
    |> List.forall (fun width ->
        let inputs = [| for dtype in body.Inputs.ToArray() -> rowsView random dtype shape |]
        let expected = results body shape
        runBy interpreted body inputs expected
        let outputs = placesFor random body inputs shape
        runBy (generated width) body inputs outputs
        Array.forall2 (fun a b -> bitsOf a = bitsOf b) expected outputs)

/// A view of memory that begins so many elements behind the boundary of a cache line, with so many between its rows.
let private behindALine (dtype: DType) (shape: Shape) (first: int) (gap: int) =
    let array = allocate dtype (shapeOf [ int shape.Size + 30_000 ])
    let strides = Array.copy (Layout.Contiguous shape).Strides

    if shape.Rank = 2 then
        strides[0] <- strides[0] + gap

    View.Of(array).With(Layout.Strided(shape, strides, (View.Of array).Layout.Offset + first))

/// The elements between the rows of a view of memory, and a line before and behind it.
let private around (view: View) =
    let shape, rows = view.Shape, (if view.Shape.Rank = 2 then view.Shape[0] else 1)
    let columns = int shape.Size / rows
    let step = if rows = 1 then columns else view.Layout.Strides[0]
    let part first count = view.With(Layout.Strided(shapeOf [ count ], [| 1 |], first))

    [|
        part (max 0 (view.Layout.Offset - 16)) (min 16 view.Layout.Offset)
        for row in 0 .. rows - 2 do
            part (view.Layout.Offset + row * step + columns) (step - columns)
        part (view.Layout.Offset + (rows - 1) * step + columns) 16
    |]
    |> Array.collect bitsOf

[<Property(MaxTest = 60)>]
let ``a loop that writes past the caches gives the interpreter's bits wherever its results begin, and writes nothing else``
    (seed: int)
    =
    let random = Random seed
    let sizes = [ [ 1000 ]; [ 129 ]; [ 5; 700 ]; [ 3; 256 ]; [ 64; 130 ]; [ 20011 ]; [ 2; 16500 ] ]

    let shape = shapeOf sizes[random.Next 7]
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let body = severalOutputs dtype |> List.item (random.Next 3)

    let inputs =
        [|
            for dtype in body.Inputs.ToArray() do
                let view = withSpecials random dtype shape

                match shape.Rank, random.Next 3 with
                | 2, 0 -> view.With(Layout.Strided(shape, [| 1; 0 |], 0))
                | _ -> view
        |]

    let first = if random.Next 3 = 0 then 0 else random.Next 16
    let isApart = random.Next 2 = 0
    let gap = if random.Next 3 = 0 then random.Next 40 else 0
    let expected = results body shape
    runBy interpreted body inputs expected

    widths
    |> List.forall (fun width ->
        let outputs =
            [|
                for r in body.Outputs.ToArray() do
                    let first = if isApart then random.Next 16 else first
                    behindALine (body.TypeOf r) shape first gap
            |]

        let before = Array.map around outputs

        let loop =
            ChunkedLoop(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs), generated width, true)

        runLoop loop inputs outputs

        Array.forall2 (fun a b -> bitsOf a = bitsOf b) expected outputs && Array.map around outputs = before)

/// The outputs of a body by a loop of its own, the last of them then reduced.
let private unfused (plan: ReductionPlan) (source: Layout) keptRank (inputs: View[]) =
    let outputs = results plan.Body plan.Shape
    runBy interpreted plan.Body inputs outputs
    let kept = Shape.Create(source.Shape.AsSpan().Slice(0, keptRank))
    let result = View.Of(allocate (Array.last outputs).DType kept)
    Reduction.Run(plan.Kind, (Array.last outputs).With source, keptRank, result)
    Array.append outputs[.. outputs.Length - 2] [| result |]

/// The outputs, all but the last of which begin some elements behind a line, each at another place; what lies around them stays
/// as it is.
let private fused (find: FindLoop) place (plan: ReductionPlan) (inputs: View[]) (like: View[]) =
    let outputs =
        like
        |> Array.mapi (fun i view ->
            if i < like.Length - 1 then
                behindALine view.DType view.Shape (place * (i + 1) % 16) 0
            else
                View.Of(allocate view.DType view.Shape))

    let surroundings () = Array.map around outputs[.. outputs.Length - 2]
    let before = surroundings ()
    runLoop (FusedReduction(plan, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs), find)) inputs outputs
    Assert.True((surroundings () = before))
    outputs

/// Whether ways to find the loop of a plan, whose outputs begin some elements behind a line, all give the bits of a loop and a
/// reduction after it.
let private reduceAlike finds (plan: ReductionPlan) source keptRank inputs =
    let expected = unfused plan source keptRank inputs
    let bits = Array.map bitsOf expected

    finds
    |> List.forall (fun (find, place) -> Array.map bitsOf (fused find place plan inputs expected) = bits)

let private everyWay = (interpreted, 0) :: [ for width in widths -> generated width, 0 ]

let private randomInputs random (plan: ReductionPlan) =
    [| for dtype in plan.Body.Inputs.ToArray() -> randomView random dtype plan.Shape |]

let private reducedShapes =
    [
        [ 1000 ]
        [ 1024 ]
        [ 5000 ]
        [ 70001 ]
        [ 3; 700 ]
        [ 700; 3 ]
        [ 70; 40 ]
        [ 130; 1100 ]
        [ 5; 300; 4 ]
        [ 4; 1; 260; 3 ]
        [ 7; 12; 20 ]
        [ 300; 1; 5; 2 ]
    ]

[<Property(MaxTest = 150)>]
let ``a loop that ends in a reduction gives the bits of the loop and the reduction`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let shape = shapeOf reducedShapes[random.Next reducedShapes.Length]
    let body = randomBody random |> if random.Next 2 = 0 then id else storingLast
    let dtype = body.TypeOf(Seq.last (body.Outputs.ToArray()))
    let axes = [| 0 .. shape.Rank - 1 |]
    random.Shuffle axes
    let keptRank = random.Next shape.Rank
    let kinds = [| ReductionKind.Sum; ReductionKind.Max; ReductionKind.Min |]
    let source = (Layout.Contiguous shape).Permute(ReadOnlySpan axes)
    let plan = ReductionPlan(body, shape, kinds[random.Next 3], source, keptRank)

    dtype = DType.Bool
    || plan.Loop.RunLength = 0
    || reduceAlike everyWay plan source keptRank (randomInputs random plan)

/// Bodies whose last output is reduced; of the third it is written, too.
let private storedAndReduced dtype =
    [
        body [ dtype; dtype ] [ LoopOp(Opcode.Tanh, dtype, 0); LoopOp(Opcode.Mul, dtype, 2, 1) ] [ 2; 3 ]
        body
            [ dtype; dtype ]
            [
                LoopOp(Opcode.Mul, dtype, 0, 1)
                LoopOp(Opcode.Sub, dtype, 2, 1)
                LoopOp(Opcode.Add, dtype, 3, 0)
            ]
            [ 3; 4; 2 ]
        body [ dtype; dtype ] [ LoopOp(Opcode.Mul, dtype, 0, 1); LoopOp(Opcode.Add, dtype, 2, 0) ] [ 2; 3; 3 ]
    ]

[<Property(MaxTest = 40)>]
let ``a loop that ends in a reduction writes past the caches with the same bits`` (FsCheck.DoNotSize(seed: int)) =
    let random = Random seed
    let sizes = [ [ 5000 ]; [ 1024 ]; [ 70001 ]; [ 3; 1024 ]; [ 5; 700 ] ]
    let shape = shapeOf sizes[random.Next 5]
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let kind = if random.Next 2 = 0 then ReductionKind.Sum else ReductionKind.Max
    let body = storedAndReduced dtype |> List.item (random.Next 3)
    let source = Layout.Contiguous shape
    let plan = ReductionPlan(body, shape, kind, source, shape.Rank - 1)
    let inputs = [| for dtype in body.Inputs.ToArray() -> withSpecials random dtype shape |]

    let ways =
        [
            for width in widths do
                for stores in [ StoreForm.Lines; StoreForm.JoinedLines ] do
                    for place in [ 0; random.Next(1, 16) ] do
                        streaming stores width, place
        ]

    let folding stores (width: VectorWidth) =
        let form = LoopForm(kind, stores, Lookahead.NextTurns)
        let loop = GeneratedLoop(body, ReadOnlySpan(Array.create inputs.Length false), width, form)
        nonNull loop.Folding

    widths
    |> List.forall (fun width ->
        let joins = not (isNull (width.For dtype).Join)

        not (isNull (folding StoreForm.Lines width).StreamingCode)
        && isNull (folding StoreForm.JoinedLines width).JoiningCode = not joins)
    && reduceAlike ways plan source (shape.Rank - 1) inputs

[<Theory>]
[<InlineData(DType.Float32)>]
[<InlineData(DType.Float64)>]
let ``columns by thousands are reduced as they are computed`` (dtype: DType) =
    let random = Random 7
    let shape = shapeOf [ 10; 3000 ]
    let source = (Layout.Contiguous shape).Permute(ReadOnlySpan [| 1; 0 |])

    for kind in [ ReductionKind.Sum; ReductionKind.Max ] do
        let plan = ReductionPlan(longBody random dtype 5, shape, kind, source, 1)
        Assert.True(reduceAlike everyWay plan source 1 (randomInputs random plan))

[<Fact>]
let ``a body is interpreted once and then generated, unless it has much to do`` () =
    Assert.SkipUnless(CodeGeneration.IsEnabled, "code generation is switched off")
    let body () = randomBody (Random 13)
    let code = LoopCode.Of(body ())
    let repeats = Array.create (body ()).Inputs.Length false
    Assert.InRange(code.Weight, 1L, int64 OperatorWeight.Limit)
    Assert.Null(code.Find(ReadOnlySpan repeats, 100L))
    let loop = code.Find(ReadOnlySpan repeats, 100L)
    Assert.NotNull loop
    Assert.Same(loop, code.Find(ReadOnlySpan repeats, 100L))
    Assert.NotSame(loop, code.Find(ReadOnlySpan(Array.create repeats.Length true), 100L))
    Assert.Same(code, LoopCode.Of(body ()))
    Assert.NotNull(LoopCode.Of(randomBody (Random 14)).Find(ReadOnlySpan repeats, 100_000_000L))

[<Fact>]
let ``a long body is generated when it has been interpreted for thousands of elements`` () =
    Assert.SkipUnless(CodeGeneration.IsEnabled, "code generation is switched off")
    let code = LoopCode.Of(longBody (Random 13) DType.Float64 200)
    let isGenerated elements = not (isNull (code.Find(ReadOnlySpan [| false; false |], elements)))
    Assert.True(code.Weight > int64 OperatorWeight.Limit)
    let runs = Seq.initInfinite (fun _ -> isGenerated 100L) |> Seq.takeWhile not |> Seq.length
    Assert.InRange(runs, 50, 200)
    let fresh = LoopCode.Of(longBody (Random 15) DType.Float64 200)
    Assert.NotNull(fresh.Find(ReadOnlySpan [| false; false |], 100_000_000L))

[<Theory>]
[<InlineData("DOTNET_EnableAVX512", "0")>]
[<InlineData("DOTNET_EnableAVX2", "0")>]
[<InlineData("AUTODIFF_CODE_GENERATION", "0")>]
let ``loops keep their laws with fewer instructions and without code generation`` (name: string) (value: string) =
    OwnProcess.passes [ "-class"; "*Kernel.LoopTests"; "-class"; "*Kernel.VectorMathTests" ] name value
