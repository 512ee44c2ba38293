/// How tangents pass factorisations: for each result the map from the tangent t of the matrix X to its own, made of
/// products, systems and elementwise operations, all of them linear in t. Transposing that graph gives the way back.
/// See Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008).
module internal Autodiff.FSharp.Factorizations

open System
open Autodiff
open Autodiff.FSharp.Triangles

let private partOf (x: Node) part = Node.Make(Op.Factor(part, x))

let private solveAs matrix isTransposed (a: Node) (b: Node) =
    Node.Make(Op.Solve({ Matrix = matrix; IsTransposed = isTransposed }, a, b))

/// b A^-1, which is (A^-T b')'.
let private divideAs matrix (a: Node) (b: Node) = transposed (solveAs matrix true a (transposed b))

/// A = L L': L^-1 dA L^-T = L^-1 dL + (L^-1 dL)', of which the first is the lower half.
let private cholesky (l: Node) (t: Node) =
    let inner = solveAs SystemMatrix.Lower false l (mirrored t)
    let middle = transposed (solveAs SystemMatrix.Lower false l (transposed inner))
    l *@ (0.5 * (lower 0 middle + lower -1 middle))

/// A = Q R: with X = dA R^-1 for the columns that Q comes from, Q' dQ is the skew matrix S whose lower triangle is that
/// of Q' X, the rest of dQ is that of X, and dR = Q' dA - S R.
let private qr (x: Node) (t: Node) =
    let q, r = partOf x FactorPart.QrQ, partOf x FactorPart.QrR
    let k = q.Shape[q.Rank - 1]
    let divided = divideAs SystemMatrix.Upper (lastAxis 0 k r) (lastAxis 0 k t)
    let inner = transposed q *@ divided
    let turn = skew (lower -1 inner)
    struct (q *@ (turn - inner) + divided, transposed q *@ t - turn *@ r)

/// A V = V L: with P = V' dA V, dL is the diagonal of P and V' dV is P_ij / (l_j - l_i), 0 where values are equal.
let private eigh (x: Node) (t: Node) =
    let values, vectors = partOf x FactorPart.EighValues, partOf x FactorPart.EighVectors
    let inner = transposed vectors *@ mirrored t *@ vectors
    struct (diagonal inner, vectors *@ quotient inner (differences values))

/// A = U S V': with P = U' dA V, dS is the diagonal of P. U' dU and V' dV have the even part
/// (P_ij + P_ji) / (s_j - s_i) / 2 in common, and (P_ij - P_ji) / (s_j + s_i) / 2 with opposite signs; what lies outside
/// the span of U is dA V S^-1. Quotients by zero, where values are equal or vanish, count as 0.
let private svdParts (x: Node) (t: Node) =
    let s, u, vt = partOf x FactorPart.SvdS, partOf x FactorPart.SvdU, partOf x FactorPart.SvdVt
    let inner = transposed u *@ t *@ transposed vt
    let even = 0.5 * quotient (inner + transposed inner) (differences s)
    let odd = 0.5 * quotient (skew inner) (sums s)
    struct (s, u, vt, even, odd)

let private svdValues (x: Node) (t: Node) =
    let u, vt = partOf x FactorPart.SvdU, partOf x FactorPart.SvdVt
    einsum "...ik,...ij,...kj->...k" [ u; t; vt ]

/// The part of the columns of y outside the span of the orthonormal columns of u, if they do not span everything.
let private outside (u: Node) (y: Node) =
    if u.Shape[u.Rank - 2] = u.Shape[u.Rank - 1] then
        zerosLike y
    else
        y - u *@ (transposed u *@ y)

let private reciprocals (s: Node) = quotient (onesLike s) s

let private svdLeft (x: Node) (t: Node) =
    let struct (s, u, vt, even, odd) = svdParts x t
    u *@ (even + odd) + outside u (scaleColumns (t *@ transposed vt) (reciprocals s))

