module Autodiff.Properties.Kernel.MovementTests

#nowarn "9" // addresses

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private sizes =
    Gen.frequency [ 6, Gen.choose (0, 5); 2, Gen.choose (6, 20); 1, Gen.elements [ 31; 32; 33; 40; 70 ] ]

let private smallSizes = Gen.choose (0, 4)

let private dtypes = DType.Bool :: numbers

[<Property(MaxTest = 300)>]
let ``a copy has the elements of its source`` () =
    let case =
        gen {
            let! dtype = Gen.elements dtypes
            let! shape = shapes 3 sizes |> Gen.where (isSmall 6000L)
            let! source = repeated dtype whole shape
            let! target = target dtype shape
            return source, target
        }

    forAll case (fun (source, target) ->
        Copying.Copy(source.View, target.View)
        elements target = elements source)

[<Property>]
let ``a copy writes nothing outside its target`` () =
    let case =
        gen {
            let! shape = shapes 3 smallSizes
            let! source = strided DType.Int32 whole shape
            let! target = target DType.Int32 shape
            return source, target
        }

    forAll case (fun (source, target) ->
        let size = target.Layout.Shape.Size
        Copying.Copy(source.View, target.View)
        let left = target.Array.ToArray<int>() |> Seq.filter ((=) -77) |> Seq.length
        left = target.Array.Length - size)

/// Sizes around the sides of tiles and blocks.
let private blockSizes = Gen.elements [ 1; 3; 4; 7; 8; 9; 63; 64; 65; 127; 129; 200; 270 ]

[<Property(MaxTest = 60)>]
let ``a permuted copy moves every element, across tiles and blocks`` () =
    let case =
        gen {
            let! dtype = Gen.elements dtypes
            let! shape = Gen.listOfLength 3 blockSizes |> Gen.where (isSmall 300_000L)
            let! order = Gen.shuffle [| 0; 1; 2 |]
            let! targetOrder = Gen.shuffle [| 0; 1; 2 |]
            return dtype, shape, order, targetOrder
        }

    forAll case (fun (dtype, shape, order, targetOrder) ->
        let size = List.fold (*) 1 shape
        let values = Array.init size (fun i -> float (i * 7919 % 9973))

        let source =
            {
                Array = floats values dtype
                Layout = Layout.Contiguous(Shape.Create(ReadOnlySpan(Array.ofList shape))).Permute(ReadOnlySpan order)
            }

        let inverse = Array.init 3 (fun axis -> Array.IndexOf(targetOrder, axis))
        let sizes = targetOrder |> Array.map (fun axis -> source.Layout.Shape[axis])
        let layout = Layout.Contiguous(Shape.Create(ReadOnlySpan sizes)).Permute(ReadOnlySpan inverse)
        let target = { Array = NDArray.Zeros([| size |], dtype); Layout = layout }
        Copying.Copy(source.View, target.View)
        let read, written = reader source, reader target
        Seq.forall (fun index -> read index = written index) (indices source.Shape))

