/// The last stage of a plan: from a simplified graph to a program. Movement becomes strides wherever strides can say it;
/// regions become loops; every einsum becomes the steps of its contraction path.
module internal Autodiff.FSharp.Lower

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

let private sliced (ranges: AxisRange[]) (layout: Layout) =
    let starts, steps, counts =
        ranges |> Array.map _.Start, ranges |> Array.map _.Step, ranges |> Array.map _.Count

    layout.Slice(starts, steps, counts)

/// The windows of a view, by strides alone: each axis becomes two, and those within the windows move to the end.
let private windowed (windows: AxisWindow[]) (layout: Layout) =
    let split (layout: Layout) (window: AxisWindow) =
        layout.Window(window.Axis, window.Size, window.Stride, window.Dilation)

    let place axis = axis + (windows |> Seq.filter (fun window -> window.Axis < axis) |> Seq.length)
    let within = windows |> Array.map (fun window -> place window.Axis + 1)
    let order = Array.append (Array.init layout.Shape.Rank place) within
    (windows |> Array.sortByDescending _.Axis |> Array.fold split layout).Permute(System.ReadOnlySpan order)

/// The steps of the contraction path over the operands, then the axes that the result repeats.
let private einsum (lowering: Lowering) (subscripts: Subscripts) (operands: BufferView[]) i =
    let struct (subscripts, operands) = lowering.Orders.Apply lowering.Builder i subscripts operands
    let plan = EinsumPlan.For(subscripts, operands |> Array.map _.Layout)
    let slots = List<BufferView>(operands)
    let dtype = lowering.Tape.Nodes[i].DType

    let room (step: EinsumStep) isLast =
        if isLast && plan.Expansion.IsIdentity then
            lowering.Allocate i
        else
            lowering.Builder.Temporary(dtype, step.Result)

    for number in 0 .. plan.Steps.Length - 1 do
        let step = plan.Steps[number]
        let left = slots[step.Left]
        let right = if step.IsUnary then left else slots[step.Right]

        slots.Add(
            if step.IsView then
                left.Under(step.Apply left.Layout)
            else
                let result = room step (number = plan.Steps.Length - 1)
                lowering.Builder.Emit(EinsumInstruction(step, left, right, result))
                result
        )

    let core = slots[slots.Count - 1]

    if plan.Expansion.IsView then
        lowering.Put i (core.Under(plan.Expansion.Apply core.Layout))
    else
        lowering.Builder.Emit(ExpandInstruction(plan.Expansion, core, lowering.Allocate i))

let private reshape (lowering: Lowering) (shape: Shape) (x: BufferView) i =
    match x.Layout.TryReshape shape with
    | null ->
        let dense = lowering.Builder.Dense x
        lowering.Put i (dense.Under(Layout.Contiguous shape))
    | layout -> lowering.Put i (x.Under layout)

/// The parts that were not computed in their places are copied there.
let private concat (lowering: Lowering) (parts: BufferView[]) i =
    let struct (whole, places) = lowering.Placement.Join lowering.Builder i
    lowering.Put i whole

    let isInPlace (part: BufferView) (place: BufferView) =
        part.Buffer = place.Buffer && part.Layout.Offset = place.Layout.Offset

    let copied = Array.zip parts places |> Array.filter (fun (part, place) -> not (isInPlace part place))

    if copied.Length > 0 then
        lowering.Builder.Emit(ConcatInstruction(Array.map fst copied, Array.map snd copied))

let private reduce (lowering: Lowering) kind (axes: int[]) (x: BufferView) i =
    let kept = [| 0 .. x.Shape.Rank - 1 |] |> Array.except axes
    let source = x.Under(x.Layout.Permute(System.ReadOnlySpan(Array.append kept axes)))
    lowering.Builder.Emit(ReductionInstruction(kind, kept.Length, source, lowering.Allocate i))

