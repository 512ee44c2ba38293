namespace Autodiff.FSharp

open Autodiff

/// Layers that are bound once, as functions from node to node, so that their weights are shared.
module Layer =

    let private denseIn (inputs: int) (outputs: int) =
        scope "dense" {
            let! w = Model.parameter "w" [ inputs; outputs ] Initial.glorot
            let! b = Model.parameter "b" [ outputs ] Initial.zeros
            let path = Scope.Path
            return fun (x: Node) -> Scope.At(path, fun () -> x *@ w + b)
        }

    /// x w + b with weights for so many outputs. The number of inputs is that of the first argument, whose last axis every
    /// later one must share.
    let dense (outputs: int) : Model<Node -> Node> =
        Model(fun context ->
            let path = Scope.Path
            let mutable layer: (Node -> Node) voption = ValueNone

            fun x ->
                match layer with
                | ValueSome f -> f x
                | ValueNone ->
                    let f = Scope.At(path, fun () -> (denseIn x.Shape[x.Rank - 1] outputs).Run context)
                    layer <- ValueSome f
                    f x)

    /// Dropout with a rate, while the flag says that this is training. The layer folds its path into the key, so that layers in
    /// different places see different noise; one that is applied twice drops the same elements both times.
    let dropout (rate: float) (isTraining: bool) (key: Node) : Model<Node -> Node> =
        Model(fun context ->
            let path = context.Claim "dropout"
            let own = Random.foldInText key path
            fun x -> Scope.At(path, fun () -> Regularisation.dropout rate isTraining own x))

/// Layers applied where they are made.
[<AutoOpen>]
module Layers =

    /// x w + b over the last axis of x, with new weights.
    let dense (outputs: int) (x: Node) : Model<Node> = Layer.dense outputs |> Model.map (fun layer -> layer x)
