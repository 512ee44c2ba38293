namespace Autodiff.Proofs

open System
open System.Collections.Generic
open Autodiff
open Autodiff.FSharp

/// The meaning of graphs, said in the most obvious way: one match over the operations and nested loops over elements. It
/// shares nothing with the kernel and nothing with the plans.
module Reference =

    let private map (f: float -> float) (whole: int64 -> int64) (x: Tensor) =
        match x.Elements with
        | Elements.Floats elements -> Tensor.floats x.Type x.Sizes (Array.map f elements)
        | Elements.Wholes elements -> Tensor.wholes x.Type x.Sizes (Array.map whole elements)
        | Elements.Truths _ -> invalidOp "arithmetic of truth values"

    let private map2 (f: float -> float -> float) whole (x: Tensor) (y: Tensor) =
        match x.Elements, y.Elements with
        | Elements.Floats a, Elements.Floats b -> Tensor.floats x.Type x.Sizes (Array.map2 f a b)
        | Elements.Wholes a, Elements.Wholes b -> Tensor.wholes x.Type x.Sizes (Array.map2 whole a b)
        | _ -> invalidOp "arithmetic of different types"

    let private compare (op: Comparison) (x: Tensor) (y: Tensor) =
        match x.Elements, y.Elements with
        | Elements.Floats a, Elements.Floats b -> Array.map2 (Scalars.compare op) a b
        | Elements.Wholes a, Elements.Wholes b -> Array.map2 (Scalars.compare op) a b
        | Elements.Truths a, Elements.Truths b -> Array.map2 (Scalars.compare op) a b
        | _ -> invalidOp "a comparison of different types"
        |> Tensor.truths x.Sizes

    let private select (condition: Tensor) (x: Tensor) (y: Tensor) =
        let both =
            Array.append (Tensor.asTruths condition |> Array.mapi (fun i c -> if c then i else i + Tensor.size x)) [||]

        let joined =
            match x.Elements, y.Elements with
            | Elements.Floats a, Elements.Floats b -> Elements.Floats(Array.append a b)
            | Elements.Wholes a, Elements.Wholes b -> Elements.Wholes(Array.append a b)
            | Elements.Truths a, Elements.Truths b -> Elements.Truths(Array.append a b)
            | _ -> invalidOp "a choice between different types"

        Tensor.pick x.Sizes both { x with Elements = joined }

    /// Over all values of all labels, the product of the operands is added to the result.
    let private einsum (operands: int[][]) (result: int[]) (sizes: int[]) (xs: Tensor[]) =
        let resultSizes = result |> Array.map (fun label -> sizes[label])
        let at (labels: int[]) (values: int[]) = labels |> Array.map (fun label -> values[label])

        let run (zero: 'a) (add: 'a -> 'a -> 'a) (multiply: 'a -> 'a -> 'a) (elements: Tensor -> 'a[]) =
            let total = Array.create (Shapes.size resultSizes) zero
            let arrays = xs |> Array.map elements

            for values in Tensor.coordinates sizes do
                let factor k = arrays[k][Tensor.position xs[k].Sizes (at operands[k] values)]
                let product = Seq.init arrays.Length factor |> Seq.reduce multiply
                let place = Tensor.position resultSizes (at result values)
                total[place] <- add total[place] product

            total

        match xs[0].Elements with
        | Elements.Floats _ -> Tensor.floats xs[0].Type resultSizes (run 0.0 (+) (*) Tensor.asFloats)
        | Elements.Wholes _ -> Tensor.wholes xs[0].Type resultSizes (run 0L (+) (*) Tensor.asWholes)
        | Elements.Truths _ -> Tensor.truths resultSizes (run false (||) (&&) Tensor.asTruths)

    let private zeros (dtype: DType) sizes =
        Tensor.cast dtype (Tensor.floats DType.Float64 sizes (Array.zeroCreate (Shapes.size sizes)))

    /// Where each element of a slice stands in the whole.
    let private sliced (ranges: AxisRange[]) (sizes: int[]) =
        Tensor.coordinates (ranges |> Array.map _.Count)
        |> Array.map (
            Array.map2 (fun (range: AxisRange) i -> range.Start + i * range.Step) ranges
            >> Tensor.position sizes
        )

    /// Where each element of the windows stands in the whole.
    let private windowed (windows: AxisWindow[]) (sizes: int[]) =
        let count (window: AxisWindow) =
            Seq.initInfinite (fun i -> i * window.Stride + (window.Size - 1) * window.Dilation)
            |> Seq.takeWhile (fun last -> last < sizes[window.Axis])
            |> Seq.length

        let counts = Array.copy sizes
        windows |> Array.iter (fun window -> counts[window.Axis] <- count window)
        let result = Array.append counts (windows |> Array.map _.Size)

        let place (index: int[]) =
            let from = index[.. sizes.Length - 1]

            windows
            |> Array.iteri (fun k window ->
                from[window.Axis] <- from[window.Axis] * window.Stride + index[sizes.Length + k] * window.Dilation)

            Tensor.position sizes from

        struct (result, Tensor.coordinates result |> Array.map place)

    /// Zeros, with the elements of x added at the given positions.
    let private addAt (positions: int[]) sizes (x: Tensor) =
        let add (plus: 'a -> 'a -> 'a) (total: 'a[]) (elements: 'a[]) =
            Array.iter2 (fun place element -> total[place] <- plus total[place] element) positions elements
            total

        match x.Elements, (zeros x.Type sizes).Elements with
        | Elements.Floats elements, Elements.Floats total -> Tensor.floats x.Type sizes (add (+) total elements)
        | Elements.Wholes elements, Elements.Wholes total -> Tensor.wholes x.Type sizes (add (+) total elements)
        | Elements.Truths elements, Elements.Truths total -> Tensor.truths sizes (add (||) total elements)
        | _ -> invalidOp "zeros of another type"

    let private concat axis (parts: Tensor[]) =
        let total = parts |> Array.sumBy (fun part -> part.Sizes[axis])
        let sizes = Array.updateAt axis total parts[0].Sizes
        let starts = parts |> Array.scan (fun start part -> start + part.Sizes[axis]) 0

        let place k (part: Tensor) =
            let shift index = Array.mapi (fun a i -> if a = axis then i + starts[k] else i) index
            addAt (Tensor.coordinates part.Sizes |> Array.map (shift >> Tensor.position sizes)) sizes part

        // Every place belongs to one part alone, so that a sum with the other parts' zeros joins them.
        let join (x: Tensor) (y: Tensor) =
            match x.Elements, y.Elements with
            | Elements.Truths a, Elements.Truths b -> Tensor.truths sizes (Array.map2 (||) a b)
            | _ -> map2 (+) (+) x y

        parts |> Array.mapi place |> Array.reduce join

    /// For each element that is gathered, its position in the source.
    let private gathered batch axis (source: int[]) (indices: Tensor) =
        let inner = indices.Sizes[batch..]
        let sizes = Array.concat [ source[.. axis - 1]; inner; source[axis + 1 ..] ]
        let wholes = Tensor.asWholes indices

        let place (index: int[]) =
            let chosen =
                wholes[Tensor.position
                           indices.Sizes
                           (Array.append index[.. batch - 1] index[axis .. axis + inner.Length - 1])]

            let chosen = int (if chosen < 0L then chosen + int64 source[axis] else chosen)
            Tensor.position source (Array.concat [ index[.. axis - 1]; [| chosen |]; index[axis + inner.Length ..] ])

        struct (sizes, Tensor.coordinates sizes |> Array.map place)

    /// The position of the first extremum among the members; NaN wins.
    let private winner kind (x: Tensor) (members: int[]) =
        let isBetter (a: 'a) (b: 'a) = if kind = Extremum.Max then a > b else a < b

        let first (isNaN: 'a -> bool) (elements: 'a[]) =
            members
            |> Array.reduce (fun best i ->
                if isNaN elements[best] then best
                elif isNaN elements[i] || isBetter elements[i] elements[best] then i
                else best)

        match x.Elements with
        | Elements.Floats elements -> first Double.IsNaN elements
        | Elements.Wholes elements -> first (fun _ -> false) elements
        | Elements.Truths elements -> first (fun _ -> false) elements

    /// Arrays of one type, one after the other.
    let private joined (dtype: DType) (sizes: int[]) (parts: NDArray[]) =
        let parts = parts |> Array.map Tensor.ofArray

        match dtype with
        | DType.Float32
        | DType.Float64 -> Tensor.floats dtype sizes (Array.collect Tensor.asFloats parts)
        | DType.Int32
        | DType.Int64 -> Tensor.wholes dtype sizes (Array.collect Tensor.asWholes parts)
        | _ -> Tensor.truths sizes (Array.collect Tensor.asTruths parts)

    /// What the source of each key draws, one after the other.
    let private drawn (draw: Draw) (sizes: int[]) (keys: Tensor) =
        let one (key: int64) =
            let source = RandomSource key

            match draw with
            | Draw.Bits -> source.Bits sizes
            | Draw.Uniform dtype -> source.Uniform(sizes, dtype = dtype)
            | Draw.Normal dtype -> source.Normal(sizes, dtype = dtype)
            | Draw.Integers(low, high) -> source.Integers(low, high, sizes, DType.Int64)
            | Draw.Permutation -> source.Permutation(sizes[0], DType.Int64)
            | Draw.Split -> NDArray.Create(source.Split sizes[0] |> Array.map _.Seed)

        joined draw.DType (Array.append keys.Sizes sizes) (Tensor.asWholes keys |> Array.map one)

    /// What the source of each key makes of its part of the values.
    let private mapped (map: KeyedMap) (keys: Tensor) (x: Tensor) =
        let each = Shapes.size x.Sizes[keys.Sizes.Length ..]

        let one k (key: int64) =
            let part = Tensor.toArray (Tensor.pick [| each |] (Array.init each (fun i -> k * each + i)) x)
            let source = RandomSource key

            match map with
            | KeyedMap.FoldIn -> NDArray.Create(part.ToArray<int64>() |> Array.map (fun data -> source.Fold(data).Seed))
            | KeyedMap.LogGamma -> source.LogGamma part

        joined x.Type x.Sizes (Tensor.asWholes keys |> Array.mapi one)

    /// The user's function for each element of the batch, whose results follow each other.
    let private opaque batch (f: OpaqueFunction) (operands: Tensor[]) =
        let arrays = operands |> Array.map Tensor.toArray
        let outer = operands[0].Sizes[.. batch - 1]
        let call index = f.Evaluate(arrays |> Array.map (fun array -> array[index]))
        let results = Tensor.coordinates outer |> Array.map call

        let joined =
            results |> Array.map (fun (r: NDArray) -> Tensor.asFloats (Tensor.ofArray r)) |> Array.concat

        let sizes = f.ResultShape(batch, operands |> Array.map (fun x -> Shape.op_Implicit x.Sizes)).ToArray()
        let dtype = f.ResultType(operands |> Array.map _.Type)
        Tensor.cast dtype (Tensor.floats DType.Float64 sizes joined)

    /// Along each line of an axis, in either direction, what a step makes of the element before and of its own place.
    let private scan axis reverse (sizes: int[]) (first: int -> 'a) (step: 'a -> int -> 'a) : 'a[] =
        let result = Array.zeroCreate (Shapes.size sizes)
        let struct (_, lines) = Tensor.groups [| axis |] sizes

        for line in lines do
            let line = if reverse then Array.rev line else line

            line |> Array.iteri (fun k i -> result[i] <- if k = 0 then first i else step result[line[k - 1]] i)

        result

    let private recurrence axis reverse (a: Tensor) (b: Tensor) =
        match a.Elements, b.Elements with
        | Elements.Floats p, Elements.Floats q ->
            Tensor.floats b.Type b.Sizes (scan axis reverse b.Sizes (Array.get q) (fun y i -> p[i] * y + q[i]))
        | Elements.Wholes p, Elements.Wholes q ->
            Tensor.wholes b.Type b.Sizes (scan axis reverse b.Sizes (Array.get q) (fun y i -> p[i] * y + q[i]))
        | _ -> invalidOp "a recurrence of truth values"

    let private runningExtremum kind axis reverse (x: Tensor) =
        let places = scan axis reverse x.Sizes id (fun best i -> winner kind x [| best; i |])
        Tensor.pick x.Sizes places x

    /// Along each line the places in order; NaN is the largest, and equal elements keep their order.
    let private argsort axis descending (x: Tensor) =
        let struct (_, lines) = Tensor.groups [| axis |] x.Sizes
        let result = Array.zeroCreate (Tensor.size x)

        let order (elements: 'a[]) (isNaN: 'a -> bool) i k =
            if isNaN elements[i] || isNaN elements[k] then
                Operators.compare (isNaN elements[i]) (isNaN elements[k])
            else
                Operators.compare elements[i] elements[k]

        let order =
            match x.Elements with
            | Elements.Floats elements -> order elements Double.IsNaN
            | Elements.Wholes elements -> order elements (fun _ -> false)
            | Elements.Truths elements -> order elements (fun _ -> false)

        let direction = if descending then -1 else 1

        for line in lines do
            [ 0 .. line.Length - 1 ]
            |> List.sortWith (fun i k -> direction * order line[i] line[k])
            |> List.iteri (fun place chosen -> result[line[place]] <- int64 chosen)

        Tensor.wholes DType.Int64 x.Sizes result

    /// The value of one operation over values.
    let apply (op: Op<Tensor>) : Tensor =
        match op with
        | Op.Constant(value, _)
        | Op.Variable value -> Tensor.ofArray value
        | Op.Input -> raise (UnboundInputException "the reference has no value for an input")
        | Op.Unary(op, x) -> map (Scalars.unary op).Value (Scalars.unaryWhole op) x
        | Op.Binary(op, x, y) -> map2 (Scalars.binary op).Value2 (Scalars.binaryWhole op) x y
        | Op.Compare(op, x, y) -> compare op x y
        | Op.Test(op, x) -> Tensor.truths x.Sizes (Tensor.asFloats x |> Array.map (Scalars.test op))
        | Op.Logical(op, x, y) ->
            Tensor.truths x.Sizes (Array.map2 (Scalars.logical op) (Tensor.asTruths x) (Tensor.asTruths y))
        | Op.Not x -> Tensor.truths x.Sizes (Tensor.asTruths x |> Array.map not)
        | Op.Select(condition, x, y) -> select condition x y
        | Op.Cast(dtype, x) -> Tensor.cast dtype x
        | Op.Einsum(subscripts, operands) ->
            let labels = Array.init subscripts.OperandCount (fun k -> Array.ofSeq (subscripts.OperandLabels k))
            einsum labels (Array.ofSeq subscripts.ResultLabels) (Array.ofSeq subscripts.Sizes) operands
        | Op.Reshape(shape, x) -> { x with Sizes = shape.ToArray() }
        | Op.Slice(ranges, x) -> Tensor.pick (ranges |> Array.map _.Count) (sliced ranges x.Sizes) x
        | Op.Embed(ranges, shape, x) -> addAt (sliced ranges (shape.ToArray())) (shape.ToArray()) x
        | Op.Window(windows, x) ->
            let struct (sizes, positions) = windowed windows x.Sizes
            Tensor.pick sizes positions x
        | Op.OverlapAdd(windows, shape, x) ->
            let struct (_, positions) = windowed windows (shape.ToArray())
            addAt positions (shape.ToArray()) x
        | Op.Concat(axis, parts) -> concat axis parts
        | Op.Gather(batch, axis, source, indices) ->
            let struct (sizes, positions) = gathered batch axis source.Sizes indices
            Tensor.pick sizes positions source
        | Op.ScatterAdd(batch, axis, shape, updates, indices) ->
            let struct (_, positions) = gathered batch axis (shape.ToArray()) indices
            addAt positions (shape.ToArray()) updates
        | Op.Extremum(kind, axes, x) ->
            let struct (sizes, members) = Tensor.groups axes x.Sizes
            Tensor.pick sizes (members |> Array.map (winner kind x)) x
        | Op.ArgExtremum(kind, axis, x) ->
            let struct (sizes, members) = Tensor.groups [| axis |] x.Sizes
            let place (group: int[]) = Array.IndexOf(group, winner kind x group)
            Tensor.wholes DType.Int64 sizes (members |> Array.map (place >> int64))
        | Op.Recurrence(axis, reverse, a, b) -> recurrence axis reverse a b
        | Op.RunningExtremum(kind, axis, reverse, x) -> runningExtremum kind axis reverse x
        | Op.ArgSort(axis, descending, x) -> argsort axis descending x
        | Op.Factor(part, x) -> MatrixReference.factor part x
        | Op.Solve(form, a, b) -> MatrixReference.solveAll form a b
        | Op.Identity x
        | Op.StopGradient x
        | Op.Custom(_, x, _)
        | Op.Checkpoint(x, _)
        | Op.Barrier(x, _) -> x
        | Op.Draw(draw, shape, keys) -> drawn draw (shape.ToArray()) keys
        | Op.KeyedMap(map, keys, x) -> mapped map keys x
        | Op.Opaque(batch, f, operands) -> opaque batch f operands

    /// What is done to the result of each operation before others read it.
    type Rounding = Op<Tensor> -> Tensor -> Tensor

    /// Values of nodes, each computed once, in a table that may grow with the graph. An explicit stack: graphs are deep.
    let extend (rounding: Rounding) (values: Dictionary<Node, Tensor>) (root: Node) : Tensor =
        let stack = Stack<Node>([ root ])

        while stack.Count > 0 do
            let node = stack.Peek()
            let missing = Op.children node.Op |> Array.filter (values.ContainsKey >> not)

            if values.ContainsKey node then
                stack.Pop() |> ignore
            elif missing.Length > 0 then
                Array.iter stack.Push missing
            else
                let op = Op.map (fun child -> values[child]) node.Op
                values[node] <- rounding op (apply op)

        values[root]

    /// The values of nodes, where some nodes have given values.
    let run (bindings: seq<Node * Tensor>) (nodes: seq<Node>) : Tensor list =
        let values = Dictionary<Node, Tensor>(HashIdentity.Reference)
        bindings |> Seq.iter (fun (node, value) -> values[node] <- value)
        nodes |> Seq.map (extend (fun _ x -> x) values) |> List.ofSeq

    /// The value of a node.
    let value (node: Node) : Tensor = List.head (run [] [ node ])
