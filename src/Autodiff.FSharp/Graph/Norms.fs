namespace Autodiff

/// Which norm of a matrix is meant.
type MatrixNorm =
    /// The root of the sum of the squares of all elements.
    | Frobenius = 0
    /// The largest sum of absolute values of a column.
    | LargestColumn = 1
    /// The smallest sum of absolute values of a column.
    | SmallestColumn = 2
    /// The largest sum of absolute values of a row.
    | LargestRow = 3
    /// The smallest sum of absolute values of a row.
    | SmallestRow = 4

namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// Norms of vectors and matrices. Where a norm has a kink, at zero above all, its derivative of every order is 0.
[<AutoOpen>]
module Norms =

    let private isEven (order: float) = order > 0.0 && Math.IEEERemainder(order, 2.0) = 0.0

    /// |x|^p. An even power is smooth at 0 and needs no absolute value; of the others the derivatives at 0 count as 0.
    let private powers (order: float) (x: Node) =
        if isEven order then
            x ** order
        else
            let size = abs x
            let isZero = size .= zero
            where isZero (if order < 0.0 then infinite else zero) (where isZero one size ** order)

    /// t^(1/p), at 0 and at infinity with derivatives 0.
    let private root (order: float) (total: Node) =
        let isEdge = logicalOr (total .= zero) (total .= infinite)
        let edge = if order < 0.0 then where (total .= zero) infinite zero else total
        where isEdge (stopGradient edge) (where isEdge one total ** (1.0 / order))

    let private vectorNormOf (order: float) (axes: seq<int>) (x: Node) : Node =
        if Double.IsNaN order then
            raise (ArgumentOutOfRangeException(nameof order, $"vectorNorm: the order for {Axes.describe x} is NaN"))
        elif order = 2.0 then
            rootOfSquares (sum axes (square x))
        elif order = 1.0 then
            sum axes (abs x)
        elif order = 0.0 then
            Node.Cast(x.DType, countNonzero axes x)
        elif Double.IsPositiveInfinity order then
            amax axes (abs x)
        elif Double.IsNegativeInfinity order then
            amin axes (abs x)
        else
            root order (sum axes (powers order x))

    /// The p-norm over axes, taken as those of one long vector: the p-th root of the sum of |x|^p; of order 0 the number
    /// of elements that are not zero, of order infinity the largest, of order -infinity the smallest absolute value.
    let vectorNorm (order: float) (axes: seq<int>) (x: Node) : Node =
        let normal = Axes.many "vectorNorm" x axes

        match normal |> Seq.tryFind (fun axis -> x.Shape[axis] = 0) with
        | Some axis when Double.IsInfinity order ->
            raise (ShapeException $"vectorNorm: axis {axis} of {Axes.describe x} is empty; it has no extremum")
        | Some _
        | None -> vectorNormOf order axes (floating x)

    /// An extremum over an axis of the sums of absolute values over another one.
    let private ofSums extremum (over: int) (summed: int) (x: Node) =
        let sums = keepingDims "matrixNorm" sum [ summed ] (abs x)

        if x.Shape[over] = 0 then
            raise (ShapeException $"matrixNorm: axis {over} of {Axes.describe x} is empty; it has no extremum")

        squeeze [ min over summed; max over summed ] (keepingDims "matrixNorm" extremum [ over ] sums)

    let internal matrixNormWith (kind: MatrixNorm) (row: int) (column: int) (x: Node) : Node =
        let row, column = Axes.normalise "matrixNorm" x row, Axes.normalise "matrixNorm" x column

        if row = column then
            raise (ShapeException $"matrixNorm: axis {row} is named twice for {Axes.describe x}")

        let x = floating x

        match kind with
        | MatrixNorm.Frobenius -> norm [ row; column ] x
        | MatrixNorm.LargestColumn -> ofSums amax column row x
        | MatrixNorm.SmallestColumn -> ofSums amin column row x
        | MatrixNorm.LargestRow -> ofSums amax row column x
        | MatrixNorm.SmallestRow -> ofSums amin row column x
        | other ->
            raise (ArgumentOutOfRangeException(nameof kind, $"matrixNorm: {other} is no norm of {Axes.describe x}"))

    /// The norm of the matrices in the last two axes: Frobenius, or an extremum of the sums of absolute values of rows or
    /// columns (NumPy's orders 1, -1, inf, -inf are LargestColumn, SmallestColumn, LargestRow, SmallestRow).
    let matrixNorm (kind: MatrixNorm) (x: Node) : Node = matrixNormWith kind -2 -1 x
