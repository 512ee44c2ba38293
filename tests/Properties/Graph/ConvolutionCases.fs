namespace Autodiff.Proofs

open Autodiff
open Autodiff.FSharp
open FsCheck
open FsCheck.FSharp

/// A convolution: its options, argument and kernels, all of whole numbers, so that every sum is exact.
type ConvolutionCase =
    {
        Axes: int
        Options: Convolution
        X: Tensor
        W: Tensor
    }

    /// A number for each spatial axis.
    member case.PerAxis(given: int list, otherwise: int) : int[] =
        match given with
        | [] -> Array.create case.Axes otherwise
        | [ one ] -> Array.create case.Axes one
        | many -> Array.ofList many

    member case.Stride = case.PerAxis(case.Options.Stride, 1)
    member case.Dilation = case.PerAxis(case.Options.Dilation, 1)
    member case.Kernel = Array.skip 2 case.W.Sizes

    /// The zeros before and after each axis.
    member case.Padding: (int * int)[] =
        match case.Options.Padding with
        | Padding.Valid -> Array.create case.Axes (0, 0)
        | Padding.By given -> case.PerAxis(given, 0) |> Array.map (fun p -> p, p)
        | Padding.Same ->
            Array.map2 (fun k d -> let total = (k - 1) * d in total / 2, total - total / 2) case.Kernel case.Dilation

/// Generators of convolutions.
module ConvolutionCases =

    /// Whole numbers of few digits in an array of any type.
    let wholes (dtype: DType) (sizes: int[]) : Gen<Tensor> =
        Gen.arrayOfLength (Shapes.size sizes) (Gen.choose (-9, 9))
        |> Gen.map (Array.map float >> Tensor.floats DType.Float64 sizes >> Tensor.cast dtype)

    /// A list of options: none, one for all, or one for each axis.
    let private options axes (values: Gen<int>) : Gen<int list> =
        Gen.frequency [ 1, Gen.constant []; 1, Gen.map List.singleton values; 3, Gen.listOfLength axes values ]

    let private padding axes stride kernel =
        let most = Array.max kernel

        Gen.frequency
            [
                2, Gen.constant Padding.Valid
                4, Gen.map Padding.By (options axes (Gen.choose (0, most)))
                (if Seq.forall ((=) 1) stride then 3 else 0), Gen.constant Padding.Same
            ]

    let private filled most = Gen.choose (1, most)
    let private orNone most = Gen.frequency [ 9, filled most; 1, Gen.constant 0 ]

    /// Convolutions over so many spatial axes; windows fit, channels may be none.
    let over (axes: int) (dtypes: DType list) : Gen<ConvolutionCase> =
        gen {
            let! dtype = Gen.elements dtypes
            let! kernel = Gen.arrayOfLength axes (filled 3)
            let! stride = Gen.frequency [ 1, Gen.constant []; 2, options axes (filled 3) ]
            let! dilation = options axes (filled 2)
            let! padding = padding axes stride kernel
            let! groups = Gen.frequency [ 2, Gen.constant 1; 1, filled 3 ]
            let! batch, inputs, outputs = Gen.map3 (fun a b c -> a, b, c) (orNone 2) (orNone 2) (orNone 3)
            let! hasBias = Gen.elements [ true; false ]
            let! hasBatch = Gen.frequency [ 4, Gen.constant true; 1, Gen.constant false ]
            let! slack = Gen.arrayOfLength axes (Gen.frequency [ 5, Gen.choose (0, 4); 1, Gen.constant (19 / axes) ])
            let! w = wholes dtype (Array.append [| outputs * groups; inputs |] kernel)
            let! bias = wholes dtype [| outputs * groups |]

            let options =
                {
                    Stride = stride
                    Padding = padding
                    Dilation = dilation
                    Groups = groups
                    Bias = if hasBias then Some(Leaf.constant (Tensor.toArray bias)) else None
                }

            let empty = { Axes = axes; Options = options; X = w; W = w }

            let size i =
                let before, after = empty.Padding[i]
                max 1 ((kernel[i] - 1) * empty.Dilation[i] + 1 - before - after) + slack[i]

            let sizes = Array.append [| inputs * groups |] (Array.init axes size)
            let! x = wholes dtype (if hasBatch then Array.append [| batch |] sizes else sizes)
            return { empty with X = x }
        }
        |> Gen.where (fun case -> Tensor.size case.X * Shapes.size case.Kernel * max 1 case.W.Sizes[0] < 30000)

    /// Convolutions over one to three spatial axes.
    let any dtypes : Gen<ConvolutionCase> = Gen.choose (1, 3) |> Gen.bind (fun axes -> over axes dtypes)

    let conv (case: ConvolutionCase) (x: Node) (w: Node) : Node =
        let conv = [| conv1d; conv2d; conv3d |][case.Axes - 1]
        conv case.Options x w

    /// The transposed convolution whose result has the size of the case's argument, if there is one: padding is even.
    let transposed (case: ConvolutionCase) (x: Node) (w: Node) : Node =
        let last = Array.skip (case.X.Sizes.Length - case.Axes) case.X.Sizes

        let missing i =
            let before, after = case.Padding[i]
            let whole = last[i] + before + after - ((case.Kernel[i] - 1) * case.Dilation[i] + 1)
            whole % case.Stride[i]

        let options =
            {
                Stride = case.Options.Stride
                Padding = case.Padding |> Array.map fst |> List.ofArray
                OutputPadding = List.init case.Axes missing
                Dilation = case.Options.Dilation
                Groups = case.Options.Groups
                Bias = None
            }
            : ConvolutionTranspose

        let transposed = [| convTranspose1d; convTranspose2d; convTranspose3d |][case.Axes - 1]
        transposed options x w
