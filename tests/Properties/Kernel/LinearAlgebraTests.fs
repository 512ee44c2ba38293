/// The factorisations: what they multiply to, and what their factors are.
module Autodiff.Properties.Kernel.LinearAlgebraTests

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Matrices
open Xunit

let floats = TheoryData<DType>([ DType.Float32; DType.Float64 ])

/// Whether a matrix is zero beside a scale, up to a few roundings for each row.
let private small what (dtype: DType) n (scale: float) (difference: float[,]) =
    let allowed = 4.0 * float (n + 2) * epsilon dtype * scale
    let worst = size difference

    if not (worst <= allowed) then
        failwith $"{what}: {worst} where {allowed} is allowed: {worst / (epsilon dtype * scale)} epsilons"

let private orthonormal what dtype (q: float[,]) =
    small $"{what}: orthonormal" dtype (rows q) 1.0 (subtract (multiply (transpose q) q) (identity (columns q)))

let private isUpper (a: float[,]) =
    Seq.forall
        id
        (seq {
            for i in 0 .. rows a - 1 do
                for j in 0 .. min i (columns a) - 1 do
                    a[i, j] = 0.0
        })

/// Every family of every size in one batch, with its name.
let private batches dtype shapes =
    [
        for m, n in shapes do
            let family = if max m n <= 64 then families m n else fewFamilies m n
            let matrices = family |> List.map (snd >> rounded dtype)
            family |> List.map (fun (name, _) -> $"{name} {m}x{n}"), matrices, pack dtype matrices
    ]

let private squares = sizes |> List.map (fun n -> n, n)

let private oblongs = squares @ [ 0, 3; 3, 0; 1, 4; 5, 2; 8, 17; 33, 5; 64, 33; 17, 64 ]
let private blockSquares = squares @ [ for n in blockSizes -> n, n ]

let private blockOblongs =
    blockSquares @ oblongs @ [ 257, 40; 40, 257; 70, 65; 65, 70; 100, 49; 1, 257; 257, 1; 3, 100 ]

[<Theory; MemberData(nameof floats)>]
let ``Q R is the matrix, Q is orthonormal and R is upper triangular`` (dtype: DType) =
    for names, matrices, x in batches dtype blockOblongs do
        let m, n = x.Shape[1], x.Shape[2]
        let k = min m n

        match factorise Factorization.Qr x [ [ m; k ]; [ k; n ] ] with
        | [ q; r ] ->
            for name, a, q, r in
                List.zip3 names matrices (List.zip (unpack q) (unpack r))
                |> List.map (fun (n, a, (q, r)) -> n, a, q, r) do
                small name dtype (m + n) (size a) (subtract (multiply q r) a)
                orthonormal name dtype q
                Assert.True(isUpper r, name)
        | _ -> failwith "two results"

[<Theory; MemberData(nameof floats)>]
let ``U S V' is the matrix; U and V are orthonormal; singular values descend`` (dtype: DType) =
    for names, matrices, x in batches dtype blockOblongs do
        let m, n = x.Shape[1], x.Shape[2]
        let k = min m n

        match factorise Factorization.Svd x [ [ m; k ]; [ 1; k ]; [ k; n ] ] |> List.map unpack with
        | [ us; ss; vs ] ->
            for i in 0 .. names.Length - 1 do
                let u, s, v = us[i], Array.init k (fun j -> ss[i][0, j]), vs[i]

                small
                    names[i]
                    dtype
                    (m + n)
                    (size matrices[i])
                    (subtract (multiply (multiply u (diagonal s)) v) matrices[i])

                orthonormal names[i] dtype u
                orthonormal names[i] dtype (transpose v)
                Assert.True(Array.forall (fun e -> e >= 0.0) s && Array.sortDescending s = s, names[i])

                for j in 0 .. k - 1 do
                    let largest = Seq.maxBy abs u[*, j]
                    Assert.True(largest > 0.0, $"{names[i]}: sign of vector {j}")
        | _ -> failwith "three results"

