module Autodiff.Properties.Kernel.GemmTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

/// The axes of a contraction: of all three, of a and c, of b and c, and of a and b (summed).
type private Axes = { Batch: int list; Rows: int list; Columns: int list; Depth: int list }

let private sizes =
    Gen.frequency
        [
            1, Gen.constant 0
            8, Gen.choose (1, 8)
            4, Gen.choose (9, 35)
            2, Gen.elements [ 47; 48; 49; 64; 65; 97; 100 ]
        ]

let private axes =
    gen {
        let! batch = shapes 2 (Gen.frequency [ 6, Gen.choose (0, 4); 1, Gen.elements [ 33; 64; 129 ] ])
        let! rows = shapes 2 sizes
        let! columns = shapes 2 sizes
        let! depth = shapes 2 (Gen.frequency [ 9, sizes; 1, Gen.elements [ 255; 300; 1030 ] ])
        return { Batch = batch; Rows = rows; Columns = columns; Depth = depth }
    }
    |> Gen.where (fun axes -> isSmall 20000L (axes.Batch @ axes.Rows @ axes.Columns @ axes.Depth))

let private case (element: Gen<float>) dtypes =
    gen {
        let! dtype = Gen.elements dtypes
        let! axes = axes
        let! a = repeated dtype element (axes.Batch @ axes.Rows @ axes.Depth)
        let! b = repeated dtype element (axes.Batch @ axes.Depth @ axes.Columns)
        let! c = target dtype (axes.Batch @ axes.Rows @ axes.Columns)
        return axes, a, b, c
    }

let private contraction (axes: Axes) (a: Strided) (b: Strided) (c: Strided) =
    let batch, rows, depth = axes.Batch.Length, axes.Rows.Length, axes.Depth.Length
    let stride (operand: Strided) start i = operand.Layout.Strides[start + i]

    let kept =
        [
            for i, size in List.indexed axes.Batch -> LoopAxis(size, stride a 0 i, stride b 0 i, stride c 0 i)
            for i, size in List.indexed axes.Rows -> LoopAxis(size, stride a batch i, 0, stride c batch i)
            for i, size in List.indexed axes.Columns ->
                LoopAxis(size, 0, stride b (batch + depth) i, stride c (batch + rows) i)
        ]

    let summed =
        [
            for i, size in List.indexed axes.Depth -> LoopAxis(size, stride a (batch + rows) i, stride b batch i, 0)
        ]

    Contraction(Array.ofList kept, Array.ofList summed, a.Array.DType)

let private multiply (contraction: Contraction) (a: View) (b: View) (c: View) = contraction.Run(&a, &b, &c)

/// The sum of products at an index of the result, and the sum of their sizes.
let private reference (axes: Axes) readA readB (index: int list) =
    let batch, rest = List.splitAt axes.Batch.Length index
    let rows, columns = List.splitAt axes.Rows.Length rest
    let first = batch @ rows

    ((0.0, 0.0), indices axes.Depth)
    ||> List.fold (fun (sum, size) depth ->
        let product = readA (first @ depth) * readB (batch @ depth @ columns)
        sum + product, size + abs product)

[<Property(MaxTest = 500)>]
let ``a contraction is the sum of products, whatever the strides`` () =
    forAll (case whole numbers) (fun (axes, a, b, c) ->
        multiply (contraction axes a b c) a.View b.View c.View
        let readA, readB = reader a, reader b
        let expected = [ for index in indices c.Shape -> fst (reference axes readA readB index) ]
        elements c = expected)

