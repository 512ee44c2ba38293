/// The shape and the element type of an operation's result, from those of its children. What users may get wrong was
/// checked before, by the function that builds the operation: here everything fits.
module internal Autodiff.FSharp.Infer

open Autodiff

/// The shape of the result; a leaf has none to infer.
let shape (shapeOf: 'n -> Shape) (op: Op<'n>) : Shape =
    match op with
    | Op.Constant(value, _)
    | Op.Variable value -> value.Shape
    | Op.Input -> Shape.Scalar
    | Op.Unary(_, x)
    | Op.Binary(_, x, _)
    | Op.Compare(_, x, _)
    | Op.Test(_, x)
    | Op.Logical(_, x, _)
    | Op.Not x
    | Op.Select(_, x, _)
    | Op.Cast(_, x)
    | Op.Recurrence(_, _, _, x)
    | Op.RunningExtremum(_, _, _, x)
    | Op.ArgSort(_, _, x)
    | Op.Identity x
    | Op.StopGradient x
    | Op.Custom(_, x, _)
    | Op.Checkpoint(x, _)
    | Op.Barrier(x, _) -> shapeOf x
    | Op.Opaque(batch, f, operands) -> f.ResultShape(batch, Array.map shapeOf operands)
    | Op.Einsum(subscripts, _) -> subscripts.Result
    | Op.Reshape(shape, _)
    | Op.Embed(_, shape, _)
    | Op.OverlapAdd(_, shape, _)
    | Op.ScatterAdd(_, _, shape, _, _) -> shape
    | Op.Draw(_, shape, keys) -> Shapes.ofSeq (Seq.append (shapeOf keys) shape)
    | Op.KeyedMap(_, _, x) -> shapeOf x
    | Op.Slice(ranges, _) -> ranges |> Array.map _.Count |> Shapes.ofArray
    | Op.Window(windows, x) -> Shapes.windowed windows (shapeOf x)
    | Op.Concat(axis, parts) ->
        Shapes.resize axis (parts |> Array.sumBy (fun part -> (shapeOf part)[axis])) (shapeOf parts[0])
    | Op.Gather(batch, axis, source, indices) ->
        Shapes.replaceAxis axis (Seq.skip batch (shapeOf indices)) (shapeOf source)
    | Op.Extremum(_, axes, x) -> Shapes.without axes (shapeOf x)
    | Op.ArgExtremum(_, axis, x) -> Shapes.without [| axis |] (shapeOf x)
    | Op.Factor(part, x) -> Factors.shape part (shapeOf x)
    | Op.Solve(_, _, b) -> shapeOf b

/// The element type of the result.
let dtype (dtypeOf: 'n -> DType) (op: Op<'n>) : DType =
    match op with
    | Op.Constant(value, _)
    | Op.Variable value -> value.DType
    | Op.Input -> DType.Float64
    | Op.Cast(dtype, _) -> dtype
    | Op.Draw(draw, _, _) -> draw.DType
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _ -> DType.Bool
    | Op.ArgExtremum _
    | Op.ArgSort _ -> DType.Int64
    | Op.Unary(_, x)
    | Op.KeyedMap(_, _, x)
    | Op.Binary(_, x, _)
    | Op.Select(_, x, _)
    | Op.Reshape(_, x)
    | Op.Slice(_, x)
    | Op.Embed(_, _, x)
    | Op.Window(_, x)
    | Op.OverlapAdd(_, _, x)
    | Op.Gather(_, _, x, _)
    | Op.ScatterAdd(_, _, _, x, _)
    | Op.Extremum(_, _, x)
    | Op.Recurrence(_, _, _, x)
    | Op.RunningExtremum(_, _, _, x)
    | Op.Factor(_, x)
    | Op.Solve(_, x, _)
    | Op.Identity x
    | Op.StopGradient x
    | Op.Custom(_, x, _)
    | Op.Checkpoint(x, _)
    | Op.Barrier(x, _) -> dtypeOf x
    | Op.Opaque(_, f, operands) -> f.ResultType(Array.map dtypeOf operands)
    | Op.Einsum(_, operands)
    | Op.Concat(_, operands) -> dtypeOf operands[0]