/// Consecutive elements from strided places and back: strides that vectors take, and others.
let inline private ``elements move by strides`` (ofInt: int -> 'T) =
    let case =
        gen {
            let! count = Gen.oneof [ Gen.choose (0, 70); Gen.choose (120, 130) ]
            let! stride = Gen.frequency [ 4, Gen.choose (1, 9); 1, Gen.elements [ 0; -1; -2; 30 ] ]
            let! other = Gen.choose (1, 5)
            return count, stride, other
        }

    forAll case (fun (count, stride, other) ->
        let extent = max 1 ((count - 1) * abs stride + 1)
        let first = if stride < 0 then extent - 1 else 0
        let values = Array.init extent ofInt
        let gathered = Array.create (count + 3) (ofInt -7)
        let spread = Array.create (count * other + 3) (ofInt -7)
        let moved = Array.create (count * other + 3) (ofInt -7)

        if count > 0 then
            use source = fixed &values[first]
            use target = fixed &gathered[0]
            StridedElements.Gather(source, nativeint stride, nativeint count, target) |> ignore
            use spreading = fixed &spread[0]
            StridedElements.Scatter(target, nativeint count, spreading, nativeint other)
            use moving = fixed &moved[0]
            StridedElements.Copy(source, nativeint stride, moving, nativeint other, nativeint count)

        let element i = values[first + i * stride]
        let expected = Array.init gathered.Length (fun i -> if i < count then element i else ofInt -7)

        let scattered =
            Array.init spread.Length (fun i ->
                if i % other = 0 && i / other < count then element (i / other) else ofInt -7)

        gathered = expected && spread = scattered && moved = scattered)

[<Property(MaxTest = 400)>]
let ``elements of 32 bits move by strides`` () = ``elements move by strides`` float32

[<Property(MaxTest = 400)>]
let ``elements of 64 bits move by strides`` () = ``elements move by strides`` float

[<Property>]
let ``bytes move by strides`` () = ``elements move by strides`` sbyte

/// Rows of a few elements that stand apart in source and target: in one piece, repeated, backwards or in steps.
[<Property(MaxTest = 200)>]
let ``short rows are copied, and what lies between them stays`` () =
    let case =
        gen {
            let! dtype = Gen.elements dtypes
            let! count = Gen.elements [ 2; 7; 8; 9; 40; 300; 1100 ]
            let! across = Gen.elements [ 1; 1; 2; 3 ]
            let! width = Gen.frequency [ 3, Gen.choose (2, 9); 2, Gen.choose (10, 70) ]
            let! step = Gen.elements [ 0; 1; 1; 2; -1 ]
            let! gap = Gen.choose (0, 3)
            let! targetStep = Gen.elements [ 1; 1; 2 ]
            let! targetGap = Gen.choose (0, 3)
            return dtype, [ count; across; width ], (step, gap), (targetStep, targetGap)
        }

    forAll case (fun (dtype, shape, ofSource, ofTarget) ->
        let rows (step, gap) value =
            let row = shape[2] * abs step + gap
            let offset = if step < 0 then shape[2] else 1
            let strides = [| shape[1] * row; row; step |]

            {
                Array = floats (Seq.init (shape[0] * shape[1] * row + 3) value) dtype
                Layout = Layout.Strided(Shape.Create(ReadOnlySpan(Array.ofList shape)), strides, offset)
            }

        let source = rows ofSource (fun i -> float (i * 7919 % 9973 % 3))
        let target = rows ofTarget (fun _ -> 77.0)
        let before = target.Array.AsType(DType.Float64).ToArray<float>()
        Copying.Copy(source.View, target.View)
        let after = target.Array.AsType(DType.Float64).ToArray<float>()
        let read = reader source

        for index in indices shape do
            let place = position target.Layout index
            before[place] <- read index

        before = after)

/// Rows of whole lines in an array that is written past the caches.
[<Theory>]
[<InlineData(16, 20)>]
[<InlineData(8, 9)>]
let ``large copies of short rows move every element`` (width: int, pitch: int) =
    let count = (33 <<< 20) / 8 / width
    let values = Array.init (count * pitch) float
    let layout = Layout.Strided(Shape.Create(ReadOnlySpan [| count; width |]), [| pitch; 1 |], 1)
    let result = NDArray.Zeros(layout.Shape, DType.Float64)
    Copying.Copy(View(Storage.Of values, layout, DType.Float64), View.Of result)
    let expected i = float (i / width * pitch + i % width + 1)
    let wrong = result.ToArray<float>() |> Seq.indexed |> Seq.filter (fun (i, x) -> x <> expected i)
    Assert.Empty wrong

/// Copies of arrays that are written past the caches.
[<Theory>]
[<InlineData(2, 1, 0, 257)>]
[<InlineData(0, 2, 1, 257)>]
[<InlineData(1, 0, 2, 257)>]
[<InlineData(1, 0, 2, 264)>]
[<InlineData(0, 1, 2, 257)>]
let ``large copies move every element`` (first: int, second: int, third: int, m: int) =
    let n, k = 131, 130
    let strides = [| m * k; k; 1 |]
    let order = [| first; second; third |]
    let values = Array.init (n * m * k) float
    let layout = Layout.Contiguous(Shape.Create(ReadOnlySpan [| n; m; k |])).Permute(ReadOnlySpan order)
    let result = NDArray.Zeros(layout.Shape, DType.Float64)
    Copying.Copy(View(Storage.Of values, layout, DType.Float64), View.Of result)
    let found = result.ToArray<float>()
    let sizes = [| n; m; k |]
    let mutable wrong = 0
    let mutable place = 0

    for i in 0 .. sizes[first] - 1 do
        for j in 0 .. sizes[second] - 1 do
            for l in 0 .. sizes[third] - 1 do
                if found[place] <> float (i * strides[first] + j * strides[second] + l * strides[third]) then
                    wrong <- wrong + 1

                place <- place + 1

    Assert.Equal(0, wrong)

[<Fact>]
let ``large fills write every element and nothing else`` () =
    let array = NDArray.Zeros(8_500_001)
    let view = View.Of array
    let inner = view.With(Layout.Strided(Shape.Create(ReadOnlySpan [| 8_499_990 |]), [| 1 |], 5))
    Copying.Fill(inner, View.Of(NDArray.Scalar 2.5))
    let found = array.ToArray<float>()
    Assert.True(Seq.forall ((=) 0.0) found[..4] && Seq.forall ((=) 0.0) found[8_499_995..])
    Assert.True(Array.forall ((=) 2.5) found[5..8_499_994])
    Copying.Fill(view, 3.5)
    Assert.True(Array.forall ((=) 3.5) (array.ToArray<float>()))

[<Property>]
let ``fill writes one value everywhere`` () =
    let case =
        gen {
            let! shape = shapes 3 smallSizes
            return! target DType.Float64 shape
        }

    forAll case (fun target ->
        Copying.Fill(target.View, 2.5)
        let filled = elements target |> List.forall ((=) 2.5)
        Copying.Fill(target.View, View.Of(NDArray.Scalar 7.0))
        filled && elements target |> List.forall ((=) 7.0))

/// An array, indices with the same batch axes, and what is picked along an axis.
let private indexed (picked: int list -> Gen<Strided>) =
    gen {
        let! batch = shapes 2 smallSizes
        let! before = shapes 1 smallSizes
        let! after = shapes 2 smallSizes
        let! size = Gen.choose (1, 5)
        let! indexShape = shapes 2 smallSizes
        let! indexType = Gen.elements [ DType.Int32; DType.Int64 ]
        let! array = strided DType.Float32 whole (batch @ before @ [ size ] @ after)
        let! indices = strided indexType (Gen.choose (-size, size - 1) |> Gen.map float) (batch @ indexShape)
        let! picked = picked (batch @ before @ indexShape @ after)
        return (batch.Length, batch.Length + before.Length, size, indexShape.Length), array, indices, picked
    }

/// For each index of what is picked, the index of the array that it comes from.
let private sourceIndex (batchRank, axis, size, indexRank) (read: int list -> float) (index: int list) =
    let at = read (List.take batchRank index @ (index |> List.skip axis |> List.take indexRank)) |> int
    List.take axis index @ [ (if at < 0 then at + size else at) ] @ List.skip (axis + indexRank) index

[<Property(MaxTest = 300)>]
let ``gather picks the element at each index`` () =
    forAll (indexed (target DType.Float32)) (fun (geometry, array, indices, result) ->
        let batchRank, axis, _, _ = geometry
        Gather.Run(array.View, indices.View, axis, batchRank, result.View)
        let read, readIndex = reader array, reader indices
        let expected = [ for i in Strided.indices result.Shape -> read (sourceIndex geometry readIndex i) ]
        elements result = expected)

[<Property(MaxTest = 300)>]
let ``scatter-add is the transpose of gather`` () =
    forAll (indexed (strided DType.Float32 whole)) (fun (geometry, array, indices, added) ->
        let batchRank, axis, _, _ = geometry
        let before = List.zip (Strided.indices array.Shape) (elements array) |> Map.ofList
        let read, readIndex = reader added, reader indices
        ScatterAdd.Run(added.View, indices.View, axis, batchRank, array.View)

        let expected =
            (before, Strided.indices added.Shape)
            ||> List.fold (fun sums i ->
                Map.change (sourceIndex geometry readIndex i) (Option.map (fun sum -> sum + read i)) sums)

        elements array = List.ofSeq expected.Values)

[<Fact>]
let ``an index beyond the axis is named with the axis and its size`` () =
    let source = NDArray.Create([| 1.0; 2.0; 3.0 |], 1, 3)

    let run (index: int) =
        Assert
            .Throws<IndexOutOfRangeException>(fun () ->
                let result = View.Of(NDArray.Zeros(1, 1))
                Gather.Run(View.Of source, View.Of(NDArray.Create([| index |], 1)), 1, 0, result))
            .Message

    Assert.Equal("index 3 is out of range for axis 1, which has size 3", run 3)
    Assert.Equal("index -4 is out of range for axis 1, which has size 3", run -4)

let private windows =
    gen {
        let! before = shapes 1 smallSizes
        let! after = shapes 1 smallSizes
        let! size = Gen.choose (1, 4)
        let! stride = Gen.choose (1, 3)
        let! dilation = Gen.choose (1, 3)
        let! slack = Gen.choose (0, 6)
        let shape = before @ [ (size - 1) * dilation + 1 + slack ] @ after
        let! array = strided DType.Int64 whole shape
        let! cotangent = strided DType.Int64 whole (before @ [ slack / stride + 1; size ] @ after)
        let! result = target DType.Int64 shape
        return (before.Length, size, stride, dilation), array, cotangent, result
    }

/// The index of the array that an index of its windows reads.
let private windowIndex (axis, _, stride, dilation) (index: int list) =
    List.take axis index
    @ [ index[axis] * stride + index[axis + 1] * dilation ]
    @ List.skip (axis + 2) index

[<Property>]
let ``a window reads the elements that its stride and dilation name`` () =
    forAll windows (fun (geometry, array, cotangent, _) ->
        let axis, size, stride, dilation = geometry
        let view = { array with Layout = array.Layout.Window(axis, size, stride, dilation) }
        let read = reader array
        let expected = [ for i in Strided.indices cotangent.Shape -> read (windowIndex geometry i) ]
        view.Shape = cotangent.Shape && elements view = expected)

[<Property>]
let ``overlap-add is the transpose of the windows`` () =
    forAll windows (fun (geometry, _, cotangent, result) ->
        let axis, size, stride, dilation = geometry
        let last = cotangent.Shape.Length - 1
        let order = ReadOnlySpan(Array.append (Array.except [ axis + 1 ] [| 0..last |]) [| axis + 1 |])
        let windows = result.Layout.Window(axis, size, stride, dilation).Permute order
        let source = cotangent.Layout.Permute order

        OverlapAdd(source, windows, 1)
            .Run({ cotangent with Layout = source }.View, { result with Layout = windows }.View, result.View)

        let zeros = Map.ofList [ for i in Strided.indices result.Shape -> i, 0.0 ]
        let read = reader cotangent

        let expected =
            (zeros, Strided.indices cotangent.Shape)
            ||> List.fold (fun sums i -> Map.change (windowIndex geometry i) (Option.map ((+) (read i))) sums)

        elements result = List.ofSeq expected.Values)

/// Windows in steps, whose elements stand together in the source; elements between the rows of the result stay.
[<Property(MaxTest = 200)>]
let ``overlap-add in steps adds to the places of its windows alone`` (DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = numbers[random.Next numbers.Length]

    let rows, count, size, step =
        random.Next(1, 4), random.Next(1, 80), random.Next(1, 5), random.Next(1, 4)

    let width, gap = (count - 1) * step + size + random.Next 3, random.Next(1, 4)
    let inside = Array.init (size * rows * count) (fun _ -> float (random.Next(-4, 5)))
    let before = Array.init (rows * (width + gap)) (fun _ -> float (random.Next(1, 9)))
    let source, whole = NDArray.Create(inside).AsType dtype, NDArray.Create(before).AsType dtype

    let strided (sizes: int list) (strides: int list) =
        Layout.Strided(Shape.Create(ReadOnlySpan(Array.ofList sizes)), Array.ofList strides, 0)

    let windows = strided [ rows; count; size ] [ width + gap; step; 1 ]
    let from = strided [ rows; count; size ] [ count; 1; rows * count ]
    let result = strided [ rows; width ] [ width + gap; 1 ]
    let view (array: NDArray) layout = View(Storage.Of array, layout, dtype)
    OverlapAdd(from, windows, 1).Run(view source from, view whole windows, view whole result)

    let expected = Array.mapi (fun i x -> if i % (width + gap) < width then 0.0 else x) before

    for index in indices [ rows; count; size ] do
        let row, window, within = index[0], index[1], index[2]
        let place = row * (width + gap) + window * step + within
        expected[place] <- expected[place] + inside[within * rows * count + row * count + window]

    whole.AsType(DType.Float64).ToArray<float>() = expected
