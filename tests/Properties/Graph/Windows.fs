/// Windows that slide along axes, and their transpose.
module Autodiff.Properties.Graph.Windows

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// An array, and windows that fit it, in any order of axes.
let private cases =
    gen {
        let! dtype = Gen.elements [ DType.Float32; DType.Float64; DType.Int32; DType.Int64 ]
        let! rank = Gen.choose (1, 4)
        let! axes = Gen.shuffle [| 0 .. rank - 1 |]
        let! count = Gen.choose (1, min rank 3)

        let! windows =
            axes
            |> Seq.truncate count
            |> Seq.map (fun axis ->
                gen {
                    let! size = Gen.choose (1, 4)
                    let! stride = Gen.choose (1, 3)
                    let! dilation = Gen.choose (1, 3)
                    return AxisWindow(axis, size, stride, dilation)
                })
            |> Gen.sequenceToList

        let! others = Gen.arrayOfLength rank (Gen.frequency [ 6, Gen.choose (1, 4); 1, Gen.constant 0 ])
        let! slack = Gen.arrayOfLength rank (Gen.frequency [ 6, Gen.choose (0, 5); 1, Gen.elements [ 17; 33 ] ])

        let size axis =
            match windows |> List.tryFind (fun w -> w.Axis = axis) with
            | Some w -> (w.Size - 1) * w.Dilation + 1 + slack[axis]
            | None -> others[axis]

        let sizes = Array.init rank size
        let! x = Arrays.ofShape dtype sizes
        return windows, x
    }
    |> Gen.where (fun (_, x) -> Tensor.size x < 2000)

let private forAll test = Prop.forAll (Arb.fromGen cases) (fun (windows, x) -> test windows x)

/// For every window, and every element within it, the index of the element of x: said by hand.
let private naive (windows: AxisWindow list) (x: Tensor) (counts: int[]) =
    let sizes = Array.append counts [| for w in windows -> w.Size |]

    let place (index: int[]) =
        let from = Array.truncate counts.Length index

        for k, w in List.indexed windows do
            from[w.Axis] <- index[w.Axis] * w.Stride + index[counts.Length + k] * w.Dilation

        Tensor.position x.Sizes from

    Tensor.coordinates sizes |> Array.map place

[<Property(MaxTest = 300)>]
let ``each window reads its elements, from every stride-th on`` () =
    forAll (fun windows x ->
        let view = eval (slidingWindowView windows (constant (Tensor.toArray x)))

        let count axis size =
            match windows |> List.tryFind (fun w -> w.Axis = axis) with
            | None -> size
            | Some w ->
                Seq.length (seq { for start in 0 .. w.Stride .. size - 1 - (w.Size - 1) * w.Dilation -> start })

        let counts = Array.mapi count x.Sizes
        let sizes = Array.append counts [| for w in windows -> w.Size |]
        let expected = Tensor.pick sizes (naive windows x counts) x
        Assert.True(view.IsSameAs(Tensor.toArray expected), $"{view} instead of {Tensor.toArray expected}"))

[<Property(MaxTest = 300)>]
let ``what windows read is added back`` () =
    forAll (fun windows x ->
        let view = slidingWindowView windows (constant (Tensor.toArray x))
        let back = eval (overlapAdd windows x.Sizes view)
        let counts = Array.truncate x.Sizes.Length (view.Shape.ToArray())
        let reads = Array.zeroCreate (Tensor.size x)
        naive windows x counts |> Array.iter (fun i -> reads[i] <- reads[i] + 1.0)

        let expected = Array.map2 (*) reads (Tensor.asFloats x)
        let expected = Tensor.cast x.Type (Tensor.floats DType.Float64 x.Sizes expected)
        let tolerance = if x.Type = DType.Float32 then 1e-6 else 1e-14
        Close.requireWithin tolerance "overlapAdd" (Tensor.toArray expected) back)

[<Property(MaxTest = 200)>]
let ``vmap slides over each example`` () =
    forAll (fun windows x ->
        if x.Type.IsFloat() then
            let node = constant (Tensor.toArray x)
            let batch = stack 0 [ node; node * 2.0; node - 1.0 ]
            let f (x: Node) = slidingWindowView windows x
            let g (x: Node) = overlapAdd windows x.Shape (square (f x))
            let each (f: Node -> Node) = stack 0 [ f batch.[0]; f batch.[1]; f batch.[2] ]
            Close.requireWithin 0.0 "windows" (eval (each f)) (eval (vmap f batch))
            Close.requireWithin 1e-6 "overlapAdd" (eval (each g)) (eval (vmap g batch)))