[<Theory; MemberData(nameof floats)>]
let ``V L V' is the symmetric matrix, V is orthonormal, eigenvalues ascend`` (dtype: DType) =
    for names, matrices, x in batches dtype blockSquares do
        let n = x.Shape[1]
        let matrices = matrices |> List.map (symmetric >> rounded dtype)
        // Only the lower triangle is read.
        let lower = matrices |> List.map (Array2D.mapi (fun i j e -> if j > i then 7.0 else e))

        match factorise Factorization.Eigen (pack dtype lower) [ [ 1; n ]; [ n; n ] ] |> List.map unpack with
        | [ values; vectors ] ->
            for i in 0 .. names.Length - 1 do
                let l, v = Array.init n (fun j -> values[i][0, j]), vectors[i]
                let product = multiply (multiply v (diagonal l)) (transpose v)
                small names[i] dtype (2 * n) (size matrices[i]) (subtract product matrices[i])
                orthonormal names[i] dtype v
                Assert.True((Array.sort l = l), names[i])

                for j in 0 .. n - 1 do
                    Assert.True(Seq.maxBy abs v[*, j] > 0.0, $"{names[i]}: sign of vector {j}")
        | _ -> failwith "two results"

[<Theory; MemberData(nameof floats)>]
let ``L U is the matrix with its rows permuted, and the determinant is the product of U's diagonal`` (dtype: DType) =
    for names, matrices, x in batches dtype blockSquares do
        let n = x.Shape[1]

        let packed, summary =
            NDArray.Zeros([| names.Length; n; n |], dtype), NDArray.Zeros([| names.Length; 3 |], dtype)

        let places = NDArray.Zeros([| names.Length; n |], DType.Int64)
        let results = [| View.Of packed; View.Of places; View.Of summary |]
        BatchedFactors(Factorization.Lu, 0.0, (View.Of x).Layout).Run(View.Of x, ReadOnlySpan results)

        for i, factors in List.indexed (unpack packed) do
            let lower =
                factors
                |> Array2D.mapi (fun i j e ->
                    if i > j then e
                    elif i = j then 1.0
                    else 0.0)

            let upper = factors |> Array2D.mapi (fun i j e -> if i > j then 0.0 else e)
            let order = places.ToArray<int64>()[i * n .. i * n + n - 1] |> Array.map int
            Assert.Equal<int[]>([| 0 .. n - 1 |], Array.sort order)
            let permuted = Array2D.init n n (fun r c -> matrices[i][order[r], c])
            small names[i] dtype (2 * n) (size matrices[i]) (subtract (multiply lower upper) permuted)
            Assert.True(size lower <= 1.0 || n = 0, names[i])

[<Theory; MemberData(nameof floats)>]
let ``L L' is the positive definite matrix`` (dtype: DType) =
    for names, matrices, x in batches dtype blockSquares do
        let n = x.Shape[1]

        let definite (a: float[,]) =
            let shift = diagonal (Array.create n (float n * Math.Pow(Math.Max(size a, 1e-30), 2.0)))
            rounded dtype (subtract (multiply a (transpose a)) (Array2D.map (~-) shift))

        let names, matrices =
            List.zip names (List.map definite matrices)
            |> List.filter (fun (_, a) -> rows a = 0 || (size a > 1e-20 && size a < 1e20))
            |> List.unzip

        let lower = matrices |> List.map (Array2D.mapi (fun i j e -> if j > i then nan else e))

        for i, l in List.indexed (unpack (List.head (factorise Factorization.Cholesky (pack dtype lower) [ [ n; n ] ]))) do
            small names[i] dtype n (size matrices[i]) (subtract (multiply l (transpose l)) matrices[i])
            Assert.True(isUpper (transpose l) && Seq.forall (fun j -> l[j, j] > 0.0) [ 0 .. n - 1 ], names[i])

