namespace Autodiff

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading
open Autodiff.FSharp
open Autodiff.Kernel

/// A graph compiled to a function of some of its nodes: simplified, fused, with its memory laid out beforehand. It owns
/// no memory but its constants, and may be called from many threads at once.
[<Sealed>]
type CompiledFunction internal (inputs: Node[], outputs: int, plan: int -> Program) =

    // With a size that is not known yet, one program for each size that was met.
    let isOpen = inputs |> Array.exists Specialise.isOpen
    let programs = ConcurrentDictionary<int, Program>()
    let fixedProgram = if isOpen then ValueNone else ValueSome(plan 0)

    let programFor (values: IReadOnlyList<NDArray>) =
        match fixedProgram with
        | ValueSome program -> program
        | ValueNone ->
            // Bounded: sizes of batches are few, and those that are not are not worth keeping.
            if programs.Count > 64 then
                programs.Clear()

            programs.GetOrAdd(Specialise.measure inputs values, plan)

    let theProgram () =
        match fixedProgram with
        | ValueSome program -> program
        | ValueNone ->
            raise (
                InvalidOperationException
                    "the plan of a function with unknown sizes (-1) is made for each size when it runs"
            )

    /// The value in the element type of the node it is given for; nothing is narrowed silently.
    static let fit (node: Node) (value: NDArray) : NDArray =
        let name =
            match node.Name with
            | null -> "an input"
            | name -> $"'{name}'"

        let fits =
            value.Rank = node.Rank
            && Seq.forall2 (fun size actual -> size = actual || size = -1) node.Shape value.Shape

        if not fits then
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

        Array.init inputs.Length (fun i ->
            ArgumentNullException.ThrowIfNull(values[i], $"values[{i}]")
            fit inputs[i] values[i])

    let run (values: IReadOnlyList<NDArray>) cancellation =
        let bound = bind values
        Executor.Run(programFor bound, ReadOnlySpan<NDArray> bound, cancellation)

    /// The value as the node takes it. Throws ShapeException or DTypeException where it does not fit.
    static member internal Fit(node: Node, value: NDArray) : NDArray = fit node value

    /// The values of the outputs, given those of the inputs in order.
    /// Throws ShapeException or DTypeException where a value does not fit its input.
    member _.Run([<ParamArray>] values: NDArray[]) : NDArray[] = run values CancellationToken.None

    /// The values of the outputs, given those of the inputs in order.
    member _.Run(values: seq<NDArray>) : NDArray[] = run (Array.ofSeq values) CancellationToken.None

    /// The values of the outputs; the token ends the run between two steps.
    member _.Run(values: IReadOnlyList<NDArray>, cancellation: CancellationToken) : NDArray[] = run values cancellation

    /// The most memory that a run holds at once, results included, in bytes.
    member _.PeakBytes = (theProgram ()).PeakBytes

    /// The arithmetic operations of a run.
    member _.Flops = (theProgram ()).Flops

    /// The plan as text: each step with the memory it reads and writes.
    member _.Explain() = (theProgram ()).Explain()

    override _.ToString() = $"compiled function of {inputs.Length} inputs, {outputs} outputs"
