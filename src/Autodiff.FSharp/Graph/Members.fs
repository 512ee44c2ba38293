namespace Autodiff.FSharp

open System.Runtime.InteropServices
open Autodiff

/// Reductions with options, as members: `x.Sum(axis = 0, keepDims = true)`.
[<AutoOpen>]
module Members =

    let private reduce operation f (axes: seq<int>) keepDims (x: Node) =
        if keepDims then keepingDims operation f axes x else f axes x

    type Node with

        /// The sum of all elements.
        member x.Sum() : Node = sum [] x

        /// The sum along an axis, which stays as an axis of size 1 if asked.
        member x.Sum(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "sum" sum [ axis ] keepDims x

        /// The sum along axes, which stay as axes of size 1 if asked.
        member x.Sum(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "sum" sum axes keepDims x

        /// The mean of all elements.
        member x.Mean() : Node = mean [] x

        /// The mean along an axis, which stays as an axis of size 1 if asked.
        member x.Mean(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "mean" mean [ axis ] keepDims x

        /// The mean along axes, which stay as axes of size 1 if asked.
        member x.Mean(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "mean" mean axes keepDims x

        /// The largest element.
        member x.Max() : Node = amax [] x

        /// The largest element along an axis, which stays as an axis of size 1 if asked.
        member x.Max(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "amax" amax [ axis ] keepDims x

        /// The largest element along axes, which stay as axes of size 1 if asked.
        member x.Max(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "amax" amax axes keepDims x

        /// The smallest element.
        member x.Min() : Node = amin [] x

        /// The smallest element along an axis, which stays as an axis of size 1 if asked.
        member x.Min(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "amin" amin [ axis ] keepDims x

        /// The smallest element along axes, which stay as axes of size 1 if asked.
        member x.Min(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "amin" amin axes keepDims x

        /// The variance of all elements, with divisor n - ddof.
        member x.Variance([<Optional; DefaultParameterValue(0)>] ddof: int) : Node = varianceWith ddof [] x

        /// The variance along axes, with divisor n - ddof; they stay as axes of size 1 if asked.
        member x.Variance
            (
                axes: seq<int>,
                [<Optional; DefaultParameterValue(0)>] ddof: int,
                [<Optional; DefaultParameterValue(false)>] keepDims: bool
            ) : Node =
            reduce "variance" (varianceWith ddof) axes keepDims x
