namespace Autodiff.Proofs

open System
open Autodiff

/// The elements of a reference tensor, in row-major order. Floats of both widths are kept as doubles.
[<RequireQualifiedAccess>]
type Elements =
    | Floats of float[]
    | Wholes of int64[]
    | Truths of bool[]

/// An array as the reference interpreter sees it: sizes, element type, elements. Nothing is shared, strided or clever.
type Tensor = { Sizes: int[]; Type: DType; Elements: Elements }

/// Making and reading reference tensors.
module Tensor =

    /// A tensor of floats; those of a Float32 are rounded to that.
    let floats (dtype: DType) (sizes: int[]) (elements: float[]) =
        let fit = if dtype = DType.Float32 then (fun x -> float (float32 x)) else id
        { Sizes = sizes; Type = dtype; Elements = Elements.Floats(Array.map fit elements) }

    /// A tensor of whole numbers; those of an Int32 wrap around.
    let wholes (dtype: DType) (sizes: int[]) (elements: int64[]) =
        let fit = if dtype = DType.Int32 then (fun x -> int64 (int32 x)) else id
        { Sizes = sizes; Type = dtype; Elements = Elements.Wholes(Array.map fit elements) }

    /// A tensor of truth values.
    let truths (sizes: int[]) (elements: bool[]) =
        { Sizes = sizes; Type = DType.Bool; Elements = Elements.Truths elements }

    /// The elements as floats.
    let asFloats (x: Tensor) : float[] =
        match x.Elements with
        | Elements.Floats elements -> elements
        | Elements.Wholes elements -> Array.map float elements
        | Elements.Truths elements -> elements |> Array.map (fun e -> if e then 1.0 else 0.0)

    /// The elements as whole numbers; floats are cut towards zero.
    let asWholes (x: Tensor) : int64[] =
        match x.Elements with
        | Elements.Floats elements -> Array.map int64 elements
        | Elements.Wholes elements -> elements
        | Elements.Truths elements -> elements |> Array.map (fun e -> if e then 1L else 0L)

    /// The elements as truth values: what is not zero is true.
    let asTruths (x: Tensor) : bool[] =
        match x.Elements with
        | Elements.Floats elements -> elements |> Array.map (fun e -> e <> 0.0)
        | Elements.Wholes elements -> elements |> Array.map (fun e -> e <> 0L)
        | Elements.Truths elements -> elements

    /// The tensor converted to an element type.
    let cast (dtype: DType) (x: Tensor) : Tensor =
        match dtype with
        | DType.Float32
        | DType.Float64 -> floats dtype x.Sizes (asFloats x)
        | DType.Int32
        | DType.Int64 -> wholes dtype x.Sizes (asWholes x)
        | _ -> truths x.Sizes (asTruths x)

    /// The number of elements.
    let size (x: Tensor) = Shapes.size x.Sizes

    /// The coordinates of every element, in row-major order.
    let coordinates (sizes: int[]) : int[][] =
        let at position =
            let index = Array.zeroCreate sizes.Length
            let mutable rest = position

            for axis in sizes.Length - 1 .. -1 .. 0 do
                index[axis] <- rest % sizes[axis]
                rest <- rest / sizes[axis]

            index

        Array.init (Shapes.size sizes) at

    /// The position of coordinates in row-major order.
    let position (sizes: int[]) (index: int[]) : int =
        Array.fold2 (fun position size i -> position * size + i) 0 sizes index

    /// The positions, in order, of the elements that are reduced to each element of the result.
    let groups (axes: int[]) (sizes: int[]) =
        let kept = [| 0 .. sizes.Length - 1 |] |> Array.except axes
        let keptSizes = kept |> Array.map (fun axis -> sizes[axis])
        let members = Array.init (Shapes.size keptSizes) (fun _ -> ResizeArray<int>())

        coordinates sizes
        |> Array.iteri (fun i index -> members[position keptSizes (kept |> Array.map (fun axis -> index[axis]))].Add i)

        struct (keptSizes, members |> Array.map _.ToArray())

    /// The tensor whose elements are those of x at the given positions.
    let pick (sizes: int[]) (positions: int[]) (x: Tensor) : Tensor =
        let elements =
            match x.Elements with
            | Elements.Floats elements -> Elements.Floats(positions |> Array.map (fun i -> elements[i]))
            | Elements.Wholes elements -> Elements.Wholes(positions |> Array.map (fun i -> elements[i]))
            | Elements.Truths elements -> Elements.Truths(positions |> Array.map (fun i -> elements[i]))

        { x with Sizes = sizes; Elements = elements }

    /// A tensor with the elements of an array.
    let ofArray (x: NDArray) : Tensor =
        let sizes = x.Shape.ToArray()

        match x.DType with
        | DType.Float32 -> floats DType.Float32 sizes (x.ToArray<float32>() |> Array.map float)
        | DType.Float64 -> floats DType.Float64 sizes (x.ToArray<float>())
        | DType.Int32 -> wholes DType.Int32 sizes (x.ToArray<int>() |> Array.map int64)
        | DType.Int64 -> wholes DType.Int64 sizes (x.ToArray<int64>())
        | _ -> truths sizes (x.ToArray<bool>())

    /// An array with the elements of a tensor.
    let toArray (x: Tensor) : NDArray =
        let make (array: Array) : NDArray = (NDArray.From array).Reshape x.Sizes

        match x.Type with
        | DType.Float32 -> make (asFloats x |> Array.map float32)
        | DType.Float64 -> make (Array.copy (asFloats x))
        | DType.Int32 -> make (asWholes x |> Array.map int)
        | DType.Int64 -> make (Array.copy (asWholes x))
        | _ -> make (Array.copy (asTruths x))
