namespace Autodiff.FSharp

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// A graph on its way to a program.
[<NoEquality; NoComparison>]
type internal Lowering =
    {
        Tape: Tape
        Builder: ProgramBuilder
        /// The places of values, and for each node the number of its value's place, once it has one; else -1.
        Views: List<BufferView>
        Places: ChunkedList<int>
        /// How often each node is read by what is not lowered yet, a loop's own members aside, or is a result.
        Readers: ChunkedList<int>
        /// The factorisations so far.
        Factors: MatrixSteps.Table
        /// Where the parts of joins are computed.
        Placement: Placement.Placement
        /// The operands of einsums that are read in another order of their axes, and these copies of them.
        Orders: OperandOrder.Orders
        /// The operands of loops that stand across them, and these copies of them.
        Turned: TurnedOperands.Turned
        /// A node that reduces each elementwise node, such that the loop gains by ending in it; -1 where there is none.
        Reducers: ChunkedList<int>
        /// The sorts of which only some positions are read, from the first on, and how many.
        Sorted: Dictionary<int, int>
        /// The register of each node in the loop at hand; -1 where it has none.
        Registers: ChunkedList<int>
    }

    member lowering.HasPlace i = lowering.Places[i] >= 0

    member lowering.Place i =
        if lowering.HasPlace i then
            lowering.Views[lowering.Places[i]]
        else
            invalidOp "a node is read before it is computed"

    /// Says where the value of node i stands.
    member lowering.Put i (place: BufferView) =
        lowering.Places[i] <- lowering.Views.Count
        lowering.Views.Add place

    /// Room for the value of node i: a new buffer, or its place in that of a join.
    member lowering.Allocate i =
        let operand = lowering.Placement.Room lowering.Builder i
        lowering.Put i operand
        operand

    /// The same, where the elements have to be consecutive: as they are not in each place in a join.
    member lowering.AllocateDense i =
        let room = lowering.Allocate i

        if not room.Layout.IsDense then
            lowering.Put i (lowering.Builder.Temporary(room.DType, lowering.Tape.Nodes[i].Shape))

        lowering.Place i
