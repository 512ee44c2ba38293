namespace Autodiff.FSharp

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// Collects the buffers and the instructions of a program, whose peak keeps within a budget of bytes.
[<Sealed>]
type internal ProgramBuilder(budget: int64) =
    let buffers = List<Buffer>()
    let instructions = List<Instruction>()

    let add (buffer: Buffer) (layout: Layout) =
        buffers.Add buffer
        BufferView(buffers.Count - 1, layout, buffer.DType)

    let whole kind dtype (shape: Shape) index value =
        add (Buffer(kind, dtype, shape, index, value)) (Layout.Contiguous shape)

    /// An array that the caller gives.
    member _.Argument(index: int, dtype: DType, shape: Shape) = whole BufferKind.Argument dtype shape index null

    /// An array of the program's own.
    member _.Constant(value: NDArray) = whole BufferKind.Constant value.DType value.Shape 0 value

    /// A new buffer that lives within a run.
    member _.Temporary(dtype: DType, shape: Shape) = whole BufferKind.Temporary dtype shape 0 null

    member _.Emit(instruction: Instruction) = instructions.Add instruction

    /// The operand itself if its elements fill its buffer in row-major order, else a copy of it that does.
    member builder.Dense(operand: BufferView) =
        let isWhole = operand.Layout.IsContiguous && operand.Shape.Size = buffers[operand.Buffer].Shape.Size

        if isWhole then
            operand
        else
            let copy = builder.Temporary(operand.DType, operand.Shape)
            builder.Emit(CopyInstruction(operand, copy))
            copy

    /// The finished program, with the given operands as its results. Throws MemoryBudgetException where the budget cannot
    /// be met.
    member builder.Build(results: BufferView[]) =
        let results = results |> Array.map builder.Dense

        for index in 0 .. results.Length - 1 do
            let number = results[index].Buffer
            let buffer = buffers[number]

            // Of several results that are one buffer the first makes it.
            if buffer.Kind = BufferKind.Temporary then
                buffers[number] <- Buffer(BufferKind.Result, buffer.DType, buffer.Shape, index, null)

        let named = results |> Array.map (fun operand -> struct (operand.Buffer, operand.Shape))
        MemoryBudget.Plan(Sequence(buffers.ToArray(), instructions.ToArray()), named, budget)
