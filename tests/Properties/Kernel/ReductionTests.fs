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
