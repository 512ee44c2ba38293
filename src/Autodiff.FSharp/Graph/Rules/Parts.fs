/// Movement that moves nothing, and parts: slices of what was sliced, joined or embedded before.
module internal Autodiff.FSharp.Parts

open Autodiff
open Autodiff.Kernel

/// Whether every value of a type is one of the other, and comes back from it as it was.
let private isWithin (dtype: DType) (wider: DType) =
    match dtype, wider with
    | DType.Bool, _
    | DType.Float32, DType.Float64
    | DType.Int32, (DType.Int64 | DType.Float64) -> true
    | _ -> false

/// Movement, conversions and extrema of single elements that leave their operand as it is, or do in one what was done in
/// two.
let idle (op: Op<Node>) : Node voption =
    match op with
    | Op.Identity x -> ValueSome x
    | Op.Cast(dtype, x) when dtype = x.DType -> ValueSome x
    | Op.Cast(dtype, x) ->
        match x.Op with
        | Op.Cast(wider, inner) when inner.DType = dtype && isWithin dtype wider -> ValueSome inner
        | _ -> ValueNone
    | Op.Reshape(shape, x) when shape.Equals x.Shape -> ValueSome x
    | Op.Reshape(shape, x) ->
        match x.Op with
        | Op.Reshape(_, inner) -> ValueSome(Node.Make(Op.Reshape(shape, inner)))
        | _ -> ValueNone
    | Op.Einsum(subscripts, [| x |]) when Labels.isIdentity subscripts -> ValueSome x
    | Op.Extremum(_, axes, x) when x.Shape.IsKnown && axes |> Array.forall (fun axis -> x.Shape[axis] = 1) ->
        let kept =
            x.Shape.ToArray() |> Array.indexed |> Array.filter (fun (axis, _) -> not (Array.contains axis axes))

        ValueSome(Node.Make(Op.Reshape(Shapes.ofArray (Array.map snd kept), x)))
    | _ -> ValueNone

let private isKnown (ranges: AxisRange[]) = ranges |> Array.forall (fun range -> range.Count >= 0)

let private isWhole (ranges: AxisRange[]) (shape: Shape) =
    let spans (range: AxisRange) size = range.Start = 0 && range.Step = 1 && range.Count = size
    Array.forall2 spans ranges (shape.ToArray())

/// The elements of a range that another range of them names.
let private within (inner: AxisRange) (outer: AxisRange) =
    {
        Start = inner.Start + outer.Start * inner.Step
        Step = inner.Step * outer.Step
        Count = outer.Count
    }

/// The part of a join that holds all elements of a range along its axis, and the range within it.
let private partOf axis (parts: Node[]) (range: AxisRange) =
    let last = range.Start + (range.Count - 1) * range.Step
    let starts = parts |> Array.scan (fun start part -> start + part.Shape[axis]) 0
    let holds i element = starts[i] <= element && element < starts[i + 1]

    match Array.tryFindIndex (fun i -> holds i range.Start && holds i last) [| 0 .. parts.Length - 1 |] with
    | Some i when range.Count > 0 -> ValueSome struct (parts[i], { range with Start = range.Start - starts[i] })
    | Some _
    | None -> ValueNone

let private slice (ranges: AxisRange[]) (x: Node) =
    match x.Op with
    | _ when isWhole ranges x.Shape -> ValueSome x
    | Op.Slice(inner, y) when isKnown inner -> ValueSome(Node.Make(Op.Slice(Array.map2 within inner ranges, y)))
    | Op.Embed(inner, _, y) when inner = ranges -> ValueSome y
    | Op.Concat(axis, parts) when parts |> Array.forall _.Shape.IsKnown ->
        match partOf axis parts ranges[axis] with
        | ValueSome(struct (part, range)) -> ValueSome(Node.Make(Op.Slice(Array.updateAt axis range ranges, part)))
        | ValueNone -> ValueNone
    | _ -> ValueNone

let private embed (ranges: AxisRange[]) (shape: Shape) (x: Node) =
    match x.Op with
    | _ when isWhole ranges shape -> ValueSome x
    | Op.Embed(inner, _, y) when isKnown inner ->
        ValueSome(Node.Make(Op.Embed(Array.map2 within ranges inner, shape, y)))
    | _ -> ValueNone

/// The slice that two slices of one node make, if the second begins along an axis where the first ends.
let private adjoined axis (first: Node) (second: Node) =
    match first.Op, second.Op with
    | Op.Slice(a, x), Op.Slice(b, y) when
        Literals.isSame x y
        && a[axis].Step = b[axis].Step
        && b[axis].Start = a[axis].Start + a[axis].Count * a[axis].Step
        && Array.updateAt axis b[axis] a = b
        ->
        let joint = { a[axis] with Count = a[axis].Count + b[axis].Count }
        ValueSome(Node.Make(Op.Slice(Array.updateAt axis joint a, x)))
    | _ -> ValueNone

/// The parts of a join that lie within a part which is a join along the same axis; nothing of an empty part.
let private unnested axis (part: Node) =
    match part.Op with
    | Op.Concat(inner, parts) when inner = axis -> parts
    | _ -> if part.Shape[axis] = 0 then [||] else [| part |]

let private adjoin axis (joined: Node list) (part: Node) =
    match joined with
    | last :: rest ->
        match adjoined axis last part with
        | ValueSome joint -> joint :: rest
        | ValueNone -> part :: joined
    | [] -> [ part ]

/// Fewer parts: none within a part, none empty, and neighbours again what they were cut from.
let private join axis (parts: Node[]) =
    let flat = parts |> Array.collect (unnested axis)
    let fewer = flat |> Array.fold (adjoin axis) [] |> List.rev |> Array.ofList

    match fewer with
    | [||] -> ValueSome parts[0]
    | [| x |] -> ValueSome x
    | _ when flat.Length <> parts.Length || fewer.Length < flat.Length -> ValueSome(Node.Make(Op.Concat(axis, fewer)))
    | _ -> ValueNone

/// Parts of parts.
let parts (op: Op<Node>) : Node voption =
    match op with
    | Op.Slice(ranges, x) when isKnown ranges -> slice ranges x
    | Op.Embed(ranges, shape, x) when isKnown ranges && shape.IsKnown -> embed ranges shape x
    | Op.Concat(_, [| x |]) -> ValueSome x
    | Op.Concat(axis, parts) when parts |> Array.forall _.Shape.IsKnown -> join axis parts
    | _ -> ValueNone
