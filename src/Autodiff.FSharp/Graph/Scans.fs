namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Shifting
open Autodiff.FSharp.Numerals

/// Cumulative operations: along an axis every element is made from the one before it. Whole numbers and truth values
/// are summed and multiplied as Int64.
[<AutoOpen>]
module Scans =

    /// Sums and products of whole numbers and truth values are taken in Int64, as NumPy takes them.
    let internal counting (x: Node) : Node = if x.DType.IsFloat() then x else Node.Cast(DType.Int64, x)

    /// The recurrence from the end of the axis on where `reverse` says so.
    let internal recurrenceWith reverse (axis: int) (a: Node) (b: Node) : Node =
        let struct (a, b) = Node.Align("recurrence", a, b)
        let dtype = if b.DType = DType.Bool then DType.Int64 else b.DType
        let axis = Axes.normalise "recurrence" b axis
        Node.Make(Op.Recurrence(axis, reverse, Node.Cast(dtype, a), Node.Cast(dtype, b)))

    /// y_0 = b_0 and y_i = a_i y_(i-1) + b_i along an axis; a and b are broadcast. The first factor is not looked at.
    /// With a number for a this is a discounted sum; the derivatives are exact where factors are zero.
    let recurrence (axis: int) (a: Node) (b: Node) : Node = recurrenceWith false axis a b

    /// A scan of x, without the element itself where that is asked.
    let private exclude operation first exclusive reverse axis (x: Node) (y: Node) =
        if exclusive then
            requireKnown operation axis x
            shiftWith first reverse axis y
        else
            y

    /// The sums of the elements so far, in either direction, with the element itself or without it.
    let internal cumsumWith reverse exclusive (axis: int) (x: Node) : Node =
        let axis = Axes.normalise "cumsum" x axis
        let terms = counting x

        Node.Make(Op.Recurrence(axis, reverse, onesLike terms, terms))
        |> exclude "cumsum" 0.0 exclusive reverse axis x

    /// The sums of the elements so far along an axis.
    let cumsum (axis: int) (x: Node) : Node = cumsumWith false false axis x

    /// The products of the elements so far, in either direction, with the element itself or without it.
    let internal cumprodWith reverse exclusive (axis: int) (x: Node) : Node =
        let axis = Axes.normalise "cumprod" x axis
        requireKnown "cumprod" axis x
        let factors = counting x
        // Negative zeros change no product, not even the sign of one that is zero.
        let first = -(onlyFirst reverse axis -factors)

        Node.Make(Op.Recurrence(axis, reverse, factors, first))
        |> exclude "cumprod" 1.0 exclusive reverse axis x

    /// The products of the elements so far along an axis. Its derivatives are exact where elements are zero.
    let cumprod (axis: int) (x: Node) : Node = cumprodWith false false axis x

    let internal runningExtremum kind reverse operation (axis: int) (x: Node) : Node =
        Node.Make(Op.RunningExtremum(kind, Axes.normalise operation x axis, reverse, x))

    /// The largest of the elements so far along an axis; from a NaN on it is NaN. Ties share the derivative evenly.
    let cummax (axis: int) (x: Node) : Node = runningExtremum Extremum.Max false "cummax" axis x

    /// The smallest of the elements so far along an axis; from a NaN on it is NaN. Ties share the derivative evenly.
    let cummin (axis: int) (x: Node) : Node = runningExtremum Extremum.Min false "cummin" axis x

    /// With m the running maximum, s_i = sum of exp (x_j - m_i) over j <= i is the recurrence with the factors
    /// exp (m_(i-1) - m_i) and the terms exp (x_i - m_i), which never overflow. The result m + log s does not depend on
    /// m, so that m carries no derivative. Where m is infinite there is nothing to shift by.
    let internal logCumSumExpWith reverse exclusive (axis: int) (x: Node) : Node =
        let axis = Axes.normalise "logCumSumExp" x axis
        requireKnown "logCumSumExp" axis x
        let x = if x.DType.IsFloat() then x else Node.Cast(DType.Float64, x)
        let largest = stopGradient (Node.Make(Op.RunningExtremum(Extremum.Max, axis, reverse, x)))
        let before = shift reverse axis largest
        let origin = where (isFinite largest) largest zero
        let factors = exp (where (before .= largest) zero (before - largest))
        let total = Node.Make(Op.Recurrence(axis, reverse, factors, exp (x - origin)))
        let isNothing = total .= zero

        where isNothing (scalar Double.NegativeInfinity) (log (where isNothing (scalar 1.0) total) + origin)
        |> exclude "logCumSumExp" Double.NegativeInfinity exclusive reverse axis x

    /// The logarithm of the sums of exponentials of the elements so far along an axis; nothing overflows. Where there
    /// was nothing but -inf it is -inf, with derivative 0.
    let logCumSumExp (axis: int) (x: Node) : Node = logCumSumExpWith false false axis x
