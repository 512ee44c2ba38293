/// A product of many factors as steps of two operands each, which are shared with other products.
module internal Autodiff.FSharp.Splitting

open System.Collections.Generic
open System.Collections.Immutable
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// What was decided for a node.
[<Struct; NoEquality; NoComparison>]
type Decision = { Value: int; Effort: Effort.Effort }

/// The terms that a tree contracts, and its pairs of them, numbered as a contraction path has them.
let private flat (given: Term voption[]) (product: Flattening.Product) (tree: SharedPath.Tree) =
    let terms = List<Term>()

    let rec collect tree =
        match tree with
        | SharedPath.Tree.Factor position ->
            terms.Add { Term = product.Nodes[position]; Labels = product.Labels[position]; Set = 1 <<< position }
        | SharedPath.Tree.Given set -> terms.Add given[set].Value
        | SharedPath.Tree.Pair(left, right) ->
            collect left
            collect right

    collect tree
    let pairs = ImmutableArray.CreateBuilder<struct (int * int)>()
    let mutable next = 0

    let rec pair tree =
        match tree with
        | SharedPath.Tree.Factor _
        | SharedPath.Tree.Given _ ->
            next <- next + 1
            next - 1
        | SharedPath.Tree.Pair(left, right) ->
            let left = pair left
            pairs.Add(struct (left, pair right))
            terms.Count + pairs.Count - 1

    pair tree |> ignore
    struct (terms.ToArray(), pairs.ToImmutable())

/// The labels of the product's result that its factors have, each once.
let private core (product: Flattening.Product) =
    product.Result
    |> Array.distinct
    |> Array.filter (fun label -> product.Labels |> Array.exists (Array.contains label))

let private planOf (subscripts: Subscripts) (pairs: ImmutableArray<struct (int * int)>) =
    if pairs.Length < 2 then
        EinsumPlan.For subscripts
    else
        ContractionPath.Along(subscripts, pairs).Plan

/// The steps of a plan over terms as drafts; the term that holds the last.
let private draft (drafts: Drafts) (product: Flattening.Product) kept (terms: Term[]) (plan: EinsumPlan) : Term =
    // The product's label of each label of the plan.
    let names = Array.zeroCreate plan.Subscripts.LabelCount

    terms
    |> Array.iteri (fun position term ->
        Labels.operand position plan.Subscripts
        |> Array.iteri (fun axis label -> names[label] <- term.Labels[axis]))

    let slots = List<Term> terms
    let named (labels: ImmutableArray<int>) = labels |> Seq.map (fun label -> names[label]) |> Array.ofSeq

    for step in plan.Steps do
        let operands =
            if step.IsUnary then
                [| slots[step.Left] |]
            else
                [| slots[step.Left]; slots[step.Right] |]

        let labels = named step.ResultLabels
        let read = [| step.LeftLabels; step.RightLabels |] |> Array.truncate operands.Length |> Array.map named
        let subscripts = Labels.create read labels product.Sizes
        let value = drafts.Add(Draft.Contract(subscripts, operands |> Array.map _.Term))
        let set = operands |> Array.fold (fun set term -> set ||| term.Set) 0
        let term = { Term = value; Labels = labels; Set = set }
        drafts.Register(product, kept, term)
        slots.Add term

    slots[slots.Count - 1]

/// The value in the product's own order of axes, with those that repeat it and those along a diagonal, and scaled. A
/// factor that is read along its diagonal is not the product that has only this diagonal.
let private finish (drafts: Drafts) (product: Flattening.Product) (last: Term) =
    let value =
        if last.Labels = product.Result && Labels.areDistinct last.Labels then
            last.Term
        else
            drafts.Add(Draft.Contract(Labels.create [| last.Labels |] product.Result product.Sizes, [| last.Term |]))

    if product.Scale = 1.0 then
        value
    else
        drafts.Add(Draft.Scale(product.Scale, value))

/// Whether node i is decided on as it stands: it is one step, and its factors are its operands.
let private isAsItStands (tape: Tape) i (product: Flattening.Product) (terms: Term[]) (plan: EinsumPlan) =
    i >= 0
    && plan.Steps.Length <= 1
    && product.Nodes = tape.Children i
    && Array.map _.Term terms = product.Nodes

/// The elements of the product's result.
let sizeOf (product: Flattening.Product) =
    product.Result |> Array.fold (fun size label -> size * float product.Sizes[label]) 1.0

/// The path of a product, and what is known of it: the labels that are kept, and what its subsets are given as.
[<NoEquality; NoComparison>]
type Path = { Tree: SharedPath.Tree; Kept: uint64[]; Given: Term voption[] }

/// The best path, if there is one whose intermediate arrays keep a limit.
let path (drafts: Drafts) sizeLimit (product: Flattening.Product) : Path voption =
    let kept = SharedPath.keptLabels product
    let given = drafts.Find(product, kept)

    SharedPath.find product kept (fun set -> given[set].IsSome) sizeLimit
    |> ValueOption.map (fun tree -> { Tree = tree; Kept = kept; Given = given })

/// The steps of a path. They are of node i, or of no node where that is -1.
let follow (drafts: Drafts) (tape: Tape) i (product: Flattening.Product) (path: Path) : Decision =
    let struct (terms, pairs) = flat path.Given product path.Tree
    let result = core product

    let plan = planOf (Labels.create (terms |> Array.map _.Labels) result product.Sizes) pairs

    let effort = Effort.ofPlan plan

    if isAsItStands tape i product terms plan then
        if result = product.Result then
            let set = path.Kept.Length - 1

            drafts.Register(product, path.Kept, { Term = i; Labels = result; Set = set })

        { Value = i; Effort = effort }
    else
        let value = finish drafts product (draft drafts product path.Kept terms plan)

        let scaling = if product.Scale = 1.0 then Effort.none else Effort.ofLoop (sizeOf product)

        { Value = value; Effort = Effort.add effort scaling }

/// The steps for a product, if there is a way whose intermediate arrays keep a limit.
let decide (drafts: Drafts) (tape: Tape) sizeLimit i (product: Flattening.Product) : Decision voption =
    path drafts sizeLimit product |> ValueOption.map (follow drafts tape i product)
