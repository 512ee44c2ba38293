namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// The derivatives of softmax and its relatives as formulas of their values. The steps by which the values are computed (a
/// maximum, a shift, choices against rows of -inf) would leave several times as many nodes in every derivative.
module private ExponentialRules =

    let private rule name (axes: int[]) push pull =
        let formula = name + System.String.Concat(axes |> Seq.map (fun axis -> $" {axis}"))

        // No tangent reaches the other operands but through the first.
        GradientRule(
            formula,
            (fun operands result tangents -> push operands result (nonNull tangents[0])),
            (fun operands result cotangent -> [| pull operands result cotangent |])
        )

    let private along axes x sums = reshape (keepAxes axes x) sums

    /// y (t - sum (y t)), which is its own transpose.
    let softmax axes =
        let pass _ (y: Node) (t: Node) = y * (t - along axes y (sum axes (y * t)))
        rule "softmax" axes pass pass

    /// t - sum (s t) for the softmax s, but 0 in rows of -inf. The operands: x, s, and where there are no such rows.
    let logSoftmax axes =
        // The softmax of such a row is 0: only t itself is to be left out.
        let unless (operands: Node[]) t = where operands[2] t (zerosLike t)
        let push (operands: Node[]) y t = unless operands (t - along axes y (sum axes (operands[1] * t)))
        let pull (operands: Node[]) y c = unless operands c - operands[1] * along axes y (sum axes c)
        rule "logSoftmax" axes push pull

    /// sum (s t) for the softmax s. The operands: x and s.
    let logSumExp axes =
        let push (operands: Node[]) _ t = sum axes (operands[1] * t)
        let pull (operands: Node[]) _ c = operands[1] * along axes operands[0] c
        rule "logSumExp" axes push pull

/// Softmax, its logarithm, and the logarithm of a sum of exponentials.
[<AutoOpen>]
module Exponentials =

    /// What is computed of exp (x - m), where m is the maximum over the axes, with no derivative: then nothing overflows. A
    /// row of infinities has no finite maximum to shift by and stays where it is; an empty one has none at all, and its sum
    /// of nothing is as good a shift.
    [<NoEquality; NoComparison>]
    type private Shifted =
        {
            Shift: Node
            /// The sum of the exponentials, and 1 where it is 0.
            Total: Node
            /// Where the sum is not 0: a row is not all -inf.
            IsSomething: Node
            Softmax: Node
        }

    let private shifted (axes: int[]) (x: Node) : Shifted =
        let isEmpty = axes |> Array.exists (fun axis -> x.Shape[axis] = 0)
        let largest = stopGradient ((if isEmpty then sum axes else amax axes) x)
        let isInfinite = abs largest .= infinite
        let shift = where isInfinite zero largest
        let exponentials = exp (x - reshape (keepAxes axes x) shift)
        let sum = sum axes exponentials
        let isSomething = sum .<> zero
        let total = where isSomething sum one
        let softmax = exponentials / reshape (keepAxes axes x) total

        {
            Shift = shift
            Total = total
            IsSomething = isSomething
            Softmax = Node.Make(Op.Custom(ExponentialRules.softmax axes, softmax, [| x |]))
        }

    /// The log of the sum of exponentials over axes; nothing overflows. A row of -inf gives -inf with
    /// derivative 0, a row of nothing -inf.
    let logSumExp (axes: seq<int>) (x: Node) : Node =
        let x = floating x
        let axes = Axes.many "logSumExp" x axes

        if axes |> Array.exists (fun axis -> x.Shape[axis] = 0) then
            Lines.filled axes System.Double.NegativeInfinity x
        else
            let parts = shifted axes x
            let value = where parts.IsSomething (log parts.Total + parts.Shift) negativeInfinity
            Node.Make(Op.Custom(ExponentialRules.logSumExp axes, value, [| x; parts.Softmax |]))

    /// exp x over its sum along an axis. A row of -inf gives zeros, with derivative 0.
    let softmax (axis: int) (x: Node) : Node =
        let x = floating x
        (shifted [| Axes.normalise "softmax" x axis |] x).Softmax

    /// The logarithm of softmax along an axis, stable over the whole range. A row of -inf stays what it is, with
    /// derivative 0.
    let logSoftmax (axis: int) (x: Node) : Node =
        let x = floating x
        let axes = [| Axes.normalise "logSoftmax" x axis |]
        let parts = shifted axes x
        let keep = reshape (keepAxes axes x)
        let isSomething = keep parts.IsSomething
        let value = where isSomething ((x - keep parts.Shift) - keep (log parts.Total)) negativeInfinity
        Node.Make(Op.Custom(ExponentialRules.logSoftmax axes, value, [| x; parts.Softmax; isSomething |]))
