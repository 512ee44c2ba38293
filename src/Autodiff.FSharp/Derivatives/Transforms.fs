/// Derivatives made of derivatives: Hessian-vector products, Jacobians, Hessians.
module internal Autodiff.FSharp.Transforms

open Autodiff

/// The product of the Hessian of the sum of y with v: forward over reverse.
let hvp (y: Node) (x: Node) (v: Node) : Node =
    let gradient = Array.head (Reverse.grad y [| x |])
    Forward.jvp gradient [| x |] [| v |]

let private placeholder (like: Node) = Node.Leaf(Op.Input, "cotangent", like.Shape, like.DType)

/// The identity matrix as a batch of arrays of a shape: row i is 1 at element i.
let private basis (like: Node) =
    let size = like.Shape.Size
    reshape (Seq.append [ size ] like.Shape) (Node.Cast(like.DType, Node.Strong(NDArray.Eye size)))

/// Every row and every column needs a place of its own.
let private requireKnown operation (nodes: Node list) =
    for node in nodes do
        if not (Node.Given node).Shape.IsKnown then
            raise (ShapeException $"{operation}: the sizes of {Axes.describe node} are not known yet")

/// The derivative of every element of y for every element of x: the axes of y, then those of x. One backward graph for
/// all rows, batched over the rows of the identity.
let jacobian (y: Node) (x: Node) : Node =
    requireKnown "jacobian" [ y; x ]
    let cotangent = placeholder y
    let rows = Reverse.vjp y [| x |] cotangent
    let batched = Batching.run y.Shape.Size [| cotangent |] [| basis y |] rows
    reshape (Seq.append y.Shape x.Shape) batched[0]

/// The second derivatives of the sum of y: the axes of x, twice.
let hessian (y: Node) (x: Node) : Node =
    requireKnown "hessian" [ x ]
    jacobian (Array.head (Reverse.grad y [| x |])) x

/// f over each slice of x along its first axis.
let vmap (f: Node -> Node) (x: Node) : Node =
    if (Node.Given x).Rank = 0 then
        raise (ShapeException $"vmap: {Axes.describe x} has no axis to map over")

    let example = Node.Leaf(Op.Input, "example", Shapes.without [| 0 |] x.Shape, x.DType)
    (Batching.run x.Shape[0] [| example |] [| x |] [| f example |])[0]