/// The positions that are read: of a part of them, no more are found.
let private argsort (lowering: Lowering) axis descending (x: BufferView) i =
    match lowering.Sorted.TryGetValue i with
    | true, count ->
        let shape = Shapes.resize axis count x.Shape
        lowering.Put i (lowering.Builder.Temporary(DType.Int64, shape))
    | false, _ -> lowering.Allocate i |> ignore

    lowering.Builder.Emit(ArgSortInstruction(axis, descending, x, lowering.Place i))

let private reductionKind (kind: Extremum) =
    match kind with
    | Extremum.Max -> ReductionKind.Max
    | Extremum.Min -> ReductionKind.Min

/// A node that is no part of a loop.
let private single (lowering: Lowering) i =
    let x position = lowering.Place(lowering.Tape.Child(i, position))
    let all () = lowering.Tape.Children i |> Array.map lowering.Place

    match lowering.Tape.Nodes[i].Op with
    | Op.Constant(value, _)
    | Op.Variable value -> lowering.Put i (lowering.Builder.Constant value)
    | Op.Input ->
        raise (
            UnboundInputException $"input '{lowering.Tape.Nodes[i].Name}' {lowering.Tape.Nodes[i].Shape} has no value"
        )
    | Op.Einsum(subscripts, _) -> einsum lowering subscripts (all ()) i
    | Op.Reshape(shape, _) -> reshape lowering shape (x 0) i
    | Op.Slice(ranges, _) -> lowering.Put i ((x 0).Under(sliced ranges (x 0).Layout))
    | Op.Embed(ranges, _, _) ->
        let whole = lowering.Allocate i
        lowering.Builder.Emit(EmbedInstruction(x 0, whole, whole.Under(sliced ranges whole.Layout)))
    | Op.Window(windows, _) -> lowering.Put i ((x 0).Under(windowed windows (x 0).Layout))
    | Op.OverlapAdd(windows, _, _) ->
        let whole = lowering.Allocate i
        let places = whole.Under(windowed windows whole.Layout)
        lowering.Builder.Emit(OverlapAddInstruction(x 0, whole, places, windows.Length))
    | Op.Concat _ -> concat lowering (all ()) i
    | Op.Gather(batch, axis, _, _) ->
        lowering.Builder.Emit(GatherInstruction(batch, axis, x 0, x 1, lowering.Allocate i))
    | Op.ScatterAdd(batch, axis, _, _, _) ->
        lowering.Builder.Emit(ScatterAddInstruction(batch, axis, x 0, x 1, lowering.Allocate i))
    | Op.Extremum(kind, axes, _) -> reduce lowering (reductionKind kind) axes (x 0) i
    | Op.ArgExtremum(Extremum.Max, axis, _) -> reduce lowering ReductionKind.ArgMax [| axis |] (x 0) i
    | Op.ArgExtremum(Extremum.Min, axis, _) -> reduce lowering ReductionKind.ArgMin [| axis |] (x 0) i
    | Op.Recurrence(axis, reverse, _, _) ->
        lowering.Builder.Emit(RecurrenceInstruction(axis, reverse, x 0, x 1, lowering.Allocate i))
    | Op.RunningExtremum(kind, axis, reverse, _) ->
        lowering.Builder.Emit(RunningInstruction(reductionKind kind, axis, reverse, x 0, lowering.Allocate i))
    | Op.ArgSort(axis, descending, _) -> argsort lowering axis descending (x 0) i
    | Op.Factor(part, _) ->
        let position = lowering.Tape.Child(i, 0)
        lowering.Put i (MatrixSteps.part lowering.Builder lowering.Factors part position (x 0))
    | Op.Solve(form, _, _) ->
        let position = lowering.Tape.Child(i, 0)
        MatrixSteps.solve lowering.Builder lowering.Factors form position (x 0) (x 1) (lowering.Allocate i)
    | Op.Identity _
    | Op.StopGradient _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _ -> lowering.Put i (x 0)
    | Op.Draw(draw, _, _) -> lowering.Builder.Emit(DrawInstruction(draw.Kernel, x 0, lowering.Allocate i))
    | Op.KeyedMap(KeyedMap.FoldIn, _, _) -> lowering.Builder.Emit(FoldInInstruction(x 0, x 1, lowering.Allocate i))
    | Op.KeyedMap(KeyedMap.LogGamma, _, _) -> lowering.Builder.Emit(LogGammaInstruction(x 0, x 1, lowering.Allocate i))
    | Op.Opaque(batch, f, _) ->
        lowering.Builder.Emit(
            OpaqueInstruction(f.Name, batch, System.Func<_, _> f.Evaluate, all (), lowering.Allocate i)
        )
    | Op.Unary _
    | Op.Binary _
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _
    | Op.Select _
    | Op.Cast _ -> invalidOp "an elementwise node stands outside every loop"

