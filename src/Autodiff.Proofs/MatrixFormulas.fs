namespace Autodiff.Proofs

open Autodiff
open Autodiff.FSharp

/// Formulas of linear algebra that random graphs are made of: over matrices that are far from singular, and of vectors,
/// whose signs are a convention, only what does not depend on it.
module internal MatrixFormulas =

    let private turned (x: Node) = swapAxes -1 -2 x

    let private isUsable (x: Node) =
        x.Rank >= 2
        && x.Shape.Size > 0
        && x.Shape.Size <= 60
        && x.Shape[x.Rank - 2] <= 4
        && x.Shape[x.Rank - 1] <= 5

    /// x x' + n, brought to size 1: symmetric and positive definite.
    let private definite (g: Growing) (x: Node) =
        let n = x.Shape[x.Rank - 2]
        let sum = x *@ turned x + float n * cast g.DType (Leaf.constant (NDArray.Eye n))
        let largest = g.Floats sum |> Array.map abs |> Array.max
        sum * System.Math.Round(1.0 / largest, 3)

    /// Without the last row, or without the last column, or as it is.
    let private oblong (g: Growing) (x: Node) =
        let n = x.Shape[x.Rank - 1]
        let short = Slice.op_Implicit (System.Range(System.Index 0, System.Index(n - 1)))

        match g.Random.Next 3 with
        | 0 when n > 1 -> slice [ Slice.Ellipsis; short; Slice.All ] x
        | 1 when n > 1 -> slice [ Slice.Ellipsis; Slice.All; short ] x
        | _ -> x

    /// Whether the last axis holds numbers that lie apart from each other and from zero.
    let private isSpread (g: Growing) (values: Node) =
        let n = values.Shape[values.Rank - 1]

        g.Floats values
        |> Array.chunkBySize n
        |> Array.forall (fun row ->
            Array.append [| 0.0 |] (Array.sort row)
            |> Array.pairwise
            |> Array.forall (fun (a, b) -> b - a > 0.02))

    let private ofVectors (g: Growing) (a: Node) =
        match g.Random.Next 4 with
        | 0 ->
            let struct (q, r) = qr (oblong g a)
            g.Offer(g.Pick [ square q; square r; q *@ r ])
        | 1 when isSpread g (eigvalsh a) ->
            let struct (values, vectors) = eigh a
            g.Offer(g.Pick [ values; square vectors ])
        | 2 ->
            let b = oblong g a

            if isSpread g (svdvals b) then
                let struct (u, s, vt) = svd b
                g.Offer(g.Pick [ square u; s; square vt ])
        | _ -> g.Offer(nuclearNorm a)

    let private ofSystems (g: Growing) (a: Node) (x: Node) =
        let flag () = g.Random.Next 2 = 0

        match g.Random.Next 5 with
        | 0 -> g.Offer(solve a x)
        | 1 -> g.Offer(triangularSolveWith (flag ()) (flag ()) (flag ()) a x)
        | 2 -> g.Offer(inv a)
        | 3 -> g.Offer(pinv (oblong g a))
        | _ -> g.Offer(lstsq a x)

    let private ofMatrices (g: Growing) (a: Node) =
        match g.Random.Next 4 with
        | 0 -> g.Offer(cholesky a)
        | 1 -> g.Offer(det a)
        | 2 -> let struct (_, logarithm) = slogdet a in g.Offer logarithm
        | _ -> g.Offer(expm (g.Pick [ a; -a; a *@ a - 0.5 * a ]))

    /// A formula over matrices, if the graph has any that will do.
    let step (g: Growing) =
        match g.Pool |> Seq.filter isUsable |> Array.ofSeq with
        | [||] -> ()
        | candidates ->
            let x = g.Pick candidates
            let a = definite g x

            match g.Random.Next 3 with
            | 0 -> ofVectors g a
            | 1 -> ofSystems g a x
            | _ -> ofMatrices g a
