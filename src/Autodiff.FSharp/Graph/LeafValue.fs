namespace Autodiff

open System
open Autodiff.FSharp

/// The values that leaves have of their own.
module internal LeafValue =

    /// The value of a constant, or of a variable that nothing replaces.
    let ofNode (node: Node) : NDArray =
        match node.Op with
        | Op.Constant(value, _)
        | Op.Variable value -> value
        | _ -> invalidOp "the node has no value of its own"

    /// The bits of a number.
    let bits (value: NDArray) : int64 =
        match value.DType with
        | DType.Float32 -> int64 (BitConverter.SingleToInt32Bits(value.Item<float32>()))
        | DType.Float64 -> BitConverter.DoubleToInt64Bits(value.Item<float>())
        | DType.Int32 -> int64 (value.Item<int>())
        | DType.Int64 -> value.Item<int64>()
        | _ -> if value.Item<bool>() then 1L else 0L
