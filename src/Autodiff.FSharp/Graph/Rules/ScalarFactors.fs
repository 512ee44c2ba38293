/// An einsum with operands of rank 0 is their product with an einsum of the others: what is summed is multiplied once,
/// after the sum, in a loop that may do more; and a factor of 1 is gone.
///
/// Sums over labels that one operand alone has need no rule: the plan of an einsum takes them before all products.
module internal Autodiff.FSharp.ScalarFactors

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

/// Whether a factor may be taken out of a sum. An infinite one times terms of both signs is NaN, times their sum is not.
let private isFactor (x: Node) =
    x.Rank = 0
    && match x with
       | Number k -> Double.IsFinite k
       | _ -> true

/// The einsum of the operands that stay.
let private without (subscripts: Subscripts) (operands: Node[]) (isKept: Node -> bool) =
    let positions = [| 0 .. operands.Length - 1 |] |> Array.filter (fun i -> isKept operands[i])
    let labels = positions |> Array.map (fun i -> Labels.operand i subscripts)

    struct (Labels.create labels (Labels.result subscripts) (Labels.sizes subscripts),
            positions |> Array.map (fun i -> operands[i]))

/// The factor times the result, or times the smallest operand where that is less work: where elements are repeated.
let private scaled (factor: Node) (subscripts: Subscripts) (operands: Node[]) =
    let smallest = operands |> Array.indexed |> Array.minBy (fun (_, x) -> x.Shape.Size)
    let largest = operands |> Array.maxBy _.Shape.Size
    let einsum operands = Node.Make(Op.Einsum(subscripts, operands))

    if subscripts.Result.Size <= largest.Shape.Size then
        factor * einsum operands
    else
        einsum (Array.updateAt (fst smallest) (factor * snd smallest) operands)

let private split (subscripts: Subscripts) (operands: Node[]) =
    let factor = operands |> Array.filter isFactor |> Array.reduce (*)
    let struct (rest, kept) = without subscripts operands (isFactor >> not)
    scaled factor rest kept

let private isSplit (subscripts: Subscripts) (operands: Node[]) =
    operands.Length > 1
    && operands[0].DType.IsFloat()
    && Array.exists isFactor operands
    && Array.exists (isFactor >> not) operands
    // A sum over nothing is 0, whatever the factor; of sizes that are not known yet, nobody knows.
    && not (subscripts.Sizes.Contains 0 || subscripts.Sizes.Contains -1)

/// The rule.
let apply (op: Op<Node>) : Node voption =
    match op with
    | Op.Einsum(subscripts, operands) when isSplit subscripts operands -> ValueSome(split subscripts operands)
    | _ -> ValueNone
