/// Convolutions against loops over indices, in whole numbers, so that no sum is rounded.
module Autodiff.Properties.Graph.Convolutions

open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

let private numbers = [ DType.Float32; DType.Float64; DType.Int32; DType.Int64 ]

let private forAll dtypes (test: ConvolutionCase -> unit) = Prop.forAll (Arb.fromGen (ConvolutionCases.any dtypes)) test

let private node (x: Tensor) = constant (Tensor.toArray x)

let private exactly what (expected: Tensor) (actual: Node) =
    Close.requireWithin 0.0 what (Tensor.toArray expected) (eval actual)

/// The element of x at a channel and a place that may lie in the padding; `lead` is the index of the batch, if any.
let private read (x: Tensor) (elements: float[]) (lead: int[]) channel (place: int[]) =
    let sizes = Array.skip (lead.Length + 1) x.Sizes

    if Array.exists2 (fun i size -> i < 0 || i >= size) place sizes then
        0.0
    else
        elements[Tensor.position x.Sizes (Array.concat [ lead; [| channel |]; place ])]

let private resultSizes (case: ConvolutionCase) =
    let first = case.X.Sizes.Length - case.Axes

    Array.init case.Axes (fun i ->
        let before, after = case.Padding[i]
        let reach = (case.Kernel[i] - 1) * case.Dilation[i] + 1

        Seq.length (
            seq { for start in 0 .. case.Stride[i] .. case.X.Sizes[first + i] + before + after - reach -> start }
        ))

let private naive (case: ConvolutionCase) : Tensor =
    let x, w = Tensor.asFloats case.X, Tensor.asFloats case.W
    let lead = Array.truncate (case.X.Sizes.Length - case.Axes - 1) case.X.Sizes
    let outputs, inputs = case.W.Sizes[0], case.W.Sizes[1]
    let outputsInGroup = outputs / case.Options.Groups
    let sizes = Array.concat [ lead; [| outputs |]; resultSizes case ]

    let bias =
        match case.Options.Bias with
        | Some bias -> Tensor.asFloats (Tensor.ofArray (eval bias))
        | None -> Array.zeroCreate outputs

    let element (index: int[]) =
        let batch, output, place =
            Array.truncate lead.Length index, index[lead.Length], Array.skip (lead.Length + 1) index

        let mutable total = bias[output]

        for channel in 0 .. inputs - 1 do
            for within in Tensor.coordinates case.Kernel do
                let at =
                    Array.init case.Axes (fun i ->
                        place[i] * case.Stride[i] + within[i] * case.Dilation[i] - fst case.Padding[i])

                let source = (output / outputsInGroup) * inputs + channel
                let factor = w[Tensor.position case.W.Sizes (Array.append [| output; channel |] within)]
                total <- total + factor * read case.X x batch source at

        total

    Tensor.cast case.X.Type (Tensor.floats DType.Float64 sizes (Tensor.coordinates sizes |> Array.map element))

[<Property(MaxTest = 600)>]
let ``a convolution is sums of products`` () =
    forAll numbers (fun case ->
        exactly "convolution" (naive case) (ConvolutionCases.conv case (node case.X) (node case.W)))

let private dot (a: Node) (b: Node) = sum [] (a * b)

[<Property(MaxTest = 400)>]
let ``a transposed convolution is the transpose of a convolution`` () =
    forAll numbers (fun case ->
        let case = { case with Options = { case.Options with Bias = None } }
        let isEven = case.Padding |> Array.forall (fun (before, after) -> before = after)

        if isEven && case.Options.Groups > 0 then
            let x, w = node case.X, node case.W
            let y = ConvolutionCases.conv case x w
            let c = eval (reshape (y.Shape) (cast case.X.Type (constant (NDArray.Arange y.Shape.Size)))) |> constant
            let back = ConvolutionCases.transposed case c w
            Assert.Equal<Shape>(x.Shape, back.Shape)
            exactly "<conv x, c> = <x, convT c>" (Tensor.ofArray (eval (dot y c))) (dot x back))

