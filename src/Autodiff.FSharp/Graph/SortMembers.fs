namespace Autodiff.FSharp

open System.Runtime.InteropServices
open Autodiff

/// Order along axes with options, as members: `x.Sort(0, descending = true)`.
[<AutoOpen>]
module SortMembers =

    type Node with

        /// The elements along an axis from the smallest to the largest, or the other way.
        member x.Sort(axis: int, [<Optional; DefaultParameterValue(false)>] descending: bool) : Node =
            sortWith descending "sort" axis x

        /// The positions of the elements along an axis in rising or falling order, as Int64.
        member x.ArgSort(axis: int, [<Optional; DefaultParameterValue(false)>] descending: bool) : Node =
            argsortWith descending "argsort" axis x

        /// The k largest or smallest elements along an axis, in order, and their positions, as Int64.
        member x.TopK
            (k: int, axis: int, [<Optional; DefaultParameterValue(true)>] largest: bool)
            : struct (Node * Node) =
            topKWith largest k axis x

        /// The q-th quantile over axes, which stay as axes of size 1 if asked.
        member x.Quantile(q: float, axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            let reduced = quantile q axes x

            if keepDims then
                reshape (keepAxes (Axes.many "quantile" x axes) x) reduced
            else
                reduced
