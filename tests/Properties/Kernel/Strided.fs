/// Generated views of any strides, read and written in the most obvious way.
module internal Autodiff.Properties.Kernel.Strided

open System
open FsCheck
open FsCheck.FSharp
open Autodiff
open Autodiff.Kernel

/// Every index of a shape, in row-major order.
let rec indices (shape: int list) : int list list =
    match shape with
    | [] -> [ [] ]
    | size :: rest ->
        [
            for i in 0 .. size - 1 do
                for index in indices rest -> i :: index
        ]

/// An array and a layout over it.
type Strided =
    {
        Array: NDArray
        Layout: Layout
    }

    member x.View = View(Storage.Of x.Array, x.Layout, x.Array.DType)

    member x.Shape = List.ofSeq x.Layout.Shape

    override x.ToString() =
        $"%A{x.Shape} strides %A{x.Layout.Strides} offset %d{x.Layout.Offset} of %A{x.Array.AsType(DType.Float64).ToArray<float>()}"

/// Where the element at an index stands.
let position (layout: Layout) (index: int list) =
    List.fold2 (fun place i stride -> place + i * stride) layout.Offset index (List.ofArray layout.Strides)

/// The element at each index, as a float.
let reader (strided: Strided) : int list -> float =
    let data = strided.Array.AsType(DType.Float64).ToArray<float>()
    fun index -> data[position strided.Layout index]

/// The elements in row-major order.
let elements (strided: Strided) =
    let read = reader strided
    [ for index in indices strided.Shape -> read index ]

/// A layout of a shape: axes in any order in memory, walked in either direction, with gaps.
let layout (shape: int list) : Gen<Layout * int> =
    gen {
        let rank = List.length shape
        let! order = Gen.shuffle [| 0 .. rank - 1 |]

        let! steps =
            Gen.listOfLength rank (Gen.frequency [ 5, Gen.constant 1; 1, Gen.constant 2; 1, Gen.constant -1 ])

        let! isPlain = Gen.frequency [ 1, Gen.constant true; 3, Gen.constant false ]
        let order = if isPlain then [| 0 .. rank - 1 |] else order
        let steps = if isPlain then List.replicate rank 1 else steps
        let strides = Array.zeroCreate rank
        let mutable extent = 1
        let mutable offset = 0

        for axis in Array.rev order do
            let size = max shape[axis] 1
            strides[axis] <- extent * steps[axis]
            offset <- offset + (if steps[axis] < 0 then (size - 1) * extent else 0)
            extent <- extent * size * abs steps[axis]

        return Layout.Strided(Shape.Create(ReadOnlySpan(Array.ofList shape)), strides, offset), extent
    }

let floats (values: float seq) (dtype: DType) : NDArray =
    let values = Array.ofSeq values
    NDArray.Create(values, values.Length).AsType dtype

/// Small whole numbers: sums and products of them are exact in every element type, in any order.
let whole: Gen<float> = Gen.choose (-3, 3) |> Gen.map float

/// A view of a shape with generated elements.
let strided (dtype: DType) (element: Gen<float>) (shape: int list) : Gen<Strided> =
    gen {
        let! layout, extent = layout shape
        let! values = Gen.listOfLength extent element
        return { Array = floats values dtype; Layout = layout }
    }

/// As `strided`, where an axis may also repeat its first element by a stride of 0.
let repeated (dtype: DType) (element: Gen<float>) (shape: int list) : Gen<Strided> =
    gen {
        let! view = strided dtype element shape

        let! repeats =
            Gen.listOfLength shape.Length (Gen.frequency [ 1, Gen.constant true; 5, Gen.constant false ])

        let strides =
            [| for repeat, stride in Seq.zip repeats view.Layout.Strides -> if repeat then 0 else stride |]

        return { view with Layout = Layout.Strided(view.Layout.Shape, strides, view.Layout.Offset) }
    }

/// A view whose elements are all -77, to be written to.
let target (dtype: DType) (shape: int list) : Gen<Strided> =
    strided dtype (Gen.constant (if dtype = DType.Bool then 1.0 else -77.0)) shape

let numbers = [ DType.Float32; DType.Float64; DType.Int32; DType.Int64 ]

/// Up to some number of items.
let lists (maxLength: int) (items: Gen<'a>) : Gen<'a list> =
    gen {
        let! length = Gen.choose (0, maxLength)
        return! Gen.listOfLength length items
    }

let shapes (maxRank: int) (sizes: Gen<int>) : Gen<int list> = lists maxRank sizes

/// Whether arrays of these sizes together have few enough elements for a quick test.
let isSmall (limit: int64) (sizes: int list) =
    List.fold (fun product size -> product * int64 (max size 1)) 1L sizes < limit

/// Runs a property over a generator.
let forAll (generator: Gen<'a>) (law: 'a -> 'b) = Prop.forAll (Arb.fromGen generator) law
