/// The kernel's sort against a naive one, over views of any strides.
module Autodiff.Properties.Kernel.SortTests

open System
open FsCheck.FSharp
open FsCheck.Xunit
open Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private sizes =
    Gen.frequency
        [
            6, Gen.choose (0, 4)
            3, Gen.choose (5, 20)
            1, Gen.elements [ 16; 17; 33; 63; 64; 65; 95; 96; 130; 191; 192; 1030 ]
        ]

/// Many ties, zeros of both signs, infinities and NaN, and numbers whose bits all differ.
let private special =
    Gen.frequency
        [
            12, whole
            4, Gen.elements [ 0.0; -0.0; 1e-40; -1e-40; 3.4e38; -3.4e38; 0.1; -0.1 ]
            4, Gen.choose (-1_000_000, 1_000_000) |> Gen.map (fun n -> 1.2345e-3 * float n)
            1, Gen.elements [ nan; infinity; -infinity ]
        ]

let private case =
    gen {
        let! rank = Gen.choose (1, 3)
        let! shape = Gen.listOfLength rank sizes |> Gen.where (isSmall 4000L)
        let! axis = Gen.choose (0, rank - 1)
        let! dtype = Gen.elements (DType.Bool :: numbers)
        let! source = repeated dtype (if DTypes.IsFloat dtype then special else whole) shape

        let! wanted =
            Gen.oneof [ Gen.constant shape[axis]; Gen.choose (0, shape[axis]); Gen.choose (0, min 30 shape[axis]) ]

        let! target = target DType.Int64 (List.updateAt axis wanted shape)
        let! descending = Gen.elements [ false; true ]
        return axis, descending, source, target
    }

/// NaN is larger than every number; equal elements are not told apart.
let private order (x: float) (y: float) =
    match Double.IsNaN x, Double.IsNaN y with
    | true, true -> 0
    | true, false -> 1
    | false, true -> -1
    | false, false ->
        if x < y then -1
        elif x > y then 1
        else 0

/// Sorts along the first axis.
let private argsort (source: View) (target: View) = ArgSort(source.Layout, 0, false, target.Layout).Run(source, target)

[<Property(MaxTest = 500)>]
let ``the positions are those of a stable sort`` () =
    forAll case (fun (axis, descending, source, target) ->
        ArgSort(source.View.Layout, axis, descending, target.View.Layout).Run(source.View, target.View)
        let read, found = reader source, reader target
        let size = source.Shape[axis]

        List.forall
            (fun line ->
                let at i = List.updateAt axis i line
                let compare i k = (if descending then -1 else 1) * order (read (at i)) (read (at k))

                [ 0 .. size - 1 ]
                |> List.sortWith compare
                |> List.truncate target.Shape[axis]
                |> List.mapi (fun place i -> found (at place) = float i)
                |> List.forall id)
            (indices (List.updateAt axis (min 1 size) source.Shape)))

[<Property(MaxTest = 60)>]
let ``the first positions of a long line are those of all`` (FsCheck.DoNotSize(seed: int), descending: bool) =
    let random = Random seed
    let size, wanted = random.Next(400, 3000), random.Next(1, 250)
    // Rising lines make every element a candidate where the order falls.
    let element = if random.Next 4 = 0 then float else (fun _ -> float (random.Next 2000))
    let source = floats (Seq.init size element) (if random.Next 2 = 0 then DType.Float32 else DType.Float64)

    let positions count =
        let target = NDArray.Zeros([| count |], DType.Int64)
        let view = View.Of source
        ArgSort(view.Layout, 0, descending, (View.Of target).Layout).Run(view, View.Of target)
        target.ToArray<int64>()

    positions wanted = Array.truncate wanted (positions size)

[<Fact>]
let ``a hundred thousand elements of every type are sorted`` () =
    let random = Random 7
    let values = Array.init 100_000 (fun _ -> float (random.Next(-30_000, 30_000)))

    for dtype in numbers do
        let source = (NDArray.Create values).AsType dtype
        let target = NDArray.Zeros([| values.Length |], DType.Int64)
        argsort (View.Of source) (View.Of target)

        let expected =
            values |> Array.indexed |> List.ofArray |> List.sortWith (fun (_, x) (_, y) -> compare x y)

        Assert.Equal<int64>(expected |> Seq.map (fst >> int64), target.ToArray<int64>())

[<Fact>]
let ``operands that do not fit are refused`` () =
    let x = View.Of(NDArray.Zeros(2, 3))
    let other shape dtype = View.Of(NDArray.Zeros((shape: int[]), dtype))

    Assert.Throws<ShapeException>(fun () -> argsort x (other [| 3; 2 |] DType.Int64)) |> ignore

    Assert.Throws<DTypeException>(fun () -> argsort x (other [| 2; 3 |] DType.Int32)) |> ignore
