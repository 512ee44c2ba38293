namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// Einsum and what is made of it: products, sums, transposes, broadcasts.
[<AutoOpen>]
module Products =

    /// One element type for all, in which truth values count as whole numbers.
    let internal promoteAll (operands: Node[]) : Node[] =
        let operands = Node.PromoteAll operands

        if operands[0].DType = DType.Bool then
            Node.Unify(DType.Int64, operands)
        else
            operands

    /// An einsum over labels that are known to fit.
    let internal contract (operands: int[][]) (result: int[]) (sizes: int[]) (nodes: Node[]) =
        Node.Make(Op.Einsum(Labels.create operands result sizes, nodes))

    /// The contraction that subscripts describe, such as "ij,jk->ik": NumPy's whole language, with any number of
    /// operands, implicit results, ellipses, repeated labels and axes of size 1 that broadcast. The operands are brought
    /// to one element type. Throws EinsumException where subscripts and shapes do not fit.
    let einsum (subscripts: string) (operands: seq<Node>) : Node =
        let operands = Array.ofSeq operands
        let shapes = operands |> Array.map (fun x -> (Node.Given x).Shape)

        let parsed =
            try
                KnownSubscripts.ofText subscripts shapes
            with :? EinsumException ->
                // Once more, for the message that names the operands.
                Subscripts.Parse(subscripts, shapes, operands |> Array.map _.Name)

        Node.Make(Op.Einsum(parsed, promoteAll operands))

    /// In which order the operands of an einsum are contracted, two at a time, and what that costs: the order with the
    /// fewest operations for up to twelve operands, the best of several greedy ones for more. Throws EinsumException
    /// where the subscripts cannot be read or do not fit the shapes.
    let einsumPath (subscripts: string) (shapes: seq<Shape>) : ContractionPath =
        Einsum.Path(subscripts, Array.ofSeq shapes)

    /// The same, of the orders in which an array between two steps has so many elements at most. Throws EinsumException,
    /// with the least that is possible, where there is none.
    let einsumPathWithin (sizeLimit: int64) (subscripts: string) (shapes: seq<Shape>) : ContractionPath =
        Einsum.Path(subscripts, Array.ofSeq shapes, sizeLimit)

    /// How an einsum of Float32 operands of given shapes is computed, as text: for each step what it reads and writes,
    /// the sizes, the operations and the kernel. Throws EinsumException as einsumPath does.
    let explainEinsum (subscripts: string) (shapes: seq<Shape>) : string =
        Einsum.Explain(subscripts, Array.ofSeq shapes)

    /// The axes in another order: axis i of the result is axis order[i] of x.
    let permute (order: seq<int>) (x: Node) : Node =
        let order = Axes.permutation "permute" x order

        if order = [| 0 .. x.Rank - 1 |] then
            x
        else
            contract [| [| 0 .. x.Rank - 1 |] |] order (x.Shape.ToArray()) [| x |]

    /// The axes in reverse order; a matrix transposed.
    let transpose (x: Node) : Node = permute [ (Node.Given x).Rank - 1 .. -1 .. 0 ] x

    /// The two given axes exchanged.
    let swapAxes (axis0: int) (axis1: int) (x: Node) : Node =
        let a, b = Axes.normalise "swapAxes" x axis0, Axes.normalise "swapAxes" x axis1

        permute
            (Seq.init x.Rank (fun i ->
                if i = a then b
                elif i = b then a
                else i))
            x

    /// The value repeated along new or size-1 axes to a shape, as NumPy broadcasts.
    let broadcastTo (shape: seq<int>) (x: Node) : Node =
        let sizes = Array.ofSeq shape

        if Array.exists (fun size -> size < -1) sizes then
            let shown = sizes |> Seq.map string |> String.concat ","
            raise (ShapeException $"broadcastTo: [{shown}] for {Axes.describe x} has a negative size")

        let shape = Shapes.ofArray sizes

        if (Node.Given x).Shape.IsKnown && not shape.IsKnown then
            raise (ShapeException $"broadcastTo: {Axes.describe x} has only known sizes, but {shape} has -1")

        if Broadcasting.fits shape x.Shape then
            Node.Broadcast(shape, x)
        else
            raise (ShapeException $"broadcastTo: {Axes.describe x} does not broadcast to {shape}")

    /// The sum over axes, keeping the others; the empty list sums over all. Whole numbers and truth values are added as
    /// Int64.
    let sum (axes: seq<int>) (x: Node) : Node =
        let axes = Axes.many "sum" x axes
        let x = if x.DType.IsFloat() then x else Node.Cast(DType.Int64, x)

        if axes.Length = 0 then
            x
        else
            let labels = Array.init x.Rank id
            let kept = labels |> Array.filter (fun axis -> System.Array.IndexOf(axes, axis) < 0)
            contract [| labels |] kept (x.Shape.ToArray()) [| x |]

    /// The product of every element of x with every element of y: the axes of x, then those of y.
    let outer (x: Node) (y: Node) : Node =
        let x, y = Node.Given x, Node.Given y
        let labelsX, labelsY = [| 0 .. x.Rank - 1 |], [| x.Rank .. x.Rank + y.Rank - 1 |]
        let sizes = Array.append (x.Shape.ToArray()) (y.Shape.ToArray())
        contract [| labelsX; labelsY |] (Array.append labelsX labelsY) sizes (promoteAll [| x; y |])

    let private matmulFailure (x: Node) (y: Node) reason =
        let x, y = Broadcasting.describe 0 x.Name x.Shape, Broadcasting.describe 1 y.Name y.Shape
        ShapeException $"matmul: {x} and {y}: {reason}"

    /// The matrix product over the last axis of x and the last but one of y, with NumPy's rules for every rank: leading
    /// axes are batches that broadcast, and a vector counts as a row on the left and as a column on the right.
    let matmul (x: Node) (y: Node) : Node =
        if min (Node.Given x).Rank (Node.Given y).Rank = 0 then
            raise (matmulFailure x y "a scalar has no matrix product; multiply with *")

        let inner = if y.Rank = 1 then 0 else y.Rank - 2

        if x.Shape[x.Rank - 1] <> y.Shape[inner] then
            raise (matmulFailure x y $"axis {x.Rank - 1} is {x.Shape[x.Rank - 1]}, axis {inner} is {y.Shape[inner]}")

        try
            match x.Rank, y.Rank with
            | 1, 1 -> einsum "k,k->" [ x; y ]
            | 1, _ -> einsum "k,...kn->...n" [ x; y ]
            | _, 1 -> einsum "...mk,k->...m" [ x; y ]
            | _, _ -> einsum "...mk,...kn->...mn" [ x; y ]
        with :? EinsumException ->
            raise (matmulFailure x y "the leading axes do not broadcast")

    /// The matrix product; it binds as tightly as `*`, so that `x *@ w + b` means what it says.
    let ( *@ ) (x: Node) (y: Node) : Node = matmul x y
