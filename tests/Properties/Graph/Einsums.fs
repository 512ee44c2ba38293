/// Subscripts mean what NumPy means by them.
module Autodiff.Properties.Graph.Einsums

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// Subscripts as letters for each operand and, if it is written, the result; with the sizes of the operands' axes.
type private Case = { Operands: string list; Result: string; IsImplied: bool; Inputs: Tensor list }

let private letters = "abcde"

let private ofSeed seed =
    let random = Random(seed: int)
    let sizes = Array.init letters.Length (fun _ -> if random.Next 15 = 0 then 0 else 1 + random.Next 4)
    let labels _ = String(Array.init (random.Next 4) (fun _ -> letters[random.Next letters.Length]))
    let operands = List.init (1 + random.Next 3) labels
    let used = String.Concat operands |> Seq.distinct |> Array.ofSeq
    random.Shuffle used
    let isImplied = random.Next 4 = 0
    let once letter = (String.Concat operands |> Seq.filter ((=) letter) |> Seq.length) = 1

    let result =
        if isImplied then
            used |> Array.filter once |> Array.sort |> String
        else
            used |> Array.filter (fun _ -> random.Next 2 = 0) |> String

    let tensor (labels: string) =
        // An axis of size 1 broadcasts, where its label stands once in the operand.
        let size label =
            let isAlone = (labels |> Seq.filter ((=) label) |> Seq.length) = 1
            if isAlone && random.Next 6 = 0 then 1 else sizes[letters.IndexOf(label: char)]

        let shape = labels |> Seq.map size |> Array.ofSeq
        Tensor.floats DType.Float64 shape (Array.init (Shapes.size shape) (fun _ -> random.NextDouble() - 0.5))

    {
        Operands = operands
        Result = result
        IsImplied = isImplied
        Inputs = operands |> List.map tensor
    }

/// One loop over all values of all letters.
let private naive (case: Case) : Tensor =
    let used = String.Concat case.Operands |> Seq.distinct |> Array.ofSeq

    let sizeOf letter =
        Seq.zip case.Operands case.Inputs
        |> Seq.collect (fun (labels, x) -> Seq.zip labels x.Sizes)
        |> Seq.filter (fun (label, _) -> label = letter)
        |> Seq.map snd
        |> Seq.fold (fun known size -> if known = 1 then size else known) 1

    let sizes = used |> Array.map sizeOf
    let valueOf (values: int[]) (letter: char) = values[Array.IndexOf(used, letter)]
    let shape = case.Result |> Seq.map sizeOf |> Array.ofSeq
    let total = Array.zeroCreate (Shapes.size shape)

    let factor values (labels: string) (x: Tensor) =
        let at axis letter = if x.Sizes[axis] = 1 then 0 else valueOf values letter
        (Tensor.asFloats x)[Tensor.position x.Sizes (labels |> Seq.mapi at |> Array.ofSeq)]

    for values in Tensor.coordinates sizes do
        let place = Tensor.position shape (case.Result |> Seq.map (valueOf values) |> Array.ofSeq)
        total[place] <- total[place] + (List.map2 (factor values) case.Operands case.Inputs |> List.reduce (*))

    Tensor.floats DType.Float64 shape total

let private build (subscripts: string) (case: Case) =
    einsum subscripts (case.Inputs |> List.map (Tensor.toArray >> constant))

let private written (case: Case) = String.Join(",", case.Operands) + (if case.IsImplied then "" else "->" + case.Result)

[<Property(MaxTest = 500)>]
let ``an einsum is a loop over its labels`` () =
    Prop.forAll (Arb.fromGen (Gen.choose (0, Int32.MaxValue - 1))) (fun seed ->
        let case = ofSeed seed
        Close.require (written case) (Close.within 1e-12 (naive case)) (eval (build (written case) case)))

[<Property(MaxTest = 200)>]
let ``an ellipsis stands for leading axes that broadcast`` () =
    Prop.forAll (Arb.fromGen (Gen.choose (0, Int32.MaxValue - 1))) (fun seed ->
        let case = { ofSeed seed with IsImplied = false }
        let batched = case.Operands |> List.map (fun labels -> "..." + labels)
        let lead = [ 2; 3 ]

        let widen k (x: Tensor) =
            if k = 0 then
                broadcastTo (Seq.append lead x.Sizes) (constant (Tensor.toArray x))
            else
                constant (Tensor.toArray x)

        let subscripts = String.Join(",", batched) + "->..." + case.Result
        let expected = broadcastTo (Seq.append lead (naive case).Sizes) (constant (Tensor.toArray (naive case)))

        Close.requireWithin
            1e-12
            subscripts
            (eval expected)
            (eval (einsum subscripts (case.Inputs |> List.mapi widen))))

[<Property(MaxTest = 200)>]
let ``spaces and the names of labels do not matter`` () =
    Prop.forAll (Arb.fromGen (Gen.choose (0, Int32.MaxValue - 1))) (fun seed ->
        let case = { ofSeed seed with IsImplied = false }

        let renamed =
            (written case).Replace("->", " -> ").Replace(",", " , ").Replace('a', 'Q').Replace('b', 'z')

        let a, b = eval (build (written case) case), eval (build renamed case)
        Assert.True(a.IsSameAs(b, true)))

[<Fact>]
let ``matmul has NumPy's shapes for every rank`` () =
    let zeros sizes = constant (NDArray.Zeros(Array.ofList sizes))
    let shape a b = List.ofSeq ((zeros a *@ zeros b).Shape)
    Assert.Equal<int list>([], shape [ 3 ] [ 3 ])
    Assert.Equal<int list>([ 4 ], shape [ 3 ] [ 3; 4 ])
    Assert.Equal<int list>([ 2 ], shape [ 2; 3 ] [ 3 ])
    Assert.Equal<int list>([ 2; 4 ], shape [ 2; 3 ] [ 3; 4 ])
    Assert.Equal<int list>([ 5; 2; 4 ], shape [ 5; 2; 3 ] [ 3; 4 ])
    Assert.Equal<int list>([ 6; 5; 2; 4 ], shape [ 5; 2; 3 ] [ 6; 1; 3; 4 ])
    Assert.Equal<int list>([ 6; 4 ], shape [ 3 ] [ 6; 3; 4 ])
    Assert.Equal<int list>([ 2; 0 ], shape [ 2; 3 ] [ 3; 0 ])