[<Property(MaxTest = 200)>]
let ``the bias of a transposed convolution is added to each output`` () =
    forAll [ DType.Float64 ] (fun case ->
        if case.X.Sizes.Length = case.Axes + 2 && case.W.Sizes[0] > 0 then
            let channels = case.W.Sizes[0] / case.Options.Groups
            let x = node { case.X with Sizes = case.X.Sizes }
            let w = onesLike (constant (NDArray.Zeros(Array.append [| case.X.Sizes[1]; channels |] case.Kernel)))
            let bias = constant (NDArray.Arange(float (channels * case.Options.Groups)))
            let options = { ConvolutionTranspose.standard with Groups = case.Options.Groups }
            let f = [| convTranspose1d; convTranspose2d; convTranspose3d |][case.Axes - 1]
            let plain = f options x w
            let column = reshape (Array.append [| -1 |] (Array.create case.Axes 1)) bias
            let expected = if bias.Shape.Size = 0 then plain else plain + column
            exactly "bias" (Tensor.ofArray (eval expected)) (f { options with Bias = Some bias } x w))

[<Property(MaxTest = 200)>]
let ``vmap convolves each example with its own kernels`` () =
    forAll [ DType.Float32; DType.Float64 ] (fun case ->
        let x, w = node case.X, node case.W
        let xs, ws = stack 0 [ x; -x; x * 2.0 ], stack 0 [ w; w + 1.0; -w ]
        let f = ConvolutionCases.conv case
        let expected over = stack 0 [ over 0; over 1; over 2 ]
        let same what (a: Node) (b: Node) = exactly what (Tensor.ofArray (eval a)) b
        same "over arguments" (expected (fun i -> f xs.[i] w)) (vmap (fun x -> f x w) xs)
        same "over kernels" (expected (fun i -> f x ws.[i])) (vmap (f x) ws)

        let both (i: Node) = f (take 0 i xs) (take 0 i ws)
        same "over both" (expected (fun i -> f xs.[i] ws.[i])) (vmap both (constant [ 0; 1; 2 ])))

/// The same with columns: a product of the kernels, as a matrix, with the windows.
[<Property(MaxTest = 200)>]
let ``a convolution is a matrix product of columns, and fold is the transpose of unfold`` () =
    forAll [ DType.Float32; DType.Float64 ] (fun case ->
        let x, w = node case.X, node case.W

        let options =
            { Stride = case.Options.Stride; Padding = case.Options.Padding; Dilation = case.Options.Dilation }
            : Unfolding

        let columns = unfold options case.Kernel x
        let rows = case.W.Sizes[1] * Shapes.size case.Kernel

        if case.Options.Groups = 1 && case.Options.Bias.IsNone then
            let y = reshape [ case.W.Sizes[0]; rows ] w *@ columns
            let expected = ConvolutionCases.conv case x w
            exactly "columns" (Tensor.ofArray (eval expected)) (reshape expected.Shape y)

        let c = constant ((NDArray.Arange columns.Shape.Size).Reshape(columns.Shape)) |> cast x.DType
        let sizes = Array.skip (case.X.Sizes.Length - case.Axes) case.X.Sizes
        let back = fold options case.Kernel sizes c
        Assert.Equal<Shape>(x.Shape, back.Shape)
        exactly "<unfold x, c> = <x, fold c>" (Tensor.ofArray (eval (dot columns c))) (dot x back))

[<Fact>]
let ``a batch may have an unknown size`` () =
    let w = variable "w" ((NDArray.Linspace(-1.0, 1.0, 4 * 2 * 9)).Reshape [| 4; 2; 3; 3 |])
    let options = { Convolution.standard with Stride = [ 2 ]; Padding = Padding.By [ 1 ]; Groups = 2 }

    let back =
        { ConvolutionTranspose.standard with
            Stride = [ 2 ]
            Padding = [ 1 ]
            OutputPadding = [ 0; 1 ]
            Groups = 2
        }

    let x = input "x" [ -1; 4; 5; 6 ] DType.Float64

    let f (x: Node) =
        let y = tanh (conv2d options x w)
        convTranspose2d back y (w * 0.5) |> maxPool2d { Pooling.standard with Padding = [ 1 ] } [ 2; 3 ]

    let run = compile [ x ] [ f x; derivative (f x) w ]

    for batch in 1..3 do
        let value = RandomSource(3L).Normal [| batch; 4; 5; 6 |]
        let actual = run.Run [ value ]
        Close.requireWithin 1e-13 "value" (eval (f (constant value))) actual[0]
        Close.requireWithin 1e-13 "gradient" (eval (derivative (f (constant value)) w)) actual[1]

[<Fact>]
let ``element types are promoted`` () =
    let x = constant (NDArray.Ones(1, 1, 3))
    let w = constant ((NDArray.Ones(1, 1, 2)).AsType DType.Float32)
    Assert.Equal(DType.Float64, (conv1d Convolution.standard x w).DType)
    let truth = cast DType.Bool x

    Close.requireWithin
        0.0
        "truth values"
        (NDArray.Full([| 1; 1; 2 |], 2).AsType DType.Int64)
        (eval (conv1d Convolution.standard truth (cast DType.Bool w)))

