namespace Autodiff

open System
open System.Collections.Generic
open Autodiff.FSharp
open Autodiff.Kernel

/// A plan for graphs of one encoding: the places of the numbers that are arguments of it, and the bits of all when it was
/// made, which are those of the others in every graph that it serves.
[<Sealed>]
type internal CachedPlan(arguments: int[], bits: ChunkedList<int64>, run: CompiledFunction) =

    /// Whether the plan computes a graph with these numbers.
    member _.Serves(numbers: ChunkedList<int64>) =
        let mutable next = 0
        let mutable i = 0

        while i < bits.Length do
            if next < arguments.Length && arguments[next] = i then
                next <- next + 1
                i <- i + 1
            elif bits[i] = numbers[i] then
                i <- i + 1
            else
                i <- Int32.MaxValue

        i = bits.Length

    /// The values, given those of the leaves and the numbers.
    member _.Run(leaves: NDArray[], numbers: ChunkedList<Node>) : NDArray[] =
        let varying = arguments |> Array.map (fun i -> LeafValue.ofNode numbers[i])
        run.Run(Array.append leaves varying)

/// The plans for graphs of one encoding. They differ in the numbers that were folded into them.
[<Sealed>]
type internal PlanFamily(encoding: Encoding) =
    let gate = obj ()
    let plans = List<CachedPlan>()
    let varying = SortedSet<int>()
    let mutable misses = 0

    // A number that differs so often is one that changes from step to step: a learning rate, 1 - beta^t.
    static let missesBeforeArgument = 3

    let note (numbers: ChunkedList<int64>) =
        for i in 0 .. numbers.Length - 1 do
            if numbers[i] <> encoding.Bits[i] then
                varying.Add i |> ignore

    /// When the family was last asked, as the cache counts.
    member val LastUse = 0L with get, set

    /// About what the encoding and the plans hold.
    member _.Bytes =
        let size = int64 encoding.Codes.Length
        size * 4L + int64 encoding.Bits.Length * 8L + int64 plans.Count * size * 40L

    /// A plan for these numbers, if there is one.
    member _.Find(numbers: ChunkedList<int64>) : CachedPlan voption =
        lock gate (fun () ->
            match plans |> Seq.tryFindBack (fun plan -> plan.Serves numbers) with
            | Some plan -> ValueSome plan
            | None -> ValueNone)

    /// The places of the numbers that a new plan should take as arguments.
    member _.Miss(numbers: ChunkedList<int64>) : int[] =
        lock gate (fun () ->
            misses <- misses + 1
            note numbers
            if misses > missesBeforeArgument then Seq.toArray varying else [||])

    member _.Add(plan: CachedPlan) =
        lock gate (fun () ->
            if plans.Count > missesBeforeArgument then
                plans.RemoveAt 0

            plans.Add plan)
