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
    let shapes = inputs |> Array.map _.Shape
    let types = inputs |> Array.map _.DType

    let programOf (size: int) =
        // Bounded: sizes of batches are few, and those that are not are not worth keeping.
        if programs.Count > 64 then
            programs.Clear()

        programs.GetOrAdd(size, plan)

    let programFor (values: IReadOnlyList<NDArray>) =
        match fixedProgram with
        | ValueSome program -> program
        | ValueNone -> programOf (Specialise.measure inputs values)

    let theProgram () =
        match fixedProgram with
        | ValueSome program -> program
        | ValueNone ->
            raise (
                InvalidOperationException
                    "the plan of a function with unknown sizes (-1) is made for each size: ask what ForSize gives"
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

    /// Whether every value has the shape and the element type of its input.
    let fitAsTheyAre (values: NDArray[]) =
        let mutable all = true

        for i in 0 .. shapes.Length - 1 do
            let value = values[i]

            if isNull (box value) then
                raise (ArgumentNullException $"values[{i}]")

            all <- all && value.DType = types[i] && (shapes[i].Equals value.Shape || fits inputs[i] value)

        all

    /// The values as the program takes them: the same array if nothing had to be converted.
    let bind (values: IReadOnlyList<NDArray>) : NDArray[] =
        let given =
            match values with
            | :? (NDArray[]) as values -> values
            | values -> Array.ofSeq values

        if given.Length <> inputs.Length then
            raise (ArgumentException $"the function has {inputs.Length} inputs, {given.Length} values were given")

        if fitAsTheyAre given then given else Array.map2 fit inputs given

    let run (values: IReadOnlyList<NDArray>) cancellation =
        let bound = bind values
        Executor.Run(programFor bound, ReadOnlySpan<NDArray> bound, cancellation)

    let runInto (values: IReadOnlyList<NDArray>) (results: ResultBuffer[]) cancellation =
        let bound = bind values

        ResultTargets.Run(
            programFor bound,
            ReadOnlySpan<NDArray> bound,
            ReadOnlySpan<ResultBuffer> results,
            cancellation
        )

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
        runInto values results CancellationToken.None

    /// Writes the values of the outputs to memory of the caller's; the token ends the run between two steps, and leaves
    /// that memory with any contents.
    member _.RunInto(values: IReadOnlyList<NDArray>, results: ResultBuffer[], cancellation: CancellationToken) : unit =
        runInto values results cancellation

    /// Writes the value of the only output to memory of the caller's: nothing is allocated.
    member _.RunInto
        (
            values: IReadOnlyList<NDArray>,
            result: Span<'T>,
            [<Optional; DefaultParameterValue(CancellationToken())>] cancellation: CancellationToken
        ) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, result, cancellation)

    /// Writes the values of the two outputs to memory of the caller's: nothing is allocated.
    member _.RunInto
        (
            values: IReadOnlyList<NDArray>,
            first: Span<'T>,
            second: Span<'T>,
            [<Optional; DefaultParameterValue(CancellationToken())>] cancellation: CancellationToken
        ) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, first, second, cancellation)

    /// Writes the values of the three outputs to memory of the caller's: nothing is allocated.
    member _.RunInto
        (
            values: IReadOnlyList<NDArray>,
            first: Span<'T>,
            second: Span<'T>,
            third: Span<'T>,
            [<Optional; DefaultParameterValue(CancellationToken())>] cancellation: CancellationToken
        ) : unit =
        let bound = bind values
        ResultTargets.Run(programFor bound, ReadOnlySpan<NDArray> bound, first, second, third, cancellation)

    /// The function for one value of the sizes that were not known when it was compiled (-1): it tells beforehand what a
    /// run for that size takes. The function itself if there are none.
    member this.ForSize(size: int) : CompiledFunction =
        if not isOpen then
            this
        elif size < 0 then
            raise (ShapeException $"a size is no negative number: {size}")
        else
            let ofSize (node: Node) =
                if Specialise.isOpen node then
                    Node.Placeholder(node, Specialise.shape size node.Shape)
                else
                    node

            CompiledFunction(Array.map ofSize inputs, outputs, (fun _ -> programOf size))

    /// For pairs of an input and an output whether RunInto may write the output to the input's memory: then it is
    /// computed elementwise in its place, and no step of the run can fail.
    member internal _.MayOverwrite(pairs: struct (int * int)[]) : bool[] =
        match fixedProgram with
        | ValueSome program when program.Instructions |> Array.forall (fun step -> not step.CanFail) ->
            ReplacedArguments.Of(program, pairs)
        | _ -> pairs |> Array.map (fun _ -> false)

    /// The most memory that a run holds at once, results included, in bytes.
    member _.PeakBytes = (theProgram ()).PeakBytes

    /// The arithmetic operations of a run.
    member _.Flops = (theProgram ()).Flops

    /// The arithmetic of a run as a multiple of what it would be without a memory budget: 1 where nothing is computed
    /// twice to keep within it.
    member _.RecomputeFactor = (theProgram ()).RecomputeFactor

    /// The plan as text: each step with the memory it reads and writes.
    member _.Explain() = (theProgram ()).Explain()

    override _.ToString() = $"compiled function of {inputs.Length} inputs, {outputs} outputs"