/// The cofactor of a place: the determinant without its row and column, with its sign.
let rec private determinant (a: float[,]) : float =
    if rows a = 0 then
        1.0
    else
        Seq.sum (seq { for j in 0 .. rows a - 1 -> a[0, j] * cofactor a 0 j })

and private cofactor (a: float[,]) i j =
    let skip k index = if index >= k then index + 1 else index
    let minor = Array2D.init (rows a - 1) (rows a - 1) (fun r c -> a[skip i r, skip j c])
    (if (i + j) % 2 = 0 then 1.0 else -1.0) * determinant minor

[<Theory; MemberData(nameof floats)>]
let ``cofactors are determinants of minors, for every rank`` (dtype: DType) =
    for names, matrices, x in batches dtype [ for n in 0..6 -> n, n ] do
        let n = x.Shape[1]

        for i, c in List.indexed (unpack (List.head (factorise Factorization.Cofactors x [ [ n; n ] ]))) do
            let a = matrices[i]
            let expected = Array2D.init n n (cofactor a)
            let scale = Math.Pow(Math.Max(size a, 1e-300), float (n - 1)) * float (Seq.fold (*) 1 [ 1 .. n - 1 ])

            if Double.IsNormal scale && scale < 1e36 && (dtype = DType.Float64 || scale > 1e-36) then
                small names[i] dtype (2 * n) scale (subtract c expected)

[<Theory; MemberData(nameof floats)>]
let ``a pseudo-inverse fulfils Penrose's four conditions`` (dtype: DType) =
    for names, matrices, x in batches dtype oblongs do
        let m, n = x.Shape[1], x.Shape[2]

        for i, p in List.indexed (unpack (List.head (factorise Factorization.PseudoInverse x [ [ n; m ] ]))) do
            let a = matrices[i]
            let condition = Math.Max(1.0, size a * size p) * float (m + n)

            // The cutoff drops what is below a millionth of the largest singular value.
            if condition < 1e3 then
                let left, right = multiply p a, multiply a p

                let check what scale difference =
                    small $"{names[i]}: {what}" dtype (m + n) (condition * scale) difference

                check "A P A = A" (size a) (subtract (multiply right a) a)
                check "P A P = P" (size p) (subtract (multiply left p) p)
                check "A P symmetric" 1.0 (subtract right (transpose right))
                check "P A symmetric" 1.0 (subtract left (transpose left))

/// The exponential by its series, of a matrix halved until it is small.
let private series (a: float[,]) =
    let n = rows a

    let halvings =
        if size a = 0.0 then
            0
        else
            max 0 (int (Math.Ceiling(Math.Log2(size a * float n))) + 4)

    let small = a |> Array2D.map (fun x -> x / Math.Pow(2.0, float halvings))
    let mutable term = identity n
    let mutable sum = identity n

    for k in 1..24 do
        term <- multiply term small |> Array2D.map (fun x -> x / float k)
        sum <- subtract sum (Array2D.map (~-) term)

    for _ in 1..halvings do
        sum <- multiply sum sum

    sum

[<Theory; MemberData(nameof floats)>]
let ``the exponential is its series`` (dtype: DType) =
    for names, matrices, x in batches dtype [ for n in [ 0; 1; 2; 3; 5; 8; 17 ] -> n, n ] do
        let n = x.Shape[1]
        let results = factorise Factorization.Exponential x [ [ n; n ] ] |> List.head |> unpack

        for i in 0 .. names.Length - 1 do
            let a = matrices[i]

            if size a < 1e20 then
                let expected = series a
                // The condition number of the exponential is at least the norm of its argument.
                let scale = 4.0 * size expected * Math.Max(1.0, size a * float n)
                small names[i] dtype n scale (subtract results[i] expected)

