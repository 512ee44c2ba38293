/// When rules are asked: by the group of an operation, and by what operands it has.
module internal Autodiff.FSharp.Occasions

open System
open Autodiff
open Autodiff.Kernel

/// Groups of operations. A rule is asked about operations of its groups alone: most operations of most graphs are
/// elementwise, and most rules are not about these.
[<RequireQualifiedAccess>]
type Group =
    | Unary = 0
    | Sum = 1
    | Product = 2
    | Quotient = 3
    | Power = 4
    | Binary = 5
    | Truth = 6
    | Select = 7
    | Cast = 8
    | Einsum = 9
    | Movement = 10
    | Windows = 11
    | Note = 12
    | Other = 13

/// The group of an operation.
let group (op: Op<Node>) : Group =
    match op with
    | Op.Unary _ -> Group.Unary
    | Op.Binary((Binary.Add | Binary.Sub), _, _) -> Group.Sum
    | Op.Binary(Binary.Mul, _, _) -> Group.Product
    | Op.Binary(Binary.Div, _, _) -> Group.Quotient
    | Op.Binary(Binary.Pow, _, _) -> Group.Power
    | Op.Binary _ -> Group.Binary
    | Op.Compare _
    | Op.Test _
    | Op.Logical _
    | Op.Not _ -> Group.Truth
    | Op.Select _ -> Group.Select
    | Op.Cast _ -> Group.Cast
    | Op.Einsum _ -> Group.Einsum
    | Op.Reshape _
    | Op.Slice _
    | Op.Embed _
    | Op.Concat _
    | Op.Identity _
    | Op.Extremum _ -> Group.Movement
    | Op.Window _
    | Op.OverlapAdd _ -> Group.Windows
    | Op.StopGradient _
    | Op.Custom _
    | Op.Checkpoint _
    | Op.Barrier _ -> Group.Note
    | Op.Constant _
    | Op.Variable _
    | Op.Input
    | Op.Gather _
    | Op.ScatterAdd _
    | Op.ArgExtremum _
    | Op.Recurrence _
    | Op.RunningExtremum _
    | Op.ArgSort _
    | Op.Factor _
    | Op.Solve _
    | Op.Draw _
    | Op.KeyedMap _
    | Op.Opaque _ -> Group.Other

/// What operands an operation has. A rule is asked where one is there that it is about: for most nodes that are few rules,
/// and telling so takes less time than asking. Only functions and arithmetic are looked at so closely.
[<Flags>]
type Over =
    | Nothing = 0
    /// A number, or what may be one in every place.
    | Number = 1
    /// Such operands alone.
    | Numbers = 2
    /// A function of one operand.
    | Function = 4
    /// An operation of two operands.
    | Arithmetic = 8
    | Choice = 16
    | Other = 32
    /// The same operand twice.
    | Twins = 64
    /// Whole numbers, truth values among them.
    | Wholes = 128
    | Anything = 255

let private kind (operand: Node) : Over =
    match operand.Op with
    | Op.Unary _ -> Over.Function
    | Op.Binary _ -> Over.Arithmetic
    | Op.Select _ -> Over.Choice
    | Op.Constant _
    | Op.Einsum _ -> Over.Number
    | _ -> Over.Other

let private wholes (operand: Node) : Over = if operand.DType.IsFloat() then Over.Nothing else Over.Wholes

let private ofTwo (x: Node) (y: Node) : Over =
    let p, q = kind x, kind y
    let numbers = if p &&& q = Over.Number then Over.Numbers else Over.Nothing
    let twins = if Object.ReferenceEquals(x, y) then Over.Twins else Over.Nothing
    p ||| q ||| numbers ||| twins ||| wholes x

/// What an operation is over, for those whose rules ask that.
let over (op: Op<Node>) : Over =
    match op with
    | Op.Unary(_, x) ->
        match kind x with
        | Over.Number -> Over.Numbers ||| Over.Number ||| wholes x
        | kind -> kind ||| wholes x
    | Op.Binary(_, x, y) -> ofTwo x y
    | _ -> Over.Anything