/// Whole numbers, so that scaled sums are exact.
[<Property(MaxTest = 300)>]
let ``a contraction can be scaled, and added to what the result holds`` () =
    let scaled =
        gen {
            let! axes, a, b, c = case whole numbers
            let! held = repeated c.Array.DType whole (axes.Batch @ axes.Rows @ axes.Columns)
            let! alpha = Gen.elements [ 1.0; -1.0; 3.0 ]
            let! accumulate = Gen.elements [ true; false ]
            return axes, a, b, c, held, alpha, accumulate
        }

    forAll scaled (fun (axes, a, b, c, held, alpha, accumulate) ->
        Copying.Copy(held.View, c.View)
        let x, y, z = a.View, b.View, c.View
        (contraction axes a b c).Run(&x, &y, &z, alpha, accumulate)
        let readA, readB, readHeld = reader a, reader b, reader held

        let expected =
            [
                for index in indices c.Shape ->
                    alpha * fst (reference axes readA readB index) + (if accumulate then readHeld index else 0.0)
            ]

        elements c = expected)

/// Windows of an image meet filters: rows and depth of several axes that overlap, without a copy.
[<Property(MaxTest = 100)>]
let ``a convolution is a contraction of overlapping windows`` () =
    let case =
        gen {
            let! batch, channels, filters = Gen.zip3 (Gen.choose (1, 3)) (Gen.choose (1, 4)) (Gen.choose (4, 40))
            let! size, width = Gen.zip (Gen.choose (1, 5)) (Gen.choose (5, 14))
            let! dtype = Gen.elements [ DType.Float32; DType.Float64 ]
            let! seed = Gen.choose (0, 1000)
            return batch, channels, filters, size, width, dtype, seed
        }

    forAll case (fun (batch, channels, filters, size, width, dtype, seed) ->
        let random = Random seed

        let whole (shape: int list) =
            NDArray.Create(
                Array.init (List.fold (*) 1 shape) (fun _ -> float (random.Next(-4, 5))),
                Array.ofList shape
            )

        let image, weights = whole [ batch; channels; width; width ], whole [ filters; channels; size; size ]
        let places = width - size + 1
        let result = NDArray.Zeros([| batch; filters; places; places |], dtype)
        let step = channels * width * width

        let kept =
            [|
                LoopAxis(batch, step, 0, filters * places * places)
                LoopAxis(filters, 0, channels * size * size, places * places)
                LoopAxis(places, width, 0, places)
                LoopAxis(places, 1, 0, 1)
            |]

        let summed =
            [|
                LoopAxis(channels, width * width, size * size, 0)
                LoopAxis(size, width, size, 0)
                LoopAxis(size, 1, 1, 0)
            |]

        multiply
            (Contraction(kept, summed, dtype))
            (View.Of(image.AsType dtype))
            (View.Of(weights.AsType dtype))
            (View.Of result)

        let at (array: NDArray) (index: int list) = float (array[Array.ofList index].Item<float>())

        indices [ batch; filters; places; places ]
        |> List.forall (fun index ->
            let b, f, i, j = index[0], index[1], index[2], index[3]

            let expected =
                List.sum
                    [
                        for tap in indices [ channels; size; size ] ->
                            at image [ b; tap[0]; i + tap[1]; j + tap[2] ] * at weights (f :: tap)
                    ]

            at (result.AsType DType.Float64) index = expected))