[<Theory; MemberData(nameof floats)>]
let ``triangular systems are solved, either triangle, transposed or not, unit diagonal or not`` (dtype: DType) =
    for n in sizes @ blockSizes do
        for k in [ 0; 1; 2; 7; 40 ] do
            let t =
                random 20 n n
                |> Array2D.mapi (fun i j x -> if i = j then 2.0 + abs x else x / float (n + 1))
                |> rounded dtype

            let b = random 21 n k |> rounded dtype

            for lower in [ true; false ] do
                for transposed in [ true; false ] do
                    for unit in [ true; false ] do
                        let x = NDArray.Zeros([| 1; n; k |], dtype)
                        let form = TriangularForm(lower, transposed, unit)
                        let matrices, sides = View.Of(pack dtype [ t ]), View.Of(pack dtype [ b ])
                        TriangularSystems(form, matrices.Layout, sides.Layout).Run(matrices, sides, View.Of x)

                        let triangle =
                            t
                            |> Array2D.mapi (fun i j e ->
                                if i = j then (if unit then 1.0 else e)
                                elif (i > j) = lower then e
                                else 0.0)

                        let matrix = if transposed then transpose triangle else triangle
                        small $"{form}" dtype (4 * n) 4.0 (subtract (multiply matrix (List.head (unpack x))) b)

[<Theory; MemberData(nameof floats)>]
let ``systems are solved from LU factors`` (dtype: DType) =
    for n in sizes @ blockSizes do
        for k in [ 0; 1; 3; 20; 70 ] do
            let a =
                random 22 n n
                |> Array2D.mapi (fun i j x -> if i = (j + 1) % n then x + float n else x)
                |> rounded dtype

            let b = random 23 n k |> rounded dtype

            let packed, places, summary =
                NDArray.Zeros([| 1; n; n |], dtype),
                NDArray.Zeros([| 1; n |], DType.Int64),
                NDArray.Zeros([| 1; 3 |], dtype)

            let matrices, sides = View.Of(pack dtype [ a ]), View.Of(pack dtype [ b ])

            BatchedFactors(Factorization.Lu, 0.0, matrices.Layout)
                .Run(matrices, ReadOnlySpan [| View.Of packed; View.Of places; View.Of summary |])

            for transposed in [ false; true ] do
                let x = NDArray.Zeros([| 1; n; k |], dtype)
                let systems = FactoredSystems(transposed, matrices.Layout, sides.Layout)
                systems.Run(View.Of packed, View.Of places, sides, View.Of x)
                let matrix = if transposed then transpose a else a
                small $"{n} {k} {transposed}" dtype (2 * n) 2.0 (subtract (multiply matrix (List.head (unpack x))) b)

[<Theory; MemberData(nameof floats)>]
let ``a matrix with a NaN or an infinity gives NaN, and its neighbours in the batch are computed`` (dtype: DType) =
    for value in [ nan; infinity; -infinity ] do
        let bad = identity 3 |> Array2D.mapi (fun i j x -> if i = 2 && j = 1 then value else x)
        let x = pack dtype [ identity 3; bad; identity 3 ]

        for kind, shapes in
            [
                Factorization.Cholesky, [ [ 3; 3 ] ]
                Factorization.Cofactors, [ [ 3; 3 ] ]
                Factorization.PseudoInverse, [ [ 3; 3 ] ]
                Factorization.Exponential, [ [ 3; 3 ] ]
                Factorization.Qr, [ [ 3; 3 ]; [ 3; 3 ] ]
                Factorization.Eigen, [ [ 1; 3 ]; [ 3; 3 ] ]
                Factorization.Svd, [ [ 3; 3 ]; [ 1; 3 ]; [ 3; 3 ] ]
            ] do
            for result in factorise kind x shapes do
                match unpack result with
                | [ a; b; c ] ->
                    Assert.True(Seq.forall Double.IsNaN (Seq.cast<float> b), $"{kind}")
                    Assert.True(Seq.forall Double.IsFinite (Seq.cast<float> a) && a = c, $"{kind}")
                | _ -> failwith "three matrices"

