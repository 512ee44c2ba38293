namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// Elements chosen by arrays of whole numbers.
[<AutoOpen>]
module Indexing =

    let private sameRank operation (indices: Node) (x: Node) =
        if (Node.Given indices).Rank <> (Node.Given x).Rank then
            raise (
                ShapeException
                    $"{operation}: the indices {Axes.describe indices} have {indices.Rank} axes, {Axes.describe x} has {x.Rank}"
            )

    /// Refuses other sizes than the test allows, but for the axis along which is chosen.
    let private fit operation axis isAllowed (what: string) (small: Node) (whole: Node) =
        for a in 0 .. whole.Rank - 1 do
            if a <> axis && not (isAllowed small.Shape[a] whole.Shape[a]) then
                raise (
                    ShapeException
                        $"{operation}: axis {a} of {what} {Axes.describe small} is {small.Shape[a]}, that of {Axes.describe whole} {whole.Shape[a]}"
                )

    /// The first elements of the other axes, as many as a shape has.
    let private cut axis (shape: Shape) (x: Node) =
        Seq.fold (fun x a -> if a = axis then x else along a 0 1 shape[a] x) x [ 0 .. x.Rank - 1 ]

    /// Whether the indices are only repeated along an axis: they have been broadcast to it, or its size is 1.
    let private isRepeated (indices: Node) axis =
        match indices.Op with
        | _ when indices.Shape[axis] = 1 -> true
        | Op.Einsum(subscripts, [| _ |]) ->
            not (subscripts.OperandLabels(0).Contains(subscripts.ResultLabels[axis]))
            && indices.Shape[axis] <> 0
        | _ -> false

    /// How whole slices are chosen where the indices are repeated along all axes but the given one and leading ones: the
    /// number of these, and the indices along them and the given one alone.
    let private slices axis (indices: Node) : struct (int * Node) voption =
        let batch = Seq.initInfinite id |> Seq.find (fun a -> a = axis || isRepeated indices a)
        let others = [ batch .. indices.Rank - 1 ] |> List.filter ((<>) axis)

        if others.IsEmpty || not indices.Shape.IsKnown || not (List.forall (isRepeated indices) others) then
            ValueNone
        else
            let kept = Seq.append (Seq.init batch (fun a -> indices.Shape[a])) [ indices.Shape[axis] ]
            let once = List.fold (fun x a -> along a 0 1 1 x) indices others
            ValueSome struct (batch, reshape kept once)

    /// Along an axis, slice by slice or, along the last axis of both, element by element of the axes before it.
    let private pick axis (indices: Node) (x: Node) =
        match slices axis indices with
        | ValueSome struct (batch, indices) -> Node.Make(Op.Gather(batch, axis, x, indices))
        | ValueNone ->
            let last = x.Rank - 1
            let picked = Op.Gather(last, last, moveAxis axis -1 x, moveAxis axis -1 indices)
            Node.Make picked |> moveAxis -1 axis

    /// Zeros, as many as `size` along an axis, to which updates are added where `pick` would read them.
    let private add axis size (indices: Node) (updates: Node) =
        match slices axis indices with
        | ValueSome struct (batch, indices) ->
            Node.Make(Op.ScatterAdd(batch, axis, Shapes.resize axis size updates.Shape, updates, indices))
        | ValueNone ->
            let last = updates.Rank - 1
            let updates = moveAxis axis -1 updates
            let reached = Shapes.resize last size updates.Shape
            Node.Make(Op.ScatterAdd(last, last, reached, updates, moveAxis axis -1 indices)) |> moveAxis -1 axis

    /// Along an axis, the elements whose positions are given: result[i, j] = x[i, indices[i, j]] where the axis is the
    /// last of two. The other axes of x and indices broadcast. A negative index counts from the end.
    let takeAlongAxis (axis: int) (indices: Node) (x: Node) : Node =
        let axis = Axes.normalise "takeAlongAxis" x axis
        sameRank "takeAlongAxis" indices x
        checkIndices "takeAlongAxis" indices axis x
        fit "takeAlongAxis" axis (fun m n -> m = n || m = 1 || n = 1) "the indices" indices x
        let meet a = if x.Shape[a] = 1 then indices.Shape[a] else x.Shape[a]
        let shape own = Shapes.ofArray (Array.init x.Rank (fun a -> if a = axis then own else meet a))
        let broadcast (n: Node) = Node.Broadcast(shape n.Shape[axis], n)
        pick axis (broadcast indices) (broadcast x)

    let private checkGather operation axis (indices: Node) (x: Node) =
        sameRank operation indices x
        checkIndices operation indices axis x
        fit operation axis (fun m n -> m = n || (m <= n && m >= 0)) "the indices" indices x

    /// Along an axis, the elements whose positions are given, as PyTorch's gather: the shape is that of the indices,
    /// whose other axes may be shorter than those of x and then read its first elements.
    let gather (axis: int) (indices: Node) (x: Node) : Node =
        let axis = Axes.normalise "gather" x axis
        checkGather "gather" axis indices x
        pick axis indices (cut axis indices.Shape x)

    /// The value with the updates added along an axis at the positions that `gather` would read with these indices:
    /// what meets in one place is summed. The indices may be shorter than the updates, whose first elements are used.
    let scatterAdd (axis: int) (indices: Node) (updates: Node) (x: Node) : Node =
        let axis = Axes.normalise "scatterAdd" x axis
        checkGather "scatterAdd" axis indices x
        sameRank "scatterAdd" indices updates
        fit "scatterAdd" -1 (fun m n -> m = n || (m <= n && m >= 0)) "the indices" indices updates

        let struct (x, updates) =
            if x.DType = DType.Bool && updates.DType = DType.Bool then
                struct (Node.Cast(DType.Int64, x), Node.Cast(DType.Int64, updates))
            else
                Node.Promote(x, updates)

        let added = cut -1 indices.Shape updates |> add axis x.Shape[axis] indices

        x
        + pad
            [
                for a in 0 .. x.Rank - 1 ->
                    struct (0, (if added.Shape[a] = x.Shape[a] then 0 else x.Shape[a] - added.Shape[a]))
            ]
            added

    /// The whole numbers 0 .. count - 1.
    let internal numbers (count: int) (dtype: DType) = Node.Strong((NDArray.Create(Array.init count id)).AsType dtype)

    /// For each index a one among zeros, along a new last axis of the given size. An index outside gives zeros alone.
    let oneHot (size: int) (dtype: DType) (indices: Node) : Node =
        if (Node.Given indices).DType <> DType.Int32 && indices.DType <> DType.Int64 then
            raise (DTypeException $"oneHot: the indices are {indices.DType}; whole numbers (Int32, Int64) are needed")

        if size < 0 then
            raise (ShapeException $"oneHot: the size is {size} for indices {Axes.describe indices}; it is 0 or more")

        Node.Compare(Comparison.Equal, unsqueeze -1 indices, numbers size indices.DType) |> cast dtype
