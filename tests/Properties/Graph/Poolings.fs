/// Poolings against loops over indices.
module Autodiff.Properties.Graph.Poolings

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

type private Case = { Axes: int; Options: Pooling; Kernel: int list; X: Tensor }

let private perAxis axes otherwise (given: int list) =
    match given with
    | [] -> otherwise
    | [ one ] -> Array.create axes one
    | many -> Array.ofList many

let private cases dtypes dilated =
    gen {
        let! dtype = Gen.elements dtypes
        let! axes = Gen.choose (1, 3)
        let! kernel = Gen.listOfLength axes (Gen.choose (1, 3))

        let some values =
            Gen.frequency [ 1, Gen.constant []; 1, Gen.map List.singleton values; 2, Gen.listOfLength axes values ]

        let! stride = some (Gen.choose (1, 3))
        let! dilation = if dilated then some (Gen.choose (1, 2)) else Gen.constant []
        let! half = Gen.elements [ true; false ]
        let! ceil = Gen.elements [ true; false ]
        let! includePad = Gen.elements [ true; false ]
        let! batch = Gen.frequency [ 8, Gen.choose (1, 2); 1, Gen.constant 0 ]
        let! channels = Gen.choose (1, 2)
        let! hasBatch = Gen.frequency [ 4, Gen.constant true; 1, Gen.constant false ]
        let reach i = (kernel[i] - 1) * (perAxis axes (Array.create axes 1) dilation)[i] + 1
        let! slack = Gen.arrayOfLength axes (Gen.frequency [ 5, Gen.choose (0, 4); 1, Gen.constant (19 / axes) ])
        let sizes = Array.append [| channels |] (Array.init axes (fun i -> reach i + slack[i]))
        let! x = ConvolutionCases.wholes dtype (if hasBatch then Array.append [| batch |] sizes else sizes)

        return
            {
                Axes = axes
                Kernel = kernel
                X = x
                Options =
                    {
                        Stride = stride
                        Padding = if half then kernel |> List.map (fun k -> k / 2) else []
                        Dilation = dilation
                        CeilMode = ceil
                        CountIncludePad = includePad
                    }
            }
    }
    |> Gen.where (fun case -> Tensor.size case.X < 2000)

let private forAll dtypes dilated (test: Case -> unit) = Prop.forAll (Arb.fromGen (cases dtypes dilated)) test

/// For each axis the places of the elements of each window, and how far the padding reaches that counts.
let private taps (case: Case) i : int[][] =
    let size = case.X.Sizes[case.X.Sizes.Length - case.Axes + i]
    let stride = (perAxis case.Axes (Array.ofList case.Kernel) case.Options.Stride)[i]
    let dilation = (perAxis case.Axes (Array.create case.Axes 1) case.Options.Dilation)[i]
    let padding = (perAxis case.Axes (Array.create case.Axes 0) case.Options.Padding)[i]
    let last = (case.Kernel[i] - 1) * dilation

    // Every window begins inside or in the padding before; with ceilMode only the first of those that reach too far counts.
    let rec starts start =
        if start + last < size + padding then
            start :: starts (start + stride)
        elif case.Options.CeilMode && start < size && start - stride + last < size + padding - 1 then
            [ start ]
        else
            []

    [| for start in starts -padding -> [| for e in 0 .. case.Kernel[i] - 1 -> start + e * dilation |] |]

let private overWindows (case: Case) (f: int[] -> int[][] -> float) : Tensor =
    let lead = Array.truncate (case.X.Sizes.Length - case.Axes) case.X.Sizes
    let taps = Array.init case.Axes (taps case)
    let sizes = Array.append lead (taps |> Array.map _.Length)

    let element (index: int[]) =
        f (Array.truncate lead.Length index) (Array.init case.Axes (fun i -> taps[i].[index[lead.Length + i]]))

    Tensor.floats DType.Float64 sizes (Tensor.coordinates sizes |> Array.map element)

/// The elements of a window that lie inside, and how many lie inside or in the padding.
let private members (case: Case) (lead: int[]) (taps: int[][]) =
    let sizes = Array.skip lead.Length case.X.Sizes
    let elements = Tensor.asFloats case.X
    let padding = perAxis case.Axes (Array.create case.Axes 0) case.Options.Padding

    let places =
        Tensor.coordinates (taps |> Array.map _.Length) |> Array.map (Array.mapi (fun i e -> taps[i].[e]))

    let within (margin: int[]) =
        Array.filter (Array.mapi (fun i p -> p >= -margin[i] && p < sizes[i] + margin[i]) >> Array.forall id) places

    let inside = within (Array.create case.Axes 0)

    struct (inside |> Array.map (fun p -> elements[Tensor.position case.X.Sizes (Array.append lead p)]),
            (within padding).Length)

