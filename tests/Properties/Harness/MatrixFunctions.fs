namespace Autodiff.Proofs

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Properties.Kernel
open FsCheck
open FsCheck.FSharp

/// What matrices a function of linear algebra is for.
[<RequireQualifiedAccess>]
type MatrixKind =
    | Any
    | Square
    | Symmetric
    | Definite

/// A function of one batch of matrices.
type MatrixFunction = { Name: string; Kind: MatrixKind; Apply: Node -> Node }

/// The functions of linear algebra, and matrices for them.
module MatrixFunctions =

    let private turned (x: Node) = swapAxes -1 -2 x

    let private of' kind name apply = { Name = name; Kind = kind; Apply = apply }

    let private triangular lower transposed unit =
        of' MatrixKind.Definite $"triangularSolve {lower} {transposed} {unit}" (fun x ->
            triangularSolveWith lower transposed unit x (sin x))

    let private triangulars =
        [
            for lower in [ true; false ] do
                for transposed in [ true; false ] do
                    for unit in [ true; false ] -> triangular lower transposed unit
        ]

    /// Every function; two of them where an operand is taken both ways.
    let all: MatrixFunction list =
        let any, square = of' MatrixKind.Any, of' MatrixKind.Square

        [
            of' MatrixKind.Definite "cholesky" cholesky
            square "solve" (fun x -> solve x (sin x))
            square "solve for few columns" (fun x -> solve (turned x) (sum [ -1 ] x |> unsqueeze -1))
            square "inv" inv
            square "det" det
            square "slogdet" (fun x -> let struct (sign, log) = slogdet x in sign * log)
            square "expm" (fun x -> expm (0.5 * x))
            any "qr.Q" (fun x -> let struct (q, _) = qr x in q)
            any "qr.R" (fun x -> let struct (_, r) = qr x in r)
            any "svd.U" (fun x -> let struct (u, _, _) = svd x in u)
            any "svd.S" (fun x -> let struct (_, s, _) = svd x in s)
            any "svd.Vt" (fun x -> let struct (_, _, vt) = svd x in vt)
            any "svdvals" svdvals
            of' MatrixKind.Symmetric "eigh.values" (fun x -> let struct (l, _) = eigh x in l)
            of' MatrixKind.Symmetric "eigh.vectors" (fun x -> let struct (_, v) = eigh x in v)
            of' MatrixKind.Symmetric "eigvalsh" eigvalsh
            any "pinv" pinv
            any "lstsq" (fun x -> lstsq x (cos x))
            any "nuclearNorm" nuclearNorm
        ]
        @ triangulars

    /// The least singular value of these matrices.
    let least: float = 0.7

    /// How far apart their singular values lie.
    let gap: float = 0.45

    /// A matrix of a kind whose singular values and eigenvalues lie well apart.
    let matrix (kind: MatrixKind) seed m n : float[,] =
        let values = Array.init (min m n) (fun i -> least + gap * float i)
        let signs = values |> Array.mapi (fun i x -> if i % 2 = 0 then x else -x)

        let similar (values: float[]) =
            let q = Matrices.reflection seed n
            Matrices.multiply (Matrices.multiply q (Matrices.diagonal values)) (Matrices.transpose q)

        match kind with
        | MatrixKind.Any
        | MatrixKind.Square -> Matrices.withValues seed m n values
        | MatrixKind.Symmetric -> similar signs
        | MatrixKind.Definite -> similar values

    /// A batch of matrices for a function.
    let batch (f: MatrixFunction) (dtype: DType) (seed: int) (sizes: int[]) m n : NDArray =
        let count = Shapes.size sizes
        let n = if f.Kind = MatrixKind.Any then n else m

        let elements =
            Seq.init count (fun i -> matrix f.Kind (seed + 7 * i) m n)
            |> Seq.collect Seq.cast<float>
            |> Array.ofSeq

        NDArray.Create(elements, Array.append sizes [| m; n |]).AsType dtype

    /// The sizes of a batch of matrices: empty ones, and sizes around the vector width.
    let sizes: Gen<int[] * int * int> =
        gen {
            let! rank = Gen.choose (0, 2)
            let! batch = Gen.arrayOfLength rank (Gen.frequency [ 1, Gen.constant 0; 6, Gen.choose (1, 3) ])

            let side =
                Gen.frequency [ 1, Gen.constant 0; 2, Gen.constant 1; 6, Gen.choose (2, 5); 1, Gen.elements [ 8; 9 ] ]

            let! m = side
            let! n = side
            return batch, m, n
        }

    /// Numbers of the shape of a node, from a seed.
    let like (seed: int) (node: Node) : Node =
        let random = Random seed
        let numbers = Array.init node.Shape.Size (fun _ -> Math.Round(random.NextDouble() * 2.0 - 1.0, 3))
        Leaf.constant ((NDArray.Create numbers).Reshape(node.Shape.ToArray()).AsType node.DType)
