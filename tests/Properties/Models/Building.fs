/// Models: names, sharing, starting values, and the way back from values to a graph.
module Autodiff.Properties.Models.Building

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open FsCheck.Xunit
open Xunit

let private x = constant (NDArray.Ones(2, 5))

let private mlp =
    model {
        let! h = dense 4 x
        let! out = dense 3 (relu h)
        return out
    }

let private names (parameters: IReadOnlyDictionary<string, NDArray>) = parameters.Keys |> Seq.sort |> List.ofSeq

[<Fact>]
let ``parameters are named after their paths`` () =
    Assert.Equal<string list>([ "dense/b"; "dense/w"; "dense_1/b"; "dense_1/w" ], names (Model.init 1L mlp))

    let nested =
        scope "encoder" {
            let! h = dense 4 x
            let! out = scope "head" { return! dense 2 h }
            return out
        }

    let expected = [ "encoder/dense/b"; "encoder/dense/w"; "encoder/head/dense/b"; "encoder/head/dense/w" ]
    Assert.Equal<string list>(expected, names (Model.init 1L nested))

[<Fact>]
let ``shapes follow the arguments`` () =
    let parameters = Model.init 1L mlp
    Assert.Equal<int[]>([| 5; 4 |], parameters["dense/w"].Shape.ToArray())
    Assert.Equal<int[]>([| 4; 3 |], parameters["dense_1/w"].Shape.ToArray())
    Assert.True(parameters["dense/b"].IsSameAs(NDArray.Zeros 4))

[<Fact>]
let ``a layer that is bound once is shared`` () =
    let shared =
        model {
            let! layer = Layer.dense 5
            return layer (layer x)
        }

    Assert.Equal<string list>([ "dense/b"; "dense/w" ], names (Model.init 1L shared))
    let struct (node, parameters) = Model.build 1L shared
    let w, b = parameters["dense/w"], parameters["dense/b"]
    Close.requireWithin 1e-14 "twice" (eval ((x *@ w + b) *@ w + b)) (eval node)

[<Property(MaxTest = 20)>]
let ``a new layer changes no other's start`` (seed: int64) =
    let longer =
        model {
            let! extra = scope "extra" { return! dense 7 x }
            let! h = dense 4 x
            let! out = dense 3 (relu h)
            return out + sum [] extra
        }

    let before, after = Model.init seed mlp, Model.init seed longer

    for pair in before do
        Assert.True(after[pair.Key].IsSameAs pair.Value, pair.Key)

[<Property(MaxTest = 20)>]
let ``the seed decides the start`` (seed: int64) =
    let one, same, other = Model.init seed mlp, Model.init seed mlp, Model.init (seed + 1L) mlp
    Assert.True(one["dense/w"].IsSameAs same["dense/w"])
    Assert.False(one["dense/w"].IsSameAs other["dense/w"])

    Assert.False(
        (one["dense/w"]
            .Slice(
                Slice.Step(System.Nullable 0, System.Nullable 4, 1),
                Slice.Step(System.Nullable 0, System.Nullable 3, 1)
            ))
            .IsSameAs
            one["dense_1/w"]
    )

[<Property(MaxTest = 20)>]
let ``a model applied to its parameters is the model that was built`` (seed: int64) =
    let struct (built, parameters) = Model.build seed mlp
    let applied = Model.apply (Model.init seed mlp) mlp
    Assert.True((eval built).IsSameAs(eval applied))
    Assert.Equal<string seq>(Seq.sort (Model.init seed mlp).Keys, Seq.sort parameters.Keys)

[<Fact>]
let ``a model takes the values it is given`` () =
    let zeros = Dictionary<string, NDArray>()

    for pair in Model.init 1L mlp do
        zeros[pair.Key] <- NDArray.Zeros(pair.Value.Shape.ToArray())

    zeros["dense_1/b"] <- nd [ 1.0; 2.0; 3.0 ]
    Close.requireWithin 0.0 "bias" (nd [ [ 1.0; 2.0; 3.0 ]; [ 1.0; 2.0; 3.0 ] ]) (eval (Model.apply zeros mlp))

[<Fact>]
let ``values that are missing or do not fit are named`` () =
    let parameters = Dictionary<string, NDArray>(Model.init 1L mlp)
    parameters["dense/w"] <- NDArray.Zeros(2, 2)
    let misfit = Assert.Throws<ShapeException>(fun () -> Model.apply parameters mlp |> ignore)
    Assert.Equal("parameter 'dense/w' has shape [5,4], the value given for it [2,2]", misfit.Message)
    parameters.Remove "dense/w" |> ignore
    let missing = Assert.Throws<System.ArgumentException>(fun () -> Model.apply parameters mlp |> ignore)
    Assert.Equal("no value is given for parameter 'dense/w' [5,4]", missing.Message)

[<Fact>]
let ``Glorot's start looks at inputs and outputs, whatever the rank`` () =
    let largest (shape: int list) =
        (Initial.glorot (RandomSource 1L) (Shape.op_Implicit (Array.ofList shape))).ToArray<float>()
        |> Seq.map abs
        |> Seq.max

    let begins (limit: float) shape = Assert.InRange(largest shape, 0.99 * limit, limit)
    begins (sqrt (6.0 / 500.0)) [ 200; 300 ]
    begins (sqrt (6.0 / 450.0)) [ 3; 3; 20; 30 ]
    begins (sqrt (6.0 / 2000.0)) [ 1000 ]
    Assert.InRange(largest [], 0.0, sqrt 3.0)
    Assert.Equal(0, (Initial.glorot (RandomSource 1L) (Shape.op_Implicit [| 0; 0 |])).Length)