let private same what (expected: Tensor) (actual: Node) =
    Assert.Equal<int list>(List.ofArray expected.Sizes, List.ofSeq actual.Shape)
    Close.requireWithin 0.0 what (Tensor.toArray (Tensor.cast actual.DType expected)) (eval actual)

let private maxPool axes = [| maxPool1d; maxPool2d; maxPool3d |][axes - 1]
let private avgPool axes = [| avgPool1d; avgPool2d; avgPool3d |][axes - 1]
let private node (x: Tensor) = constant (Tensor.toArray x)

[<Property(MaxTest = 500)>]
let ``a maximum is over the elements inside`` () =
    forAll [ DType.Float32; DType.Float64; DType.Int32; DType.Int64 ] true (fun case ->
        // Below zero, so that padding with zeros would show.
        let below = Tensor.ofArray (eval (node case.X - 100))
        let case = { case with X = Tensor.cast case.X.Type below }

        let expected =
            overWindows case (fun lead taps ->
                let struct (inside, _) = members case lead taps
                Array.max inside)

        same "maxPool" expected (maxPool case.Axes case.Options case.Kernel (node case.X)))

[<Property(MaxTest = 500)>]
let ``a mean is over the elements inside, and zeros of the padding if they count`` () =
    forAll [ DType.Float32; DType.Float64; DType.Int32 ] false (fun case ->
        let expected =
            overWindows case (fun lead taps ->
                let struct (inside, padded) = members case lead taps
                Array.sum inside / float (if case.Options.CountIncludePad then padded else inside.Length))

        same "avgPool" expected (avgPool case.Axes case.Options case.Kernel (node case.X)))

[<Property(MaxTest = 200)>]
let ``vmap pools each example`` () =
    forAll [ DType.Float64 ] true (fun case ->
        let x = node case.X
        let xs = stack 0 [ x; -x ]

        for pool in [ maxPool; avgPool ] do
            let f = pool case.Axes case.Options case.Kernel
            Close.requireWithin 0.0 "vmap" (eval (stack 0 [ f x; f -x ])) (eval (vmap f xs)))

[<Property(MaxTest = 200)>]
let ``adaptive poolings divide an axis as evenly as can be`` () =
    let case =
        gen {
            let! axes = Gen.choose (1, 3)
            let! sizes = Gen.arrayOfLength axes (Gen.choose (1, 6))
            let! counts = Gen.arrayOfLength axes (Gen.choose (1, 4))
            let! lead = Gen.elements [ [| 2 |]; [| 2; 1 |]; [| 0; 2 |] ]
            let! x = ConvolutionCases.wholes DType.Float64 (Array.append lead sizes)
            return axes, counts, x
        }

    Prop.forAll (Arb.fromGen case) (fun (axes, counts, x) ->
        let lead = x.Sizes.Length - axes
        let elements = Tensor.asFloats x
        let sizes = Array.append (Array.truncate lead x.Sizes) counts

        let part i k =
            let size = float x.Sizes[lead + i]
            let bound t = t * size / float counts[i]
            [| int (Math.Floor(bound (float k))) .. int (Math.Ceiling(bound (float (k + 1)))) - 1 |]

        let element reduce (index: int[]) =
            let parts = Array.init axes (fun i -> part i index[lead + i])

            Tensor.coordinates (parts |> Array.map _.Length)
            |> Array.map (Array.mapi (fun i e -> parts[i].[e]) >> Array.append (Array.truncate lead index))
            |> Array.map (fun index -> elements[Tensor.position x.Sizes index])
            |> reduce

        let expected reduce =
            Tensor.floats DType.Float64 sizes (Tensor.coordinates sizes |> Array.map (element reduce))

        let avg = [| adaptiveAvgPool1d; adaptiveAvgPool2d; adaptiveAvgPool3d |][axes - 1]
        let max = [| adaptiveMaxPool1d; adaptiveMaxPool2d; adaptiveMaxPool3d |][axes - 1]
        same "mean" (expected (fun part -> Array.sum part / float part.Length)) (avg counts (node x))
        same "maximum" (expected Array.max) (max counts (node x)))

