/// Matrices for tests of linear algebra, and the plainest arithmetic over them.
module internal Autodiff.Properties.Kernel.Matrices

open System
open Autodiff
open Autodiff.Kernel

let rows (a: float[,]) = Array2D.length1 a
let columns (a: float[,]) = Array2D.length2 a
let transpose (a: float[,]) = Array2D.init (columns a) (rows a) (fun i j -> a[j, i])
let identity n = Array2D.init n n (fun i j -> if i = j then 1.0 else 0.0)
let diagonal (values: float[]) = Array2D.init values.Length values.Length (fun i j -> if i = j then values[i] else 0.0)
let subtract (a: float[,]) (b: float[,]) = Array2D.init (rows a) (columns a) (fun i j -> a[i, j] - b[i, j])
let symmetric (a: float[,]) = Array2D.init (rows a) (rows a) (fun i j -> (a[i, j] + a[j, i]) / 2.0)

let multiply (a: float[,]) (b: float[,]) =
    let n = columns b
    let rightRows = Array.init (rows b) (fun k -> b[k, *])
    let product = Array2D.zeroCreate (rows a) n

    for i in 0 .. rows a - 1 do
        let row = Array.zeroCreate n

        for k in 0 .. columns a - 1 do
            let factor, right = a[i, k], rightRows[k]

            for j in 0 .. n - 1 do
                row[j] <- row[j] + factor * right[j]

        for j in 0 .. n - 1 do
            product[i, j] <- row[j]

    product

/// The largest absolute value. NaN wins.
let size (a: float[,]) =
    Seq.cast<float> a
    |> Seq.fold (fun largest x -> if Double.IsNaN x then nan else Math.Max(largest, abs x)) 0.0

let epsilon (dtype: DType) = if dtype = DType.Float32 then Math.Pow(2.0, -23.0) else Math.Pow(2.0, -52.0)

/// The elements as those of the type are.
let rounded (dtype: DType) (a: float[,]) =
    if dtype = DType.Float32 then Array2D.map (fun x -> float (float32 x)) a else a

/// A stack of matrices as an array of rank 3.
let pack (dtype: DType) (matrices: float[,] list) : NDArray =
    let first = List.head matrices
    let elements = matrices |> Seq.collect Seq.cast<float> |> Array.ofSeq
    NDArray.Create(elements, matrices.Length, rows first, columns first).AsType dtype

/// The matrices of an array of rank 3.
let unpack (x: NDArray) : float[,] list =
    let elements = x.AsType(DType.Float64).ToArray<float>()
    let m, n = x.Shape[1], x.Shape[2]
    [ for b in 0 .. x.Shape[0] - 1 -> Array2D.init m n (fun i j -> elements[(b * m + i) * n + j]) ]

/// Numbers of both signs, of size about 1.
let random (seed: int) m n =
    let numbers = Random(seed + 1000 * m + n)
    Array2D.init m n (fun _ _ -> 2.0 * numbers.NextDouble() - 1.0)

/// A reflection: orthogonal, and all its singular values are 1.
let reflection seed n =
    let v = random seed n 1
    let square = Seq.cast<float> v |> Seq.sumBy (fun x -> x * x)
    subtract (identity n) (multiply v (transpose v) |> Array2D.map (fun x -> 2.0 * x / square))

/// A matrix with the given singular values.
let withValues seed m n (values: float[]) =
    let middle = Array2D.init m n (fun i j -> if i = j then values[i] else 0.0)
    multiply (multiply (reflection seed m) middle) (reflection (seed + 1) n)

/// Matrices of a size at which algorithms go wrong, by name.
let families m n : (string * float[,]) list =
    let k = min m n

    [
        "random", random 1 m n
        "zero", Array2D.zeroCreate m n
        "identity", Array2D.init m n (fun i j -> if i = j then 1.0 else 0.0)
        "orthogonal", withValues 2 m n (Array.create k 1.0)
        "equal in pairs", withValues 3 m n (Array.init k (fun i -> float (1 + i / 2)))
        "ill-conditioned", withValues 4 m n (Array.init k (fun i -> Math.Pow(10.0, -0.4 * float i)))
        "rank deficient", withValues 5 m n (Array.init k (fun i -> if i < k / 2 then 1.0 + float i else 0.0))
        "rank one", multiply (random 6 m 1) (random 7 1 n)
        "ones", Array2D.create m n 1.0
        "graded rows", random 8 m n |> Array2D.mapi (fun i _ x -> x * Math.Pow(10.0, -0.5 * float i))
        "graded columns", random 9 m n |> Array2D.mapi (fun _ j x -> x * Math.Pow(10.0, -0.5 * float j))
        "tiny", random 10 m n |> Array2D.map (fun x -> x * 1e-30)
        "large", random 11 m n |> Array2D.map (fun x -> x * 1e30)
        "Hilbert", Array2D.init m n (fun i j -> 1.0 / float (i + j + 1))
        "second differences",
        Array2D.init m n (fun i j ->
            if i = j then 2.0
            elif abs (i - j) = 1 then -1.0
            else 0.0)
        "a zero row and column", random 12 m n |> Array2D.mapi (fun i j x -> if i = k / 2 || j = 0 then 0.0 else x)
    ]

/// A few of the families, for matrices so large that all would take long.
let fewFamilies m n =
    let names = [ "random"; "equal in pairs"; "rank deficient"; "graded rows" ]
    families m n |> List.filter (fun (name, _) -> List.contains name names)

/// Around the sizes of the blocks in which matrices are factorised, and several of them.
let blockSizes = [ 31; 32; 49; 65; 100; 257 ]

let sizes = [ 0; 1; 2; 3; 4; 5; 7; 8; 17; 33; 64 ]

/// The results of a factorisation of a stack of matrices.
let factorise (kind: Factorization) (x: NDArray) (shapes: int list list) : NDArray list =
    let result (shape: int list) = NDArray.Zeros(Array.ofList (x.Shape[0] :: shape), x.DType)
    let results = shapes |> List.map result |> Array.ofList
    let cutoff = 1e-6
    let x = View.Of x
    BatchedFactors(kind, cutoff, x.Layout).Run(x, ReadOnlySpan(Array.map View.Of results))
    List.ofArray results