/// How many operands a node reads, the first ones: a barrier only waits for its others.
let private readCount (tape: Tape) i = if tape.Nodes[i].Op.IsBarrier then 1 else tape.Arity i

let private findReducers (tape: Tape) =
    let reducers = ChunkedList<int>.Filled(tape.Length, -1)

    for i in 0 .. tape.Length - 1 do
        if tape.Arity i = 1 then
            let child = tape.Child(i, 0)

            if (TrailingReductions.tryFind tape.Nodes[i].Op tape.Nodes[child]).IsSome then
                reducers[child] <- i

    reducers

/// How often each node is read, the results once more.
let private countReaders (tape: Tape) (roots: int[]) =
    let readers = ChunkedList<int>.Zeros tape.Length
    let waited = List<int>()

    for i in 0 .. tape.Length - 1 do
        let read = readCount tape i

        for position in 0 .. tape.Arity i - 1 do
            let child = tape.Child(i, position)

            if position < read then
                readers[child] <- readers[child] + 1
            else
                waited.Add child

    for root in roots do
        readers[root] <- readers[root] + 1

    // What nothing but a barrier waits for is computed all the same.
    for child in waited do
        readers[child] <- max 1 readers[child]

    readers

/// The program, and whether it does without copies of turned operands, which are allowed or not, that it would have.
let private lower budget maySpend (regions: Tape -> ChunkedList<int>) (formula: Formula) : struct (Program * bool) =
    let tape, roots = formula.Tape, formula.Roots
    let readers = countReaders tape roots

    let builder = ProgramBuilder budget

    let lowering =
        {
            Tape = tape
            Builder = builder
            Views = List<BufferView>()
            Places = ChunkedList<int>.Filled(tape.Length, -1)
            Readers = readers
            Factors = MatrixSteps.Table()
            Placement = Placement.Placement(tape, readers)
            Orders = OperandOrder.Orders tape
            Turned = TurnedOperands.Turned(builder, maySpend)
            Reducers = findReducers tape
            Sorted = SortedParts.find tape roots
            Registers = ChunkedList<int>.Filled(tape.Length, -1)
        }

    formula.Inputs
    |> Array.iteri (fun index input ->
        lowering.Put (tape.Position input) (lowering.Builder.Argument(index, input.DType, input.Shape)))

    for step in Schedule.steps tape (regions tape) roots do
        if step.Region >= 0 then
            LoopPieces.lower lowering step.Members
        elif not (lowering.HasPlace step.Members[0]) then
            single lowering step.Members[0]

    struct (lowering.Builder.Build(roots |> Array.map lowering.Place), lowering.Turned.HasRefused)

/// The program that computes the outputs from values of the inputs, with regions of the caller's choice.
let runWith regions (formula: Formula) : Program =
    let struct (program, _) = lower System.Int64.MaxValue true regions formula
    program

/// The program that computes the outputs from values of the inputs.
let run (formula: Formula) : Program = runWith Regions.assign formula

/// The program whose peak keeps within a number of bytes. Throws MemoryBudgetException where none was found.
let runWithin (budget: int64) (formula: Formula) : Program =
    let regions = Regions.assignWithin budget
    let struct (program, refused) = lower budget (budget = System.Int64.MaxValue) regions formula

    if refused then
        let fastest = runWith regions formula
        if fastest.PeakBytes <= budget then fastest else program
    else
        program
