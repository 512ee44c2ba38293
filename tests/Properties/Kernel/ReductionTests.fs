module Autodiff.Properties.Kernel.ReductionTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private sizes =
    Gen.frequency [ 6, Gen.choose (0, 4); 2, Gen.choose (5, 20); 1, Gen.elements [ 63; 64; 65; 130; 1030 ] ]

/// A source, how many of its axes are kept, and a place for the result.
let private case (dtypes: DType list) (result: DType -> DType) (element: Gen<float>) =
    gen {
        let! dtype = Gen.elements dtypes

        let! kept, reduced =
            Gen.zip (shapes 2 sizes) (shapes 3 sizes)
            |> Gen.where (fun (kept, reduced) -> isSmall 5000L (kept @ reduced))

        let shape = kept @ reduced
        let! source = repeated dtype element shape
        let! target = target (result dtype) kept
        return kept, reduced, source, target
    }

/// The reduced elements of each result, in row-major order.
let private groups (kept: int list) (reduced: int list) (source: Strided) =
    let read = reader source
    [ for index in indices kept -> [ for rest in indices reduced -> read (index @ rest) ] ]

let private reduces kind dtypes result element (reference: float list -> float) =
    forAll (case dtypes result element) (fun (kept, reduced, source, target) ->
        let chooses = kind <> ReductionKind.Sum && kind <> ReductionKind.Prod
        let isEmpty = chooses && not (List.contains 0 kept) && List.contains 0 reduced

        isEmpty
        || (Reduction.Run(kind, source.View, kept.Length, target.View)
            let expected = groups kept reduced source |> List.map reference
            List.forall2 (fun (x: float) y -> x.Equals y) (elements target) expected))

/// Whole numbers with ties, zeros of both signs, infinities and NaN.
let private special =
    Gen.frequency [ 20, whole; 1, Gen.constant nan; 1, Gen.constant infinity; 1, Gen.constant -infinity ]

let private floatsOnly = [ DType.Float32; DType.Float64 ]
let private withBool = DType.Bool :: numbers

[<Property(MaxTest = 300)>]
let ``Sum adds`` () = reduces ReductionKind.Sum numbers id whole List.sum

[<Property(MaxTest = 300)>]
let ``Prod multiplies`` () = reduces ReductionKind.Prod numbers id (Gen.elements [ 1.0; 1.0; -1.0 ]) (List.fold (*) 1.0)

[<Property(MaxTest = 300)>]
let ``Max chooses the largest`` () = reduces ReductionKind.Max withBool id whole List.max

[<Property(MaxTest = 300)>]
let ``Min chooses the smallest`` () = reduces ReductionKind.Min withBool id whole List.min

let private largest (values: float list) = if List.exists Double.IsNaN values then nan else List.max values
let private smallest (values: float list) = if List.exists Double.IsNaN values then nan else List.min values

[<Property(MaxTest = 300)>]
let ``Max keeps NaN and infinities`` () = reduces ReductionKind.Max floatsOnly id special largest

[<Property(MaxTest = 300)>]
let ``Min keeps NaN and infinities`` () = reduces ReductionKind.Min floatsOnly id special smallest

/// Extremes of zeros are told apart by their signs alone.
let private zeros kind (isNegative: float list -> bool) =
    let zero = Gen.frequency [ 9, Gen.constant -0.0; 1, Gen.constant 0.0 ]
    let turned = if kind = ReductionKind.Max then zero else Gen.map (~-) zero

    forAll (case floatsOnly id turned) (fun (kept, reduced, source, target) ->
        List.contains 0 reduced
        || (Reduction.Run(kind, source.View, kept.Length, target.View)
            let expected = groups kept reduced source |> List.map isNegative
            List.map Double.IsNegative (elements target) = expected))

[<Property(MaxTest = 300)>]
let ``Max of zeros is positive where one is`` () = zeros ReductionKind.Max (List.forall Double.IsNegative)

[<Property(MaxTest = 300)>]
let ``Min of zeros is negative where one is`` () = zeros ReductionKind.Min (List.exists Double.IsNegative)

let private first (best: float list -> float) (values: float list) =
    let extreme = best values
    values |> List.findIndex (fun value -> value.Equals extreme) |> float

[<Property(MaxTest = 300)>]
let ``ArgMax is the first largest, or the first NaN`` () =
    reduces ReductionKind.ArgMax floatsOnly (fun _ -> DType.Int64) special (first largest)

[<Property(MaxTest = 300)>]
let ``ArgMin is the first smallest, or the first NaN`` () =
    reduces ReductionKind.ArgMin floatsOnly (fun _ -> DType.Int64) special (first smallest)

[<Property(MaxTest = 200)>]
let ``ArgMax is the first largest in every type`` () =
    reduces ReductionKind.ArgMax withBool (fun _ -> DType.Int64) whole (first largest)

