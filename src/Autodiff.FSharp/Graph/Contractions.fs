namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// Products over chosen axes, and what NumPy makes of them.
[<AutoOpen>]
module Contractions =

    let private pair (x: Node) (y: Node) =
        Broadcasting.describe 0 x.Name x.Shape, Broadcasting.describe 1 y.Name y.Shape

    let private checkAxes operation (axesX: int[]) (axesY: int[]) (x: Node) (y: Node) =
        Array.iter2
            (fun a b ->
                if x.Shape[a] <> y.Shape[b] then
                    let first, second = pair x y

                    raise (
                        ShapeException
                            $"{operation}: {first} and {second}: axis {a} is {x.Shape[a]}, axis {b} is {y.Shape[b]}"
                    ))
            axesX
            axesY

    /// The product summed over pairs of axes: the other axes of x, then those of y.
    let private over operation (axesX: int[]) (axesY: int[]) (x: Node) (y: Node) : Node =
        checkAxes operation axesX axesY x y
        let labelsX = [| 0 .. x.Rank - 1 |]

        let labelsY =
            Array.init y.Rank (fun axis ->
                match Array.IndexOf(axesY, axis) with
                | -1 -> x.Rank + axis
                | k -> axesX[k])

        let rest =
            Array.append (Array.except axesX labelsX) (labelsY |> Array.filter (fun label -> label >= x.Rank))

        contract
            [| labelsX; labelsY |]
            rest
            (Array.append (x.Shape.ToArray()) (y.Shape.ToArray()))
            (promoteAll [| x; y |])

    /// The product summed over pairs of axes, which two lists name: the other axes of x, then those of y.
    let tensordotOver (axesX: seq<int>) (axesY: seq<int>) (x: Node) (y: Node) : Node =
        let axesX, axesY = Axes.ordered "tensordot" x axesX, Axes.ordered "tensordot" y axesY

        if axesX.Length <> axesY.Length then
            let first, second = pair x y
            raise (ShapeException $"tensordot: {axesX.Length} axes of {first}, but {axesY.Length} of {second}")

        over "tensordot" axesX axesY x y

    /// The product summed over the last axes of x and the first of y, so many of both.
    let tensordot (axes: int) (x: Node) (y: Node) : Node =
        if axes < 0 || axes > min (Node.Given x).Rank (Node.Given y).Rank then
            let first, second = pair x y
            raise (ShapeException $"tensordot: {axes} axes of {first} and {second}")

        over "tensordot" [| x.Rank - axes .. x.Rank - 1 |] [| 0 .. axes - 1 |] x y

    /// NumPy's dot: over the last axis of x and the last but one of y (the only one of a vector); a number multiplies.
    let dot (x: Node) (y: Node) : Node =
        if (Node.Given x).Rank = 0 || (Node.Given y).Rank = 0 then
            x * y
        else
            over "dot" [| x.Rank - 1 |] [| max 0 (y.Rank - 2) |] x y

    /// The product summed over the last axis of both; a number multiplies.
    let inner (x: Node) (y: Node) : Node =
        if (Node.Given x).Rank = 0 || (Node.Given y).Rank = 0 then
            x * y
        else
            over "inner" [| x.Rank - 1 |] [| y.Rank - 1 |] x y

    /// The sum of the products of all elements, in row-major order, of two values of as many elements.
    let vdot (x: Node) (y: Node) : Node =
        if (Node.Given x).Shape.IsKnown && (Node.Given y).Shape.IsKnown && x.Shape.Size <> y.Shape.Size then
            let first, second = pair x y
            raise (ShapeException $"vdot: {first} and {second} have {x.Shape.Size} and {y.Shape.Size} elements")

        over "vdot" [| 0 |] [| 0 |] (flatten x) (flatten y)

    /// The Kronecker product: each element of x times the whole of y, in its place. The shape with fewer axes gets axes
    /// of size 1 in front.
    let kron (x: Node) (y: Node) : Node =
        let rank = max (Node.Given x).Rank (Node.Given y).Rank
        let raised (n: Node) = reshape (Seq.append (Seq.replicate (rank - n.Rank) 1) n.Shape) n
        let x, y = raised x, raised y

        let size axis =
            match x.Shape[axis], y.Shape[axis] with
            | m, 1 -> m
            | 1, n -> n
            | _ -> Checked.(*) (Axes.size "kron" x axis) (Axes.size "kron" y axis)

        let labels first = Array.init rank (fun axis -> 2 * axis + first)
        let sizes = Array.init (2 * rank) (fun label -> (if label % 2 = 0 then x else y).Shape[label / 2])

        contract [| labels 0; labels 1 |] [| 0 .. 2 * rank - 1 |] sizes (promoteAll [| x; y |])
        |> reshape (Array.init rank size)

    let rec private powerOf (exponent: int) (x: Node) : Node =
        if exponent = 1 then
            x
        else
            let half = powerOf (exponent / 2) x
            if exponent % 2 = 0 then half *@ half else half *@ half *@ x

    /// The matrices of the last two axes multiplied by themselves, so many times, by repeated squaring.
    let matrixPower (exponent: int) (x: Node) : Node =
        Axes.require 2 "matrixPower" x
        let m, n = x.Shape[x.Rank - 2], x.Shape[x.Rank - 1]

        if m <> n then
            raise (ShapeException $"matrixPower: {Axes.describe x} is not square: its last axes are {m} and {n}")

        if exponent < 0 then
            raise (
                ArgumentOutOfRangeException(
                    nameof exponent,
                    $"matrixPower: the exponent is {exponent} for {Axes.describe x}; it is 0 or more"
                )
            )

        let x = if x.DType = DType.Bool then Node.Cast(DType.Int64, x) else x

        if exponent > 0 then
            powerOf exponent x
        else
            Node.Broadcast(x.Shape, eye (Axes.size "matrixPower" x (x.Rank - 1)) x.DType)

    /// For each k the sum over i and j of x1[i] weight[k, i, j] x2[j], along the last axes; the others broadcast.
    let bilinear (x1: Node) (x2: Node) (weight: Node) : Node =
        if (Node.Given weight).Rank <> 3 then
            raise (ShapeException $"bilinear: the weight {Axes.describe weight} has {weight.Rank} axes, not 3")

        let check position (x: Node) =
            Axes.require 1 "bilinear" x

            if x.Shape[x.Rank - 1] <> weight.Shape[position + 1] then
                raise (
                    ShapeException
                        $"bilinear: the last axis of {Broadcasting.describe position x.Name x.Shape} is {x.Shape[x.Rank - 1]}, axis {position + 1} of the weight {Axes.describe weight} is {weight.Shape[position + 1]}"
                )

        check 0 x1
        check 1 x2
        einsum "...i,kij,...j->...k" [ x1; weight; x2 ]

    /// The cross product of vectors of size 3 along an axis; the other axes broadcast.
    let cross (axis: int) (x: Node) (y: Node) : Node =
        let turned (n: Node) =
            let axis = Axes.normalise "cross" n axis

            if n.Shape[axis] <> 3 then
                raise (ShapeException $"cross: axis {axis} of {Axes.describe n} has size {n.Shape[axis]}, not 3")

            struct (roll [ -1 ] [ axis ] n, roll [ 1 ] [ axis ] n)

        let struct (x1, x2), struct (y1, y2) = turned x, turned y
        x1 * y2 - x2 * y1
