namespace Autodiff

open System

/// The element in which a derivative from the graph differs most from central differences.
[<Sealed>]
type GradientCheck
    internal (order: int, variable: Node, index: int[], fromGraph: float, fromDifferences: float, tolerance: float) =
    /// Which derivative: 1 for the gradient, 2 for its gradient, and so on.
    member _.Order = order
    /// The variable with the worst element.
    member _.Variable = variable
    /// The position of the worst element in the variable.
    member _.Index = index
    /// The derivative by that element as the graph has it.
    member _.FromGraph = fromGraph
    /// The same from central differences.
    member _.FromDifferences = fromDifferences

    /// Their distance, relative to the larger of them and 1.
    member _.Error =
        if Double.IsNaN fromGraph && Double.IsNaN fromDifferences then
            0.0
        else
            abs (fromGraph - fromDifferences) / max 1.0 (max (abs fromGraph) (abs fromDifferences))

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
        $"order {order}: graph and differences {verdict}: worst at {name}[{place}]: {fromGraph} against {fromDifferences}, error {x.Error:E1} (tolerance {tolerance:E1})"

namespace Autodiff.FSharp

open System
open Autodiff

/// Numerical proof of derivatives.
module internal Check =

    /// The value of a float array as doubles.
    let private doubles (value: NDArray) = (value.AsType DType.Float64).ToArray<float>()

    /// Central differences with Richardson's extrapolation: the error of the plain quotient is c h^2 + O(h^4), and two
    /// step widths cancel the first term.
    let private central (f: float -> float) (x: float) (step: float) =
        let quotient h = (f (x + h) - f (x - h)) / (2.0 * h)
        (4.0 * quotient (step / 2.0) - quotient step) / 3.0

    let private replaceAt i (value: float) (values: float[]) (like: NDArray) =
        ((NDArray.Create(Array.updateAt i value values)).Reshape(like.Shape.ToArray())).AsType like.DType

    let private run1 (f: CompiledFunction) (points: NDArray[]) = Array.head (doubles (Array.head (f.Run points)))

    let private unravel (shape: Shape) (position: int) =
        let index = Array.zeroCreate shape.Rank
        let mutable rest = position

        for axis in shape.Rank - 1 .. -1 .. 0 do
            index[axis] <- rest % shape[axis]
            rest <- rest / shape[axis]

        index

    /// The check of the gradient of a scalar function at the variables' starting values: the worst element.
    let private ofScalar
        order
        (step: float)
        tolerance
        (y: Node)
        (xs: Node[])
        (gradients: Node[])
        : GradientCheck voption =
        let points = xs |> Array.map Leaf.start
        let value = Compiler.compile xs [| y |]
        let exact = (Compiler.compile xs gradients).Run points |> Array.map doubles

        let checks =
            seq {
                for k in 0 .. xs.Length - 1 do
                    let center = doubles points[k]

                    for i in 0 .. center.Length - 1 do
                        let f v = run1 value (Array.updateAt k (replaceAt i v center points[k]) points)
                        let width = step * max 1.0 (abs center[i])

                        GradientCheck(
                            order,
                            xs[k],
                            unravel xs[k].Shape i,
                            exact[k][i],
                            central f center[i] width,
                            tolerance
                        )
            }

        Seq.fold
            (fun worst (check: GradientCheck) ->
                match worst with
                | ValueSome(known: GradientCheck) when not (check.Error > known.Error || Double.IsNaN check.Error) ->
                    worst
                | _ -> ValueSome check)
            ValueNone
            checks

    /// A scalar that depends on every element of a node, each with a weight of its own: equal weights would hide errors
    /// that cancel.
    let private weighted (y: Node) =
        let weights = Array.init y.Shape.Size (fun i -> 1.0 + 0.37 * sin (float (i + 1)))
        sum [] (y * Node.Cast(y.DType, Node.Strong((NDArray.Create weights).Reshape(y.Shape.ToArray()))))

    /// For each order up to the given one the worst element, at the variables' starting values.
    let run (order: int) (step: float) (tolerance: float) (y: Node) (xs: Node[]) : GradientCheck list =
        let rec check k (y: Node) checks =
            if k > order then
                List.rev checks
            else
                let scalar = weighted y
                let gradients = Reverse.grad scalar xs

                match ofScalar k step tolerance scalar xs gradients with
                | ValueNone -> List.rev checks
                | ValueSome worst ->
                    let next = gradients |> Seq.map weighted |> Seq.reduce (+)
                    check (k + 1) next (worst :: checks)

        check 1 y []

    /// The check with steps and tolerance that suit the element type. Each order multiplies the rounding of the last.
    let standard (order: int) (y: Node) (xs: Node[]) : GradientCheck list =
        if order < 1 then
            raise (ArgumentException $"checkGradients: the order is {order}; it is 1 or more")

        let isSingle = xs |> Array.exists (fun x -> x.DType = DType.Float32)
        if isSingle then run order 3e-2 2e-2 y xs else run order 1e-3 1e-6 y xs
