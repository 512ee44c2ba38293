/// Operands of products in another order of their axes. A product reads an operand along its rows; where many small ones
/// read the same operand across, as the steps backwards through a recurrence read its weights, one copy of it in the
/// better order is less work than that.
module internal Autodiff.FSharp.OperandOrder

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// Another order of the axes of one operand, and the subscripts that fit it.
[<NoEquality; NoComparison>]
type private Order = { Position: int; Axes: int[]; Subscripts: Subscripts; Saved: float }

let private cost (subscripts: Subscripts) =
    let plan = EinsumPlan.For subscripts

    if plan.Steps.Length = 1 && not plan.Steps[0].IsUnary then
        let step = plan.Steps[0]
        ValueSome(StepCost.Of(step.LeftLabels, step.RightLabels, step.ResultLabels, subscripts.Sizes))
    else
        ValueNone

/// The order in which a matrix product reads an operand from first to last: batches, what is summed, its columns.
let private inOrder (subscripts: Subscripts) position : Order voption =
    let labels = Labels.operand position subscripts
    let other, result = Labels.operand (1 - position) subscripts, Labels.result subscripts

    let rank label =
        if not (Array.contains label result) then 1
        elif Array.contains label other then 0
        else 2

    let axes = [| 0 .. labels.Length - 1 |] |> Array.sortBy (fun axis -> rank labels[axis])
    let operands = [| Labels.operand 0 subscripts; Labels.operand 1 subscripts |]
    let ordered = operands |> Array.updateAt position (axes |> Array.map (fun axis -> labels[axis]))

    if ordered[position] = labels || not (Labels.areDistinct labels) then
        ValueNone
    else
        let reordered = Labels.create ordered result (Labels.sizes subscripts)

        match cost subscripts, cost reordered with
        | ValueSome now, ValueSome after when after < now ->
            ValueSome { Position = position; Axes = axes; Subscripts = reordered; Saved = now - after }
        | _ -> ValueNone

/// The orders that pay in a graph.
[<Sealed>]
type Orders(tape: Tape) =
    let chosen = Dictionary<int, Order>()
    let copies = Dictionary<struct (int * string), BufferView>()
    let keyOf operand (order: Order) = struct (operand, String.Join(',', order.Axes))

    do
        let known = Dictionary<struct (Subscripts * int), Order voption>()

        let orderOf (subscripts: Subscripts) position =
            match known.TryGetValue(struct (subscripts, position)) with
            | true, order -> order
            | false, _ ->
                let order = inOrder subscripts position
                known[struct (subscripts, position)] <- order
                order

        let readers = Dictionary<struct (int * string), List<struct (int * Order)>>()

        for i in 0 .. tape.Nodes.Length - 1 do
            match tape.Nodes[i].Op with
            | Op.Einsum(subscripts, [| _; _ |]) when not (tape.IsLeaf i) ->
                for position in 0..1 do
                    match orderOf subscripts position with
                    | ValueSome order ->
                        let key = keyOf ((tape.Children i)[position]) order

                        match readers.TryGetValue key with
                        | true, known -> known.Add(struct (i, order))
                        | false, _ -> readers[key] <- List<_>([ struct (i, order) ])
                    | ValueNone -> ()
            | _ -> ()

        for pair in readers do
            let struct (operand, _) = pair.Key
            let saved = pair.Value |> Seq.sumBy (fun (struct (_, order)) -> order.Saved)

            if pair.Value.Count > 1 && saved > StepCost.OfCopy tape.Nodes[operand].Shape.Size then
                for struct (i, order) in pair.Value do
                    chosen.TryAdd(i, order) |> ignore

    /// The subscripts and operands of an einsum with the better order of one of them, which is copied once.
    member _.Apply (builder: ProgramBuilder) i (subscripts: Subscripts) (operands: BufferView[]) =
        match chosen.TryGetValue i with
        | true, order when operands[order.Position].Layout.IsContiguous ->
            let operand = operands[order.Position]
            let key = keyOf ((tape.Children i)[order.Position]) order

            let copy =
                match copies.TryGetValue key with
                | true, copy -> copy
                | false, _ ->
                    let layout = operand.Layout.Permute(ReadOnlySpan order.Axes)
                    let copy = builder.Temporary(operand.DType, layout.Shape)
                    builder.Emit(CopyInstruction(operand.Under layout, copy))
                    copies[key] <- copy
                    copy

            struct (order.Subscripts, Array.updateAt order.Position copy operands)
        | _ -> struct (subscripts, operands)
