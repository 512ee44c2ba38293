namespace Autodiff

open System
open System.Collections.Generic

/// How a derivative was made.
type DerivativeMode =
    /// From the result back to the variables: `grad`.
    | Reverse = 0
    /// From the variables to the result: `jvp`.
    | Forward = 1

/// What a function does at a point, as far as values near it tell.
type Smoothness =
    /// It has one slope.
    | Smooth = 0
    /// Its slopes to the left and to the right differ: every number between them is a subgradient.
    | Kink = 1
    /// It jumps.
    | Jump = 2
    /// Values near it are no numbers: the point stands at the edge of the domain, or outside.
    | Edge = 3

/// The element in which a derivative from the graph, in either mode, differs most from central differences.
[<Sealed>]
type GradientCheck
    internal
    (
        order: int,
        mode: DerivativeMode,
        variable: Node,
        index: int[],
        fromGraph: float,
        slopes: struct (float * float * float),
        smoothness: Smoothness,
        tolerance: float
    ) =
    let struct (left, fromDifferences, right) = slopes
    let scaled distance = distance / max 1.0 (max (abs fromGraph) (abs fromDifferences))

    /// Which derivative: 1 for the gradient, 2 for its gradient, and so on.
    member _.Order = order
    /// The mode of the derivative from the graph.
    member _.Mode = mode
    /// The variable with the worst element.
    member _.Variable = variable
    /// The position of the worst element in the variable.
    member _.Index: IReadOnlyList<int> = index
    /// The derivative by that element as the graph has it.
    member _.FromGraph = fromGraph
    /// The same from central differences.
    member _.FromDifferences = fromDifferences
    /// What the function does there.
    member _.Smoothness = smoothness

    /// The distance of the two, relative to the larger of them and 1. At a kink it is the distance from the range of the
    /// slopes on both sides, at a jump that from 0 or from the central difference, whichever is less.
    member _.Error =
        match smoothness with
        | Smoothness.Kink ->
            let low, high = min left right, max left right
            scaled (max 0.0 (max (low - fromGraph) (fromGraph - high)))
        | Smoothness.Jump -> scaled (min (abs fromGraph) (abs (fromGraph - fromDifferences)))
        | _ when fromGraph = fromDifferences -> 0.0
        | _ when Double.IsNaN fromGraph && Double.IsNaN fromDifferences -> 0.0
        | _ -> scaled (abs (fromGraph - fromDifferences))

    /// The largest error that counts as agreement.
    member _.Tolerance = tolerance
    /// Whether graph and differences agree in every element.
    member x.Passed = x.Error <= tolerance

    override x.ToString() =
        let name =
            match variable.Name with
            | null -> "variable"
            | name -> name

        let place = index |> Seq.map string |> String.concat ","
        let verdict = if x.Passed then "agree" else "DIFFER"
        let mode = if mode = DerivativeMode.Forward then "forward" else "reverse"

        let note =
            match smoothness with
            | Smoothness.Kink -> $"; a kink with slopes {left:G6} and {right:G6}"
            | Smoothness.Jump -> "; a jump"
            | Smoothness.Edge -> "; values near it are no numbers"
            | _ -> ""

        $"order {order}: graph and differences {verdict}: worst at {name}[{place}] in {mode} mode: {fromGraph} against {fromDifferences}, error {x.Error:E1} (tolerance {tolerance:E1}){note}"

/// What a check of derivatives found: for each order the worst element. Its text has one line for each.
[<Sealed; StructuredFormatDisplay("{Text}")>]
type GradientReport internal (checks: GradientCheck[]) =
    /// The number of orders that were checked.
    member _.Length = checks.Length

    /// The worst element of an order, of which the first has position 0.
    member _.Item
        with get (position: int) = checks[position]

    /// Whether graph and differences agree everywhere.
    member _.Passed = checks |> Array.forall _.Passed
    member private report.Text = report.ToString()
    override _.ToString() = String.Join(Environment.NewLine, checks)

    interface IReadOnlyList<GradientCheck> with
        member _.Count = checks.Length

        member _.Item
            with get (position: int) = checks[position]

        member _.GetEnumerator() : IEnumerator<GradientCheck> = (checks :> seq<GradientCheck>).GetEnumerator()
        member _.GetEnumerator() : Collections.IEnumerator = (checks :> Collections.IEnumerable).GetEnumerator()

namespace Autodiff.FSharp

open System
open Autodiff

