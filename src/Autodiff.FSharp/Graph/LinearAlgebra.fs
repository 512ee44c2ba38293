namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// Linear algebra over the matrices in the last two axes; the axes before them are batches. Whole numbers are computed
/// in Float64. A matrix with an infinity or a NaN gives NaN; one that has no such factorisation, or that is singular
/// where it must not be, throws NumericalException when the graph is evaluated.
[<AutoOpen>]
module LinearAlgebra =

    let private numbers operation (x: Node) =
        if x.DType = DType.Bool then
            raise (DTypeException $"{operation}: {Axes.describe x} is Bool; numbers are needed")

        if x.DType.IsFloat() then x else Node.Cast(DType.Float64, x)

    /// The operand as matrices of floats, whose sizes are known.
    let private matrices operation (x: Node) =
        if (Node.Given x).Rank < 2 then
            raise (ShapeException $"{operation}: {Axes.describe x} has {x.Rank} axes; a matrix has two")

        for axis in [ x.Rank - 2; x.Rank - 1 ] do
            if x.Shape[axis] = -1 then
                raise (ShapeException $"{operation}: the size of axis {axis} of {Axes.describe x} is not known yet")

        numbers operation x

    let private squares operation (x: Node) =
        let x = matrices operation x
        let m, n = x.Shape[x.Rank - 2], x.Shape[x.Rank - 1]

        if m <> n then
            raise (
                ShapeException
                    $"{operation}: {Axes.describe x} is not square: axis {x.Rank - 2} is {m}, axis {x.Rank - 1} is {n}"
            )

        x

    let private turned (x: Node) = swapAxes -1 -2 x

    let private symmetrised operation (x: Node) =
        let x = squares operation x
        0.5 * (x + turned x)

    let private factor part (x: Node) = Node.Make(Op.Factor(part, x))

    let private failure operation (a: Node) (b: Node) reason =
        let a, b = Broadcasting.describe 0 a.Name a.Shape, Broadcasting.describe 1 b.Name b.Shape
        ShapeException $"{operation}: {a} and {b}: {reason}"

    /// Right-hand sides as matrices whose rows are as many as those of a: a vector is one column. Both in one element type
    /// and with the same leading axes.
    let private system operation rowAxis (a: Node) (b: Node) (build: Node -> Node -> Node) =
        if (Node.Given b).Rank = 0 then
            raise (failure operation a b "a scalar is no right-hand side")

        let struct (x, y) = Node.Promote(a, numbers operation b)
        let column = if y.Rank = 1 then unsqueeze 1 y else y
        let rows, axis = x.Shape[x.Rank + rowAxis], x.Rank + rowAxis

        if column.Shape[column.Rank - 2] <> rows then
            let other = if b.Rank = 1 then 0 else b.Rank - 2
            raise (failure operation a b $"axis {axis} is {rows}, axis {other} is {b.Shape[other]}")

        let lead (n: Node) = Shapes.ofSeq (Seq.take (n.Rank - 2) n.Shape)

        let batch =
            try
                Broadcasting.pair operation null (lead x) null (lead column)
            with :? ShapeException ->
                raise (failure operation a b "the leading axes do not broadcast")

        let broadcast (n: Node) = Node.Broadcast(Shapes.ofSeq (Seq.append batch (Seq.skip (n.Rank - 2) n.Shape)), n)

        let solution = build (broadcast x) (broadcast column)

        if y.Rank = 1 then
            Node.Reshape(Shapes.without [| solution.Rank - 1 |] solution.Shape, solution)
        else
            solution

    let private solveAs (form: SolveForm) (a: Node) (b: Node) = Node.Make(Op.Solve(form, a, b))

    /// The lower triangular L with a positive diagonal for which L L' is x. Of x its symmetric part (x + x')/2 is taken, so
    /// that the gradient is symmetric. A matrix that is not positive definite throws NumericalException.
    let cholesky (x: Node) : Node = factor FactorPart.CholeskyL (symmetrised "cholesky" x)

    /// The solution x of a x = b, by LU factors with partial pivoting. Where b has one axis it is a vector, else its last
    /// two axes are matrices, as NumPy has it; leading axes broadcast. A singular a throws NumericalException.
    let solve (a: Node) (b: Node) : Node =
        system "solve" -1 (squares "solve" a) b (solveAs { Matrix = SystemMatrix.General; IsTransposed = false })

    /// The solution x of t x = b, where t is a triangle of a: the lower one if `lower` says so, transposed if `transposed`
    /// does, with ones for its diagonal if `unitDiagonal` does. The other triangle is not read. b is as for `solve`.
    let triangularSolveWith (lower: bool) (transposed: bool) (unitDiagonal: bool) (a: Node) (b: Node) : Node =
        let matrix =
            match lower, unitDiagonal with
            | true, false -> SystemMatrix.Lower
            | true, true -> SystemMatrix.UnitLower
            | false, false -> SystemMatrix.Upper
            | false, true -> SystemMatrix.UnitUpper

        system
            "triangularSolve"
            -1
            (squares "triangularSolve" a)
            b
            (solveAs { Matrix = matrix; IsTransposed = transposed })

    /// The solution x of t x = b, where t is the lower or the upper triangle of a; the other is not read.
    let triangularSolve (lower: bool) (a: Node) (b: Node) : Node = triangularSolveWith lower false false a b

    /// The inverse. A singular matrix throws NumericalException.
    let inv (x: Node) : Node =
        let x = squares "inv" x
        let identity = Node.Cast(x.DType, Node.Strong(NDArray.Eye x.Shape[x.Rank - 1]))
        solveAs { Matrix = SystemMatrix.General; IsTransposed = false } x (Node.Broadcast(x.Shape, identity))

    /// The determinant. Its derivative, the cofactors, is exact for singular matrices too, and so is the second one; the
    /// third and higher ones are exact where no singular value is far smaller than the largest, or where all are distinct.
    let det (x: Node) : Node = factor FactorPart.Det (squares "det" x)

    /// The sign of the determinant and the logarithm of its absolute value, which neither overflows nor vanishes: 0 and
    /// -inf for a singular matrix, whose logarithm has no derivative (NumericalException).
    let slogdet (x: Node) : struct (Node * Node) =
        let x = squares "slogdet" x
        struct (factor FactorPart.DetSign x, factor FactorPart.LogAbsDet x)

    /// The exponential of a square matrix, by scaling and squaring; its derivatives of every order are exact.
    let expm (x: Node) : Node = factor FactorPart.Expm (squares "expm" x)

    /// Q, with orthonormal columns, and R, upper triangular, for which Q R is x: Q is m x k and R is k x n for the smaller
    /// size k. Signs are as LAPACK's reflections give them: R's diagonal may be negative. The derivative needs the first k
    /// columns of x to be independent.
    let qr (x: Node) : struct (Node * Node) =
        let x = matrices "qr" x
        struct (factor FactorPart.QrQ x, factor FactorPart.QrR x)

    /// The eigenvalues, ascending, and orthonormal eigenvectors, as columns, of a symmetric matrix. Of x its symmetric part
    /// (x + x')/2 is taken. Of each vector the component of the largest absolute value, the first of several, is positive.
    /// Where eigenvalues are equal their vectors are any basis; derivatives then leave out what would divide by zero.
    let eigh (x: Node) : struct (Node * Node) =
        let x = symmetrised "eigh" x
        struct (factor FactorPart.EighValues x, factor FactorPart.EighVectors x)

    /// The eigenvalues, ascending, of a symmetric matrix; of x its symmetric part is taken.
    let eigvalsh (x: Node) : Node = factor FactorPart.EighValues (symmetrised "eigvalsh" x)

    /// U, the singular values S, descending, and V' for which U S V' is x: U is m x k, S has k elements and V' is k x n for
    /// the smaller size k. Of each column of U the component of the largest absolute value, the first of several, is
    /// positive. Where singular values are equal or zero, derivatives leave out what would divide by zero.
    let svd (x: Node) : struct (Node * Node * Node) =
        let x = matrices "svd" x
        struct (factor FactorPart.SvdU x, factor FactorPart.SvdS x, factor FactorPart.SvdVt x)

    /// The singular values, descending.
    let svdvals (x: Node) : Node = factor FactorPart.SvdS (matrices "svdvals" x)

    let private epsilon (x: Node) = if x.DType = DType.Float32 then Math.Pow(2.0, -23.0) else Math.Pow(2.0, -52.0)

    /// The relative size below which singular values count as zero, unless the user says otherwise: as NumPy's.
    let private cutoff (x: Node) = epsilon x * float (max x.Shape[x.Rank - 2] x.Shape[x.Rank - 1])

    /// The pseudo-inverse of Moore and Penrose, in which singular values up to `rcond` times the largest count as zero. Its
    /// derivative holds as long as the rank stays the same.
    let pinvWith (rcond: float) (x: Node) : Node =
        if not (rcond >= 0.0) then
            raise (ArgumentException $"pinv: rcond is {rcond}; it is 0 or more")

        factor (FactorPart.PseudoInverse rcond) (matrices "pinv" x)

    /// The pseudo-inverse of Moore and Penrose; singular values count as zero up to the larger size times the element
    /// type's epsilon, beside the largest.
    let pinv (x: Node) : Node = let x = matrices "pinv" x in pinvWith (cutoff x) x

    /// The x of least norm among those that make |a x - b| least: the pseudo-inverse of a times b, for matrices of any
    /// shape and rank. b is as for `solve`.
    let lstsq (a: Node) (b: Node) : Node =
        let a = matrices "lstsq" a
        system "lstsq" -2 a b (fun a b -> matmul (factor (FactorPart.PseudoInverse(cutoff a)) a) b)

    /// The sum of the singular values. Those that are zero to rounding have derivative 0.
    let nuclearNorm (x: Node) : Node =
        let x = matrices "nuclearNorm" x
        let values = factor FactorPart.SvdS x

        if values.Shape[values.Rank - 1] = 0 then
            sum [ -1 ] values
        else
            let largest = stopGradient (amax [ -1 ] values)
            let isPositive = values .> unsqueeze -1 (cutoff x * largest)
            sum [ -1 ] (where isPositive values (zerosLike values))