let private svdRight (x: Node) (t: Node) =
    let struct (s, u, vt, even, odd) = svdParts x t
    let v = transposed vt
    let tangent = v *@ (even - odd) + outside v (scaleColumns (transposed t *@ u) (reciprocals s))
    transposed tangent

/// P = A^+ for matrices of constant rank (Golub and Pereyra, 1973).
let private pseudoInverse (x: Node) (p: Node) (t: Node) =
    let left = p *@ transposed p *@ transposed t
    let right = transposed t *@ transposed p *@ p
    -(p *@ t *@ p) + (left - left *@ x *@ p) + (right - p *@ (x *@ right))

/// Below this ratio of the extreme singular values a matrix counts as nearly singular.
let private regularity (dtype: DType) = if dtype = DType.Float32 then 2e-2 else 1e-4

/// C = det A A^-T, so that dC = (<C, dA> C - C dA' C) / det A: exact at every order where A is regular.
let private regularCofactors (isRegular: Node) (x: Node) (c: Node) (t: Node) =
    let determinant = where isRegular (partOf x FactorPart.Det) (Node.op_Implicit 1.0)
    let scale = reciprocal determinant
    let inner = einsum "...ij,...ij->..." [ c; t ]
    let product = c *@ transposed t *@ c
    einsum "...,...ij->...ij" [ scale; einsum "...,...ij->...ij" [ inner; c ] - product ]

/// The products of all singular values but two, 0 on the diagonal. They descend, so that of two the first is zero only
/// if the second is: then the product is not zero for the last two alone.
let private pairProducts (s: Node) =
    let n = s.Shape[s.Rank - 1]
    let one = productsWithoutOne s
    let isZero = s .= Node.op_Implicit 0.0
    let divided = where isZero (Node.op_Implicit 0.0) (reciprocal (where isZero (Node.op_Implicit 1.0) s))
    // Row i, column j > i: the products without j, without i.
    let ordinary = upper 1 (unsqueeze -2 one * unsqueeze -1 divided)

    let last =
        let elements = Array.init (n * n) (fun place -> place = n * (n - 1) - 1)
        let place = Node.Strong((NDArray.Create elements).Reshape(n, n))
        let rest = unsqueeze -1 (unsqueeze -1 (product (lastAxis 0 (max 0 (n - 2)) s)))
        where place rest (Node.op_Implicit 0.0)

    let rows = Node.Broadcast(ordinary.Shape, unsqueeze -1 isZero)
    let pairs = where rows last ordinary
    pairs + transposed pairs

/// For A = U S V' the cofactors of a diagonal matrix, in that basis: dC_ii is the sum of the products without i and j
/// times H_jj, and dC_ij is minus the product without i and j times H_ji. Exact for every rank.
let private singularCofactors (x: Node) (t: Node) =
    let u, s, vt = partOf x FactorPart.SvdU, partOf x FactorPart.SvdS, partOf x FactorPart.SvdVt
    let orientation = stopGradient (signum (partOf u FactorPart.Det * partOf vt FactorPart.Det))
    let inner = transposed u *@ t *@ transposed vt
    let pairs = pairProducts s
    let onDiagonal = einsum "...ij,...jj->...i" [ pairs; inner ]
    let identity = Node.Cast(x.DType, Node.Strong(NDArray.Eye s.Shape[s.Rank - 1]))
    let middle = einsum "...i,ij->...ij" [ onDiagonal; identity ] - pairs * transposed inner
    einsum "...,...ij->...ij" [ orientation; u *@ middle *@ vt ]

let private cofactors (x: Node) (c: Node) (t: Node) =
    match x.Shape[x.Rank - 1] with
    | 0
    | 1 -> zerosLike t
    | n ->
        let s = partOf x FactorPart.SvdS
        let isRegular = element (n - 1) s .> regularity x.DType * element 0 s
        let everywhere = Node.Broadcast(x.Shape, unsqueeze -1 (unsqueeze -1 isRegular))
        where everywhere (regularCofactors isRegular x c t) (singularCofactors x t)

