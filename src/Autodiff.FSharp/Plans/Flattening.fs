/// Einsums of einsums as products of all their factors: an operand that is itself an einsum is replaced by its operands,
/// whose labels continue those of the whole.
module internal Autodiff.FSharp.Flattening

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// A sum of products over labels, some of which the result keeps.
[<NoEquality; NoComparison>]
type Product =
    {
        /// The nodes that are multiplied.
        Nodes: int[]
        /// The labels of the axes of each.
        Labels: int[][]
        Result: int[]
        /// The size of each label.
        Sizes: int[]
        /// A number that multiplies the whole.
        Scale: float
    }

/// More factors are not looked at together: the ways to contract them are too many.
let mostFactors = 9

let private mostLabels = 48

/// The product that an einsum is as it stands.
let ofEinsum (tape: Tape) i : Product =
    match tape.Nodes[i].Op with
    | Op.Einsum(subscripts, operands) ->
        {
            Nodes = tape.Children i
            Labels = Array.init operands.Length (fun position -> Labels.operand position subscripts)
            Result = Labels.result subscripts
            Sizes = Labels.sizes subscripts
            Scale = 1.0
        }
    | _ -> invalidOp "no einsum"

/// An einsum in an operand's place: its axes carry the operand's labels, and what it sums over gets new ones.
let private inlined (tape: Tape) (sizes: List<int>) (outer: int[]) i : struct (int[] * int[][]) =
    let inner = ofEinsum tape i
    let names = Dictionary<int, int>()
    inner.Result |> Array.iteri (fun axis label -> names[label] <- outer[axis])

    let rename label =
        match names.TryGetValue label with
        | true, name -> name
        | false, _ ->
            sizes.Add inner.Sizes[label]
            names[label] <- sizes.Count - 1
            sizes.Count - 1

    struct (inner.Nodes, inner.Labels |> Array.map (Array.map rename))

let private isOne (node: Node) =
    match Rewrite.scalarConstant node with
    | ValueSome value when node.Rank = 0 && value.DType.IsFloat() -> value.AsType(DType.Float64).Item<float>() = 1.0
    | ValueSome _
    | ValueNone -> false

/// The factors without ones, unless there is nothing else.
let private withoutOnes (tape: Tape) (factors: struct (int * int[])[]) =
    match factors |> Array.filter (fun (struct (node, _)) -> not (isOne tape.Nodes[node])) with
    | [||] -> Array.truncate 1 factors
    | others -> others

/// A label that was summed, and that no factor has any more, has counted equal terms.
let private lost (product: Product) =
    let kept = HashSet<int>(Seq.append (Seq.concat product.Labels) product.Result)

    product.Sizes
    |> Seq.indexed
    |> Seq.fold (fun scale (label, size) -> if kept.Contains label then scale else scale * float size) 1.0

/// The product of a node's factors. `mayInline` says which nodes may be replaced by their factors; `gain` in which order, the
/// greatest first, as long as there are not too many.
let flatten (tape: Tape) (mayInline: int -> bool) (gain: int -> float) i : Product =
    let own = ofEinsum tape i
    let sizes = List<int> own.Sizes

    let factors =
        List<struct (int * int[])>(Array.map2 (fun node labels -> struct (node, labels)) own.Nodes own.Labels)

    let fits node =
        factors.Count - 1 + tape.Arity node <= mostFactors
        && sizes.Count + (ofEinsum tape node).Sizes.Length <= mostLabels

    let next () =
        seq { 0 .. factors.Count - 1 }
        |> Seq.map (fun place ->
            let struct (node, _) = factors[place]
            struct (place, node))
        |> Seq.filter (fun (struct (_, node)) -> mayInline node && fits node)
        |> Seq.sortByDescending (fun (struct (_, node)) -> struct (gain node, node))
        |> Seq.tryHead

    let mutable found = next ()

    while found.IsSome do
        let struct (place, node) = found.Value
        let struct (_, labels) = factors[place]
        let struct (nodes, inner) = inlined tape sizes labels node
        factors.RemoveAt place
        factors.InsertRange(place, Array.map2 (fun node labels -> struct (node, labels)) nodes inner)
        found <- next ()

    let factors = withoutOnes tape (factors.ToArray())

    let product =
        {
            Nodes = factors |> Array.map (fun (struct (node, _)) -> node)
            Labels = factors |> Array.map (fun (struct (_, labels)) -> labels)
            Result = own.Result
            Sizes = sizes.ToArray()
            Scale = 1.0
        }

    { product with Scale = lost product }
