/// The order of contractions of a few factors with the fewest operations, where some products of factors are there already
/// and cost nothing.
module internal Autodiff.FSharp.SharedPath

open System
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

let private bits (labels: int[]) = LabelSizes.Bits(ImmutableArray.CreateRange labels)

/// For each subset of the factors, the labels that its product keeps: those of the result and of the other factors.
let keptLabels (product: Flattening.Product) : uint64[] =
    SubsetSearch.KeptLabels(ReadOnlySpan(Array.map bits product.Labels), bits product.Result)

let rec private tree (splits: int[]) (isGiven: bool[]) set : Tree =
    if isGiven[set] then
        Tree.Given set
    elif BitOperations.IsPow2 set then
        Tree.Factor(BitOperations.TrailingZeroCount set)
    else
        let half = splits[set]
        Tree.Pair(tree splits isGiven half, tree splits isGiven (set ^^^ half))

/// The tree with the fewest operations, none of whose intermediate arrays has more elements than the limit; if there is one.
let find (product: Flattening.Product) (kept: uint64[]) (isGiven: int -> bool) (sizeLimit: float) : Tree voption =
    let sizes = LabelSizes(ImmutableArray.CreateRange product.Sizes)
    let search = SubsetSearch(kept, sizes)
    let isGiven = Array.init kept.Length (fun set -> set > 0 && isGiven set)

    // The labels that a factor has alone are summed first.
    for position in 0 .. product.Nodes.Length - 1 do
        let set, labels = 1 <<< position, bits product.Labels[position]

        if not isGiven[set] && kept[set] <> labels then
            search.Costs[set] <- sizes.Of labels + FewestSteps.PerStep

    search.Run<FewestSteps>(sizeLimit, ReadOnlySpan isGiven)
    let all = kept.Length - 1

    if search.Costs[all] = infinity then
        ValueNone
    else
        ValueSome(tree search.Splits isGiven all)
