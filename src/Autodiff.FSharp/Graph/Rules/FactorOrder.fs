/// Einsums of three or more operands have them in the order of their creation: so those that differ in it are one. (Of
/// two operands the order makes no difference to the product of two elements, and they are found to be one as they are.)
module internal Autodiff.FSharp.FactorOrder

open Autodiff
open Autodiff.Kernel

let rec private permutations (items: int list) : int list list =
    match items with
    | [] -> [ [] ]
    | _ ->
        items
        |> List.collect (fun item -> permutations (List.except [ item ] items) |> List.map (fun rest -> item :: rest))

/// The orders of operands by their creation: several, where one stands there several times, unless that is often.
let private orders (operands: Node[]) : int list list =
    let arrangements (positions: int list) = if positions.Length <= 3 then permutations positions else [ positions ]

    [ 0 .. operands.Length - 1 ]
    |> List.groupBy (fun position -> operands[position].Id)
    |> List.sortBy fst
    |> List.fold
        (fun orders (_, same) -> List.allPairs orders (arrangements same) |> List.map (fun (a, b) -> a @ b))
        [ [] ]

let private rearranged (subscripts: Subscripts) (order: int list) =
    let labels = order |> List.map (fun position -> Labels.operand position subscripts) |> Array.ofList
    Labels.create labels (Labels.result subscripts) (Labels.sizes subscripts)

/// What subscripts are compared by: labels are numbered by first occurrence.
let private key (subscripts: Subscripts) =
    Array.init subscripts.OperandCount (fun position -> Labels.operand position subscripts), Labels.result subscripts

/// The rule.
let apply (op: Op<Node>) : Node voption =
    match op with
    | Op.Einsum(subscripts, operands) when operands.Length > 2 ->
        let order = orders operands |> List.minBy (rearranged subscripts >> key)
        let ordered = rearranged subscripts order
        let sorted = order |> List.map (fun position -> operands[position]) |> Array.ofList

        if ordered.Equals subscripts && Array.forall2 Literals.isSame sorted operands then
            ValueNone
        else
            ValueSome(Node.Make(Op.Einsum(ordered, sorted)))
    | _ -> ValueNone
