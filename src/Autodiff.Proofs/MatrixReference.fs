namespace Autodiff.Proofs

open System
open Autodiff
open Autodiff.FSharp

/// Linear algebra in the most obvious way: formulas over elements, and rotations until nothing is left to rotate.
module internal MatrixReference =

    let private rows (a: float[,]) = Array2D.length1 a
    let private columns (a: float[,]) = Array2D.length2 a
    let private transpose (a: float[,]) = Array2D.init (columns a) (rows a) (fun i j -> a[j, i])
    let private identity n = Array2D.init n n (fun i j -> if i = j then 1.0 else 0.0)

    let private multiply (a: float[,]) (b: float[,]) =
        Array2D.init (rows a) (columns b) (fun i j ->
            Seq.sum (seq { for k in 0 .. columns a - 1 -> a[i, k] * b[k, j] }))

    let private mirrored (a: float[,]) = a |> Array2D.mapi (fun i j x -> if j > i then a[j, i] else x)

    let private cholesky (a: float[,]) =
        let l = Array2D.zeroCreate (rows a) (rows a)

        for j in 0 .. rows a - 1 do
            let rest i = a[i, j] - Seq.sum (seq { for k in 0 .. j - 1 -> l[i, k] * l[j, k] })
            l[j, j] <- sqrt (rest j)

            for i in j + 1 .. rows a - 1 do
                l[i, j] <- rest i / l[j, j]

        l

    /// Gauss and Jordan's elimination of a beside b: the determinant and the solution.
    let private eliminate (a: float[,]) (b: float[,]) =
        let n = rows a
        let wide = Array.init n (fun i -> Array.append a[i, *] b[i, *])
        let mutable determinant = 1.0

        for k in 0 .. n - 1 do
            let pivot = Seq.maxBy (fun i -> abs (wide[i].[k]: float)) [ k .. n - 1 ]

            if pivot <> k then
                let row = wide[k]
                wide[k] <- wide[pivot]
                wide[pivot] <- row
                determinant <- -determinant

            determinant <- determinant * wide[k][k]

            if wide[k][k] <> 0.0 then
                for i in 0 .. n - 1 do
                    if i <> k then
                        let factor = wide[i][k] / wide[k][k]
                        wide[i] <- Array.map2 (fun x y -> x - factor * y) wide[i] wide[k]

        struct (determinant, Array2D.init n (columns b) (fun i j -> wide[i][n + j] / wide[i][i]))

    let private determinant (a: float[,]) =
        let struct (determinant, _) = eliminate a (Array2D.zeroCreate (rows a) 0)
        determinant

    let private cofactors (a: float[,]) =
        let skip k index = if index >= k then index + 1 else index
        let n = rows a - 1

        a
        |> Array2D.mapi (fun i j _ ->
            (if (i + j) % 2 = 0 then 1.0 else -1.0)
            * determinant (Array2D.init n n (fun r c -> a[skip i r, skip j c])))

    let private solve (form: SolveForm) (a: float[,]) (b: float[,]) =
        let triangle isLower diagonal =
            a
            |> Array2D.mapi (fun i j x ->
                if i = j then diagonal x
                elif (i > j) = isLower then x
                else 0.0)

        let matrix =
            match form.Matrix with
            | SystemMatrix.General -> a
            | SystemMatrix.Lower -> triangle true id
            | SystemMatrix.UnitLower -> triangle true (fun _ -> 1.0)
            | SystemMatrix.Upper -> triangle false id
            | SystemMatrix.UnitUpper -> triangle false (fun _ -> 1.0)

        let struct (_, x) = eliminate (if form.IsTransposed then transpose matrix else matrix) b
        x

    /// Reflections as whole matrices, each to the sign that makes no difference cancel.
    let private qr (a: float[,]) =
        let m = rows a
        let k = min m (columns a)
        let mutable q = identity m
        let mutable r = a

        for j in 0 .. k - 1 do
            let tail = Seq.sum (seq { for i in j + 1 .. m - 1 -> r[i, j] * r[i, j] })

            if tail > 0.0 then
                let length = sqrt (r[j, j] * r[j, j] + tail)

                let v =
                    Array.init m (fun i ->
                        if i < j then 0.0
                        elif i = j then r[j, j] + (if r[j, j] < 0.0 then -length else length)
                        else r[i, j])

                let square = Array.sumBy (fun x -> x * x) v
                let reflection = identity m |> Array2D.mapi (fun i j x -> x - 2.0 * v[i] * v[j] / square)
                q <- multiply q reflection
                r <- multiply reflection r

        struct (q[*, .. k - 1], r[.. k - 1, *] |> Array2D.mapi (fun i j x -> if j < i then 0.0 else x))

    /// The sign that makes the component of the largest absolute value positive.
    let private signOf (v: float[]) = if Seq.maxBy abs v < 0.0 then -1.0 else 1.0

    /// Rotations of pairs of columns until all are orthogonal: U S and V of the columns of a.
    let private orthogonalise (a: float[,]) =
        let a, v = Array2D.copy a, identity (columns a)
        let dot i j = Seq.sum (seq { for r in 0 .. rows a - 1 -> a[r, i] * a[r, j] })

        let rotate (x: float[,]) i j c s =
            for r in 0 .. rows x - 1 do
                let p, q = x[r, i], x[r, j]
                x[r, i] <- c * p - s * q
                x[r, j] <- s * p + c * q

        for _ in 1..40 do
            for i in 0 .. columns a - 2 do
                for j in i + 1 .. columns a - 1 do
                    let p, q, product = dot i i, dot j j, dot i j

                    if abs product > 1e-17 * sqrt (p * q) then
                        let angle = 0.5 * Math.Atan2(2.0 * product, q - p)
                        rotate a i j (cos angle) (sin angle)
                        rotate v i j (cos angle) (sin angle)

        struct (a, v)

    /// Thin U, S and V', for at least as many rows as columns; for fewer, of the transpose.
    let rec private svd (a: float[,]) : struct (float[,] * float[] * float[,]) =
        if rows a < columns a then
            let struct (u, s, vt) = svd (transpose a)
            let signs = Array.init s.Length (fun k -> signOf vt[k, *])

            struct (transpose vt |> Array2D.mapi (fun _ k x -> signs[k] * x),
                    s,
                    transpose u |> Array2D.mapi (fun k _ x -> signs[k] * x))
        else
            let struct (scaled, v) = orthogonalise a
            let norm k = sqrt (Seq.sum (seq { for i in 0 .. rows a - 1 -> scaled[i, k] * scaled[i, k] }))
            let order = [| 0 .. columns a - 1 |] |> Array.sortBy (fun k -> -(norm k))
            let s = order |> Array.map norm
            let signs = order |> Array.map (fun k -> signOf scaled[*, k])
            let u = Array2D.init (rows a) s.Length (fun i k -> signs[k] * scaled[i, order[k]] / s[k])
            struct (u, s, Array2D.init s.Length s.Length (fun k j -> signs[k] * v[j, order[k]]))

    /// Jacobi's rotations of a symmetric matrix.
    let private eigh (a: float[,]) =
        let n = rows a
        let mutable a = mirrored a
        let mutable v = identity n

        for _ in 1..30 do
            for i in 0 .. n - 2 do
                for j in i + 1 .. n - 1 do
                    if a[i, j] <> 0.0 then
                        let angle = 0.5 * Math.Atan2(2.0 * a[i, j], a[j, j] - a[i, i])
                        let rotation = identity n
                        rotation[i, i] <- cos angle
                        rotation[j, j] <- cos angle
                        rotation[i, j] <- sin angle
                        rotation[j, i] <- -(sin angle)
                        a <- multiply (multiply (transpose rotation) a) rotation
                        v <- multiply v rotation

        let order = [| 0 .. n - 1 |] |> Array.sortBy (fun k -> a[k, k])
        let signs = order |> Array.map (fun k -> signOf v[*, k])
        struct (order |> Array.map (fun k -> a[k, k]), Array2D.init n n (fun i k -> signs[k] * v[i, order[k]]))

    let private pseudoInverse cutoff (a: float[,]) =
        let struct (u, s, vt) = svd a
        let inverse = s |> Array.map (fun x -> if x > cutoff * s[0] then 1.0 / x else 0.0)

        multiply
            (transpose vt |> Array2D.mapi (fun _ k x -> if inverse[k] = 0.0 then 0.0 else x * inverse[k]))
            (transpose u |> Array2D.mapi (fun k _ x -> if inverse[k] = 0.0 then 0.0 else x))

    /// The series, of the matrix halved until its terms fall soon: each squaring doubles an error.
    let private exponential (a: float[,]) =
        let norm = Seq.cast<float> a |> Seq.sumBy abs

        let halvings =
            if norm > 4.0 && Double.IsFinite norm then
                int (ceil (log (norm / 4.0) / log 2.0))
            else
                0

        let small = a |> Array2D.map (fun x -> x / Math.Pow(2.0, float halvings))
        let add (x: float[,]) (y: float[,]) = Array2D.mapi (fun i j e -> e + y[i, j]) x

        let series =
            [ 40..-1..1 ]
            |> List.fold
                (fun sum k -> add (identity (rows a)) (multiply small sum |> Array2D.map (fun x -> x / float k)))
                (identity (rows a))

        Seq.fold (fun power _ -> multiply power power) series [ 1..halvings ]

    /// A result of a factorisation of one matrix, in row-major order.
    let private part (part: FactorPart) (a: float[,]) : float[] =
        let flat (x: float[,]) = Seq.cast<float> x |> Array.ofSeq

        match part with
        | FactorPart.CholeskyL -> flat (cholesky a)
        | FactorPart.Det -> [| determinant a |]
        | FactorPart.DetSign -> [| float (sign (determinant a)) |]
        | FactorPart.LogAbsDet -> [| log (abs (determinant a)) |]
        | FactorPart.Cofactors -> flat (cofactors a)
        | FactorPart.PseudoInverse cutoff -> flat (pseudoInverse cutoff a)
        | FactorPart.Expm -> flat (exponential a)
        | FactorPart.QrQ -> let struct (q, _) = qr a in flat q
        | FactorPart.QrR -> let struct (_, r) = qr a in flat r
        | FactorPart.EighValues -> let struct (values, _) = eigh a in values
        | FactorPart.EighVectors -> let struct (_, vectors) = eigh a in flat vectors
        | FactorPart.SvdU -> let struct (u, _, _) = svd a in flat u
        | FactorPart.SvdS -> let struct (_, s, _) = svd a in s
        | FactorPart.SvdVt -> let struct (_, _, vt) = svd a in flat vt

    let private matrices (x: Tensor) : float[,][] =
        let m, n = x.Sizes[x.Sizes.Length - 2], x.Sizes[x.Sizes.Length - 1]
        let elements = Tensor.asFloats x
        let count = Shapes.size x.Sizes[.. x.Sizes.Length - 3]
        Array.init count (fun b -> Array2D.init m n (fun i j -> elements[b * m * n + i * n + j]))

    /// The sizes of a result for a batch of m x n matrices.
    let private sizes (part: FactorPart) (x: int[]) =
        let batch, m, n = x[.. x.Length - 3], x[x.Length - 2], x[x.Length - 1]
        let k = min m n

        match part with
        | FactorPart.Det
        | FactorPart.DetSign
        | FactorPart.LogAbsDet -> batch
        | FactorPart.EighValues -> Array.append batch [| n |]
        | FactorPart.SvdS -> Array.append batch [| k |]
        | FactorPart.QrQ
        | FactorPart.SvdU -> Array.append batch [| m; k |]
        | FactorPart.QrR
        | FactorPart.SvdVt -> Array.append batch [| k; n |]
        | FactorPart.PseudoInverse _ -> Array.append batch [| n; m |]
        | FactorPart.CholeskyL
        | FactorPart.Cofactors
        | FactorPart.Expm
        | FactorPart.EighVectors -> x

    /// A result of a factorisation.
    let factor (which: FactorPart) (x: Tensor) : Tensor =
        Tensor.floats x.Type (sizes which x.Sizes) (matrices x |> Array.collect (part which))

    /// The solutions of systems.
    let solveAll (form: SolveForm) (a: Tensor) (b: Tensor) : Tensor =
        let solutions =
            Array.map2 (fun a b -> solve form a b |> Seq.cast<float> |> Array.ofSeq) (matrices a) (matrices b)

        Tensor.floats b.Type b.Sizes (Array.concat solutions)