/// The derivative of the exponential at X along t: the upper right block of the exponential of [[X, t], [0, X]] (Higham,
/// "Functions of Matrices", theorem 3.6). It is linear in t, which is brought to size 1 first, so that the scaling of
/// the whole is that of X. Its transpose is the derivative at X'.
let private exponential (x: Node) (t: Node) =
    let n = x.Shape[x.Rank - 1]

    if x.Shape.IsKnown && x.Shape.Size = 0 then
        t
    else
        let largest = stopGradient (amax [ -1; -2 ] (abs t))
        let isUsable = Node.Logical(Logical.And, isFinite largest, largest .> Node.op_Implicit 0.0)
        let size = unsqueeze -1 (unsqueeze -1 (where isUsable largest (Node.op_Implicit 1.0)))
        let top = concat -1 [ x; t / size ]
        let whole = partOf (concat -2 [ top; concat -1 [ zerosLike x; x ] ]) FactorPart.Expm
        let right = lastAxis n n whole
        size * transposed (lastAxis 0 n (transposed right))

/// The tangent of a result of a factorisation of x, of which it is the node; nothing where it is constant between steps.
let private tangent (part: FactorPart) (x: Node) (node: Node) : (Node -> Node) voption =
    match part with
    | FactorPart.CholeskyL -> ValueSome(cholesky node)
    | FactorPart.Det -> ValueSome(fun t -> einsum "...ij,...ij->..." [ partOf x FactorPart.Cofactors; t ])
    | FactorPart.DetSign -> ValueNone
    | FactorPart.LogAbsDet -> ValueSome(fun t -> trace (solveAs SystemMatrix.General false x t))
    | FactorPart.Cofactors -> ValueSome(cofactors x node)
    | FactorPart.PseudoInverse _ -> ValueSome(pseudoInverse x node)
    | FactorPart.Expm -> ValueSome(exponential x)
    | FactorPart.QrQ -> ValueSome(fun t -> let struct (q, _) = qr x t in q)
    | FactorPart.QrR -> ValueSome(fun t -> let struct (_, r) = qr x t in r)
    | FactorPart.EighValues -> ValueSome(fun t -> let struct (values, _) = eigh x t in values)
    | FactorPart.EighVectors -> ValueSome(fun t -> let struct (_, vectors) = eigh x t in vectors)
    | FactorPart.SvdU -> ValueSome(svdLeft x)
    | FactorPart.SvdS -> ValueSome(svdValues x)
    | FactorPart.SvdVt -> ValueSome(svdRight x)

/// The map from the tangent of x to that of a result of its factorisation, and its transpose, by `transposeOf`.
let map transposeOf (part: FactorPart) (x: Node) (node: Node) : struct ((Node -> Node) * (Node -> Node)) voption =
    match part, tangent part x node with
    | _, ValueNone -> ValueNone
    | FactorPart.Expm, ValueSome apply -> ValueSome(struct (apply, exponential (transposed x)))
    | _, ValueSome apply ->
        let transpose (c: Node) =
            let placeholder = Node.Leaf(Op.Input, "tangent", x.Shape, x.DType)
            Transposition.run transposeOf [| x; node |] placeholder (apply placeholder) c

        ValueSome(struct (apply, transpose))

/// X = A^-1 B, or A^-T B. In B it is linear, with the other system as its transpose; in A, dX = -A^-1 dA X, of which
/// only what the system reads of its matrix counts.
let solve (form: SolveForm) (a: Node) (node: Node) position : struct ((Node -> Node) * (Node -> Node)) =
    let forward (b: Node) = Node.Make(Op.Solve(form, a, b))
    let backward (c: Node) = Node.Make(Op.Solve({ form with IsTransposed = not form.IsTransposed }, a, c))

    if position = 1 then
        struct (forward, backward)
    else
        let read = ofSystem form.Matrix
        let turn (t: Node) = if form.IsTransposed then transposed t else t

        struct ((fun t -> -(forward (turn (read t) *@ node))), (fun c -> -(read (turn (backward c *@ transposed node)))))