[<Fact>]
let ``nodes of a layer carry its scope`` () =
    let encoder = scope "encoder" { return! dense 3 x }
    let node = Model.apply (Model.init 1L encoder) encoder
    Assert.Equal("encoder/dense", node.Scope)

[<Fact>]
let ``nodes of a shared layer carry the scope where it was bound`` () =
    let shared =
        model {
            let! layer = scope "encoder" { return! Layer.dense 5 }
            return layer x
        }

    Assert.Equal("encoder/dense", (Model.apply (Model.init 1L shared) shared).Scope)

[<Fact>]
let ``a model is a value that can be run again`` () =
    Assert.Equal<string list>(names (Model.init 1L mlp), names (Model.init 1L mlp))
    let struct (a, _) = Model.build 1L mlp
    let struct (b, _) = Model.build 1L mlp
    Assert.NotSame(a, b)

[<Fact>]
let ``loops, conditions and and! build models`` () =
    let deep =
        model {
            let mutable h = x

            for width in [ 4; 3; 2 ] do
                let! next = dense width h
                h <- next

            let! left = dense 2 h
            and! right = dense 2 h
            return left * right
        }

    let struct (node, parameters) = Model.build 1L deep
    Assert.Equal(10, parameters.Count)
    Assert.Equal<int[]>([| 2; 2 |], node.Shape.ToArray())

[<Fact>]
let ``every parameter has a gradient`` () =
    let struct (node, parameters) = Model.build 3L mlp
    let variables = List.ofSeq parameters.Values
    let gradients = evalMany (grad (square node) variables)

    for variable, gradient in List.zip variables gradients do
        Assert.Equal<Shape>(variable.Shape, gradient.Shape)

    for check in checkGradients 2 (tanh node) variables do
        Assert.True(check.Passed, string check)

let private images = constant (RandomSource(1L).Normal [| 2; 4; 5; 6 |])

let private network =
    model {
        let! first = Layer.conv2d { Convolution.standard with Groups = 2 } 6 [ 3; 2 ]
        let! second = Layer.conv2d { Convolution.standard with Padding = Padding.Same } 6 [ 3 ]
        let! batch = Layer.batchNorm
        let! group = Layer.groupNorm 3
        let! layer = Layer.layerNorm [ 3; 5 ]
        let! rms = Layer.rmsNorm [ 5 ]
        let h = first images
        return rms (layer (group (batch (second (second h))).Value))
    }

[<Fact>]
let ``convolutions and norms are layers`` () =
    let parameters = Model.init 1L network
    let shape name = List.ofSeq parameters[name].Shape
    Assert.Equal<int list>([ 6; 2; 3; 2 ], shape "conv2d/w")
    Assert.Equal<int list>([ 6; 6; 3; 3 ], shape "conv2d_1/w")
    Assert.Equal<int list>([ 6 ], shape "conv2d_1/b")
    Assert.Equal<int list>([ 6 ], shape "batchNorm/w")
    Assert.Equal<int list>([ 6 ], shape "groupNorm/b")
    Assert.Equal<int list>([ 3; 5 ], shape "layerNorm/w")
    Assert.Equal<int list>([ 5 ], shape "rmsNorm/w")
    Assert.Equal(11, parameters.Count)

    let leaf name = constant parameters[name]
    let standard = Normalization.standard
    let grouped = { Convolution.standard with Groups = 2; Bias = Some(leaf "conv2d/b") }
    let same = { Convolution.standard with Padding = Padding.Same; Bias = Some(leaf "conv2d_1/b") }
    let first = conv2d grouped images (leaf "conv2d/w")
    let twice = conv2d same (conv2d same first (leaf "conv2d_1/w")) (leaf "conv2d_1/w")
    let batch = (batchNorm standard twice).Value

    let expected =
        rmsNorm (Normalization.machine DType.Float64) [ 5 ] (layerNorm standard [ 3; 5 ] (groupNorm standard 3 batch))

    let actual = Model.apply parameters network
    Assert.Equal("rmsNorm", actual.Scope)
    Close.requireWithin 1e-12 "network" (eval expected) (eval actual)

[<Fact>]
let ``layers refuse what has no channels`` () =
    let refuses (layer: Model<Node -> Node>) (x: Node) =
        let apply () = Model.init 1L (Model.map (fun f -> f x) layer) |> ignore
        Assert.Throws<ShapeException>(apply) |> ignore

    let vector = constant (NDArray.Ones 3)
    refuses (Layer.groupNorm 1) vector
    refuses (Layer.conv1d Convolution.standard 2 [ 3 ]) vector
    refuses (Layer.conv3d Convolution.standard 2 [ 3; 3 ]) (constant (NDArray.Ones(1, 1, 4, 4, 4)))
    refuses (Layer.conv2d { Convolution.standard with Groups = 0 } 2 [ 3 ]) images