/// The sum of a row as the tree of 64 lanes says: lanes start afresh every 1024 elements and are joined in order.
let inline private tree (zero: ^t) (row: ^t[]) : ^t =
    let fold (lanes: ^t[]) =
        let mutable lanes = lanes

        while lanes.Length > 1 do
            let half = lanes.Length / 2
            lanes <- Array.init half (fun i -> lanes[i] + lanes[i + half])

        lanes[0]

    let lanesOf (chunk: ^t[]) =
        let lanes = Array.create 64 zero
        chunk |> Array.iteri (fun i x -> lanes[i % 64] <- lanes[i % 64] + x)
        lanes

    if row.Length < 16 then
        Array.reduce (+) row
    else
        row |> Array.chunkBySize 1024 |> Array.map lanesOf |> Array.reduce (Array.map2 (+)) |> fold

[<Property(MaxTest = 60)>]
let ``a row is summed by the tree of 64 lanes`` () =
    let case =
        gen {
            let! length =
                Gen.elements [ 1; 15; 16; 17; 63; 64; 65; 255; 256; 300; 1023; 1024; 1025; 3000; 70_000; 2_200_000 ]

            let! stride = Gen.elements [ 1; 1; 2; -1 ]
            let! seed = Gen.choose (1, 1000)
            let! threads = Gen.choose (1, 3)
            return length, stride, seed, threads
        }

    forAll case (fun (length, stride, seed, threads) ->
        use _ = ComputeThreads.Use threads
        let random = Random seed
        let values = Array.init (length * abs stride) (fun _ -> random.NextDouble() - 0.5)
        let start = if stride < 0 then length - 1 else 0
        let layout = Layout.Strided(Shape.Create(ReadOnlySpan [| length |]), [| stride |], start)
        let row = Array.init length (fun i -> values[start + i * stride])

        let sum (dtype: DType) =
            let result = NDArray.Zeros(Shape.Scalar, dtype)

            Reduction.Run(
                ReductionKind.Sum,
                View.Of((NDArray.Create values).AsType dtype).With layout,
                0,
                View.Of result
            )

            result

        (sum DType.Float64).ToArray<float>()[0] = tree -0.0 row
        && (sum DType.Float32).ToArray<float32>()[0] = tree -0.0f (Array.map float32 row))

[<Property(MaxTest = 150)>]
let ``rows together have the bits of each alone`` () =
    let case =
        gen {
            let! rows = Gen.choose (1, 70)
            let! length = Gen.oneof [ Gen.choose (16, 80); Gen.elements [ 127; 128; 129; 500; 1024; 1025 ] ]
            let! gap = Gen.choose (0, 3)
            let! resultStep = Gen.elements [ 1; 1; 3 ]
            let! seed = Gen.choose (1, 1000)
            return rows, length, gap, resultStep, seed
        }

    forAll case (fun (rows, length, gap, resultStep, seed) ->
        let random = Random seed
        let step = length + gap
        let values = Array.init (rows * step) (fun _ -> random.NextDouble() - 0.5)
        let layout = Layout.Strided(Shape.Create(ReadOnlySpan [| rows; length |]), [| step; 1 |], 0)
        let target = Layout.Strided(Shape.Create(ReadOnlySpan [| rows |]), [| resultStep |], 0)

        let reduced kind (dtype: DType) =
            let result = NDArray.Zeros(Shape.Create(ReadOnlySpan [| rows * resultStep |]), dtype)
            let source = View.Of((NDArray.Create values).AsType dtype).With layout
            Reduction.Run(kind, source, 1, (View.Of result).With target)
            result

        /// The results at their places, and zeros between them.
        let inline expected (values: ^t[]) (zero: ^t) (combine: ^t[] -> ^t) =
            Array.init (rows * resultStep) (fun place ->
                if place % resultStep = 0 then
                    combine (Array.sub values (place / resultStep * step) length)
                else
                    zero)

        let singles = Array.map float32 values

        (reduced ReductionKind.Sum DType.Float64).ToArray<float>() = expected values 0.0 (tree -0.0)
        && (reduced ReductionKind.Sum DType.Float32).ToArray<float32>() = expected singles 0.0f (tree -0.0f)
        && (reduced ReductionKind.Max DType.Float32).ToArray<float32>() = expected singles 0.0f Array.max
        && (reduced ReductionKind.Min DType.Float64).ToArray<float>() = expected values 0.0 Array.min)

[<Property(MaxTest = 100)>]
let ``many short rows are summed each from its first element on, run by run`` () =
    let case =
        gen {
            let! rows = Gen.elements [ 7; 8; 9; 33; 511; 512; 513; 1030 ]
            let! length = Gen.choose (1, 15)
            let! runs = Gen.elements [ 1; 1; 2; 3 ]
            let! step = Gen.elements [ 2; 3; length + 1 ]
            let! seed = Gen.choose (1, 1000)
            let! threads = Gen.choose (1, 3)
            return rows, length, runs, step, seed, threads
        }

    forAll case (fun (rows, length, runs, step, seed, threads) ->
        use _ = ComputeThreads.Use threads
        let random = Random seed
        let run = rows * step + length
        let values = Array.init (runs * run) (fun _ -> random.NextDouble() - 0.5)
        let shape = Shape.Create(ReadOnlySpan [| rows; runs; length |])
        let layout = Layout.Strided(shape, [| step; run; 1 |], 0)

        let sum (dtype: DType) =
            let result = NDArray.Zeros(Shape.Create(ReadOnlySpan [| rows |]), dtype)

            Reduction.Run(
                ReductionKind.Sum,
                View.Of((NDArray.Create values).AsType dtype).With layout,
                1,
                View.Of result
            )

            result

        let inline expected (values: ^t[]) =
            Array.init rows (fun row ->
                Array.init runs (fun i -> Array.sub values (i * run + row * step) length |> Array.reduce (+))
                |> Array.reduce (+))

        (sum DType.Float64).ToArray<float>() = expected values
        && (sum DType.Float32).ToArray<float32>() = expected (Array.map float32 values))

