namespace Autodiff.Proofs

open Autodiff
open Autodiff.FSharp

/// The formulas of random graphs that run along an axis.
module internal ScanSteps =

    /// Whether along an axis no two elements are close to each other, so that no small change alters their order.
    let private isOrdered (g: Growing) axis (x: Node) =
        let elements = g.Floats x
        let struct (_, lines) = Tensor.groups [| axis |] (x.Shape.ToArray())

        lines
        |> Array.forall (fun line ->
            line
            |> Array.map (fun i -> elements[i])
            |> Array.sort
            |> Array.pairwise
            |> Array.forall (fun (a, b) -> b - a >= Scalars.margin))

    /// One formula.
    let take (g: Growing) =
        let x = g.Any()

        if x.Rank > 0 then
            let axis = g.Random.Next x.Rank
            let reverse, exclusive = g.Random.Next 2 = 0, g.Random.Next 4 = 0

            match g.Random.Next 11 with
            | 0 -> g.Offer(x.CumSum(axis, reverse, exclusive))
            | 1 -> g.Offer(x.CumProd(axis, reverse, exclusive))
            | 2 -> g.Offer(x.LogCumSumExp(axis, reverse))
            | 3 when isOrdered g axis x -> g.Offer(x.CumMax(axis, reverse))
            | 4 when isOrdered g axis x -> g.Offer(x.CumMin(axis, reverse))
            | 5 when isOrdered g axis x -> g.Offer(x.Sort(axis, reverse))
            | 6 when isOrdered g axis x && x.Shape[axis] > 0 -> g.Offer(median [ axis ] x)
            | 7 when isOrdered g axis x ->
                let struct (values, _) = x.TopK(g.Random.Next(x.Shape[axis] + 1), axis, reverse)
                g.Offer values
            | 8 -> g.Offer(prod [ axis ] x)
            | 9 -> g.Offer(x.Recurrence(scalar (g.Between(-0.9, 0.9)), axis, reverse))
            | _ -> g.Offer(x.Recurrence(sin x, axis, reverse))
