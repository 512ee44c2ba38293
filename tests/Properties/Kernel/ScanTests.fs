/// The kernels of scans against naive loops, over views of any strides.
module Autodiff.Properties.Kernel.ScanTests

open System
open FsCheck.FSharp
open FsCheck.Xunit
open Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private sizes =
    Gen.frequency [ 6, Gen.choose (0, 4); 3, Gen.choose (5, 20); 1, Gen.elements [ 63; 64; 65; 130; 1030 ] ]

let private places =
    gen {
        let! rank = Gen.choose (1, 4)
        let! shape = Gen.listOfLength rank sizes |> Gen.where (isSmall 6000L)
        let! axis = Gen.choose (0, rank - 1)
        let! reverse = Gen.elements [ false; true ]
        return shape, axis, reverse
    }

/// The result of the naive scan: for each index, from the index before it in the direction of the scan.
let private naive (shape: int list) axis reverse (first: int list -> float) (step: float -> int list -> float) =
    let results = Collections.Generic.Dictionary<int list, float>()

    let rec at (index: int list) =
        match results.TryGetValue index with
        | true, known -> known
        | false, _ ->
            let before = index[axis] + (if reverse then 1 else -1)

            let value =
                if before < 0 || before >= shape[axis] then
                    first index
                else
                    step (at (List.updateAt axis before index)) index

            results[index] <- value
            value

    let order = indices shape
    (if reverse then List.rev order else order) |> List.iter (at >> ignore)
    order |> List.map at

let private agree (expected: float list) (actual: float list) =
    List.forall2 (fun (x: float) y -> x.Equals y) expected actual

let private recurrenceCase =
    gen {
        let! shape, axis, reverse = places
        let! dtype = Gen.elements numbers
        let! a = repeated dtype (Gen.elements [ -1.0; 0.0; 1.0; 1.0 ]) shape
        let! b = repeated dtype whole shape
        let! target = target dtype shape
        return axis, reverse, a, b, target
    }

[<Property(MaxTest = 500)>]
let ``a recurrence takes each element from the one before`` () =
    forAll recurrenceCase (fun (axis, reverse, a, b, target) ->
        Scan.Recurrence(a.View, b.View, axis, reverse, target.View)
        let readA, readB = reader a, reader b
        let expected = naive a.Shape axis reverse readB (fun y index -> readA index * y + readB index)
        agree expected (elements target))

let private special =
    Gen.frequency [ 20, whole; 1, Gen.constant nan; 1, Gen.constant infinity; 1, Gen.constant -infinity ]

let private runningCase =
    gen {
        let! shape, axis, reverse = places
        let! dtype = Gen.elements (DType.Bool :: numbers)
        let! source = repeated dtype (if DTypes.IsFloat dtype then special else whole) shape
        let! target = target dtype shape
        let! kind = Gen.elements [ ReductionKind.Max; ReductionKind.Min ]
        return kind, axis, reverse, source, target
    }

[<Property(MaxTest = 500)>]
let ``a running extremum is that of the elements so far`` () =
    forAll runningCase (fun (kind, axis, reverse, source, target) ->
        Scan.Running(kind, source.View, axis, reverse, target.View)
        let read = reader source

        let better (y: float) index =
            let x = read index

            if Double.IsNaN y || Double.IsNaN x then nan
            elif kind = ReductionKind.Max then max x y
            else min x y

        agree (naive source.Shape axis reverse read better) (elements target))

[<Fact>]
let ``the first factor is not looked at`` () =
    let a = NDArray.Create [| nan; 2.0; 3.0 |]
    let b = NDArray.Create [| 1.0; 1.0; 1.0 |]
    let y = NDArray.Zeros [| 3 |]
    Scan.Recurrence(View.Of a, View.Of b, 0, false, View.Of y)
    Assert.Equal<float[]>([| 1.0; 3.0; 10.0 |], y.ToArray<float>())

[<Fact>]
let ``operands that do not fit are refused`` () =
    let x, y = View.Of(NDArray.Zeros(2, 3)), View.Of(NDArray.Zeros(3, 2))
    let error = Assert.Throws<ShapeException>(fun () -> Scan.Recurrence(x, y, 0, false, y))
    Assert.Equal("recurrence: an operand of shape [2,3] does not give [3,2]", error.Message)
    let truths = View.Of(NDArray.Zeros([| 2 |], DType.Bool))
    Assert.Throws<DTypeException>(fun () -> Scan.Recurrence(truths, truths, 0, false, truths)) |> ignore

    Assert.Throws<DTypeException>(fun () ->
        Scan.Running(ReductionKind.Max, x, 0, false, View.Of(NDArray.Zeros([| 2; 3 |], DType.Int64))))
    |> ignore
