/// From the pieces of regions to loops: what a piece reads becomes registers, its members an expression over them, and a
/// sum or maximum that alone reads one of its values becomes the loop's end.
module internal Autodiff.FSharp.LoopPieces

open System.Buffers
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// The operation of the kernel's loops that an elementwise node is.
let private opcode (op: Op<Node>) =
    match op with
    | Op.Unary(op, _) -> op.Opcode
    | Op.Binary(op, _, _) -> op.Opcode
    | Op.Compare(op, _, _) -> op.Opcode
    | Op.Test(op, _) -> op.Opcode
    | Op.Logical(op, _, _) -> op.Opcode
    | Op.Not _ -> Opcode.Not
    | Op.Select _ -> Opcode.Select
    | Op.Cast _ -> Opcode.Cast
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Einsum _
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Window _
    | Op.OverlapAdd _
    | Op.Concat _
    | Op.Gather _
    | Op.ScatterAdd _
    | Op.Extremum _
    | Op.ArgExtremum _
    | Op.Recurrence _
    | Op.RunningExtremum _
    | Op.ArgSort _
    | Op.Factor _
    | Op.Solve _
    | Op.Identity _
    | Op.StopGradient _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _
    | Op.Opaque _ -> invalidOp "not an elementwise operation"

/// What a piece reads that it does not compute, in the order of the registers that this gets; its members get the
/// registers after these. The piece is no more among the readers that are to come.
let private enroll (lowering: Lowering) (members: int[]) : int[] =
    let registers, readers = lowering.Registers, lowering.Readers
    let pending = -2

    for i in members do
        registers[i] <- pending

    let externals = List<int>()

    for i in members do
        for position in 0 .. lowering.Tape.Arity i - 1 do
            let child = lowering.Tape.Child(i, position)
            readers[child] <- readers[child] - 1

            if registers[child] = -1 then
                registers[child] <- externals.Count
                externals.Add child

    members |> Array.iteri (fun number i -> registers[i] <- externals.Count + number)

    externals.ToArray()

/// The outputs of a loop, which others read or which are results, and the reduction that it ends in, of the last one. What
/// others read too is an output twice, stored and then reduced; this gains only where the elements of each result are
/// consecutive.
let private ending (lowering: Lowering) (members: int[]) =
    let outputs = members |> Array.filter (fun i -> lowering.Readers[i] > 0)
    let isStored i = lowering.Readers[i] > 1

    let reduction i =
        if lowering.Reducers[i] < 0 then
            ValueNone
        else
            match TrailingReductions.tryFind lowering.Tape.Nodes[lowering.Reducers[i]].Op lowering.Tape.Nodes[i] with
            | ValueSome reduction when isStored i && not reduction.Source.IsContiguous -> ValueNone
            | found -> found

    match outputs |> Array.sortBy isStored |> Array.tryFind (fun i -> (reduction i).IsSome) with
    | Some last ->
        let stored = outputs |> Array.filter (fun i -> i <> last || isStored i)
        struct (Array.append stored [| last |], reduction last)
    | None -> struct (outputs, ValueNone)

/// A place for the reduction of node i, which is the value of the node that reads it.
let private placeReduction (lowering: Lowering) (reduction: TrailingReductions.TrailingReduction) i =
    let result = lowering.Builder.Temporary(lowering.Tape.Nodes[i].DType, reduction.Written)
    lowering.Put lowering.Reducers[i] (result.Under(reduction.Expand result.Layout))
    result

/// The operation of a member over registers.
let private operation (lowering: Lowering) i =
    let arity = lowering.Tape.Arity i

    let argument position =
        if position < arity then
            lowering.Registers[lowering.Tape.Child(i, position)]
        else
            0

    let node = lowering.Tape.Nodes[i]
    LoopOp(opcode node.Op, node.DType, argument 0, argument 1, argument 2)

/// The tape of numbers that members are. Its operations are only passed through: a plan keeps the steps that are made of
/// them.
let private tapeOf (lowering: Lowering) (types: DType[]) (members: int[]) (stored: int[]) =
    let operations = ArrayPool<LoopOp>.Shared.Rent members.Length

    try
        for number in 0 .. members.Length - 1 do
            operations[number] <- operation lowering members[number]

        let span = System.Span(operations, 0, members.Length)
        TapePlan(LoopExpression.Checked(System.ReadOnlySpan types, span, System.ReadOnlySpan stored))
    finally
        ArrayPool<LoopOp>.Shared.Return operations

/// A piece of a region: one loop, or a tape of numbers where there is only one element.
let lower (lowering: Lowering) (members: int[]) =
    let externals = enroll lowering members
    let registers = lowering.Registers
    let struct (outputs, reduction) = ending lowering members
    let inputs = externals |> Array.map (lowering.Place >> lowering.Turned.Of)
    let types = inputs |> Array.map _.DType
    let stored = outputs |> Array.map (fun i -> registers[i])

    let body () =
        LoopBody(System.ReadOnlySpan types, members |> Array.map (operation lowering), System.ReadOnlySpan stored)

    lowering.Builder.Emit(
        match reduction with
        | ValueSome reduction ->
            let stored = Array.take (outputs.Length - 1) outputs |> Array.map lowering.AllocateDense
            let result = placeReduction lowering reduction (Array.last outputs)
            let shape = lowering.Tape.Nodes[members[0]].Shape
            let plan = ReductionPlan(body (), shape, reduction.Kind, reduction.Source, reduction.KeptRank)
            LoopReductionInstruction(plan, inputs, Array.append stored [| result |]) :> Instruction
        | ValueNone when lowering.Tape.Nodes[members[0]].Rank = 0 ->
            TapeInstruction(tapeOf lowering types members stored, inputs, outputs |> Array.map lowering.Allocate)
        | ValueNone -> LoopInstruction(body (), inputs, outputs |> Array.map lowering.Allocate)
    )

    let leave i = registers[i] <- -1
    Array.iter leave externals
    Array.iter leave members
