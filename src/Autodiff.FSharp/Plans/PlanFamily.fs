namespace Autodiff

open System
open System.Collections.Generic
open Autodiff.FSharp
open Autodiff.Kernel

module internal LeafValue =

    /// The value of a constant, or of a variable that nothing replaces.
    let ofNode (node: Node) : NDArray =
        match node.Op with
        | Op.Constant(value, _)
        | Op.Variable value -> value
        | _ -> invalidOp "the node has no value of its own"

    /// The bits of a number that is a constant of the graph.
    let bits (node: Node) : int64 =
        let value = ofNode node

        match value.DType with
        | DType.Float32 -> int64 (BitConverter.SingleToInt32Bits(value.Item<float32>()))
        | DType.Float64 -> BitConverter.DoubleToInt64Bits(value.Item<float>())
        | DType.Int32 -> int64 (value.Item<int>())
        | DType.Int64 -> value.Item<int64>()
        | _ -> if value.Item<bool>() then 1L else 0L

/// A plan for graphs of one encoding: the numbers that are arguments of it, and the bits of the others.
[<Sealed>]
type internal CachedPlan(isArgument: bool[], bits: int64[], run: CompiledFunction) =

    /// Whether the plan computes a graph with these numbers.
    member _.Serves(numbers: int64[]) =
        let mutable serves = true

        for i in 0 .. bits.Length - 1 do
            serves <- serves && (isArgument[i] || bits[i] = numbers[i])

        serves

    /// The values, given those of the leaves and the numbers.
    member _.Run(leaves: NDArray[], numbers: Node[]) : NDArray[] =
        let varying =
            [|
                for i in 0 .. numbers.Length - 1 do
                    if isArgument[i] then
                        LeafValue.ofNode numbers[i]
            |]

        run.Run(Array.append leaves varying)

/// The plans for graphs of one encoding. They differ in the numbers that were folded into them.
[<Sealed>]
type internal PlanFamily(encoding: Encoding) =
    let gate = obj ()
    let plans = List<CachedPlan>()
    let varies: bool[] = Array.zeroCreate encoding.Numbers.Length
    let mutable first: int64[] = [||]
    let mutable misses = 0

    // A number that differs so often is one that changes from step to step: a learning rate, 1 - beta^t.
    static let missesBeforeArgument = 3

    /// When the family was last asked, as the cache counts.
    member val LastUse = 0L with get, set

    /// About what the encoding and the plans hold.
    member _.Bytes = int64 encoding.Codes.Length * 4L + int64 plans.Count * int64 encoding.Codes.Length * 40L

    /// A plan for these numbers, if there is one.
    member _.Find(numbers: int64[]) : CachedPlan voption =
        lock gate (fun () ->
            match plans |> Seq.tryFindBack (fun plan -> plan.Serves numbers) with
            | Some plan -> ValueSome plan
            | None -> ValueNone)

    /// Which numbers a new plan should take as arguments.
    member _.Miss(numbers: int64[]) : bool[] =
        lock gate (fun () ->
            if misses = 0 then
                first <- numbers

            misses <- misses + 1
            numbers |> Array.iteri (fun i bits -> varies[i] <- varies[i] || bits <> first[i])

            if misses > missesBeforeArgument then
                Array.copy varies
            else
                Array.zeroCreate varies.Length)

    member _.Add(plan: CachedPlan) =
        lock gate (fun () ->
            if plans.Count > missesBeforeArgument then
                plans.RemoveAt 0

            plans.Add plan)
