namespace Autodiff

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading
open Autodiff.FSharp
open Autodiff.Kernel

/// A graph compiled to a function of some of its nodes: simplified, fused, with its memory laid out beforehand. It owns
/// no memory but its constants, and may be called from many threads at once.
[<Sealed>]
type CompiledFunction internal (inputs: Node[], program: Program) =

    /// The value in the element type of the node it is given for; nothing is narrowed silently.
    static let fit (node: Node) (value: NDArray) : NDArray =
        let name =
            match node.Name with
            | null -> "an input"
            | name -> $"'{name}'"

        if value.Shape <> node.Shape then
            raise (ShapeException $"{name} has shape {node.Shape}, the value given for it {value.Shape}")
        elif value.DType = node.DType then
            value
        elif DTypes.Promote(value.DType, node.DType) = node.DType then
            value.AsType node.DType
        else
            raise (DTypeException $"{name} is {node.DType}, the value given for it {value.DType}: convert it first")

    let bind (values: IReadOnlyList<NDArray>) =
        if values.Count <> inputs.Length then
            raise (ArgumentException $"the function has {inputs.Length} inputs, {values.Count} values were given")

        Array.init inputs.Length (fun i -> fit inputs[i] values[i])

    /// The values of the outputs, given those of the inputs in order.
    /// Throws ShapeException or DTypeException where a value does not fit its input.
    member _.Run([<ParamArray>] values: NDArray[]) : NDArray[] =
        Executor.Run(program, ReadOnlySpan<NDArray>(bind values), CancellationToken.None)

    /// The values of the outputs, given those of the inputs in order.
    member _.Run(values: seq<NDArray>) : NDArray[] =
        Executor.Run(program, ReadOnlySpan<NDArray>(bind (Array.ofSeq values)), CancellationToken.None)

    /// The values of the outputs; the token ends the run between two steps.
    member _.Run(values: IReadOnlyList<NDArray>, cancellation: CancellationToken) : NDArray[] =
        Executor.Run(program, ReadOnlySpan<NDArray>(bind values), cancellation)

    /// The most memory that a run holds at once, results included, in bytes.
    member _.PeakBytes = program.PeakBytes

    /// The arithmetic operations of a run.
    member _.Flops = program.Flops

    /// The plan as text: each step with the memory it reads and writes.
    member _.Explain() = program.Explain()

    override _.ToString() = $"compiled function of {inputs.Length} inputs, {program.Results.Length} outputs"
