namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// Order along axes. Sorting is stable: equal elements keep their order; NaN counts as larger than every number, so that
/// it comes last, and first where the order falls. Derivatives follow the elements to their places.
[<AutoOpen>]
module Sorting =

    /// The elements of each line along an axis at the positions of the same line of the indices.
    let private pickAlong (axis: int) (indices: Node) (x: Node) : Node =
        let last = x.Rank - 1
        let toLast = swapAxes axis last
        toLast (Node.Make(Op.Gather(last, last, toLast x, toLast indices)))

    let internal argsortWith descending operation (axis: int) (x: Node) : Node =
        Node.Make(Op.ArgSort(Axes.normalise operation x axis, descending, x))

    /// The positions of the elements along an axis from the smallest to the largest, as Int64.
    let argsort (axis: int) (x: Node) : Node = argsortWith false "argsort" axis x

    let internal sortWith descending operation (axis: int) (x: Node) : Node =
        pickAlong (Axes.normalise operation x axis) (argsortWith descending operation axis x) x

    /// The elements along an axis from the smallest to the largest.
    let sort (axis: int) (x: Node) : Node = sortWith false "sort" axis x

    let internal topKWith largest (k: int) (axis: int) (x: Node) : struct (Node * Node) =
        let axis = Axes.normalise "topK" x axis
        Shifting.requireKnown "topK" axis x

        if k < 0 || k > x.Shape[axis] then
            let size = x.Shape[axis]
            let message = $"topK: k is {k}, but axis {axis} of {Axes.describe x} has {size} elements"
            raise (ArgumentOutOfRangeException(nameof k, message))

        let whole (size: int) = { Start = 0; Step = 1; Count = size }
        let ranges = x.Shape |> Seq.map whole |> Array.ofSeq |> Array.updateAt axis (whole k)
        let positions = Node.Make(Op.Slice(ranges, argsortWith largest "topK" axis x))
        struct (pickAlong axis positions x, positions)

    /// The k largest elements along an axis, the largest first, and their positions, as Int64.
    let topK (k: int) (axis: int) (x: Node) : struct (Node * Node) = topKWith true k axis x

    /// Between the two elements around the place q (n - 1) of the sorted ones, in proportion; NaN where one is NaN.
    let internal quantileWith operation (q: float) (axes: seq<int>) (x: Node) : Node =
        if not (q >= 0.0 && q <= 1.0) then
            let message = $"{operation}: q is {q} for {Axes.describe x}; it is between 0 and 1"
            raise (ArgumentOutOfRangeException(nameof q, message))

        let axes = Axes.many operation x axes
        axes |> Array.iter (fun axis -> Shifting.requireKnown operation axis x)
        let x = if x.DType.IsFloat() then x else Node.Cast(DType.Float64, x)
        let count = axes |> Seq.fold (fun product axis -> product * x.Shape[axis]) 1

        if count = 0 then
            Lines.filled axes Double.NaN x
        else
            let sorted = Lines.join operation axes x |> sort -1
            let at place = Lines.pick place sorted
            let place = q * float (count - 1)
            let low = int (floor place)
            let share = place - float low
            let value = if share = 0.0 then at low else (1.0 - share) * at low + share * at (low + 1)
            let largest = at (count - 1)
            where (isNaN largest) largest value

    /// The q-th quantile over axes (0 is the smallest element, 1 the largest), linear between elements. Of whole
    /// numbers it is Float64; over an empty axis it is NaN.
    let quantile (q: float) (axes: seq<int>) (x: Node) : Node = quantileWith "quantile" q axes x

    /// The median over axes: of an even number of elements the mean of the middle two.
    let median (axes: seq<int>) (x: Node) : Node = quantileWith "median" 0.5 axes x
