namespace Autodiff.FSharp

open System
open Autodiff

/// Regularisation by noise.
[<AutoOpen>]
module Regularisation =

    let private checkDropout (rate: float) (key: Node) (x: Node) =
        if not (rate >= 0.0 && rate <= 1.0) then
            raise (ArgumentException $"dropout: the rate is {rate}; it is a probability, which lies from 0 to 1")

        if not (Kernel.DTypes.IsFloat x.DType) then
            raise (DTypeException $"dropout: {Axes.describe x} is {x.DType}; only floating values are scaled")

        if key.Rank > 0 then
            raise (ShapeException $"dropout: one key is needed, not {Axes.describe key}; use vmap for several")

    /// Each element replaced by zero with a probability, and the rest scaled such that the mean stays (Srivastava and
    /// others, "Dropout: a simple way to prevent neural networks from overfitting", 2014); x as it is where the flag says that this
    /// is no training. The key decides which elements, and derivatives pass those that are left: bind a new key for each step.
    let dropout (rate: float) (isTraining: bool) (key: Node) (x: Node) : Node =
        checkDropout rate key x
        let key = Keys.check "dropout" key

        if rate = 0.0 || not isTraining then
            x
        elif rate = 1.0 then
            zerosLike x
        else
            let isKept = Keys.draw (Draw.Uniform x.DType) x.Shape key .>= scalar rate
            where isKept (x * (1.0 / (1.0 - rate))) (scalar 0.0)
