/// Rules about choices, their conditions, and masks.
module internal Autodiff.FSharp.Choices

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Literals

let private (|Negated|_|) (node: Node) =
    match node.Op with
    | Op.Not x -> ValueSome x
    | _ -> ValueNone

let private areOpposite (x: Node) (y: Node) =
    match x, y with
    | Negated inner, other
    | other, Negated inner -> isSame inner other
    | _ -> false

/// What a node is where a condition has a value: of a choice by the same condition, or the opposite one, the branch.
let private branch (condition: Node) (value: bool) (node: Node) =
    match node.Op with
    | Op.Select(inner, x, y) when isSame inner condition -> ValueSome(if value then x else y)
    | Op.Select(inner, x, y) when areOpposite inner condition -> ValueSome(if value then y else x)
    | _ -> ValueNone

let private choice (condition: Node) (x: Node) (y: Node) =
    match condition with
    | Truth value -> ValueSome(if value then x else y)
    // A mask, whose other branch is zero, stays one: derivatives look for it.
    | Negated inner when not (isZero y) -> ValueSome(Node.Make(Op.Select(inner, y, x)))
    | _ ->
        match branch condition true x, branch condition false y with
        | ValueSome x, _ -> ValueSome(Node.Make(Op.Select(condition, x, y)))
        | _, ValueSome y -> ValueSome(Node.Make(Op.Select(condition, x, y)))
        | _ ->
            match x, y with
            | Truth true, Truth false -> ValueSome condition
            | Truth false, Truth true -> ValueSome(Node.Not condition)
            | _ -> ValueNone

/// Choices that are made already, by a number or by a choice around them.
let choices (op: Op<Node>) : Node voption =
    match op with
    | Op.Select(_, x, y) when isSame x y -> ValueSome x
    | Op.Select(condition, x, y) -> choice condition x y
    | _ -> ValueNone

let private isPart (part: Node) (whole: Node) =
    match whole.Op with
    | Op.Logical(Logical.And, x, y) -> isSame part x || isSame part y
    | _ -> false

let private conjunction (x: Node) (y: Node) =
    match x, y with
    | Truth true, other
    | other, Truth true -> ValueSome other
    | Truth false, _
    | _, Truth false -> ValueSome(truthLike x false)
    | _ when isSame x y || isPart y x -> ValueSome x
    | _ when isPart x y -> ValueSome y
    | _ when areOpposite x y -> ValueSome(truthLike x false)
    | _ -> ValueNone

let private disjunction (x: Node) (y: Node) =
    match x, y with
    | Truth false, other
    | other, Truth false -> ValueSome other
    | Truth true, _
    | _, Truth true -> ValueSome(truthLike x true)
    | _ when isSame x y -> ValueSome x
    | _ when areOpposite x y -> ValueSome(truthLike x true)
    | _ -> ValueNone

let private difference (x: Node) (y: Node) =
    match x, y with
    | Truth false, other
    | other, Truth false -> ValueSome other
    | Truth true, other
    | other, Truth true -> ValueSome(Node.Not other)
    | _ when isSame x y -> ValueSome(truthLike x false)
    | _ when areOpposite x y -> ValueSome(truthLike x true)
    | _ -> ValueNone

/// Of NaN, `x < y` and `y <= x` are both false; but `x = y` and `x <> y` are opposite always.
let private negation (x: Node) =
    match x.Op with
    | Op.Not inner -> ValueSome inner
    | Op.Compare(Comparison.Equal, a, b) -> ValueSome(Node.Make(Op.Compare(Comparison.NotEqual, a, b)))
    | Op.Compare(Comparison.NotEqual, a, b) -> ValueSome(Node.Make(Op.Compare(Comparison.Equal, a, b)))
    | _ -> ValueNone

/// A node beside itself. NaN is neither less than itself nor equal to itself.
let private withItself (f: Comparison) (x: Node) =
    match f with
    | Comparison.Less -> ValueSome(truthLike x false)
    | _ when x.DType.IsFloat() -> ValueNone
    | Comparison.NotEqual -> ValueSome(truthLike x false)
    | Comparison.Equal
    | Comparison.LessEqual -> ValueSome(truthLike x true)

/// Connectives and comparisons whose truth is known.
let truths (op: Op<Node>) : Node voption =
    match op with
    | Op.Logical(Logical.And, x, y) -> conjunction x y
    | Op.Logical(Logical.Or, x, y) -> disjunction x y
    | Op.Logical(Logical.Xor, x, y) -> difference x y
    | Op.Not x -> negation x
    | Op.Compare(f, x, y) when isSame x y -> withItself f x
    | _ -> ValueNone

let private (|Masked|_|) (node: Node) =
    match node.Op with
    | Op.Select(condition, x, zero) when isZero zero -> ValueSome struct (condition, x, zero)
    | _ -> ValueNone

/// Values that are 0 but where a condition holds: one condition for several, and one value for their sum. Both zeros are
/// positive, and so is the sum of two.
let masks (op: Op<Node>) : Node voption =
    match op with
    | Op.Binary(_, x, y) when not (x.Op.IsSelect || y.Op.IsSelect) -> ValueNone
    | Op.Select(outer, Masked(inner, x, zero), other) when isZero other ->
        ValueSome(Node.Make(Op.Select(Node.Logical(Logical.And, outer, inner), x, zero)))
    | Op.Binary(Binary.Add, Masked(a, x, zero), Masked(b, y, _)) when isSame a b ->
        ValueSome(Node.Make(Op.Select(a, x + y, zero)))
    | Op.Binary(Binary.Mul, (Number k as factor), Masked(condition, x, zero))
    | Op.Binary(Binary.Mul, Masked(condition, x, zero), (Number k as factor)) when k > 0.0 && System.Double.IsFinite k ->
        ValueSome(Node.Make(Op.Select(condition, factor * x, zero)))
    | _ -> ValueNone
