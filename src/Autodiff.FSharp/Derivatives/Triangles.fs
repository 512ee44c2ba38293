/// Triangles of matrices, and other small things that derivatives of factorisations are made of.
module internal Autodiff.FSharp.Triangles

open Autodiff
open Autodiff.Kernel

// One node for each mask, so that equal masks are one subexpression.
let private masks = BoundedCache<struct (bool * int * int * int), Node>(64)

/// Where column - row <= offset (lower) or >= offset (upper), in a matrix of so many rows and columns.
let private mask isLower offset rows columns =
    let make (struct (isLower, offset, rows, columns)) =
        let kept row column = if isLower then column - row <= offset else column - row >= offset
        let elements = Array.init (rows * columns) (fun i -> kept (i / columns) (i % columns))
        Node.Annotated(Op.Constant(NDArray.Create(elements, rows, columns), false), Annotation())

    masks.GetOrAdd(struct (isLower, offset, rows, columns), make)

let private keep isLower offset (x: Node) =
    let mask = mask isLower offset x.Shape[x.Rank - 2] x.Shape[x.Rank - 1]
    where (Node.Broadcast(x.Shape, mask)) x (zerosLike x)

/// The lower triangle up to a diagonal (0 the main one, -1 the one below it), zeros above.
let lower offset x = keep true offset x

/// The upper triangle from a diagonal on, zeros below.
let upper offset x = keep false offset x

/// What a system reads of its matrix.
let ofSystem (matrix: SystemMatrix) (x: Node) =
    match matrix with
    | SystemMatrix.General -> x
    | SystemMatrix.Lower -> lower 0 x
    | SystemMatrix.UnitLower -> lower -1 x
    | SystemMatrix.Upper -> upper 0 x
    | SystemMatrix.UnitUpper -> upper 1 x

/// The matrices transposed.
let transposed (x: Node) = swapAxes -1 -2 x

/// The symmetric matrix whose lower triangle is that of x.
let mirrored (x: Node) = lower 0 x + transposed (lower -1 x)

/// The matrix minus its transpose.
let skew (x: Node) = x - transposed x

/// The column vectors of x, each times a number.
let scaleColumns (x: Node) (numbers: Node) = einsum "...ij,...j->...ij" [ x; numbers ]

/// x / y where y is not zero, elsewhere 0.
let quotient (x: Node) (y: Node) =
    let isZero = y .= Node.op_Implicit 0.0
    where isZero (Node.op_Implicit 0.0) (x / where isZero (Node.op_Implicit 1.0) y)

/// The matrix of s_j - s_i (row i, column j) for vectors s.
let differences (s: Node) = unsqueeze -2 s - unsqueeze -1 s

/// The matrix of s_j + s_i.
let sums (s: Node) = unsqueeze -2 s + unsqueeze -1 s

/// Some elements of the last axis.
let lastAxis (start: int) (count: int) (x: Node) =
    let range axis size =
        if axis = x.Rank - 1 then
            { Start = start; Step = 1; Count = count }
        else
            { Start = 0; Step = 1; Count = size }

    Node.Make(Op.Slice(x.Shape |> Seq.mapi range |> Array.ofSeq, x))

/// The element at a place of the last axis.
let element (place: int) (x: Node) = Node.Reshape(Shapes.without [| x.Rank - 1 |] x.Shape, lastAxis place 1 x)

/// The product along the last axis, by halves: exact at zeros, and so are its derivatives of every order.
let rec product (x: Node) : Node =
    match x.Shape[x.Rank - 1] with
    | 0 -> Node.Broadcast(Shapes.without [| x.Rank - 1 |] x.Shape, Node.Cast(x.DType, Node.op_Implicit 1.0))
    | 1 -> element 0 x
    | size ->
        let half = size / 2
        let pairs = lastAxis 0 half x * lastAxis half half x

        if size % 2 = 0 then product pairs else product pairs * element (size - 1) x

/// The products along the last axis of all elements but one.
let productsWithoutOne (x: Node) : Node =
    let n = x.Shape[x.Rank - 1]
    let shape = Shapes.ofSeq (Seq.append x.Shape [ n ])
    let isOther = Node.Not(Node.Logical(Logical.And, mask true 0 n n, mask false 0 n n))
    let rows = Node.Broadcast(shape, unsqueeze -2 x)
    product (where (Node.Broadcast(shape, isOther)) rows (onesLike rows))
