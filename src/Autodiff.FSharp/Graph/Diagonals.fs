namespace Autodiff

/// The order of the first two axes of a mesh.
type MeshIndexing =
    /// As a picture is drawn: the first coordinate runs along the second axis.
    | XY = 0
    /// As a matrix is indexed: each coordinate runs along its own axis.
    | IJ = 1

namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// Diagonals and triangles of matrices, identity matrices, meshes.
[<AutoOpen>]
module Diagonals =

    /// Where a diagonal begins in a matrix of m rows and n columns, and how long it is.
    let private extent (m: int) (n: int) (offset: int) =
        let offset = Math.Clamp(offset, -m, n)
        let row, column = max 0 -offset, max 0 offset
        struct (row, column, min (m - row) (n - column))

    /// The value cut so that the diagonal begins in its corner and ends in the other, and both axes.
    let private squared operation offset axis1 axis2 (x: Node) =
        Axes.require 2 operation x
        let axes = Axes.ordered operation x [ axis1; axis2 ]

        if offset = 0 && x.Shape[axes[0]] = x.Shape[axes[1]] then
            struct (axes, x)
        else
            let m, n = Axes.size operation x axes[0], Axes.size operation x axes[1]
            let struct (row, column, length) = extent m n offset
            struct (axes, x |> along axes[0] row 1 length |> along axes[1] column 1 length)

    /// An einsum in which two axes have one label, which is the last of the result or is summed.
    let private walk (axes: int[]) isKept (x: Node) =
        let labels = Array.init x.Rank (fun axis -> if axis = axes[1] then axes[0] else axis)
        let rest = [| 0 .. x.Rank - 1 |] |> Array.except axes
        contract [| labels |] (if isKept then Array.append rest [| axes[0] |] else rest) (x.Shape.ToArray()) [| x |]

    let internal diagonalWith (offset: int) (axis1: int) (axis2: int) (x: Node) : Node =
        let struct (axes, x) = squared "diagonal" offset axis1 axis2 x
        walk axes true x

    let internal traceWith (offset: int) (axis1: int) (axis2: int) (x: Node) : Node =
        let struct (axes, x) = squared "trace" offset axis1 axis2 x
        walk axes false (if x.DType = DType.Bool then Node.Cast(DType.Int64, x) else x)

    /// The diagonal of the last two axes, as the last axis of the result.
    let diagonal (x: Node) : Node = diagonalWith 0 -2 -1 x

    /// The sum of the diagonal of the last two axes.
    let trace (x: Node) : Node = traceWith 0 -2 -1 x

    let internal diagEmbedWith (offset: int) (axis1: int) (axis2: int) (x: Node) : Node =
        Axes.require 1 "diagEmbed" x
        let rank = x.Rank + 1

        let place1, place2 =
            Axes.normaliseIn rank "diagEmbed" x axis1, Axes.normaliseIn rank "diagEmbed" x axis2

        if place1 = place2 then
            raise (ShapeException $"diagEmbed: axis {place1} is named twice for {Axes.describe x}")

        Axes.sized "diagEmbed" x (int64 x.Shape[x.Rank - 1] + abs (int64 offset)) |> ignore
        let labels = [| 0 .. x.Rank - 1 |]
        let square = contract [| labels |] (Array.append labels [| x.Rank - 1 |]) (x.Shape.ToArray()) [| x |]
        let before, after = max 0 offset, max 0 -offset

        let around axis =
            if axis = x.Rank - 1 then struct (after, before)
            elif axis = x.Rank then struct (before, after)
            else struct (0, 0)

        square |> pad (Seq.init rank around) |> moveAxes [ -2; -1 ] [ place1; place2 ]

    /// Matrices with the last axis on their diagonals and zeros around it.
    let diagEmbed (x: Node) : Node = diagEmbedWith 0 -2 -1 x

    let internal diagWith (offset: int) (x: Node) : Node =
        match (Node.Given x).Rank with
        | 1 -> diagEmbedWith offset -2 -1 x
        | 2 -> diagonalWith offset -2 -1 x
        | rank -> raise (ShapeException $"diag: {Axes.describe x} has {rank} axes; a vector or a matrix is needed")

    /// The diagonal of a matrix; the matrix with a vector on its diagonal.
    let diag (x: Node) : Node = diagWith 0 x

    /// A matrix of so many rows and columns with ones on a diagonal, which an offset moves up, and zeros elsewhere.
    let eyeWith (rows: int) (columns: int) (offset: int) (dtype: DType) : Node =
        if rows < 0 || columns < 0 then
            raise (ShapeException $"eye: {rows} rows and {columns} columns; there are 0 or more")

        let struct (row, column, length) = extent rows columns offset
        let one = Node.Strong((NDArray.Scalar 1.0).AsType dtype)

        contract [| [||] |] [| 0; 0 |] [| length |] [| one |]
        |> pad [ struct (row, rows - row - length); struct (column, columns - column - length) ]

    /// The identity matrix of a size.
    let eye (size: int) (dtype: DType) : Node = eyeWith size size 0 dtype

    /// Where, in the last two axes, row + offset and column compare as told.
    let private triangle operation isInside (offset: int) (x: Node) =
        Axes.require 2 operation x
        let m, n = Axes.size operation x (x.Rank - 2), Axes.size operation x (x.Rank - 1)
        let offset = Math.Clamp(offset, -m, n)
        let rows = Node.Strong(NDArray.Create(Array.init m (fun row -> row + offset), m, 1))
        where (isInside rows (numbers n DType.Int32)) x (zerosLike x)

    let internal trilWith offset x =
        triangle "tril" (fun row column -> Node.Compare(Comparison.LessEqual, column, row)) offset x

    let internal triuWith offset x =
        triangle "triu" (fun row column -> Node.Compare(Comparison.LessEqual, row, column)) offset x

    /// The lower triangle of the last two axes, the diagonal with it; zeros elsewhere.
    let tril (x: Node) : Node = trilWith 0 x

    /// The upper triangle of the last two axes, the diagonal with it; zeros elsewhere.
    let triu (x: Node) : Node = triuWith 0 x

    /// A number in the shape and the element type of x.
    let fullLike (value: Node) (x: Node) : Node =
        if (Node.Given value).Rank <> 0 then
            raise (ShapeException $"fullLike: the value {Axes.describe value} is no single number")

        if value.DType.IsFloat() && not ((Node.Given x).DType.IsFloat()) then
            raise (DTypeException $"fullLike: the value is {value.DType}, {Axes.describe x} is {x.DType}")

        Node.Broadcast(x.Shape, Node.Cast(x.DType, value))

    /// Each vector repeated along the axes of all the others: the coordinates of the points of a mesh.
    let meshgrid (indexing: MeshIndexing) (vectors: seq<Node>) : Node list =
        let vectors = Array.ofSeq vectors

        if indexing <> MeshIndexing.XY && indexing <> MeshIndexing.IJ then
            raise (ArgumentOutOfRangeException(nameof indexing, $"meshgrid: {indexing} is no order of axes"))

        vectors
        |> Array.iteri (fun position x ->
            if x.Rank <> 1 then
                let operand = Broadcasting.describe position x.Name x.Shape
                raise (ShapeException $"meshgrid: {operand} has {x.Rank} axes; vectors are needed"))

        let swapped = indexing = MeshIndexing.XY && vectors.Length > 1

        let place position =
            match position with
            | 0 when swapped -> 1
            | 1 when swapped -> 0
            | _ -> position

        let sizes = Array.init vectors.Length (fun axis -> vectors[place axis].Shape[0])

        let spread position (x: Node) = contract [| [| place position |] |] [| 0 .. sizes.Length - 1 |] sizes [| x |]

        vectors |> Array.mapi spread |> List.ofArray