[<Fact>]
let ``ties in a window share the derivative evenly`` () =
    let x = variable "x" [ [ 1.0; 3.0; 3.0; 3.0; 0.0; 0.0 ] ]
    let dx (y: Node) = eval (derivative y x)

    Close.requireWithin
        0.0
        "side by side"
        (nd [ [ 0.0; 0.5; 0.5; 1.0; 0.0; 0.0 ] ])
        (dx (maxPool1d Pooling.standard [ 3 ] x))

    let y = maxPool1d { Pooling.standard with Stride = [ 1 ] } [ 2 ] x
    Close.requireWithin 0.0 "overlapping" (nd [ [ 0.0; 1.5; 1.0; 1.5; 0.5; 0.5 ] ]) (dx y)
    let padded = maxPool1d { Pooling.standard with Padding = [ 1 ] } [ 2 ] x
    Close.requireWithin 0.0 "padded" (nd [ [ 1.0; 0.5; 0.5; 1.0; 0.0; 1.0 ] ]) (dx padded)

[<Fact>]
let ``NaN wins, and infinities are no more than numbers`` () =
    let inf = Double.PositiveInfinity
    let x = variable "x" [ [ nan; 1.0; -inf; -inf; inf; 2.0 ] ]
    let y = maxPool1d { Pooling.standard with Padding = [ 1 ]; Stride = [ 2 ] } [ 3 ] x
    Close.requireWithin 0.0 "maxima" (nd [ [ nan; 1.0; inf ] ]) (eval y)

let private x = variable "x" (NDArray.Zeros(2, 3, 8))
let private zeros (sizes: int list) = constant (NDArray.Zeros(Array.ofList sizes))
let private refuse call words make = Refusals.row<ShapeException> call words make
let private standard = Pooling.standard

let private table =
    [
        for name, pool in [ "maxPool1d", maxPool1d; "avgPool1d", avgPool1d ] do
            refuse $"{name} of rank 1" [ name; "operand 0 [3]"; "1 axes" ] (fun () -> pool standard [ 2 ] (zeros [ 3 ]))
            refuse $"{name} of rank 4" [ name; "4 axes" ] (fun () -> pool standard [ 2 ] (zeros [ 1; 1; 3; 3 ]))

            refuse $"{name} with a long kernel" [ name; "'x' [2,3,8]"; "over 9"; "axis 2 has 8" ] (fun () ->
                pool standard [ 9 ] x)

            refuse $"{name} without a kernel" [ name; "no kernel size" ] (fun () -> pool standard [] x)
            refuse $"{name} with kernel 0" [ name; "kernel size is 0" ] (fun () -> pool standard [ 0 ] x)
            refuse $"{name} with two sizes" [ name; "2 numbers"; "1 spatial" ] (fun () -> pool standard [ 2; 2 ] x)

            refuse $"{name} with stride 0" [ name; "stride is 0" ] (fun () ->
                pool { standard with Stride = [ 0 ] } [ 2 ] x)

            refuse $"{name} with much padding" [ name; "padding of spatial axis 0 is 2"; "kernel size 3" ] (fun () ->
                pool { standard with Padding = [ 2 ] } [ 3 ] x)

            refuse $"{name} with negative padding" [ name; "padding is -1" ] (fun () ->
                pool { standard with Padding = [ -1 ] } [ 3 ] x)

            refuse $"{name} with a window in the padding" [ name; "axis 2"; "size 3"; "padding alone" ] (fun () ->
                pool { standard with Padding = [ 1 ]; Dilation = [ 4 ] } [ 2 ] (zeros [ 1; 1; 3 ]))

            refuse $"{name} of an unknown length" [ name; "axis 2"; "'o' [2,3,-1]"; "not known" ] (fun () ->
                pool standard [ 2 ] (input "o" [ 2; 3; -1 ] DType.Float64))

        for name, pool in [ "adaptiveAvgPool1d", adaptiveAvgPool1d; "adaptiveMaxPool1d", adaptiveMaxPool1d ] do
            refuse $"{name} of no size" [ name; "no size" ] (fun () -> pool [] x)
            refuse $"{name} of size 0" [ name; "is 0" ] (fun () -> pool [ 0 ] x)
            refuse $"{name} of two sizes" [ name; "2 numbers" ] (fun () -> pool [ 1; 2 ] x)
            refuse $"{name} of an empty axis" [ name; "axis 2"; "empty" ] (fun () -> pool [ 1 ] (zeros [ 2; 3; 0 ]))
            refuse $"{name} of rank 1" [ name; "operand 0 [3]" ] (fun () -> pool [ 1 ] (zeros [ 3 ]))
    ]

[<Fact>]
let ``what does not fit is refused where it is built`` () = Refusals.requireAll table
