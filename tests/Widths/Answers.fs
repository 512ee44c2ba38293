/// What a process computes for the graphs of given seeds, as text that another process can compare to the last bit.
module Autodiff.Widths.Answers

open System
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.Arm
open System.Runtime.Intrinsics.X86
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs

/// What the vectors of this process can do: the widest of them in bits, and whether multiply-add is one instruction.
let machine () =
    let widest =
        if Vector512.IsHardwareAccelerated then 512
        elif Vector256.IsHardwareAccelerated then 256
        elif Vector128.IsHardwareAccelerated then 128
        else 0

    $"{widest} {Fma.IsSupported || AdvSimd.IsSupported}"

/// The graph of a seed, and the nodes that are evaluated: its outputs, its gradients, a product with its Hessian.
let question (seed: int) : Node list =
    let dtype = if seed % 2 = 0 then DType.Float32 else DType.Float64
    let graph = Graphs.ofSeed dtype (3 + seed % 40) seed
    let y, x = graph.Outputs.Head, graph.Variables.Head
    graph.Outputs @ grad y graph.Variables @ [ hvp y x (cos (onesLike x)) ]

let private bits (value: NDArray) =
    let hex (element: float) = BitConverter.DoubleToInt64Bits(element).ToString "x"
    Tensor.asFloats (Tensor.ofArray value) |> Seq.map hex |> String.concat " "

/// The numbers of an answer.
let numbers (answer: string) : float[] =
    answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map (fun hex -> BitConverter.Int64BitsToDouble(Convert.ToInt64(hex, 16)))

/// One line for each value of each seed's graph.
let lines (first: int) (count: int) : string list =
    [
        for seed in first .. first + count - 1 do
            for value in evalMany (question seed) do
                bits value
    ]