/// Windows that go on in steps meet a filter for each channel, and the filter's gradient: rows of every step-th element. One
/// element is infinite, so that none that is left out counts.
[<Property(MaxTest = 300)>]
let ``depthwise convolutions in steps, and their weights' gradients, are contractions`` (DoNotSize(seed: int)) =
    let random = Random seed
    let dtype = if random.Next 2 = 0 then DType.Float32 else DType.Float64
    let batch, channels, step = random.Next(1, 4), random.Next(1, 4), random.Next(1, 4)
    let rows, columns, size = random.Next(1, 9), random.Next(1, 90), random.Next(1, 4)
    let height, width = (rows - 1) * step + size, (columns - 1) * step + size

    let elements (shape: int list) =
        let whole = Array.init (List.fold (*) 1 shape) (fun _ -> float (random.Next(-4, 5)))

        if random.Next 3 = 0 then
            whole[random.Next whole.Length] <- infinity

        whole

    let image = elements [ batch; channels; height; width ]
    let filter = elements [ channels; size; size ]
    let result = elements [ batch; channels; rows; columns ]

    let axes =
        {|
            Batch = LoopAxis(batch, channels * height * width, 0, channels * rows * columns)
            Channels = LoopAxis(channels, height * width, size * size, rows * columns)
            Rows = LoopAxis(rows, step * width, 0, columns)
            Columns = LoopAxis(columns, step, 0, 1)
            TapRows = LoopAxis(size, width, size, 0)
            TapColumns = LoopAxis(size, 1, 1, 0)
        |}

    /// Image and filter, result: as they are, or with other roles.
    let run kept summed (x: float[]) (y: float[]) =
        let all =
            Array.append kept summed |> Array.map (fun (axis: LoopAxis) -> axis.Size, axis.A, axis.B, axis.C)

        let length = all |> Array.sumBy (fun (size, _, _, c) -> (size - 1) * c)
        let expected = Array.zeroCreate (length + 1)

        for index in indices [ for size, _, _, _ in all -> size ] do
            let at stride = Seq.map2 (fun i axis -> i * stride axis) index all |> Seq.sum
            let place = at (fun (_, _, _, c) -> c)
            expected[place] <- expected[place] + x[at (fun (_, a, _, _) -> a)] * y[at (fun (_, _, b, _) -> b)]

        let found swaps =
            let swap (axis: LoopAxis) = if swaps then LoopAxis(axis.Size, axis.B, axis.A, axis.C) else axis
            let a, b = View.Of(NDArray.Create(x).AsType dtype), View.Of(NDArray.Create(y).AsType dtype)
            let c = NDArray.Zeros([| length + 1 |], dtype)
            let product = Contraction(Array.map swap kept, Array.map swap summed, dtype)
            multiply product (if swaps then b else a) (if swaps then a else b) (View.Of c)
            c.AsType(DType.Float64).ToArray<float>()

        Array.forall2 (fun (x: float) y -> x.Equals y) expected (found false)
        && Array.forall2 (fun (x: float) y -> x.Equals y) expected (found true)

    let ofWeights (axis: LoopAxis) = LoopAxis(axis.Size, axis.A, axis.C, axis.B)

    run [| axes.Batch; axes.Channels; axes.Rows; axes.Columns |] [| axes.TapRows; axes.TapColumns |] image filter
    && run
        (Array.map ofWeights [| axes.Channels; axes.TapRows; axes.TapColumns |])
        (Array.map ofWeights [| axes.Batch; axes.Rows; axes.Columns |])
        image
        result

[<Property(MaxTest = 200)>]
let ``the rounding error of a contraction is within the bound of its length`` () =
    let reals = Gen.choose (-1000, 1000) |> Gen.map (fun i -> float (float32 i / 997.0f))

    forAll (case reals [ DType.Float32 ]) (fun (axes, a, b, c) ->
        multiply (contraction axes a b c) a.View b.View c.View
        let length = float (List.fold (*) 1 axes.Depth)
        let readA, readB, readC = reader a, reader b, reader c

        indices c.Shape
        |> List.forall (fun index ->
            let exact, size = reference axes readA readB index
            abs (readC index - exact) <= (length + 1.0) * float (MathF.BitIncrement 1.0f - 1.0f) * size))

