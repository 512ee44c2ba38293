/// Nodes that are one number everywhere.
module internal Autodiff.FSharp.Literals

open System
open Autodiff
open Autodiff.Kernel

/// The rank-0 constant of which the node is a broadcast, if it is one.
let rec scalarConstant (node: Node) : NDArray voption =
    match node.Op with
    | Op.Constant(value, _) when value.Rank = 0 -> ValueSome value
    | Op.Einsum(subscripts, [| x |]) when x.Rank = 0 && Labels.isExpansion subscripts -> scalarConstant x
    | _ -> ValueNone

/// The number of which the node is a broadcast, if it is one of floating type.
let (|Number|_|) (node: Node) : float voption =
    match scalarConstant node with
    | ValueSome value when value.DType = DType.Float64 -> ValueSome(value.Item<float>())
    | ValueSome value when value.DType = DType.Float32 -> ValueSome(float (value.Item<float32>()))
    | ValueSome _
    | ValueNone -> ValueNone

/// The whole number of which the node is a broadcast, if it is one.
let (|Whole|_|) (node: Node) : int64 voption =
    match scalarConstant node with
    | ValueSome value when value.DType = DType.Int64 -> ValueSome(value.Item<int64>())
    | ValueSome value when value.DType = DType.Int32 -> ValueSome(int64 (value.Item<int>()))
    | ValueSome _
    | ValueNone -> ValueNone

/// The truth value of which the node is a broadcast, if it is one.
let (|Truth|_|) (node: Node) : bool voption =
    match scalarConstant node with
    | ValueSome value when value.DType = DType.Bool -> ValueSome(value.Item<bool>())
    | ValueSome _
    | ValueNone -> ValueNone

let isPositiveZero (x: float) = BitConverter.DoubleToInt64Bits x = 0L

let isNegativeZero (x: float) = BitConverter.DoubleToInt64Bits x = Int64.MinValue

/// Whether the node is zero everywhere, and that zero is positive.
let isZero (node: Node) =
    match node with
    | Number zero -> isPositiveZero zero
    | _ -> false

/// Whether a number is one of the type without rounding.
let isExact (dtype: DType) (k: float) = Double.IsFinite k && (dtype = DType.Float64 || float (float32 k) = k)

/// One value in every place of a shape.
let filled (shape: Shape) (value: NDArray) : Node = Node.Broadcast(shape, Node.Strong value)

/// One number in every place of a node of floating type.
let numberLike (x: Node) (k: float) : Node = Node.Filled(x.Shape, x.DType, k)

/// One truth value in every place of a node.
let truthLike (x: Node) (value: bool) : Node = filled x.Shape (NDArray.Scalar value)

let isSame (x: Node) (y: Node) = Object.ReferenceEquals(x, y)
