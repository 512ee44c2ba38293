/// A sum of products, in which those with the same last factor are added before they are multiplied by it, as by Horner's
/// scheme: a b c' + a b' c = a (b c' + b' c).
module internal Autodiff.FSharp.Horner

open System.Collections.Generic
open Autodiff.FSharp.Traversal

/// A product with the position of the factor that its path multiplies last; -1 where that is no single factor.
[<NoEquality; NoComparison>]
type private Summand = { Product: Flattening.Product; Last: int }

let private lastOf (path: Splitting.Path) =
    match path.Tree with
    | SharedPath.Tree.Pair(SharedPath.Tree.Factor position, _)
    | SharedPath.Tree.Pair(_, SharedPath.Tree.Factor position) -> position
    | SharedPath.Tree.Pair _
    | SharedPath.Tree.Factor _
    | SharedPath.Tree.Given _ -> -1

/// What is left of a product without a factor: its result has the labels that the factor, or the whole, still needs.
let private without position (product: Flattening.Product) : Flattening.Product =
    let labels = Array.removeAt position product.Labels
    let needed = HashSet<int>(Seq.append product.Labels[position] product.Result)

    { product with
        Nodes = Array.removeAt position product.Nodes
        Labels = labels
        Result = labels |> Seq.concat |> Seq.distinct |> Seq.filter needed.Contains |> Array.ofSeq |> Array.sort
    }

/// The product under other labels, such that its last factor has the labels that the first one's has; only labels that are
/// summed change their names.
let private renamed (first: Summand) (other: Summand) : Flattening.Product voption =
    let target, own = first.Product.Labels[first.Last], other.Product.Labels[other.Last]
    let names = Dictionary<int, int>()
    let used = HashSet<int>(Seq.append (Seq.concat other.Product.Labels) other.Product.Result)

    let isPossible (label: int) (name: int) =
        match names.TryGetValue label with
        | true, known -> known = name
        | false, _ ->
            names[label] <- name
            label = name || not (used.Contains name || Array.contains label other.Product.Result)

    let rename label =
        match names.TryGetValue label with
        | true, name -> name
        | false, _ -> label

    if Seq.forall2 isPossible own target && (Seq.distinct names.Values |> Seq.length) = names.Count then
        ValueSome { other.Product with Labels = other.Product.Labels |> Array.map (Array.map rename) }
    else
        ValueNone

/// The products without the last factor that they all have, if what is left of them has the same axes.
let private common (summands: Summand[]) : Flattening.Product[] voption =
    let first = summands[0]

    let left =
        summands
        |> Array.choose (fun other ->
            match renamed first other with
            | ValueSome product -> Some(without other.Last product)
            | ValueNone -> None)

    if left.Length = summands.Length && left |> Array.forall (fun rest -> rest.Result = left[0].Result) then
        ValueSome left
    else
        ValueNone

/// Decisions of which all must be possible.
let private all (decisions: Splitting.Decision voption[]) : Splitting.Decision[] voption =
    if decisions |> Array.forall _.IsSome then
        ValueSome(decisions |> Array.map _.Value)
    else
        ValueNone

/// The steps for a sum of products of one result, in the order of its axes. As deep as products have factors.
let rec decide (drafts: Drafts) (tape: Tape) sizeLimit (products: Flattening.Product[]) : Splitting.Decision voption =
    let one product = Splitting.decide drafts tape sizeLimit -1 product

    let summand product =
        match Splitting.path drafts sizeLimit product with
        | ValueSome path -> { Product = product; Last = lastOf path }
        | ValueNone -> { Product = product; Last = -1 }

    let key summand = if summand.Last < 0 then -1 else summand.Product.Nodes[summand.Last]

    let group (last, summands: Summand[]) =
        match (if last < 0 || summands.Length < 2 then ValueNone else common summands) with
        | ValueSome rest -> [| multiplied drafts tape sizeLimit summands[0] rest |]
        | ValueNone -> summands |> Array.map (fun summand -> one summand.Product)

    let sum (parts: Splitting.Decision[]) : Splitting.Decision =
        if parts.Length = 1 then
            parts[0]
        else
            let additions = float (parts.Length - 1) * Splitting.sizeOf products[0]

            {
                Value = drafts.Add(Draft.Sum(parts |> Array.map _.Value))
                Effort = parts |> Seq.map _.Effort |> Seq.fold Effort.add (Effort.ofLoop additions)
            }

    products
    |> Array.map summand
    |> Array.groupBy key
    |> Array.collect group
    |> all
    |> ValueOption.map sum

/// The last factor times the sum of what is left.
and private multiplied drafts tape sizeLimit (first: Summand) (rest: Flattening.Product[]) =
    match decide drafts tape sizeLimit rest with
    | ValueNone -> ValueNone
    | ValueSome inner ->
        let whole: Flattening.Product =
            { first.Product with
                Nodes = [| first.Product.Nodes[first.Last]; inner.Value |]
                Labels = [| first.Product.Labels[first.Last]; rest[0].Result |]
                Scale = 1.0
            }

        Splitting.decide drafts tape sizeLimit -1 whole
        |> ValueOption.map (fun outer -> { outer with Effort = Effort.add inner.Effort outer.Effort })
