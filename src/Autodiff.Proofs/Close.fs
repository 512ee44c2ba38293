namespace Autodiff.Proofs

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp

/// What a node's value should be, and how far each element may lie from it.
type Expectation = { Value: Tensor; Allowed: float[] }

/// Comparison of values, which reports the worst element.
module Close =

    let private epsilon (dtype: DType) = if dtype = DType.Float32 then Math.Pow(2.0, -23.0) else Math.Pow(2.0, -52.0)

    /// The distance of subnormal numbers.
    let private smallest (dtype: DType) = if dtype = DType.Float32 then float Single.Epsilon else Double.Epsilon

    /// Whether an einsum adds: over labels of size 1 it only copies.
    let private hasSum (subscripts: Subscripts) =
        let isSummed label = not (subscripts.ResultLabels.Contains label)

        seq { 0 .. subscripts.LabelCount - 1 }
        |> Seq.exists (fun label -> isSummed label && subscripts.Sizes[label] > 1)

    /// Whether the operation's result is rounded, or is data that stands for something measured.
    let private isRounded (op: Op<Tensor>) =
        match op with
        | Op.Constant(value, _) -> value.Rank > 0
        | Op.Variable _
        | Op.Factor _
        | Op.Solve _
        | Op.Opaque _
        | Op.ScatterAdd _
        | Op.OverlapAdd _
        | Op.Recurrence _
        | Op.Cast _ -> true
        | Op.Unary(op, _) ->
            match op with
            | Unary.Neg
            | Unary.Relu
            | Unary.Abs
            | Unary.Sign
            | Unary.Floor
            | Unary.Ceil
            | Unary.Round
            | Unary.Trunc -> false
            | _ -> true
        | Op.Binary(op, _, _) -> op <> Binary.Maximum && op <> Binary.Minimum
        | Op.Einsum(subscripts, operands) -> operands.Length > 1 || hasSum subscripts
        | Op.Input
        | Op.Compare _
        | Op.Test _
        | Op.Logical _
        | Op.Not _
        | Op.Select _
        | Op.Reshape _
        | Op.Slice _
        | Op.Embed _
        | Op.Window _
        | Op.Concat _
        | Op.Gather _
        | Op.Extremum _
        | Op.ArgExtremum _
        | Op.RunningExtremum _
        | Op.ArgSort _
        | Op.Identity _
        | Op.StopGradient _
        | Op.Draw _
        | Op.KeyedMap _
        | Op.Custom _
        | Op.Checkpoint _
        | Op.Barrier _ -> false

    /// Moves every rounded float but zero by one to two units of its last place, up or down at random, so that none stands
    /// still by chance; a subnormal number's last place is the smallest number.
    let private noise (random: Random) : Reference.Rounding =
        fun op x ->
            match x.Elements with
            | Elements.Floats elements when isRounded op ->
                let move e =
                    let units = (1.0 + random.NextDouble()) * float (2 * random.Next 2 - 1)

                    if e = 0.0 then
                        e
                    else
                        e * (1.0 + epsilon x.Type * units) + smallest x.Type * units

                { x with Elements = Elements.Floats(elements |> Array.map move) }
            | Elements.Floats _
            | Elements.Wholes _
            | Elements.Truths _ -> x

    let private spread (a: Tensor) (b: Tensor) =
        Array.map2
            (fun (x: float) y -> if x = y || (Double.IsNaN x && Double.IsNaN y) then 0.0 else abs (x - y))
            (Tensor.asFloats a)
            (Tensor.asFloats b)

    /// How far an element may lie from its value, when noise in every operation moved it, and its neighbours, by so much.
    let private allow (value: Tensor) (spreads: float[]) =
        let worst = if spreads.Length = 0 then 0.0 else Array.max spreads

        Array.map2
            (fun v s -> 64.0 * s + 8.0 * worst + 16.0 * epsilon value.Type * abs v)
            (Tensor.asFloats value)
            spreads

    /// The values of nodes by the reference, with the tolerance that their own conditioning asks for: the graph is also
    /// interpreted with noise of a rounding's size in every operation, and what that changes is known to be uncertain.
    let expect (bindings: seq<Node * Tensor>) (nodes: seq<Node>) : Expectation list =
        let interpret rounding =
            let values = Dictionary<Node, Tensor>(HashIdentity.Reference)
            // A given value is data as a variable's start is: its noise stands for the rounding inside sums over it.
            let given = Op.Variable(NDArray.Scalar 0.0)
            bindings |> Seq.iter (fun (node, value) -> values[node] <- rounding given value)
            nodes |> Seq.map (Reference.extend rounding values) |> List.ofSeq

        let exact = interpret (fun _ x -> x)
        let noisy = [ for seed in 1..3 -> interpret (noise (Random seed)) ]

        exact
        |> List.mapi (fun k value ->
            let spreads = noisy |> List.map (fun run -> spread value run[k]) |> List.reduce (Array.map2 max)
            { Value = value; Allowed = allow value spreads })

    /// What two graphs of one meaning may differ by: each has uncertainties of its own, and what one of them has folded to an
    /// exact zero, say, the other may have to compute.
    let either (one: Expectation) (other: Expectation) : Expectation =
        { one with Allowed = Array.map2 (+) one.Allowed other.Allowed }

    /// The same value for every element, within a relative distance.
    let within (relative: float) (value: Tensor) : Expectation =
        let largest =
            Tensor.asFloats value |> Array.fold (fun m e -> if Double.IsFinite e then max m (abs e) else m) 1.0

        { Value = value; Allowed = Array.create (Tensor.size value) (relative * largest) }

    /// Whether the reference itself knows the value to some digits: finite, not huge, and steady under noise.
    let isWellConditioned (expected: Expectation) =
        Array.forall2
            (fun (v: float) allowed -> Double.IsFinite v && abs v < 1e6 && allowed <= 1e-2 * max 1.0 (abs v))
            (Tensor.asFloats expected.Value)
            expected.Allowed

    let private differs (expected: float) (actual: float) allowed =
        if Double.IsNaN expected then not (Double.IsNaN actual)
        elif Double.IsInfinity expected then actual <> expected
        else not (abs (actual - expected) <= allowed)

    let private excess expected actual allowed =
        if not (differs expected actual allowed) then
            -1.0
        elif Double.IsFinite(actual - expected) then
            abs (actual - expected) / max allowed 1e-300
        else
            infinity

    let private report (expected: Expectation) (actual: float[]) =
        let values = Tensor.asFloats expected.Value

        let wrong =
            [
                for i in 0 .. values.Length - 1 do
                    if differs values[i] actual[i] expected.Allowed[i] then
                        i
            ]

        if wrong.IsEmpty then
            None
        else
            let worst = wrong |> List.maxBy (fun i -> excess values[i] actual[i] expected.Allowed[i])
            let index = (Tensor.coordinates expected.Value.Sizes)[worst] |> Seq.map string |> String.concat ","

            Some
                $"{wrong.Length} of {values.Length} elements differ; the worst is [{index}]: {actual[worst]:R} instead of {values[worst]:R} (difference {abs (actual[worst] - values[worst]):E2}, allowed {expected.Allowed[worst]:E2})"

    /// What is wrong with a value, or nothing: its type, its shape, or the worst of its elements.
    let difference (expected: Expectation) (actual: NDArray) : string option =
        let value = expected.Value

        if actual.DType <> value.Type then
            Some $"the type is {actual.DType} instead of {value.Type}"
        elif actual.Shape.ToArray() <> value.Sizes then
            Some $"the shape is {actual.Shape} instead of {Shape.op_Implicit value.Sizes}"
        else
            match value.Elements with
            | Elements.Floats _ -> report expected (Tensor.asFloats (Tensor.ofArray actual))
            | Elements.Wholes elements when elements = Tensor.asWholes (Tensor.ofArray actual) -> None
            | Elements.Truths elements when elements = Tensor.asTruths (Tensor.ofArray actual) -> None
            | Elements.Wholes _
            | Elements.Truths _ -> Some $"{actual} instead of {Tensor.toArray value}"

    /// Fails with a report where a value is not what is expected.
    let require (what: string) (expected: Expectation) (actual: NDArray) : unit =
        match difference expected actual with
        | None -> ()
        | Some problem -> failwith $"{what}: {problem}"

    /// Fails where two arrays differ by more than a relative distance.
    let requireWithin relative what (expected: NDArray) (actual: NDArray) : unit =
        require what (within relative (Tensor.ofArray expected)) actual