[<Theory; MemberData(nameof floats)>]
let ``factors have the same bits for any number of threads`` (dtype: DType) =
    for m, n in [ 5, 5; 100, 100; 257, 257 ] do
        let definite = random 30 m n |> Array2D.mapi (fun i j x -> if i = j then 3.0 * float n else x)

        let x =
            pack dtype [ for seed in 30..33 -> if seed = 30 then definite else subtract definite (random seed m n) ]

        for kind, shapes in
            [
                Factorization.Cholesky, [ [ n; n ] ]
                Factorization.Qr, [ [ n; n ]; [ n; n ] ]
                Factorization.Eigen, [ [ 1; n ]; [ n; n ] ]
                Factorization.Svd, [ [ n; n ]; [ 1; n ]; [ n; n ] ]
            ] do
            let run threads =
                use _ = ComputeThreads.Use threads
                factorise kind x shapes |> List.map (fun result -> result.AsType(DType.Float64).ToArray<float>())

            Assert.Equal<float[] list>(run 1, run 3)

[<Theory; MemberData(nameof floats)>]
let ``batches of systems have the same bits for any number of threads, and the first singular matrix is named``
    (dtype: DType)
    =
    for n in [ 4; 9 ] do
        let count, k = 300, 4
        let ordinary seed = random seed n n |> Array2D.mapi (fun i j x -> if i = j then 3.0 + x else x / float n)
        let without i a = Array2D.mapi (fun row column x -> if row = i && column = i then 0.0 else x) a
        let form = TriangularForm(true, false, false)
        let b = View.Of(pack dtype [ for seed in 1..count -> random (seed + 1000) n k ])

        let solve matrices threads =
            use _ = ComputeThreads.Use threads
            let matrices = View.Of(pack dtype matrices)
            let x = NDArray.Zeros([| count; n; k |], dtype)
            TriangularSystems(form, matrices.Layout, b.Layout).Run(matrices, b, View.Of x)
            x.AsType(DType.Float64).ToArray<float>()

        let all = List.init count ordinary
        Assert.Equal<float[]>(solve all 1, solve all 3)

        let someSingular =
            List.mapi
                (fun i a ->
                    if i = 170 then without 2 a
                    elif i > 200 then without 0 a
                    else a)
                all

        for threads in [ 1; 3 ] do
            let error = Assert.Throws<NumericalException>(fun () -> solve someSingular threads |> ignore)
            Assert.Contains("matrix [170] of the batch is singular: pivot 2", error.Message)

[<Theory; MemberData(nameof floats)>]
let ``singular values of a graded bidiagonal matrix keep their digits`` (dtype: DType) =
    // Of (1, 1; 0, d) they are close to sqrt 2 and d / sqrt 2; a diagonal of blocks has those of all blocks.
    let sizes = [ for k in 0..8 -> Math.Pow(2.0, float (-4 * k)) ]
    let n = 2 * sizes.Length

    let a =
        Array2D.init n n (fun i j ->
            let size = sizes[i / 2]

            if i = j then (if i % 2 = 0 then size else size * 1e-6)
            elif i % 2 = 0 && j = i + 1 then size
            else 0.0)
        |> rounded dtype

    let expected =
        [
            for size in sizes do
                // The squares are the roots of t t - (2 + d d) t + d d.
                let d = a[1, 1] / a[0, 0]
                let larger = (2.0 + d * d + sqrt (4.0 + d ** 4.0)) / 2.0
                size * sqrt larger
                size * d / sqrt larger
        ]
        |> List.sortDescending

    match factorise Factorization.Svd (pack dtype [ a ]) [ [ n; n ]; [ 1; n ]; [ n; n ] ] |> List.map unpack with
    | [ _; [ values ]; _ ] ->
        for i, value in List.indexed expected do
            Assert.InRange(values[0, i] / value, 1.0 - 200.0 * epsilon dtype, 1.0 + 200.0 * epsilon dtype)
    | _ -> failwith "three results"
