namespace Autodiff.Proofs

open System
open Autodiff
open Autodiff.FSharp

/// The formulas that random graphs are made of, by family.
module internal Steps =

    let private unaryCases = Array.ofList Functions.cases<Unary>
    let private binaryCases = Array.ofList Functions.cases<Binary>
    let private comparisonCases = Array.ofList Functions.cases<Comparison>

    let private unary (g: Growing) =
        let op = g.Pick unaryCases
        let row = Scalars.unary op
        let x = g.Into(row.Lower, row.Upper, g.Any())

        if not (Array.exists row.IsKink (g.Floats x)) then
            g.Offer(Functions.unary op x)

    let private binary (g: Growing) =
        let op = g.Pick binaryCases
        let row = Scalars.binary op
        let struct (low0, high0), struct (low1, high1) = row.First, row.Second
        let struct (x, y) = g.Pair()

        let x, y =
            match op with
            | Binary.Div -> x, g.Into(low1, high1, y)
            | Binary.Atan2
            | Binary.Hypot
            | Binary.Remainder
            | Binary.Fmod
            | Binary.Polygamma -> x, g.Into(low1, high1, y)
            | Binary.Pow -> g.Into(low0, high0, x), g.Into(low1, high1, y)
            | Binary.LogAddExp
            | Binary.Add
            | Binary.Sub
            | Binary.Mul
            | Binary.Maximum
            | Binary.Minimum -> x, y

        let shape = (x + y).Shape
        let elements node = g.Floats(broadcastTo shape node)

        if Array.forall2 (fun x y -> not (row.IsTie x y)) (elements x) (elements y) then
            g.Offer(Functions.binary op x y)

    let private choice (g: Growing) =
        let struct (x, y) = g.Pair()

        if g.AreApart(x, y) then
            let condition = Functions.compare (g.Pick comparisonCases) x y
            let struct (a, b) = g.Pair()

            if g.Random.Next 3 = 0 then
                g.Offer(x * cast g.DType condition)
            elif g.Meet(condition, a) && g.Meet(condition, b) && g.Meet(a, b) then
                g.Offer(where condition a b)

    /// A label for every axis: axes of one size often share one.
    let private label (g: Growing) (sizes: ResizeArray<int>) (node: Node) =
        let one size =
            let known =
                [
                    for label in 0 .. sizes.Count - 1 do
                        if sizes[label] = size then
                            label
                ]

            if not known.IsEmpty && g.Random.Next 10 < 7 then
                g.Pick known
            else
                sizes.Add size
                sizes.Count - 1

        node.Shape |> Seq.map one |> Array.ofSeq

    let private letters (labels: seq<int>) =
        labels |> Seq.map (fun label -> string (char (int 'a' + label))) |> String.concat ""

    let private contraction (g: Growing) =
        let operands = Array.init (1 + g.Random.Next 3) (fun _ -> g.Any())
        let sizes = ResizeArray<int>()
        let labels = operands |> Array.map (label g sizes)
        let kept = [| 0 .. sizes.Count - 1 |] |> Array.filter (fun _ -> g.Random.Next 2 = 0)
        g.Random.Shuffle kept

        if Seq.fold (fun product size -> product * int64 size) 1L sizes <= 3000L && sizes.Count <= 8 then
            let text = labels |> Seq.map letters |> String.concat ","
            let y = einsum $"{text}->{letters kept}" operands

            // The transpose in an operand has result labels that no operand has where the operand was summed, and one
            // label twice where its diagonal was taken.
            if g.Random.Next 3 = 0 && y.DType = g.DType then
                let cotangent = g.Pool |> Seq.tryFindBack (fun x -> x.Shape = y.Shape)
                let cotangent = Option.defaultWith (fun () -> onesLike y) cotangent
                g.Offer((vjp y [ g.Pick operands ] cotangent).Head)
            else
                g.Offer y

    let private product (g: Growing) =
        let x = g.Any()
        let inner (y: Node) = y.Shape[if y.Rank = 1 then 0 else y.Rank - 2]
        let isPartner (y: Node) = y.Rank > 0 && y.Rank <= 2 && inner y = x.Shape[x.Rank - 1]

        if x.Rank > 0 then
            match g.Pool |> Seq.filter isPartner |> Array.ofSeq with
            | [||] -> g.Offer(outer x (sum [] (g.Any())))
            | partners -> g.Offer(x *@ g.Pick partners)

    let private axesOf (g: Growing) (x: Node) =
        [
            for axis in 0 .. x.Rank - 1 do
                if g.Random.Next 2 = 0 then
                    (if g.Random.Next 4 = 0 then axis - x.Rank else axis)
        ]

    let private isSquare (x: Node) = x.Rank >= 2 && x.Shape[x.Rank - 1] = x.Shape[x.Rank - 2]

    let private arrangement (g: Growing) =
        let x = g.Any()

        match g.Random.Next 6 with
        | 0 ->
            let order = [| 0 .. x.Rank - 1 |]
            g.Random.Shuffle order
            g.Offer(permute order x)
        | 1 -> g.Offer(broadcastTo (Array.append (g.Shape 1) (x.Shape.ToArray())) x)
        | 2 when isSquare x -> g.Offer(if g.Random.Next 2 = 0 then trace x else diagonal x)
        | 3 when x.Rank >= 2 -> g.Offer(swapAxes 0 -1 x)
        | 4 -> g.Offer(if g.Random.Next 2 = 0 then identity x else stopGradient x)
        | _ -> g.Offer(sum (axesOf g x) x)

    let private range (g: Growing) size =
        let step = g.Pick [ 1; 1; 2; 3; -1; -2 ]

        let bound () =
            if g.Random.Next 3 = 0 then
                Nullable()
            else
                Nullable(g.Random.Next(-size, size + 1))

        match g.Random.Next 5 with
        | 0 when size > 0 -> Slice.op_Implicit (g.Random.Next(-size, size))
        | 1 -> Slice.All
        | _ -> Slice.Step(bound (), bound (), step)

    let private slices (g: Growing) (x: Node) =
        let ranges = x.Shape |> Seq.map (range g) |> List.ofSeq
        if g.Random.Next 6 = 0 then Slice.NewAxis :: ranges else ranges

    let private regroup (g: Growing) (x: Node) =
        if x.Shape.Size = 0 then
            g.Offer(flatten x)
        else
            let sizes = x.Shape |> Seq.filter (fun size -> size > 1) |> Array.ofSeq
            let cut = g.Random.Next(sizes.Length + 1)
            let merged = [| Array.fold (*) 1 sizes[.. cut - 1]; Array.fold (*) 1 sizes[cut..] |]
            g.Offer(reshape merged x)

    /// Windows along some axes, in any order, that fit.
    let private windows (g: Growing) (shape: int seq) =
        let one (axis, size) =
            let count = 1 + g.Random.Next(min 3 size)

            let dilation =
                if count = 1 then
                    1 + g.Random.Next 2
                else
                    1 + g.Random.Next((size - 1) / (count - 1))

            AxisWindow(axis, count, 1 + g.Random.Next 3, dilation)

        let chosen =
            Seq.indexed shape
            |> Seq.filter (fun (_, size) -> size > 0 && g.Random.Next 2 = 0)
            |> Seq.map one
            |> Array.ofSeq

        g.Random.Shuffle chosen
        chosen

    let private sliding (g: Growing) (x: Node) =
        let windows = windows g x.Shape
        let view = slidingWindowView windows x

        if g.Random.Next 2 = 0 then
            g.Offer view
        else
            g.Offer(overlapAdd windows x.Shape (square view))

    let private movement (g: Growing) =
        let x = g.Any()
        let along () = g.Random.Next x.Rank

        match g.Random.Next 8 with
        | 0 -> regroup g x
        | 1 -> g.Offer(slice (slices g x) x)
        | 2 -> g.Offer(pad [ for _ in 1 .. x.Rank -> struct (g.Random.Next 3, g.Random.Next 2) ] x)
        | 3 when x.Rank > 0 ->
            let axis = along ()

            let isLike (y: Node) =
                y.Rank = x.Rank && Seq.forall (fun a -> a = axis || x.Shape[a] = y.Shape[a]) [ 0 .. x.Rank - 1 ]

            g.Offer(concat axis [ x; g.Pick(g.Pool |> Seq.filter isLike |> Array.ofSeq); x ])
        | 4 when x.Rank > 0 && x.Shape[0] > 0 ->
            let axis = along ()
            let size = x.Shape[axis]

            if size > 0 then
                let indices = Array.init (1 + g.Random.Next 4) (fun _ -> g.Random.Next(-size, size))
                g.Offer(take axis (Leaf.constant (NDArray.Create indices)) x)
        | 5
        | 6 -> sliding g x
        | _ -> g.Offer(stack (g.Random.Next(x.Rank + 1)) [ x; sin x ])

    /// Whether in every group that is reduced the extremum stands apart from the rest.
    let private hasClearExtrema (g: Growing) (axes: int[]) (x: Node) =
        let elements = g.Floats x
        let struct (_, groups) = Tensor.groups axes (x.Shape.ToArray())

        let isClear (group: int[]) =
            group
            |> Array.map (fun i -> elements[i])
            |> Array.sort
            |> Array.pairwise
            |> fun gaps ->
                gaps.Length = 0
                || (let gap (a, b) = b - a >= Scalars.margin in gap gaps[0] && gap gaps[gaps.Length - 1])

        Array.forall isClear groups

    let private reduction (g: Growing) =
        let x = g.Any()
        let axes = axesOf g x
        let normal = axes |> Seq.map (fun axis -> if axis < 0 then axis + x.Rank else axis) |> Array.ofSeq
        let all = if normal.Length = 0 then [| 0 .. x.Rank - 1 |] else normal
        let isFilled = x.Shape.Size > 0

        match g.Random.Next 8 with
        | 0 when isFilled && hasClearExtrema g all x -> g.Offer(amax axes x)
        | 1 when isFilled && hasClearExtrema g all x -> g.Offer(amin axes x)
        | 2 when isFilled -> g.Offer(mean axes x)
        | 3 when isFilled -> g.Offer(variance axes x)
        | 4 when isFilled && g.Floats(sum axes (square x)) |> Array.forall (fun e -> e > 0.1) -> g.Offer(norm axes x)
        | 5 when isFilled -> g.Offer(logSumExp axes x)
        | 6 when isFilled && x.Rank > 0 ->
            g.Offer((if g.Random.Next 2 = 0 then softmax else logSoftmax) (g.Random.Next x.Rank) x)
        | 7 when isFilled && x.Rank > 0 && hasClearExtrema g [| x.Rank - 1 |] x ->
            let winner = argmax -1 x

            g.Offer(
                if g.Random.Next 2 = 0 then
                    cast g.DType winner
                else
                    take 0 winner (flatten x) + 0.0 * sum [] x
            )
        | _ -> g.Offer(sum axes x)

    /// Noise with a key that the graph's seed gives, drawn in Float64: the draws of the two types are not the same numbers.
    let private noise (g: Growing) =
        let x = g.Any()
        let keys = Random.key (int64 (g.Random.Next 1000))

        let keys =
            if g.Random.Next 2 = 0 then
                keys
            else
                Random.foldIn keys (constant (g.Random.Next 9))

        let shape = x.Shape.ToArray()

        g.Offer(
            match g.Random.Next 3 with
            | 0 -> x * (0.5 + cast g.DType (Random.uniform keys shape))
            | 1 -> x + 0.3 * cast g.DType (Random.normal keys shape)
            | _ -> x - x * cast g.DType (Random.integers keys 0L 3L shape)
        )

    /// Products with a rule of their own, which is right, in either mode.
    let private ownRule (g: Growing) =
        let x = g.Any()
        let y = cos x
        let product (inputs: Node list) = inputs[0] * inputs[1]

        g.Offer(
            if g.Random.Next 2 = 0 then
                customGradient product (fun inputs _ c -> [ c * inputs[1]; c * inputs[0] ]) [ x; y ]
            else
                customTangent product (fun inputs _ t -> t[0] * inputs[1] + inputs[0] * t[1]) [ x; y ]
        )

    /// The families, each with how often it is chosen.
    let private families =
        [|
            5, unary
            6, binary
            2, choice
            4, contraction
            2, product
            2, arrangement
            4, movement
            3, reduction
            1, ownRule
            3, ScanSteps.take
            1, MatrixFormulas.step
            1, noise
        |]
        |> Array.collect (fun (weight, step) -> Array.create weight step)

    /// One step of growth.
    let take (g: Growing) = (g.Pick families) g
