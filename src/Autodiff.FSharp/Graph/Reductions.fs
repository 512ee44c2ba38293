namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Numerals

/// Reductions over axes. An empty list of axes means all of them.
[<AutoOpen>]
module Reductions =

    /// The shape of x with the given axes of size 1.
    let internal keepAxes (axes: int[]) (x: Node) =
        Array.init x.Rank (fun axis -> if System.Array.IndexOf(axes, axis) >= 0 then 1 else x.Shape[axis])

    /// A reduction whose reduced axes stay as axes of size 1.
    let internal keepingDims (operation: string) (reduce: seq<int> -> Node -> Node) (axes: seq<int>) (x: Node) =
        reshape (keepAxes (Axes.many operation x axes) x) (reduce axes x)

    /// The number of elements along axes; where a size is not known yet, a node that counts them.
    let internal count (axes: int[]) (x: Node) : Node =
        if axes |> Array.exists (fun axis -> x.Shape[axis] = -1) then
            sum
                []
                (onesLike (
                    Node.Broadcast(
                        Shapes.ofArray [| for axis in axes -> x.Shape[axis] |],
                        Node.Cast(x.DType, scalar 1.0)
                    )
                ))
        else
            scalar (axes |> Seq.fold (fun product axis -> product * float x.Shape[axis]) 1.0)

    /// The mean over axes. Over an empty axis it is NaN, as NumPy has it.
    let mean (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many "mean" x axes
        let x = floating x
        sum axes x / count axes x

    let private extremum kind operation (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many operation x axes

        match axes |> Seq.tryFind (fun axis -> x.Shape[axis] = 0) with
        | Some axis ->
            raise (ShapeException $"{operation}: axis {axis} of {Axes.describe x} is empty; it has no extremum")
        | None -> if axes.Length = 0 then x else Node.Make(Op.Extremum(kind, axes, x))

    /// The largest element along axes; NaN wins. Ties share the derivative evenly.
    let amax (axes: seq<int>) (x: Node) : Node = extremum Extremum.Max "amax" axes x

    /// The smallest element along axes; NaN wins. Ties share the derivative evenly.
    let amin (axes: seq<int>) (x: Node) : Node = extremum Extremum.Min "amin" axes x

    let private argExtremum kind operation (axis: int) (x: Node) : Node =
        let axis = Axes.normalise operation x axis

        if x.Shape[axis] = 0 then
            raise (ShapeException $"{operation}: axis {axis} of {Axes.describe x} is empty; it has no extremum")

        Node.Make(Op.ArgExtremum(kind, axis, x))

    /// The position of the first largest element along an axis, as Int64.
    let argmax (axis: int) (x: Node) : Node = argExtremum Extremum.Max "argmax" axis x

    /// The position of the first smallest element along an axis, as Int64.
    let argmin (axis: int) (x: Node) : Node = argExtremum Extremum.Min "argmin" axis x

    /// The product over axes; over nothing it is 1. Whole numbers and truth values are multiplied as Int64. The derivatives
    /// are exact with any number of zeros: it is the last of the products so far.
    let prod (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many "prod" x axes
        axes |> Array.iter (fun axis -> Shifting.requireKnown "prod" axis x)
        let factors = counting x

        if axes |> Array.exists (fun axis -> x.Shape[axis] = 0) then
            Lines.filled axes 1.0 factors
        else
            let lines = Lines.join "prod" axes factors
            let last = lines.Rank - 1
            Lines.pick (lines.Shape[last] - 1) (cumprod last lines)

    /// The range of the elements over axes: the largest less the smallest.
    let ptp (axes: seq<int>) (x: Node) : Node = extremum Extremum.Max "ptp" axes x - extremum Extremum.Min "ptp" axes x

    let private countWith operation (isCounted: Node -> Node) (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many operation x axes
        let counted = Node.Cast(DType.Int64, isCounted x)
        if axes.Length = 0 then counted else sum axes counted

    let private isNonzero (x: Node) = if x.DType = DType.Bool then x else x .<> Node.op_Implicit 0.0

    /// How many elements over axes are not zero, as Int64. NaN is not zero.
    let countNonzero (axes: seq<int>) (x: Node) : Node = countWith "countNonzero" isNonzero axes x

    /// Whether any element over axes is not zero (is true); of no elements, none is.
    let any (axes: seq<int>) (x: Node) : Node = countWith "any" isNonzero axes x .<> Node.op_Implicit 0L

    /// Whether all elements over axes are not zero (are true); of no elements, all are.
    let all (axes: seq<int>) (x: Node) : Node = countWith "all" (isNonzero >> logicalNot) axes x .= Node.op_Implicit 0L

    /// The first element of those that are reduced together, with no derivative; nothing where there may be none.
    let private origin (axes: int[]) (x: Node) : Node voption =
        if axes |> Array.exists (fun axis -> x.Shape[axis] < 1) then
            ValueNone
        else
            let range axis (size: int) =
                let count = if System.Array.IndexOf(axes, axis) >= 0 then 1 else size
                { Start = 0; Step = 1; Count = count }

            let ranges = x.Shape |> Seq.mapi range |> Array.ofSeq
            ValueSome(stopGradient (Node.Make(Op.Slice(ranges, x))))

    /// The variance over axes, with divisor n - ddof, but at least 0. The elements are first taken relative to one of
    /// them: then equal ones are exactly 0, whatever their mean would be rounded to, and a large offset costs no digits.
    let private varianceOf operation (ddof: int) (axes: seq<int>) (x: Node) : Node =
        let indices = Axes.many operation x axes
        let x = floating x

        let relative =
            match origin indices x with
            | ValueSome first -> x - first
            | ValueNone -> x

        let deviation = relative - keepingDims operation mean axes relative
        sum axes (square deviation) / maximum (count indices x - float ddof) zero

    /// The variance over axes, with divisor n - ddof.
    let internal varianceWith (ddof: int) (axes: seq<int>) (x: Node) : Node = varianceOf "variance" ddof axes x

    /// The variance over axes, with divisor n.
    let variance (axes: seq<int>) (x: Node) : Node = varianceWith 0 axes x

    /// The square root with derivative 0 at 0 (the least subgradient of a norm at its kink).
    let internal rootOfSquares (x: Node) : Node =
        let isZero = x .= zero
        where isZero zero (sqrt (where isZero one x))

    /// The standard deviation over axes, with divisor n - ddof.
    let internal stdWith (ddof: int) (axes: seq<int>) (x: Node) : Node = rootOfSquares (varianceOf "std" ddof axes x)

    /// The standard deviation over axes, with divisor n; its derivative where all elements are equal is 0.
    let std (axes: seq<int>) (x: Node) : Node = stdWith 0 axes x

    /// The Euclidean (Frobenius) norm over axes; its derivative at the zero vector is 0.
    let norm (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many "norm" x axes
        rootOfSquares (sum axes (square (floating x)))
