namespace Autodiff.FSharp

open System.Runtime.InteropServices
open Autodiff

/// Further reductions with options, as members: `x.Prod(axis = 0, keepDims = true)`.
[<AutoOpen>]
module ReductionMembers =

    let private reduce operation f (axes: seq<int>) keepDims (x: Node) =
        if keepDims then keepingDims operation f axes x else f axes x

    type Node with

        /// The product of all elements.
        member x.Prod() : Node = prod [] x

        /// The product along an axis, which stays as an axis of size 1 if asked.
        member x.Prod(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "prod" prod [ axis ] keepDims x

        /// The product along axes, which stay as axes of size 1 if asked.
        member x.Prod(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "prod" prod axes keepDims x

        /// The position of the first largest of all elements in row-major order, as Int64.
        member x.ArgMax() : Node = argmax 0 (flatten x)

        /// The position of the first largest element along an axis, which stays as an axis of size 1 if asked.
        member x.ArgMax(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "argmax" (fun _ -> argmax axis) [ axis ] keepDims x

        /// The position of the first smallest of all elements in row-major order, as Int64.
        member x.ArgMin() : Node = argmin 0 (flatten x)

        /// The position of the first smallest element along an axis, which stays as an axis of size 1 if asked.
        member x.ArgMin(axis: int, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "argmin" (fun _ -> argmin axis) [ axis ] keepDims x

        /// Whether any element along axes is not zero; they stay as axes of size 1 if asked.
        member x.Any(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "any" any axes keepDims x

        /// Whether all elements along axes are not zero; they stay as axes of size 1 if asked.
        member x.All(axes: seq<int>, [<Optional; DefaultParameterValue(false)>] keepDims: bool) : Node =
            reduce "all" all axes keepDims x

        /// The norm of the matrices in two axes.
        member x.MatrixNorm
            (
                kind: MatrixNorm,
                [<Optional; DefaultParameterValue(-2)>] row: int,
                [<Optional; DefaultParameterValue(-1)>] column: int
            ) : Node =
            matrixNormWith kind row column x