/// Numerical proof of derivatives.
module internal Check =

    /// The step of the differences, relative to elements above 1, and the error that counts as agreement.
    [<Struct>]
    type Precision = { Step: float; Tolerance: float }

    /// The best that differences can tell: their step balances rounding against the terms that they neglect.
    let private precisionOf (nodes: seq<Node>) =
        if nodes |> Seq.exists (fun x -> x.DType = DType.Float32) then
            { Step = 3e-2; Tolerance = 2e-2 }
        else
            { Step = 1e-3; Tolerance = 1e-6 }

    /// The value of a float array as doubles.
    let private doubles (value: NDArray) = (value.AsType DType.Float64).ToArray<float>()

    let private number (results: NDArray[]) = Array.head (doubles results[0])

    let private arrayLike (like: NDArray) (values: float[]) =
        ((NDArray.Create values).Reshape(like.Shape.ToArray())).AsType like.DType

    let private unravel (shape: Shape) (position: int) =
        let index = Array.zeroCreate shape.Rank
        let mutable rest = position

        for axis in shape.Rank - 1 .. -1 .. 0 do
            index[axis] <- rest % shape[axis]
            rest <- rest / shape[axis]

        index

    /// Central differences with Richardson's extrapolation: the error of the plain quotient is c h^2 + O(h^4), and two
    /// step widths cancel the first term.
    let private central (f: float -> float) (x: float) (step: float) =
        let quotient h = (f (x + h) - f (x - h)) / (2.0 * h)
        (4.0 * quotient (step / 2.0) - quotient step) / 3.0

    /// The slopes to the left and to the right of x, and what their change with the step says of the function: at a smooth
    /// point their distance falls with the step, at a kink it stays, and at a jump one of them grows as the step falls.
    let private describe (f: float -> float) (x: float) (step: float) (rounding: float) =
        let here = f x
        let left h = (here - f (x - h)) / h
        let right h = (f (x + h) - here) / h
        let l, r, l2, r2 = left step, right step, left (step / 4.0), right (step / 4.0)
        let size = max 1.0 (max (abs l) (abs r))

        let smoothness =
            if not (Double.IsFinite(l + r + l2 + r2)) then
                Smoothness.Edge
            elif abs l2 > 3.0 * abs l && abs l2 > size || abs r2 > 3.0 * abs r && abs r2 > size then
                Smoothness.Jump
            elif abs (r2 - l2) > rounding * size && abs (r2 - l2) > 0.6 * abs (r - l) then
                Smoothness.Kink
            else
                Smoothness.Smooth

        struct (l2, r2, smoothness)

    /// One element: smaller steps where the first does not agree, for a kink may lie within it; and where none agrees, a
    /// look at what the function does there.
    let private element precision make (f: float -> float) (x: float) : GradientCheck =
        let width = precision.Step * max 1.0 (abs x)

        let smooth step : GradientCheck =
            let slope = central f x step
            make struct (slope, slope, slope) (if Double.IsNaN slope then Smoothness.Edge else Smoothness.Smooth)

        let attempts = [ width; width / 8.0; width / 64.0 ] |> Seq.map smooth

        match attempts |> Seq.tryFind _.Passed with
        | Some check -> check
        | None ->
            let struct (left, right, smoothness) = describe f x width (100.0 * precision.Tolerance)

            if smoothness = Smoothness.Smooth then
                Seq.head attempts
            else
                make struct (left, central f x width, right) smoothness

    let private worse (a: GradientCheck) (b: GradientCheck) =
        if Double.IsNaN a.Error || a.Error >= b.Error then a else b

    /// The gradient of a scalar by both modes: for each variable and each of its elements a number.
    let private slopes (scalar: Node) (xs: Node[]) (points: NDArray[]) =
        let reverse = (Compiler.compile xs (Reverse.grad scalar xs)).Run points |> Array.map doubles

        let forward k =
            let tangent = Node.Leaf(Op.Input, "tangent", xs[k].Shape, xs[k].DType)

            let run =
                Compiler.compile (Array.append xs [| tangent |]) [| Forward.jvp scalar [| xs[k] |] [| tangent |] |]

            let zeros = Array.zeroCreate<float> points[k].Length
            let at i = Array.append points [| arrayLike points[k] (Array.updateAt i 1.0 zeros) |]
            Array.init zeros.Length (fun i -> number (run.Run(at i)))

        [ DerivativeMode.Reverse, reverse; DerivativeMode.Forward, Array.init xs.Length forward ]

    /// The check of the gradient of a scalar function at the variables' starting values: the worst element.
    let private ofScalar order precision (scalar: Node) (xs: Node[]) : GradientCheck option =
        let points = xs |> Array.map Leaf.start
        let value = Compiler.compile xs [| scalar |]

        let check mode (exact: float[][]) k i =
            let center = doubles points[k]
            let at v = Array.updateAt k (arrayLike points[k] (Array.updateAt i v center)) points
            let f v = number (value.Run(at v))

            let make slopes smoothness =
                GradientCheck(
                    order,
                    mode,
                    xs[k],
                    unravel xs[k].Shape i,
                    exact[k][i],
                    slopes,
                    smoothness,
                    precision.Tolerance
                )

            element precision make f center[i]

        let checks =
            [
                for mode, exact in slopes scalar xs points do
                    for k in 0 .. xs.Length - 1 do
                        for i in 0 .. points[k].Length - 1 do
                            check mode exact k i
            ]

        if checks.IsEmpty then None else Some(List.reduce worse checks)

    /// A scalar that depends on every element of a node, each with a weight of its own: equal weights would hide errors
    /// that cancel.
    let private weighted (y: Node) =
        let weights = Array.init y.Shape.Size (fun i -> 1.0 + 0.37 * sin (float (i + 1)))
        sum [] (y * Node.Cast(y.DType, Node.Strong((NDArray.Create weights).Reshape(y.Shape.ToArray()))))

    /// For each order up to the given one the worst element, at the variables' starting values. Variables without elements
    /// have nothing to check.
    let run (order: int) (y: Node) (xs: Node[]) : GradientReport =
        if order < 1 then
            raise (ArgumentException $"checkGradients: the order is {order}; it is 1 or more")

        if xs.Length = 0 then
            raise (ArgumentException "checkGradients: there are no variables")

        if not (Node.Given y).Shape.IsKnown then
            raise (ShapeException $"checkGradients: the sizes of {Axes.describe y} are not known yet")

        let precision = precisionOf (Seq.append [ y ] xs)

        let rec check k (y: Node) checks =
            if k > order then
                List.rev checks
            else
                let scalar = weighted y

                match ofScalar k precision scalar xs with
                | None -> List.rev checks
                | Some worst ->
                    let next = Reverse.grad scalar xs |> Seq.map weighted |> Seq.reduce (+)
                    check (k + 1) next (worst :: checks)

        GradientReport(Array.ofList (check 1 y []))
