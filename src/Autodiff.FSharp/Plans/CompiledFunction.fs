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

    static let nameOf (node: Node) =
        match node.Name with
        | null -> "an input"
        | name -> $"'{name}'"

    static let fits (node: Node) (value: NDArray) =
        let mutable fits = value.Rank = node.Rank

        if fits then
            for axis in 0 .. node.Rank - 1 do
                fits <- fits && (node.Shape[axis] = value.Shape[axis] || node.Shape[axis] = -1)

        fits

    /// The value in the element type of the node it is given for; nothing is narrowed silently.
    static let fit (node: Node) (value: NDArray) : NDArray =
        if not (fits node value) then
            raise (ShapeException $"{nameOf node} has shape {node.Shape}, the value given for it {value.Shape}")
        elif value.DType = node.DType then
            value
        elif DTypes.Promote(value.DType, node.DType) = node.DType then
            value.AsType node.DType
        else
            raise (
                DTypeException $"{nameOf node} is {node.DType}, the value given for it {value.DType}: convert it first"
            )

    /// The values as the program takes them: the same list if nothing had to be converted.
    let bind (values: IReadOnlyList<NDArray>) : NDArray[] =
        if values.Count <> inputs.Length then
            raise (ArgumentException $"the function has {inputs.Length} inputs, {values.Count} values were given")

        let mutable fitsAsIs = true

        for i in 0 .. inputs.Length - 1 do
            if isNull (box values[i]) then
                raise (ArgumentNullException $"values[{i}]")

            fitsAsIs <- fitsAsIs && fits inputs[i] values[i] && values[i].DType = inputs[i].DType

        match values with
        | :? (NDArray[]) as values when fitsAsIs -> values
        | _ -> Array.init inputs.Length (fun i -> fit inputs[i] values[i])

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

    /// Writes the values of the outputs to memory of the caller's, an array (or a part of one) for each: nothing is
    /// allocated. The memory must not be that of an input. Throws ShapeException or DTypeException where a value does not
    /// fit its input, or a result its place, and ArgumentException if there are too few or too many of them.
    member _.RunInto(values: IReadOnlyList<NDArray>, [<ParamArray>] results: ResultBuffer[]) : unit =
        let bound = bind values

        ResultTargets.Run(
            programFor bound,
            ReadOnlySpan<NDArray> bound,
            ReadOnlySpan<ResultBuffer> results,
            CancellationToken.None
        )

    /// Writes the value of the only output to memory of the caller's: nothing is allocated.
    member _.RunInto(values: IReadOnlyList<NDArray>, result: Span<'T>) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, result)

    /// Writes the values of the two outputs to memory of the caller's: nothing is allocated.
    member _.RunInto(values: IReadOnlyList<NDArray>, first: Span<'T>, second: Span<'T>) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, first, second)

    /// Writes the values of the three outputs to memory of the caller's: nothing is allocated.
    member _.RunInto(values: IReadOnlyList<NDArray>, first: Span<'T>, second: Span<'T>, third: Span<'T>) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, first, second, third)

    /// The most memory that a run holds at once, results included, in bytes.
    member _.PeakBytes = (theProgram ()).PeakBytes

    /// The arithmetic operations of a run.
    member _.Flops = (theProgram ()).Flops

    /// The plan as text: each step with the memory it reads and writes.
    member _.Explain() = (theProgram ()).Explain()

    override _.ToString() = $"compiled function of {inputs.Length} inputs, {outputs} outputs"
