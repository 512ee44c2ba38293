/// Operations over numbers, or over broadcasts of them, are done at once, and on one element only.
module internal Autodiff.FSharp.Folding

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

let inline private ofOne (shape: Shape) (x: Node) ([<InlineIfLambda>] f: NDArray -> NDArray) =
    match scalarConstant x with
    | ValueSome a -> ValueSome(filled shape (f a))
    | ValueNone -> ValueNone

let inline private ofTwo (x: Node) (y: Node) ([<InlineIfLambda>] f: NDArray -> NDArray -> NDArray) =
    match scalarConstant x with
    | ValueSome a ->
        match scalarConstant y with
        | ValueSome b -> ValueSome(filled x.Shape (f a b))
        | ValueNone -> ValueNone
    | ValueNone -> ValueNone

/// Whether an operation of numbers of a type never throws: some of whole numbers do, as division by zero.
let private isTotal (f: Binary) (dtype: DType) =
    dtype.IsFloat() || f.IsAdd || f.IsSub || f.IsMul || f.IsMaximum || f.IsMinimum

let private isThat (value: NDArray) (node: Node) =
    match scalarConstant node with
    | ValueSome other -> LeafValue.bits other = LeafValue.bits value
    | ValueNone -> false

/// Parts that are all the same number.
let private joined (op: Op<Node>) (parts: Node[]) =
    match scalarConstant parts[0] with
    | ValueSome value when parts |> Array.forall (isThat value) ->
        ValueSome(filled (Infer.shape (fun (n: Node) -> n.Shape) op) value)
    | ValueSome _
    | ValueNone -> ValueNone

/// Functions of numbers.
let elementwise (op: Op<Node>) : Node voption =
    match op with
    | Op.Unary(f, x) -> ofOne x.Shape x (fun a -> Elementwise.Apply(f.Opcode, a))
    | Op.Binary(f, x, y) ->
        if isTotal f x.DType then
            ofTwo x y (fun a b -> Elementwise.Apply(f.Opcode, a, b))
        else
            ValueNone
    | Op.Compare(f, x, y) -> ofTwo x y (fun a b -> Elementwise.Apply(f.Opcode, a, b))
    | Op.Test(f, x) -> ofOne x.Shape x (fun a -> Elementwise.Apply(f.Opcode, a))
    | Op.Not x -> ofOne x.Shape x (fun a -> Elementwise.Apply(Opcode.Not, a))
    | Op.Cast(dtype, x) -> ofOne x.Shape x _.AsType(dtype)
    | _ -> ValueNone

let private isKnown (ranges: AxisRange[]) = ranges |> Array.forall (fun range -> range.Count >= 0)

/// Movement of one number that stands everywhere.
let moved (op: Op<Node>) : Node voption =
    match op with
    | Op.Reshape(shape, x) when shape.IsKnown -> ofOne shape x id
    | Op.Slice(ranges, x) when isKnown ranges -> ofOne (Infer.shape (fun (n: Node) -> n.Shape) op) x id
    | Op.Embed(_, shape, x) when isZero x -> ofOne shape x id
    | Op.Extremum(_, axes, x) when x.Shape.IsKnown -> ofOne (Shapes.without axes x.Shape) x id
    | Op.Concat(_, parts) -> joined op parts
    | _ -> ValueNone
