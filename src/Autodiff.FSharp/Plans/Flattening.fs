/// Einsums of einsums as products of all their factors: an operand that is itself an einsum is replaced by its operands,
/// whose labels continue those of the whole; one that is a sum of two makes two products.
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

let private mostProducts = 8
let private mostLabels = 60

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

/// A node and the labels of its axes.
type private Factor = (struct (int * int[]))

/// An einsum in an operand's place: its axes carry the operand's labels, and what it sums over gets new ones.
let private opened (tape: Tape) (sizes: List<int>) (outer: int[]) i : Factor list =
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

    List.map2
        (fun node labels -> struct (node, Array.map rename labels))
        (List.ofArray inner.Nodes)
        (List.ofArray inner.Labels)

let private isOne (node: Node) =
    match Literals.scalarConstant node with
    | ValueSome value when node.Rank = 0 && value.DType.IsFloat() -> value.AsType(DType.Float64).Item<float>() = 1.0
    | ValueSome _
    | ValueNone -> false

/// The factors without ones, unless there is nothing else.
let private withoutOnes (tape: Tape) (factors: Factor list) =
    match factors |> List.filter (fun (struct (node, _)) -> not (isOne tape.Nodes[node])) with
    | [] -> List.truncate 1 factors
    | others -> others

/// A label that was summed, and that no factor has any more, has counted equal terms.
let private lost (labels: int[][]) (used: Set<int>) (result: int[]) (sizes: List<int>) =
    Set.difference used (Set.ofSeq (Seq.append (Seq.concat labels) result))
    |> Seq.fold (fun scale label -> scale * float sizes[label]) 1.0

/// What may be replaced by what it is made of.
type Opening =
    {
        /// Whether a node is an einsum that may be replaced by its operands.
        IsProduct: int -> bool
        /// Whether a node is a sum of two nodes that may be replaced by them.
        IsSum: int -> bool
        /// What is replaced first, as long as there are not too many: the greatest.
        Gain: int -> float
        /// How many factors a product has at most that something was replaced in.
        Most: int
        /// The order of nodes that decides between equals.
        Rank: int -> int
    }

/// The factors of a product on their way, and every label that any of them had.
[<NoEquality; NoComparison>]
type private Partial = { Factors: Factor list; Used: Set<int> }

let private replaceAt place (replacement: Factor list) (partial: Partial) =
    {
        Factors = List.concat [ List.take place partial.Factors; replacement; List.skip (place + 1) partial.Factors ]
        Used =
            replacement
            |> Seq.collect (fun (struct (_, labels)) -> labels)
            |> Set.ofSeq
            |> Set.union partial.Used
    }

/// The products whose sum is a node.
let flatten (tape: Tape) (opening: Opening) i : Product[] =
    let own = ofEinsum tape i
    let sizes = List<int> own.Sizes
    let finished = List<Partial>()
    let waiting = Stack<Partial>()

    let mayOpen count node =
        opening.IsProduct node
        && count - 1 + tape.Arity node <= opening.Most
        && sizes.Count + (ofEinsum tape node).Sizes.Length <= mostLabels
        || opening.IsSum node && finished.Count + waiting.Count + 2 <= mostProducts

    let step (partial: Partial) =
        let count = partial.Factors.Length

        partial.Factors
        |> Seq.mapi (fun place (struct (node, labels)) -> struct (place, node, labels))
        |> Seq.filter (fun (struct (_, node, _)) -> mayOpen count node)
        |> Seq.sortByDescending (fun (struct (_, node, _)) -> struct (opening.Gain node, opening.Rank node))
        |> Seq.tryHead

    waiting.Push
        {
            Factors =
                List.map2 (fun node labels -> struct (node, labels)) (List.ofArray own.Nodes) (List.ofArray own.Labels)
            Used = Set.ofSeq (Seq.append (Seq.concat own.Labels) own.Result)
        }

    while waiting.Count > 0 do
        let partial = waiting.Pop()

        match step partial with
        | None -> finished.Add partial
        | Some(struct (place, node, labels)) when opening.IsSum node ->
            for position in 1..-1..0 do
                waiting.Push(replaceAt place [ struct (tape.Child(node, position), labels) ] partial)
        | Some(struct (place, node, labels)) -> waiting.Push(replaceAt place (opened tape sizes labels node) partial)

    let product (partial: Partial) =
        let factors = withoutOnes tape partial.Factors
        let labels = [| for struct (_, labels) in factors -> labels |]

        {
            Nodes = [| for struct (node, _) in factors -> node |]
            Labels = labels
            Result = own.Result
            Sizes = sizes.ToArray()
            Scale = lost labels partial.Used own.Result sizes
        }

    finished.ToArray()
    |> Array.map product
    |> Array.sortBy (fun product -> product.Nodes |> Array.map opening.Rank)