[<Property(MaxTest = 40)>]
let ``reductions have the same bits for any number of threads`` () =
    let case =
        gen {
            let! dtype = Gen.elements floatsOnly
            let! kind = Gen.elements [ ReductionKind.Sum; ReductionKind.Max; ReductionKind.ArgMin ]

            let! shape =
                Gen.elements
                    [
                        [ 700; 300 ]
                        [ 3; 90_000 ]
                        [ 90_000; 3 ]
                        [ 40; 70; 90 ]
                        [ 4; 257; 260 ]
                        [ 260; 257; 4 ]
                        [ 300_000; 1; 1 ]
                    ]

            let! order = Gen.shuffle [| 0 .. shape.Length - 1 |]
            let! kept = Gen.choose (0, shape.Length - 1)
            let! step = Gen.elements [ 1; 2 ]
            return dtype, kind, shape, order, kept, step
        }

    forAll case (fun (dtype, kind, shape, order, kept, step) ->
        let random = Random 3
        let size = List.fold (*) step shape
        let values = (NDArray.Create(Array.init size (fun _ -> random.NextDouble() - 0.5))).AsType dtype
        let whole = Layout.Contiguous(Shape.Create(ReadOnlySpan(Array.ofList shape)))

        let layout =
            Layout.Strided(whole.Shape, whole.Strides |> Array.map ((*) step), 0).Permute(ReadOnlySpan order)

        let reduce threads =
            use _ = ComputeThreads.Use threads
            let resultType = if kind = ReductionKind.ArgMin then DType.Int64 else dtype
            let result = NDArray.Zeros(Shape.Create(layout.Shape.AsSpan().Slice(0, kept)), resultType)
            Reduction.Run(kind, View.Of(values).With layout, kept, View.Of result)
            result

        let alone = reduce 1
        alone.IsSameAs(reduce 2) && alone.IsSameAs(reduce 3))

[<Theory>]
[<InlineData(1)>]
[<InlineData(3)>]
let ``the first of equal extremes of a long row is found`` (threads: int) =
    use _ = ComputeThreads.Use threads

    for first in [ 0; 4095; 4096; 50_000; 99_999 ] do
        for extreme in [ 2.0; nan; 0.0 ] do
            let values = Array.create 100_000 -1.0

            for place in first..5000..99_999 do
                values[place] <- extreme

            let result = NDArray.Zeros(Shape.Scalar, DType.Int64)
            Reduction.Run(ReductionKind.ArgMax, View.Of(NDArray.Create values), 0, View.Of result)
            Assert.Equal(int64 first, result.ToArray<int64>()[0])

[<Fact>]
let ``a long float sum stays close to the exact one`` () =
    let random = Random 1
    let values = Array.init 1_000_000 (fun _ -> random.NextSingle())
    let exact = values |> Array.sumBy float

    let sum keptRank (array: NDArray) (shape: Shape) =
        let result = NDArray.Zeros(shape, DType.Float32)
        Reduction.Run(ReductionKind.Sum, View.Of array, keptRank, View.Of result)
        result.ToArray<float32>()

    let total = sum 0 (NDArray.Create values) Shape.Scalar
    Assert.InRange(float total[0], exact * (1.0 - 2e-6), exact * (1.0 + 2e-6))

    // Down the columns of [250000, 4].
    let layout =
        Layout.Contiguous(Shape.Create(ReadOnlySpan [| 250_000; 4 |])).Permute(ReadOnlySpan [| 1; 0 |])

    let result = NDArray.Zeros(Shape.Create(ReadOnlySpan [| 4 |]), DType.Float32)
    Reduction.Run(ReductionKind.Sum, View.Of(NDArray.Create values).With layout, 1, View.Of result)

    for column in 0..3 do
        let exact = Seq.sum (seq { for row in 0..249_999 -> float values[4 * row + column] })
        let found = float (result.ToArray<float32>()[column])
        Assert.InRange(found, exact * (1.0 - 1e-5), exact * (1.0 + 1e-5))

[<Fact>]
let ``an empty axis has no largest element`` () =
    let source = View.Of(NDArray.Zeros(2, 0))

    let error =
        Assert.Throws<ShapeException>(fun () -> Reduction.Run(ReductionKind.Max, source, 1, View.Of(NDArray.Zeros 2)))

    Assert.Equal("Max: an empty axis of [2,0] has no element to choose", error.Message)
