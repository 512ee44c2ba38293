namespace Autodiff.FSharp

open System.Collections.Generic
open System.Collections.Immutable
open System.Numerics
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// A step that a plan takes over values: nodes of the tape by their position, then other steps.
[<RequireQualifiedAccess; NoComparison>]
type internal Draft =
    | Contract of subscripts: Subscripts * operands: int[]
    | Scale of factor: float * operand: int
    | Sum of operands: int[]

/// What identifies a product of nodes: their einsum, with the nodes in rising order and the labels that are kept in the
/// order in which they occur, whatever the order of the array's axes.
type internal ProductKey = (struct (Subscripts * int list))

/// A value that was decided on, and the label of each of its axes, as its key numbers them.
[<Struct; NoEquality; NoComparison>]
type internal Known = { Value: int; Axes: int[] }

/// A value with the label of each axis in the product at hand.
[<Struct; NoEquality; NoComparison>]
type internal Term =
    {
        Term: int
        Labels: int[]
        /// The factors of which it is the product, as bits.
        Set: int
    }

/// The steps that were decided on so far, found by what they compute, so that every product of nodes is made once.
[<Sealed>]
type internal Drafts(tape: Tape) =
    let steps = List<Draft>()
    let values = Dictionary<Draft, int>(HashIdentity.Structural)
    let known = Dictionary<ProductKey, Known>(HashIdentity.Structural)
    let keys = List<ProductKey>()
    // Sums of scattered numbers of the nodes of every known product: most subsets are refused by these alone.
    let nodeSets = Dictionary<uint64, int>()

    let scatter (node: int) =
        let x = (uint64 node + 1UL) * 0x9E3779B97F4A7C15UL
        (x ^^^ (x >>> 29)) * 0xBF58476D1CE4E5B9UL

    let sumOf (nodes: seq<int>) = nodes |> Seq.fold (fun sum node -> sum + scatter node) 0UL

    let count (nodes: seq<int>) change =
        let sum = sumOf nodes

        match nodeSets.TryGetValue sum with
        | true, number -> nodeSets[sum] <- number + change
        | false, _ -> nodeSets[sum] <- change

    /// The key of a subset of factors, and the label in the product of each number in the key.
    let keyOf (product: Flattening.Product) (kept: uint64) set : struct (ProductKey * int[]) =
        let members =
            [ 0 .. product.Nodes.Length - 1 ]
            |> List.filter (fun position -> set &&& (1 <<< position) <> 0)
            |> List.sortBy (fun position -> product.Nodes[position])

        let labels = members |> Seq.map (fun position -> product.Labels[position]) |> Array.ofSeq
        let names = labels |> Seq.concat |> Seq.distinct |> Array.ofSeq
        let result = names |> Array.filter (fun label -> kept &&& (1UL <<< label) <> 0UL)
        let nodes = members |> List.map (fun position -> product.Nodes[position])
        struct (struct (Labels.create labels result product.Sizes, nodes), names)

    /// The value of a step, the same for equal ones.
    member _.Add(step: Draft) : int =
        match values.TryGetValue step with
        | true, value -> value
        | false, _ ->
            steps.Add step
            values[step] <- tape.Length + steps.Count - 1
            values[step]

    member _.Step(value: int) = steps[value - tape.Length]

    /// What a value is the product of is known from here on. Its labels are those of the product, each once.
    member _.Register(product: Flattening.Product, kept: uint64[], term: Term) =
        let struct (key, names) = keyOf product kept[term.Set] term.Set
        let axes = term.Labels |> Array.map (fun label -> System.Array.IndexOf(names, label))

        if known.TryAdd(key, { Value = term.Term; Axes = axes }) then
            let struct (_, nodes) = key
            keys.Add key
            count nodes 1

    /// For each subset of the factors the value that is their product, where there is one.
    member _.Find(product: Flattening.Product, kept: uint64[]) : Term voption[] =
        let sums: uint64[] = Array.zeroCreate kept.Length
        let sizes = LabelSizes(ImmutableArray.CreateRange product.Sizes)

        // Factors that share no labels may have a product that no array could hold, and none does.
        let mayBeKnown set =
            match nodeSets.TryGetValue sums[set] with
            | true, number -> set > 0 && number > 0 && sizes.Of kept[set] <= float System.Array.MaxLength
            | false, _ -> false

        let find set =
            if set > 0 then
                let lowest = BitOperations.TrailingZeroCount(set: int)
                sums[set] <- sums[set &&& (set - 1)] + scatter product.Nodes[lowest]

            if mayBeKnown set then
                let struct (key, names) = keyOf product kept[set] set

                match known.TryGetValue key with
                | true, value ->
                    let labels = value.Axes |> Array.map (fun number -> names[number])

                    ValueSome { Term = value.Value; Labels = labels; Set = set }
                | false, _ -> ValueNone
            else
                ValueNone

        Array.init kept.Length find

    /// How far the decisions went, to come back to.
    member _.Mark: struct (int * int) = struct (steps.Count, keys.Count)

    /// Forgets what was decided after a mark.
    member _.Return(struct (stepCount, keyCount): struct (int * int)) =
        for key in Seq.skip keyCount keys do
            let struct (_, nodes) = key
            known.Remove key |> ignore
            count nodes -1

        keys.RemoveRange(keyCount, keys.Count - keyCount)
        steps |> Seq.skip stepCount |> Seq.iter (fun step -> values.Remove step |> ignore)
        steps.RemoveRange(stepCount, steps.Count - stepCount)
