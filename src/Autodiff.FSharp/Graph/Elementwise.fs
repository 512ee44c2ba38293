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
    /// The elementwise 1/(1 + exp -x).
    let sigmoid (x: Node) : Node = Node.Unary(Unary.Sigmoid, x)
    /// The elementwise log (1 + exp x), stable over the whole range.
    let softplus (x: Node) : Node = Node.Unary(Unary.Softplus, x)
    /// The elementwise maximum of x and 0; its derivative at 0 is 0.
    let relu (x: Node) : Node = Node.Unary(Unary.Relu, x)
    /// The elementwise sign: -1, 0 or 1 (NaN stays).
    let signum (x: Node) : Node = Node.Unary(Unary.Sign, x)
    /// The elementwise power.
    let power (x: Node) (y: Node) : Node = Node.Binary(Binary.Pow, x, y)
    /// The elementwise larger value; NaN wins. At a tie each operand gets half of the derivative.
    let maximum (x: Node) (y: Node) : Node = Node.Binary(Binary.Maximum, x, y)
    /// The elementwise smaller value; NaN wins. At a tie each operand gets half of the derivative.
    let minimum (x: Node) (y: Node) : Node = Node.Binary(Binary.Minimum, x, y)
    /// The elementwise (x - y) squared.
    let squaredDifference (x: Node) (y: Node) : Node = square (x - y)

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

    /// Where the condition holds the elements of x, elsewhere those of y, all three broadcast to one shape.
    let where (condition: Node) (x: Node) (y: Node) : Node =
        if condition.DType <> DType.Bool then
            raise (DTypeException $"where: the condition is {condition.DType}; it must be Bool, such as a comparison")

        let struct (x, y) = Node.Align("where", x, y)
        let shape = Broadcasting.pair "where" condition.Name condition.Shape x.Name x.Shape
        let broadcast n = Node.Broadcast(shape, n)
        Node.Make(Op.Select(broadcast condition, broadcast x, broadcast y))

    /// The values held between two bounds, the upper one last. The bounds belong to the inside, where the derivative is 1.
    let clip (low: Node) (high: Node) (x: Node) : Node =
        let raised = where (x .< low) low x
        where (raised .> high) high raised

    /// The values converted to another element type.
    let cast (dtype: DType) (x: Node) : Node = Node.Cast(dtype, x)

    /// The same value as a node of its own.
    let identity (x: Node) : Node = Node.Make(Op.Identity x)

    /// The same value with no derivative: it counts as a constant.
    let stopGradient (x: Node) : Node = Node.Make(Op.StopGradient x)
