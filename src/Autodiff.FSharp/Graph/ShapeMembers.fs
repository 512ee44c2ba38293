namespace Autodiff.FSharp

open System.Runtime.InteropServices
open Autodiff

/// Shape operations with options, as members: `x.Diagonal(offset = 1)`.
[<AutoOpen>]
module ShapeMembers =

    type Node with

        /// The diagonal of two axes, as the last axis of the result; a positive offset moves it to the right, a negative
        /// one down.
        member x.Diagonal
            (
                [<Optional; DefaultParameterValue(0)>] offset: int,
                [<Optional; DefaultParameterValue(-2)>] axis1: int,
                [<Optional; DefaultParameterValue(-1)>] axis2: int
            ) : Node =
            diagonalWith offset axis1 axis2 x

        /// The sum of the diagonal of two axes; a positive offset moves it to the right, a negative one down.
        member x.Trace
            (
                [<Optional; DefaultParameterValue(0)>] offset: int,
                [<Optional; DefaultParameterValue(-2)>] axis1: int,
                [<Optional; DefaultParameterValue(-1)>] axis2: int
            ) : Node =
            traceWith offset axis1 axis2 x

        /// The last axis on the diagonal of two axes of the result, which an offset moves, and zeros around it.
        member x.DiagEmbed
            (
                [<Optional; DefaultParameterValue(0)>] offset: int,
                [<Optional; DefaultParameterValue(-2)>] axis1: int,
                [<Optional; DefaultParameterValue(-1)>] axis2: int
            ) : Node =
            diagEmbedWith offset axis1 axis2 x

        /// The diagonal of a matrix, or the matrix with a vector on its diagonal, which an offset moves.
        member x.Diag([<Optional; DefaultParameterValue(0)>] offset: int) : Node = diagWith offset x

        /// The lower triangle of the last two axes, up to a diagonal that an offset moves to the right.
        member x.Tril([<Optional; DefaultParameterValue(0)>] offset: int) : Node = trilWith offset x

        /// The upper triangle of the last two axes, from a diagonal on that an offset moves to the right.
        member x.Triu([<Optional; DefaultParameterValue(0)>] offset: int) : Node = triuWith offset x

        /// Quarter turns in the plane of two axes, from the first of them towards the second.
        member x.Rot90
            (
                [<Optional; DefaultParameterValue(1)>] turns: int,
                [<Optional; DefaultParameterValue(0)>] axis0: int,
                [<Optional; DefaultParameterValue(1)>] axis1: int
            ) : Node =
            rot90With turns axis0 axis1 x
