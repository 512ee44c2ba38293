/// The order of contractions of a few factors with the fewest operations, where some products of factors are there already
/// and cost nothing. By dynamic programming over the subsets of factors, as for a single einsum.
module internal Autodiff.FSharp.SharedPath

open System.Collections.Immutable
open System.Numerics
open Autodiff.Kernel

/// How a subset of the factors is contracted.
[<RequireQualifiedAccess>]
type Tree =
    /// A factor as it is, by its position.
    | Factor of position: int
    /// What is there already: the product of a subset, whose members are bits.
    | Given of subset: int
    | Pair of left: Tree * right: Tree

/// Among equal numbers of operations, the fewest steps and then the smallest arrays.
let private perStep, private perElement = 1e-2, 1e-6

let private bits (labels: int[]) = labels |> Array.fold (fun bits label -> bits ||| (1UL <<< label)) 0UL

/// For each subset of the factors, the labels that its product keeps: those of the result and of the other factors.
let keptLabels (product: Flattening.Product) : uint64[] =
    let all = (1 <<< product.Nodes.Length) - 1
    let union = Array.zeroCreate (all + 1)

    for set in 1..all do
        union[set] <- union[set &&& (set - 1)] ||| bits product.Labels[BitOperations.TrailingZeroCount set]

    let result = bits product.Result
    union |> Array.mapi (fun set labels -> labels &&& (result ||| union[all ^^^ set]))

[<NoEquality; NoComparison>]
type private Search =
    {
        Sizes: LabelSizes
        Kept: uint64[]
        IsGiven: bool[]
        Costs: float[]
        /// Of the best two halves, the one with the first factor; 0 where there is none.
        Splits: int[]
    }

/// The labels that a factor has alone are summed first.
let private single (search: Search) (product: Flattening.Product) position =
    let set, labels = 1 <<< position, bits product.Labels[position]

    if not search.IsGiven[set] && search.Kept[set] <> labels then
        search.Costs[set] <- search.Sizes.Of labels + perStep

let private join (search: Search) set =
    let lowest = set &&& -set
    let others = set ^^^ lowest
    let after = perStep + perElement * search.Sizes.Of search.Kept[set]
    let mutable best, split = infinity, 0
    let mutable rest = others

    while rest > 0 do
        let half = set ^^^ rest
        let parts = search.Costs[half] + search.Costs[rest]

        if parts < best then
            let cost = parts + 2.0 * search.Sizes.Of(search.Kept[half] ||| search.Kept[rest]) + after

            if cost < best then
                best <- cost
                split <- half

        rest <- (rest - 1) &&& others

    search.Costs[set] <- best
    search.Splits[set] <- split

let rec private tree (search: Search) set : Tree =
    if search.IsGiven[set] then
        Tree.Given set
    elif BitOperations.IsPow2 set then
        Tree.Factor(BitOperations.TrailingZeroCount set)
    else
        let half = search.Splits[set]
        Tree.Pair(tree search half, tree search (set ^^^ half))

/// The tree with the fewest operations, none of whose intermediate arrays has more elements than the limit; if there is one.
let find (product: Flattening.Product) (kept: uint64[]) (isGiven: int -> bool) (sizeLimit: float) : Tree voption =
    let all = kept.Length - 1

    let search =
        {
            Sizes = LabelSizes(ImmutableArray.CreateRange product.Sizes)
            Kept = kept
            IsGiven = Array.init kept.Length (fun set -> set > 0 && isGiven set)
            Costs = Array.zeroCreate kept.Length
            Splits = Array.zeroCreate kept.Length
        }

    for position in 0 .. product.Nodes.Length - 1 do
        single search product position

    for set in 1..all do
        if not (BitOperations.IsPow2 set || search.IsGiven[set]) then
            if set <> all && search.Sizes.Of kept[set] > sizeLimit then
                search.Costs[set] <- infinity
            else
                join search set

    if search.Costs[all] = infinity then ValueNone else ValueSome(tree search all)
