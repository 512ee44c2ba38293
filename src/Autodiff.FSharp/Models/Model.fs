namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff

/// What a model is built in: where it stands, what its parameters start from, and which it has made so far.
[<Sealed>]
type internal ModelContext
    (
        path: string,
        random: RandomSource,
        given: IReadOnlyDictionary<string, NDArray> | null,
        made: Dictionary<string, Node>,
        names: HashSet<string>
    ) =
    member _.Path = path
    member _.Made = made

    /// A path below this one that nobody has taken yet: the second `dense` becomes `dense_1`.
    member _.Claim(name: string) =
        let full suffix = (if path = "" then name else path + "/" + name) + suffix
        let free = Seq.initInfinite (fun i -> full (if i = 0 then "" else $"_{i}")) |> Seq.find names.Add
        free

    /// The same context further down.
    member _.Below(path: string) = ModelContext(path, random, given, made, names)

    /// The starting value of a parameter: the given one, or one drawn with a key that comes from its path.
    member _.Start(path: string, shape: Shape, draw: RandomSource -> Shape -> NDArray) =
        match given with
        | null -> draw (random.Fold path) shape
        | given ->
            match given.TryGetValue path with
            | true, value when value.Shape = shape -> value
            | true, value ->
                raise (ShapeException $"parameter '{path}' has shape {shape}, the value given for it {value.Shape}")
            | false, _ -> raise (ArgumentException $"no value is given for parameter '{path}' {shape}")

/// A computation with parameters: a value that says how to make its result and the parameters that the result needs.
/// Nothing is made until the model is run.
[<Sealed>]
type Model<'a> internal (run: ModelContext -> 'a) =
    member internal _.Run(context: ModelContext) : 'a = run context

/// Builds models: `let!` takes the result of a model, and parameters and scopes are threaded through.
[<Sealed>]
type ModelBuilder internal (scope: string | null) =
    member _.Bind(model: Model<'a>, next: 'a -> Model<'b>) : Model<'b> =
        Model(fun context -> (next (model.Run context)).Run context)

    member _.Return(value: 'a) : Model<'a> = Model(fun _ -> value)
    member _.ReturnFrom(model: Model<'a>) : Model<'a> = model
    member _.Zero() : Model<unit> = Model(fun _ -> ())
    member _.Delay(f: unit -> Model<'a>) : Model<'a> = Model(fun context -> (f ()).Run context)

    member _.Combine(first: Model<unit>, next: Model<'a>) : Model<'a> =
        Model(fun context ->
            first.Run context
            next.Run context)

    member _.MergeSources(a: Model<'a>, b: Model<'b>) : Model<'a * 'b> =
        Model(fun context ->
            let first = a.Run context
            first, b.Run context)

    member _.BindReturn(model: Model<'a>, f: 'a -> 'b) : Model<'b> = Model(fun context -> f (model.Run context))

    member _.For(items: seq<'a>, body: 'a -> Model<unit>) : Model<unit> =
        Model(fun context -> items |> Seq.iter (fun item -> (body item).Run context))

    /// In a scope, names stand below it, and so do the nodes that are made there.
    member _.Run(model: Model<'a>) : Model<'a> =
        match scope with
        | null -> model
        | name ->
            Model(fun context ->
                let path = context.Claim name
                let step = path.Substring(if context.Path = "" then 0 else context.Path.Length + 1)
                Scope.Within(step, (fun () -> model.Run(context.Below path))))

/// How parameters begin.
module Initial =

    /// Zeros.
    let zeros (_: RandomSource) (shape: Shape) : NDArray = NDArray.Zeros(shape.ToArray())

    /// Ones.
    let ones (_: RandomSource) (shape: Shape) : NDArray = NDArray.Ones(shape.ToArray())

    /// Uniform between -limit and limit.
    let uniform (limit: float) (random: RandomSource) (shape: Shape) : NDArray = random.Uniform(shape, -limit, limit)

    /// Normal with mean 0 and the given deviation.
    let normal (deviation: float) (random: RandomSource) (shape: Shape) : NDArray = random.Normal(shape, 0.0, deviation)

    /// How many inputs and outputs a weight has: its last two axes, each multiplied by those before them (the window of a
    /// convolution). A vector counts as so many inputs and as so many outputs.
    let fans (shape: Shape) : struct (float * float) =
        if shape.Rank < 2 then
            struct (float shape.Size, float shape.Size)
        else
            let window = Seq.take (shape.Rank - 2) shape |> Seq.fold (fun product size -> product * float size) 1.0
            struct (window * float shape[shape.Rank - 2], window * float shape[shape.Rank - 1])

    /// Glorot and Bengio's uniform start for a weight [inputs, outputs], which keeps the variance of values and of
    /// gradients ("Understanding the difficulty of training deep feedforward neural networks", 2010).
    let glorot (random: RandomSource) (shape: Shape) : NDArray =
        let struct (inputs, outputs) = fans shape
        uniform (sqrt (6.0 / max 1.0 (inputs + outputs))) random shape

/// Running models, and what they are made of.
module Model =

    let private run (random: RandomSource) given (model: Model<'a>) =
        let made = Dictionary<string, Node>()
        let result = model.Run(ModelContext("", random, given, made, HashSet<string>()))
        struct (result, made)

    /// A parameter: a variable whose name is its path, and whose starting value is drawn with a key of its own.
    let parameter (name: string) (shape: seq<int>) (draw: RandomSource -> Shape -> NDArray) : Model<Node> =
        Model(fun context ->
            let path = context.Claim name
            let variable = Leaf.variable path (context.Start(path, Shapes.ofSeq shape, draw))
            context.Made[path] <- variable
            variable)

    /// The result of a model with fresh parameters, and these by name.
    let build (seed: int64) (model: Model<'a>) : struct ('a * IReadOnlyDictionary<string, Node>) =
        let struct (result, made) = run (RandomSource seed) null model
        struct (result, made)

    /// The starting values of a model's parameters, by name. A parameter's value depends on the seed and on its own name
    /// alone, so that a new layer changes no other's start.
    let init (seed: int64) (model: Model<'a>) : IReadOnlyDictionary<string, NDArray> =
        let struct (_, made) = run (RandomSource seed) null model
        let values = Dictionary<string, NDArray>()
        made |> Seq.iter (fun pair -> values[pair.Key] <- Leaf.start pair.Value)
        values

    /// The result of a model whose parameters start from the given values.
    let apply (parameters: IReadOnlyDictionary<string, NDArray>) (model: Model<'a>) : 'a =
        let struct (result, _) = run (RandomSource 0L) parameters model
        result

    /// The model whose result is passed through a function.
    let map (f: 'a -> 'b) (model: Model<'a>) : Model<'b> = Model(fun context -> f (model.Run context))

/// The builders.
[<AutoOpen>]
module ModelBuilders =

    /// A model, step by step.
    let model = ModelBuilder null

    /// A model whose parameters and nodes stand in a scope.
    let scope (name: string) = ModelBuilder name
