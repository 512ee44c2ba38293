namespace Autodiff.FSharp

open System.Runtime.InteropServices
open Autodiff

/// Cumulative operations with options, as members: `x.CumSum(0, reverse = true)`.
[<AutoOpen>]
module ScanMembers =

    type Node with

        /// y_0 = x_0 and y_i = a_i y_(i-1) + x_i along an axis, from its end on if reversed.
        member x.Recurrence(a: Node, axis: int, [<Optional; DefaultParameterValue(false)>] reverse: bool) : Node =
            recurrenceWith reverse axis a x

        /// The sums of the elements so far along an axis, from its end on if reversed, without the element itself if
        /// exclusive.
        member x.CumSum
            (
                axis: int,
                [<Optional; DefaultParameterValue(false)>] reverse: bool,
                [<Optional; DefaultParameterValue(false)>] exclusive: bool
            ) : Node =
            cumsumWith reverse exclusive axis x

        /// The products of the elements so far along an axis, from its end on if reversed, without the element itself if
        /// exclusive.
        member x.CumProd
            (
                axis: int,
                [<Optional; DefaultParameterValue(false)>] reverse: bool,
                [<Optional; DefaultParameterValue(false)>] exclusive: bool
            ) : Node =
            cumprodWith reverse exclusive axis x

        /// The largest of the elements so far along an axis, from its end on if reversed.
        member x.CumMax(axis: int, [<Optional; DefaultParameterValue(false)>] reverse: bool) : Node =
            runningExtremum Extremum.Max reverse "cummax" axis x

        /// The smallest of the elements so far along an axis, from its end on if reversed.
        member x.CumMin(axis: int, [<Optional; DefaultParameterValue(false)>] reverse: bool) : Node =
            runningExtremum Extremum.Min reverse "cummin" axis x

        /// The logarithm of the sums of exponentials of the elements so far along an axis, from its end on if reversed,
        /// without the element itself if exclusive.
        member x.LogCumSumExp
            (
                axis: int,
                [<Optional; DefaultParameterValue(false)>] reverse: bool,
                [<Optional; DefaultParameterValue(false)>] exclusive: bool
            ) : Node =
            logCumSumExpWith reverse exclusive axis x