[<Property(MaxTest = 40)>]
let ``first and second derivatives are those of differences`` () =
    forAll (fun windows x ->
        if Tensor.size x < 60 then
            let x = Leaf.variable "x" (Tensor.toArray (Tensor.cast DType.Float64 x))
            let view = slidingWindowView windows x
            let y = overlapAdd windows x.Shape (sin view * view)

            for check in checkGradients 2 (tanh (0.1 * y)) [ x ] do
                Assert.True(check.Passed, string check))

[<Property(MaxTest = 40)>]
let ``axes without windows may have an unknown size`` (rows: PositiveInt) =
    let x = input "x" [ -1; 7 ] DType.Float64
    let windows = [ AxisWindow(-1, 3, 2) ]
    let f (x: Node) = overlapAdd windows x.Shape (square (slidingWindowView windows x))
    let value = RandomSource(7L).Normal [| 1 + rows.Get % 5; 7 |]
    let known = Leaf.variable "x" value
    let run = compile [ x ] [ f x; derivative (f x) x ]
    let actual = run.Run [ value ]
    Close.requireWithin 1e-15 "value" (eval (f known)) actual[0]
    Close.requireWithin 1e-15 "gradient" (eval (derivative (f known) known)) actual[1]

[<Fact>]
let ``no windows are the value itself`` () =
    let x = variable "x" [ 1.0; 2.0 ]
    Assert.Same(x, slidingWindowView [] x)
    Assert.Same(x, overlapAdd [] [ 2 ] x)

let private x = variable "x" (NDArray.Zeros(2, 5))
let private opened = input "o" [ -1; 5 ] DType.Float64
let private refuse call words make = Refusals.row<ShapeException> call words make

let private table =
    [
        refuse "an axis beyond the last" [ "slidingWindowView"; "axis 2"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(2, 1) ] x)
        refuse "an axis before the first" [ "slidingWindowView"; "axis -3"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(-3, 1) ] x)
        refuse "an axis twice" [ "slidingWindowView"; "axis 1 is named twice"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 1); AxisWindow(-1, 1) ] x)
        refuse "no elements" [ "slidingWindowView"; "axis 1 has size 0"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 0) ] x)
        refuse "no stride" [ "slidingWindowView"; "stride 0"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 1, 0) ] x)
        refuse "no dilation" [ "slidingWindowView"; "dilation -1"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 1, 1, -1) ] x)
        refuse "more elements than there are" [ "slidingWindowView"; "over 6"; "axis 1 has 5"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 6) ] x)
        refuse "a wider reach than there is" [ "slidingWindowView"; "over 7"; "axis 1 has 5"; "'x' [2,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 3, 1, 3) ] x)
        refuse "a reach that overflows" [ "slidingWindowView"; "axis 1 has 5" ] (fun () ->
            slidingWindowView [ AxisWindow(1, 3, 1, System.Int32.MaxValue) ] x)
        refuse "an unknown size" [ "slidingWindowView"; "axis 0 is not known"; "'o' [-1,5]" ] (fun () ->
            slidingWindowView [ AxisWindow(0, 1) ] opened)
        refuse "a scalar" [ "slidingWindowView"; "axis 0" ] (fun () ->
            slidingWindowView [ AxisWindow(0, 1) ] (scalar 1.0))
        refuse "windows of another shape" [ "overlapAdd"; "'x' [2,5]"; "[2,3,2]"; "[2,4]" ] (fun () ->
            overlapAdd [ AxisWindow(1, 2) ] [ 2; 4 ] x)
        refuse "windows of another rank" [ "overlapAdd"; "'x' [2,5]"; "[2]" ] (fun () -> overlapAdd [] [ 2 ] x)
        refuse "a result too short" [ "overlapAdd"; "over 5"; "axis 0 has 4"; "[4]" ] (fun () ->
            overlapAdd [ AxisWindow(0, 5) ] [ 4 ] x)
        refuse "a result without the axis" [ "overlapAdd"; "axis 1"; "'x' [2,5]" ] (fun () ->
            overlapAdd [ AxisWindow(1, 5) ] [ 4 ] x)
        refuse "a negative size" [ "[-3]" ] (fun () -> overlapAdd [ AxisWindow(0, 1) ] [ -3 ] x)
    ]

[<Fact>]
let ``what does not fit is refused where it is built`` () = Refusals.requireAll table
