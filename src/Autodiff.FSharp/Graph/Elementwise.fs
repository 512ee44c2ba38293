namespace Autodiff.FSharp

open Autodiff

/// Elementwise functions that F# itself has no name for, comparisons, and the choice between two values.
[<AutoOpen>]
module Elementwise =

    /// The elementwise 1/x.
    let reciprocal (x: Node) : Node = Node.Unary(Unary.Reciprocal, x)
    /// The elementwise x squared.
    let square (x: Node) : Node = Node.Unary(Unary.Square, x)
    /// The elementwise 1/sqrt x.
    let rsqrt (x: Node) : Node = Node.Unary(Unary.Rsqrt, x)
    /// The elementwise exp x - 1, accurate near zero.
    let expm1 (x: Node) : Node = Node.Unary(Unary.Expm1, x)
    /// The elementwise log (1 + x), accurate near zero.
    let log1p (x: Node) : Node = Node.Unary(Unary.Log1p, x)
    /// The elementwise log (1 - exp -x) for x >= 0, accurate near zero and far out.
    let log1mExp (x: Node) : Node = Node.Unary(Unary.Log1mExp, x)
    /// The elementwise 1/(1 + exp -x).
    let sigmoid (x: Node) : Node = Node.Unary(Unary.Sigmoid, x)
    /// The elementwise log (1 + exp x), stable over the whole range.
    let softplus (x: Node) : Node = Node.Unary(Unary.Softplus, x)

    /// The elementwise maximum of x and 0; its derivative at 0 is 0.
    let relu (x: Node) : Node =
        if Kernel.DTypes.IsFloat (Node.Given x).DType then
            Node.Unary(Unary.Relu, x)
        else
            let x = if x.DType = DType.Bool then Node.Cast(DType.Int64, x) else x
            Node.Binary(Binary.Maximum, x, Node.op_Implicit 0)

    /// The elementwise sign: -1, 0 or 1 (NaN stays).
    let signum (x: Node) : Node = Node.Unary(Unary.Sign, x)
    /// The elementwise power.
    let power (x: Node) (y: Node) : Node = Node.Binary(Binary.Pow, x, y)
    /// The elementwise 2 to the power of x.
    let exp2 (x: Node) : Node = Node.Unary(Unary.Exp2, x)
    /// The elementwise logarithm to base 2.
    let log2 (x: Node) : Node = Node.Unary(Unary.Log2, x)
    /// The elementwise cube root, of negative numbers too.
    let cbrt (x: Node) : Node = Node.Unary(Unary.Cbrt, x)
    /// The elementwise inverse hyperbolic sine.
    let asinh (x: Node) : Node = Node.Unary(Unary.Asinh, x)
    /// The elementwise inverse hyperbolic cosine, for x >= 1.
    let acosh (x: Node) : Node = Node.Unary(Unary.Acosh, x)
    /// The elementwise inverse hyperbolic tangent, for |x| <= 1.
    let atanh (x: Node) : Node = Node.Unary(Unary.Atanh, x)
    /// The elementwise error function.
    let erf (x: Node) : Node = Node.Unary(Unary.Erf, x)
    /// The elementwise complementary error function 1 - erf x, accurate far out.
    let erfc (x: Node) : Node = Node.Unary(Unary.Erfc, x)
    /// The elementwise inverse of the error function.
    let erfInv (x: Node) : Node = Node.Unary(Unary.ErfInv, x)
    /// The elementwise logarithm of |gamma x|, for negative x too; at 0, -1, -2, ... it is +infinity.
    let lgamma (x: Node) : Node = Node.Unary(Unary.Lgamma, x)
    /// The elementwise derivative of lgamma. At its poles -1, -2, ... it is NaN, at zero it is infinite.
    let digamma (x: Node) : Node = Node.Unary(Unary.Digamma, x)
    /// The elementwise derivative of digamma of an order (0, 1, 2, ...; NaN for other orders), which broadcasts with x and
    /// counts as a constant. Of order 1 it is the trigamma function.
    let polygamma (order: Node) (x: Node) : Node = Node.Binary(Binary.Polygamma, order, x)
    /// The elementwise sqrt (x^2 + y^2), without overflow on the way. At the origin its derivative is 0.
    let hypot (x: Node) (y: Node) : Node = Node.Binary(Binary.Hypot, x, y)
    /// The elementwise log (exp x + exp y), stable over the whole range.
    let logAddExp (x: Node) (y: Node) : Node = Node.Binary(Binary.LogAddExp, x, y)
    /// The elementwise remainder of floored division: it has the sign of y, so that remainder -7 3 is 2.
    let remainder (x: Node) (y: Node) : Node = Node.Binary(Binary.Remainder, x, y)
    /// The elementwise remainder of truncated division: it has the sign of x, so that fmod -7 3 is -1.
    let fmod (x: Node) (y: Node) : Node = Node.Binary(Binary.Fmod, x, y)
    /// The elementwise larger value; NaN wins. At a tie each operand gets half of the derivative.
    let maximum (x: Node) (y: Node) : Node = Node.Binary(Binary.Maximum, x, y)
    /// The elementwise smaller value; NaN wins. At a tie each operand gets half of the derivative.
    let minimum (x: Node) (y: Node) : Node = Node.Binary(Binary.Minimum, x, y)

    /// The elementwise (x - y) squared.
    let squaredDifference (x: Node) (y: Node) : Node =
        let struct (x, y) = Node.Align("squaredDifference", x, y)
        square (x - y)

    /// The elementwise x > y, as Bool.
    let (.>) (x: Node) (y: Node) : Node = Node.Compare(Comparison.Less, y, x)
    /// The elementwise x < y, as Bool.
    let (.<) (x: Node) (y: Node) : Node = Node.Compare(Comparison.Less, x, y)
    /// The elementwise x >= y, as Bool.
    let (.>=) (x: Node) (y: Node) : Node = Node.Compare(Comparison.LessEqual, y, x)
    /// The elementwise x <= y, as Bool.
    let (.<=) (x: Node) (y: Node) : Node = Node.Compare(Comparison.LessEqual, x, y)
    /// The elementwise x = y, as Bool.
    let (.=) (x: Node) (y: Node) : Node = Node.Compare(Comparison.Equal, x, y)
    /// The elementwise x <> y, as Bool.
    let (.<>) (x: Node) (y: Node) : Node = Node.Compare(Comparison.NotEqual, x, y)

    /// Whether an element is NaN, as Bool. Whole numbers never are.
    let isNaN (x: Node) : Node = Node.Test(Test.IsNaN, x)
    /// Whether an element is neither infinite nor NaN, as Bool.
    let isFinite (x: Node) : Node = Node.Test(Test.IsFinite, x)
    /// The elementwise conjunction of truth values.
    let logicalAnd (x: Node) (y: Node) : Node = Node.Logical(Logical.And, x, y)
    /// The elementwise disjunction of truth values.
    let logicalOr (x: Node) (y: Node) : Node = Node.Logical(Logical.Or, x, y)
    /// The elementwise exclusive disjunction of truth values.
    let logicalXor (x: Node) (y: Node) : Node = Node.Logical(Logical.Xor, x, y)
    /// The elementwise negation of truth values.
    let logicalNot (x: Node) : Node = Node.Not x

    /// Where the condition holds the elements of x, elsewhere those of y, all three broadcast to one shape.
    let where (condition: Node) (x: Node) (y: Node) : Node =
        if (Node.Given condition).DType <> DType.Bool then
            raise (DTypeException $"where: the condition is {condition.DType}; it must be Bool, such as a comparison")

        let struct (x, y) = Node.Align("where", x, y)
        let shape = Broadcasting.pair "where" condition.Name condition.Shape x.Name x.Shape
        let broadcast n = Node.Broadcast(shape, n)
        Node.Make(Op.Select(broadcast condition, broadcast x, broadcast y))

    /// The values held between two bounds, the upper one last. The bounds belong to the inside, where the derivative is 1.
    let clip (low: Node) (high: Node) (x: Node) : Node =
        for bound in [ low; high ] do
            Broadcasting.pair "clip" (Node.Given x).Name x.Shape (Node.Given bound).Name bound.Shape |> ignore

        let raised = where (x .< low) low x
        where (raised .> high) high raised

    /// The values converted to another element type.
    let cast (dtype: DType) (x: Node) : Node =
        Leaf.requireType "cast" dtype
        Node.Cast(dtype, x)

    /// x as a floating node: whole numbers and truth values count as Float64.
    let internal floating (x: Node) : Node =
        if Kernel.DTypes.IsFloat (Node.Given x).DType then
            x
        else
            Node.Cast(DType.Float64, x)

    /// The same value as a node of its own.
    let identity (x: Node) : Node = Node.Make(Op.Identity(Node.Given x))

    /// The same value with no derivative: it counts as a constant.
    let stopGradient (x: Node) : Node = Node.Make(Op.StopGradient(Node.Given x))
