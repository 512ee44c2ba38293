namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// Elementwise functions that are made of others.
[<AutoOpen>]
module Compositions =

    /// Whether an element is infinite, as Bool. Whole numbers never are.
    let isInf (x: Node) : Node = logicalNot (logicalOr (isFinite x) (isNaN x))

    /// x times a logarithm of y, where 0 times an infinite or undefined one is 0: the logarithm is taken of 1 instead.
    let private timesLog operation logarithm (pole: Node) (harmless: Node) (x: Node) (y: Node) =
        let struct (x, y) = Node.Align(operation, x, y)
        let isEdge = logicalOr (y .<= pole) (y .= infinite)
        let isNothing = logicalAnd (x .= zero) isEdge
        where isNothing zero (x * logarithm (where isNothing harmless y))

    /// The elementwise x log y, which is 0 for x = 0 whatever number y is. There the derivative in x is log y for y > 0,
    /// else 0, and that in y is 0.
    let xlogy (x: Node) (y: Node) : Node = timesLog "xlogy" log zero one x y

    /// The elementwise x log (1 + y), which is 0 for x = 0 whatever number y is.
    let xlog1py (x: Node) (y: Node) : Node = timesLog "xlog1py" log1p -one zero x y

    /// Whether truncation has rounded the quotient up: a remainder is left, of another sign than the divisor.
    let private isRoundedUp (rest: Node) (y: Node) = logicalAnd (rest .<> zero) (logicalXor (rest .< zero) (y .< zero))

    let private floorDivideFloats (x: Node) (y: Node) =
        let rest = fmod x y
        let quotient = (x - rest) / y
        round (where (y .= zero) (x / y) (where (isRoundedUp rest y) (quotient - one) quotient))

    let private floorDivideWholes (x: Node) (y: Node) =
        let quotient = Node.Make(Op.Binary(Binary.Div, x, y))
        where (isRoundedUp (fmod x y) y) (quotient - Node.op_Implicit 1) quotient

    /// The elementwise quotient rounded down, such that x = y (floorDivide x y) + remainder x y. Whole numbers stay whole,
    /// and their division by 0 throws DivideByZeroException when it is evaluated. It has steps: its derivative is 0.
    let floorDivide (x: Node) (y: Node) : Node =
        let struct (x, y) = Node.Align("floorDivide", x, y)
        let number (n: Node) = if n.DType = DType.Bool then Node.Cast(DType.Int64, n) else n
        let x, y = number x, number y
        if x.DType.IsFloat() then floorDivideFloats x y else floorDivideWholes x y

    /// The value in x's element type, if that can hold it.
    let private filling (x: Node) (value: Node) =
        let dtype =
            if x.DType.IsFloat() then
                x.DType
            else
                Promotion.meet x.DType x.IsWeak value.DType value.IsWeak

        if dtype <> x.DType then
            raise (DTypeException $"maskedFill: {Axes.describe x} is {x.DType}, which does not hold a {value.DType}")

        Node.Cast(dtype, value)

    /// A value of rank 0 where the mask holds, elsewhere the elements of x, whose shape and element type stay. The mask,
    /// truth values, broadcasts to x.
    let maskedFill (mask: Node) (value: Node) (x: Node) : Node =
        if (Node.Given mask).DType <> DType.Bool then
            raise (DTypeException $"maskedFill: the mask {Axes.describe mask} is {mask.DType}; it must be Bool")

        if not (Broadcasting.fits (Node.Given x).Shape mask.Shape) then
            raise (ShapeException $"maskedFill: the mask {Axes.describe mask} does not broadcast to {Axes.describe x}")

        if (Node.Given value).Rank <> 0 then
            raise (ShapeException $"maskedFill: the value {Axes.describe value} is no single number")

        where mask (filling x value) x