[<Property(MaxTest = 100)>]
let ``an element's bits do not depend on what stands beside it`` () =
    let case =
        gen {
            let! depth = Gen.choose (5, 300)
            let! columns = Gen.choose (4, 80)
            let! rows = Gen.choose (2, 40)
            let! seed = Gen.choose (0, 1000)
            return rows, depth, columns, seed
        }

    forAll case (fun (rows, depth, columns, seed) ->
        let random = Random seed
        let a = NDArray.Create(Array.init (rows * depth) (fun _ -> random.NextSingle()), rows, depth)
        let b = NDArray.Create(Array.init (depth * columns) (fun _ -> random.NextSingle()), depth, columns)
        let whole = Einsum.Evaluate("ij,jk->ik", a, b).ToArray<float32>()
        // A chain of fused multiply-adds along the depth.
        let left, right = a.ToArray<float32>(), b.ToArray<float32>()

        let chain row column =
            (0.0f, [ 0 .. depth - 1 ])
            ||> List.fold (fun sum k ->
                MathF.FusedMultiplyAdd(left[row * depth + k], right[k * columns + column], sum))

        let isFused = Runtime.Intrinsics.X86.Fma.IsSupported || Runtime.Intrinsics.Arm.AdvSimd.IsSupported
        let isBlocked = not (depth >= 64 && min rows columns <= 4)

        not isFused
        || not isBlocked
        || List.forall
            (fun (row, column) -> whole[row * columns + column] = chain row column)
            (List.allPairs [ 0 .. rows - 1 ] [ 0 .. columns - 1 ]))

[<Property(MaxTest = 100)>]
let ``dot products of rows have the bits of each alone`` () =
    let case =
        gen {
            let! rows = Gen.choose (1, 70)
            let! length = Gen.oneof [ Gen.choose (16, 70); Gen.elements [ 1; 15; 128; 1000 ] ]
            let! dtype = Gen.elements [ DType.Float32; DType.Float64 ]
            let! isShared = Gen.elements [ true; false ]
            let! seed = Gen.choose (0, 1000)
            return rows, length, dtype, isShared, seed
        }

    forAll case (fun (rows, length, dtype, isShared, seed) ->
        let random = Random seed
        let others = if isShared then 1 else rows
        let a = Array.init (rows * length) (fun _ -> random.NextDouble() - 0.5)
        let b = Array.init (others * length) (fun _ -> random.NextDouble() - 0.5)

        let single (values: float[]) row = NDArray.Create(Array.sub values (row * length) length, length).AsType dtype

        let whole (values: float[]) = NDArray.Create(values, values.Length / length, length).AsType dtype

        let alone =
            Array.init rows (fun row ->
                Einsum
                    .Evaluate("b,b->", single a row, single b (if isShared then 0 else row))
                    .AsType(DType.Float64)
                    .Item<float>())

        let together =
            if isShared then
                Einsum.Evaluate("ab,b->a", whole a, single b 0)
            else
                Einsum.Evaluate("ab,ab->a", whole a, whole b)

        together.AsType(DType.Float64).ToArray<float>() = alone)

[<Fact>]
let ``large products agree with sums in double precision`` () =
    for rows, depth, columns in [ 200, 600, 500; 97, 513, 1000; 600, 40, 33 ] do
        let random = Random rows
        let a = Array.init (rows * depth) (fun _ -> float (random.Next(-4, 5)))
        let b = Array.init (depth * columns) (fun _ -> float (random.Next(-4, 5)))

        let product =
            Einsum.Evaluate("ij,jk->ik", NDArray.Create(a, rows, depth), NDArray.Create(b, depth, columns))

        let found = product.ToArray<float>()

        for _ in 1..500 do
            let i, j = random.Next rows, random.Next columns
            let expected = Seq.sum (seq { for k in 0 .. depth - 1 -> a[i * depth + k] * b[k * columns + j] })
            Assert.Equal(expected, found[i * columns + j])