let private x = variable "x" (NDArray.Zeros(2, 3, 8))
let private w = variable "w" (NDArray.Zeros(4, 3, 3))
let private zeros (sizes: int list) = constant (NDArray.Zeros(Array.ofList sizes))
let private refuse call words make = Refusals.row<ShapeException> call words make
let private standard = Convolution.standard
let private back = ConvolutionTranspose.standard
let private unfolding = Unfolding.standard

let private table =
    [
        refuse "too few axes" [ "conv1d"; "operand 0 [3]"; "1 axes" ] (fun () -> conv1d standard (zeros [ 3 ]) w)
        refuse "too many axes" [ "conv1d"; "operand 0 [1,2,3,4]"; "4 axes" ] (fun () ->
            conv1d standard (zeros [ 1; 2; 3; 4 ]) w)
        refuse "kernels of other axes" [ "conv2d"; "operand 1 'w' [4,3,3]"; "3 axes" ] (fun () ->
            conv2d standard (zeros [ 1; 3; 4; 4 ]) w)
        refuse
            "other channels"
            [ "conv1d"; "operand 0 [2,4,8]"; "4 channels"; "operand 1 'w' [4,3,3]"; "takes 3" ]
            (fun () -> conv1d standard (zeros [ 2; 4; 8 ]) w)
        refuse "channels without a batch" [ "conv1d"; "axis 0 of operand 0 [4,8]"; "takes 3" ] (fun () ->
            conv1d standard (zeros [ 4; 8 ]) w)
        refuse "no group" [ "conv1d"; "groups is 0" ] (fun () -> conv1d { standard with Groups = 0 } x w)
        refuse "channels in groups" [ "conv1d"; "operand 0 'x' [2,3,8]"; "3 channels"; "2 groups" ] (fun () ->
            conv1d { standard with Groups = 2 } x w)
        refuse "outputs in groups" [ "conv1d"; "operand 1 'w' [4,3,3]"; "4 channels"; "3 groups" ] (fun () ->
            conv1d { standard with Groups = 3 } x w)
        refuse "kernels for all channels in groups" [ "conv1d"; "3 groups"; "takes 3 in each" ] (fun () ->
            conv1d { standard with Groups = 3 } x (zeros [ 3; 3; 3 ]))
        refuse "a kernel longer than the argument" [ "conv1d"; "'x' [2,3,8]"; "over 9"; "axis 2 has 8" ] (fun () ->
            conv1d standard x (zeros [ 4; 3; 9 ]))
        refuse "a dilated kernel longer than the argument" [ "conv1d"; "over 13"; "axis 2 has 10" ] (fun () ->
            conv1d { standard with Dilation = [ 6 ]; Padding = Padding.By [ 1 ] } x w)
        refuse "an empty axis" [ "conv1d"; "over 3"; "axis 2 has 0" ] (fun () -> conv1d standard (zeros [ 1; 3; 0 ]) w)
        refuse "a kernel of no elements" [ "conv1d"; "axis 2"; "size 0" ] (fun () ->
            conv1d standard x (zeros [ 4; 3; 0 ]))
        refuse "stride 0" [ "conv1d"; "stride is 0" ] (fun () -> conv1d { standard with Stride = [ 0 ] } x w)
        refuse "a negative stride" [ "conv1d"; "stride is -1" ] (fun () -> conv1d { standard with Stride = [ -1 ] } x w)
        refuse "dilation 0" [ "conv1d"; "dilation is 0" ] (fun () -> conv1d { standard with Dilation = [ 0 ] } x w)
        refuse "negative padding" [ "conv1d"; "padding is -1" ] (fun () ->
            conv1d { standard with Padding = Padding.By [ -1 ] } x w)
        refuse "too many strides" [ "conv1d"; "2 numbers"; "stride"; "1 spatial" ] (fun () ->
            conv1d { standard with Stride = [ 1; 2 ] } x w)
        refuse "too few dilations" [ "conv3d"; "2 numbers"; "dilation"; "3 spatial" ] (fun () ->
            conv3d { standard with Dilation = [ 1; 2 ] } (zeros [ 1; 1; 5; 5; 5 ]) (zeros [ 1; 1; 2; 2; 2 ]))
        refuse "same size with a stride" [ "conv1d"; "stride is 2"; "Same" ] (fun () ->
            conv1d { standard with Stride = [ 2 ]; Padding = Padding.Same } x w)
        refuse "a bias of another size" [ "conv1d"; "bias operand 2 [3]"; "[4]" ] (fun () ->
            conv1d { standard with Bias = Some(zeros [ 3 ]) } x w)
        refuse "a bias of another rank" [ "conv1d"; "operand 2 [4,1]"; "[4]" ] (fun () ->
            conv1d { standard with Bias = Some(zeros [ 4; 1 ]) } x w)
        refuse "an unknown length" [ "conv1d"; "axis 2"; "'o' [2,3,-1]"; "not known" ] (fun () ->
            conv1d standard (input "o" [ 2; 3; -1 ] DType.Float64) w)
        refuse "unknown channels" [ "conv1d"; "axis 1"; "'o' [2,-1,8]"; "not known" ] (fun () ->
            conv1d standard (input "o" [ 2; -1; 8 ] DType.Float64) w)
        refuse "unknown kernels" [ "conv1d"; "axis 0"; "'o' [-1,3,3]"; "not known" ] (fun () ->
            conv1d standard x (input "o" [ -1; 3; 3 ] DType.Float64))

        refuse "channels of a transpose" [ "convTranspose1d"; "3 channels"; "takes 4" ] (fun () ->
            convTranspose1d back x w)
        refuse "groups of a transpose" [ "convTranspose1d"; "3 channels"; "2 groups" ] (fun () ->
            convTranspose1d { back with Groups = 2 } x (zeros [ 3; 1; 3 ]))
        refuse
            "an output padding as large as the stride"
            [ "convTranspose1d"; "output padding of axis 2 is 2"; "stride 2" ]
            (fun () -> convTranspose1d { back with Stride = [ 2 ]; OutputPadding = [ 2 ] } x (zeros [ 3; 1; 3 ]))
        refuse "padding that leaves nothing" [ "convTranspose1d"; "10 elements"; "padding of 5 leaves 0" ] (fun () ->
            convTranspose1d { back with Padding = [ 5 ] } x (zeros [ 3; 1; 3 ]))
        refuse "an empty axis of a transpose" [ "convTranspose1d"; "axis 2"; "empty" ] (fun () ->
            convTranspose1d back (zeros [ 1; 3; 0 ]) (zeros [ 3; 1; 3 ]))
        refuse "a bias of a transpose" [ "convTranspose1d"; "bias operand 2 [3]"; "[2]" ] (fun () ->
            convTranspose1d { back with Bias = Some(zeros [ 3 ]) } x (zeros [ 3; 2; 3 ]))
        refuse "too many axes of a transpose" [ "convTranspose2d"; "operand 0 [3]" ] (fun () ->
            convTranspose2d back (zeros [ 3 ]) (zeros [ 3; 2; 3; 3 ]))
        refuse "a negative output padding" [ "convTranspose1d"; "output padding is -1" ] (fun () ->
            convTranspose1d { back with OutputPadding = [ -1 ] } x (zeros [ 3; 2; 3 ]))

        refuse "columns of no axes" [ "unfold"; "no axes" ] (fun () -> unfold unfolding [] x)
        refuse "columns of another rank" [ "unfold"; "'x' [2,3,8]"; "3 axes" ] (fun () ->
            unfold unfolding [ 2; 2; 2 ] x)
        refuse "columns of no elements" [ "unfold"; "kernel size is 0" ] (fun () -> unfold unfolding [ 0 ] x)
        refuse "columns longer than the argument" [ "unfold"; "over 9"; "axis 2 has 8" ] (fun () ->
            unfold unfolding [ 9 ] x)
        refuse "rows that are no multiple" [ "fold"; "'x' [2,3,8]"; "size 3"; "2 elements" ] (fun () ->
            fold unfolding [ 2 ] [ 9 ] x)
        refuse "another number of windows" [ "fold"; "axis 2"; "size 8"; "has 7 windows" ] (fun () ->
            fold unfolding [ 3 ] [ 9 ] x)
        refuse "sizes of another rank" [ "fold"; "2 sizes"; "1 axes" ] (fun () -> fold unfolding [ 3 ] [ 3; 3 ] x)
        refuse "a result shorter than a window" [ "fold"; "over 3"; "axis 0 of the result has 2" ] (fun () ->
            fold unfolding [ 3 ] [ 2 ] x)
        refuse "columns of rank 1" [ "fold"; "operand 0 [3]" ] (fun () -> fold unfolding [ 3 ] [ 3 ] (zeros [ 3 ]))
    ]

[<Fact>]
let ``what does not fit is refused where it is built`` () = Refusals.requireAll table
