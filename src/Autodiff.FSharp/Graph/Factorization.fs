namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// One result of a factorisation of the matrices in the last two axes of an array, m rows and n columns, k the smaller.
[<RequireQualifiedAccess>]
type FactorPart =
    /// L of L L', lower triangular; only the lower triangle of the matrix is read.
    | CholeskyL
    /// The determinant.
    | Det
    /// The sign of the determinant: -1, 0 or 1.
    | DetSign
    /// The logarithm of the determinant's absolute value.
    | LogAbsDet
    /// The cofactors: the derivative of the determinant.
    | Cofactors
    /// The pseudo-inverse [n, m]; singular values up to the cutoff times the largest count as zero.
    | PseudoInverse of cutoff: float
    /// The exponential.
    | Expm
    /// Q [m, k] of Q R, with orthonormal columns.
    | QrQ
    /// R [k, n] of Q R, upper triangular.
    | QrR
    /// The eigenvalues [n] of a symmetric matrix, ascending; only its lower triangle is read.
    | EighValues
    /// The eigenvectors [n, n] of a symmetric matrix, as columns.
    | EighVectors
    /// U [m, k] of U S V'.
    | SvdU
    /// The singular values [k], descending.
    | SvdS
    /// V' [k, n] of U S V'.
    | SvdVt

    override part.ToString() =
        match part with
        | CholeskyL -> "cholesky"
        | Det -> "det"
        | DetSign -> "slogdet.sign"
        | LogAbsDet -> "slogdet.log"
        | Cofactors -> "cofactors"
        | PseudoInverse _ -> "pinv"
        | Expm -> "expm"
        | QrQ -> "qr.Q"
        | QrR -> "qr.R"
        | EighValues -> "eigh.values"
        | EighVectors -> "eigh.vectors"
        | SvdU -> "svd.U"
        | SvdS -> "svd.S"
        | SvdVt -> "svd.Vt"

/// What is known of the matrix of a system of linear equations.
[<RequireQualifiedAccess>]
type SystemMatrix =
    /// Any regular matrix.
    | General
    /// The lower triangle of what is given.
    | Lower
    /// The lower triangle with ones for its diagonal.
    | UnitLower
    /// The upper triangle of what is given.
    | Upper
    /// The upper triangle with ones for its diagonal.
    | UnitUpper

/// A system of linear equations: with a matrix, or with its transpose.
[<Struct>]
type SolveForm = { Matrix: SystemMatrix; IsTransposed: bool }

/// The shapes of factors.
module internal Factors =

    /// The shape of a result of a factorisation, from that of the matrices.
    let shape (part: FactorPart) (x: Shape) : Shape =
        let rank = x.Rank
        let m, n = x[rank - 2], x[rank - 1]
        let k = min m n
        let result sizes = Shapes.ofSeq (Seq.append (Seq.take (rank - 2) x) sizes)

        match part with
        | FactorPart.CholeskyL
        | FactorPart.Cofactors
        | FactorPart.Expm
        | FactorPart.EighVectors -> x
        | FactorPart.Det
        | FactorPart.DetSign
        | FactorPart.LogAbsDet -> result []
        | FactorPart.PseudoInverse _ -> result [ n; m ]
        | FactorPart.EighValues -> result [ n ]
        | FactorPart.QrQ
        | FactorPart.SvdU -> result [ m; k ]
        | FactorPart.QrR
        | FactorPart.SvdVt -> result [ k; n ]
        | FactorPart.SvdS -> result [ k ]