/// A product of few columns, in memory where other elements stand beside its own and where none stand behind.
[<Property(MaxTest = 200)>]
let ``a product writes its own elements and no others`` () =
    let case =
        gen {
            let! rows, depth = Gen.zip (Gen.choose (1, 40)) (Gen.choose (1, 30))
            let! columns, gap = Gen.zip (Gen.choose (1, 70)) (Gen.choose (0, 3))
            let! dtype = Gen.elements [ DType.Float32; DType.Float64 ]
            let! seed = Gen.choose (0, 1000)
            return rows, depth, columns, gap, dtype, seed
        }

    forAll case (fun (rows, depth, columns, gap, dtype, seed) ->
        let random = Random seed

        let whole rows columns =
            let elements = Array.init (rows * columns) (fun _ -> float (random.Next(-4, 5)))
            NDArray.Create(elements, rows, columns).AsType dtype

        let a, b, c = whole rows depth, whole depth columns, whole rows (columns + gap)
        let before = c.AsType(DType.Float64).ToArray<float>()
        let read = a.AsType(DType.Float64).ToArray<float>(), b.AsType(DType.Float64).ToArray<float>()

        let product =
            Contraction(
                [| LoopAxis(rows, depth, 0, columns + gap); LoopAxis(columns, 0, 1, 1) |],
                [| LoopAxis(depth, 1, columns, 0) |],
                dtype
            )

        multiply product (View.Of a) (View.Of b) (View.Of c)

        let after = c.AsType(DType.Float64).ToArray<float>()

        List.allPairs [ 0 .. rows - 1 ] [ 0 .. columns + gap - 1 ]
        |> List.forall (fun (row, column) ->
            let place = row * (columns + gap) + column

            let expected =
                if column >= columns then
                    before[place]
                else
                    Seq.sum (
                        seq {
                            for k in 0 .. depth - 1 -> (fst read)[row * depth + k] * (snd read)[k * columns + column]
                        }
                    )

            after[place] = expected))

/// The products of whole numbers are computed by other kernels, exactly.
[<Theory>]
[<InlineData("ij,kjl->ikl", 100, 300, 4, 305)>]
[<InlineData("ij,kjl->lik", 97, 513, 3, 330)>]
[<InlineData("ji,kjl->ikl", 130, 600, 2, 400)>]
[<InlineData("kij,jl->kil", 60, 700, 3, 290)>]
[<InlineData("kij,lj->kil", 50, 1100, 2, 210)>]
[<InlineData("ij,jl->il", 300, 784, 1, 128)>]
[<InlineData("ji,jl->il", 500, 700, 1, 121)>]
[<InlineData("ji,jl->il", 101, 600, 1, 500)>]
[<InlineData("ijk,jl->ikl", 5, 600, 93, 300)>]
[<InlineData("ijk,jl->lik", 5, 600, 93, 300)>]
[<InlineData("ijk,jl->ikl", 14, 600, 15, 300)>]
[<InlineData("ij,jl->il", 64, 2300, 1, 32)>]
[<InlineData("ij,jl->il", 101, 2300, 1, 20)>]
[<InlineData("ij,jl->il", 301, 500, 1, 3)>]
[<InlineData("ij,jl->li", 301, 100, 1, 2)>]
[<InlineData("ij,jl->il", 301, 17, 1, 1)>]
[<InlineData("kij,kj->ki", 3, 11, 301, 1)>]
[<InlineData("kij,kj->ki", 5, 40, 301, 1)>]
[<InlineData("kij,kjl->kil", 4, 4, 301, 4)>]
[<InlineData("kij,kjl->kil", 3, 3, 301, 3)>]
[<InlineData("kij,kjl->kil", 17, 9, 301, 13)>]
[<InlineData("kij,klj->kil", 4, 5, 301, 6)>]
[<InlineData("kij,kjl->ikl", 2, 30, 301, 40)>]
let ``large products agree with those of whole numbers`` (text: string, i: int, j: int, k: int, l: int) =
    let size label =
        match label with
        | 'i' -> i
        | 'j' -> j
        | 'k' -> k
        | _ -> l

    let random = Random(i + j)

    let whole (labels: string) =
        let shape = [| for label in labels -> size label |]
        NDArray.Create(Array.init (Array.fold (*) 1 shape) (fun _ -> int64 (random.Next(-4, 5))), shape)

    let operands = [| for labels in text[.. text.IndexOf '-' - 1].Split ',' -> whole labels |]
    let expected = Einsum.Evaluate(text, operands).ToArray<int64>()

    for dtype in [ DType.Float32; DType.Float64 ] do
        let found = Einsum.Evaluate(text, [| for operand in operands -> operand.AsType dtype |])
        Assert.Equal<int64>(expected, found.AsType(DType.Int64).ToArray<int64>())
