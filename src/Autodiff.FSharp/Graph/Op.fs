namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel

/// Which extremum a reduction takes.
[<RequireQualifiedAccess>]
type Extremum =
    | Max
    | Min

    override op.ToString() =
        match op with
        | Max -> "amax"
        | Min -> "amin"

/// The elements start, start + step, ... (count of them) of one axis.
[<Struct>]
type AxisRange = { Start: int; Step: int; Count: int }

/// A derivative that the maker of a function gave with it. Nodes come later than operations: what it does with them is
/// known to `GradientRule`. A rule that says no more than the value's own derivative, as a formula, has the function's
/// name, and rules of one name are equal; a rule of a user's is only itself. A formula is the derivative by the first
/// operand; the others are what it is written with.
[<AbstractClass; System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)>]
type CustomRule internal (formula: string | null) =
    /// The function whose derivative the rule is, with its parameters; null for a rule of a user's.
    member internal _.Formula = formula

    /// Whether there is a derivative by an operand.
    member internal _.IsBy(operand: int) = isNull formula || operand = 0

    override rule.Equals other =
        match other with
        | :? CustomRule as other when not (isNull formula) -> System.String.Equals(formula, other.Formula)
        | _ -> obj.ReferenceEquals(rule, other)

    override rule.GetHashCode() =
        match formula with
        | null -> LanguagePrimitives.PhysicalHash rule
        | formula -> formula.GetHashCode()

/// An operation over children of any kind. A node holds an operation over nodes, and an operation over nodes, whose
/// equality is structural while that of nodes is by reference, is the key of a shared subexpression.
[<RequireQualifiedAccess>]
type Op<'n> =
    // Leaves.
    /// A value. A weak one came from a plain .NET number and takes the element type of the tensor it meets.
    | Constant of value: NDArray * weak: bool
    /// A named value that can be differentiated for and replaced; it is read as its start where nothing replaces it.
    | Variable of start: NDArray
    /// A named value that is given when the graph is evaluated. A size of -1 is known only then.
    | Input
    // Elementwise, over equal shapes: broadcasting was made explicit when the graph was built.
    | Unary of op: Unary * x: 'n
    | Binary of op: Binary * x: 'n * y: 'n
    | Compare of op: Comparison * x: 'n * y: 'n
    | Test of op: Test * x: 'n
    | Logical of op: Logical * x: 'n * y: 'n
    | Not of x: 'n
    | Select of condition: 'n * ifTrue: 'n * ifFalse: 'n
    | Cast of dtype: DType * x: 'n
    // All contractions, sums, transposes, traces, diagonals and broadcasts.
    | Einsum of subscripts: Subscripts * operands: 'n[]
    // Movement.
    | Reshape of shape: Shape * x: 'n
    /// Along each axis, the elements of its range.
    | Slice of ranges: AxisRange[] * x: 'n
    /// Zeros of a shape with the child written over the elements that the ranges name: the transpose of Slice.
    | Embed of ranges: AxisRange[] * shape: Shape * x: 'n
    /// Windows along some axes, which count the windows from here on; the axes within a window are new, at the end.
    | Window of windows: AxisWindow[] * x: 'n
    /// Zeros of a shape to which the elements of windows are added where Window would have read them: its transpose.
    | OverlapAdd of windows: AxisWindow[] * shape: Shape * x: 'n
    | Concat of axis: int * parts: 'n[]
    /// Slices of the source along an axis, picked by an integer array, whose axes take the place of that axis. The first
    /// `batch` axes are common to source and indices.
    | Gather of batch: int * axis: int * source: 'n * indices: 'n
    /// Zeros of a shape to which slices are added where Gather would have read them: the transpose of Gather.
    | ScatterAdd of batch: int * axis: int * shape: Shape * updates: 'n * indices: 'n
    // Reductions that einsum does not cover.
    | Extremum of kind: Extremum * axes: int[] * x: 'n
    | ArgExtremum of kind: Extremum * axis: int * x: 'n
    // Scans: along an axis, from its end on where `reverse` says so, every element is made from the one before it.
    /// y_0 = b_0 and y_i = a_i y_(i-1) + b_i: linear in b, and a has no say in the first element.
    | Recurrence of axis: int * reverse: bool * a: 'n * b: 'n
    /// The extremum of the elements so far.
    | RunningExtremum of kind: Extremum * axis: int * reverse: bool * x: 'n
    /// The positions of the elements along an axis in rising or falling order; equal ones keep their order.
    | ArgSort of axis: int * descending: bool * x: 'n
    // Linear algebra over the last two axes.
    /// One result of a factorisation of the matrices.
    | Factor of part: FactorPart * x: 'n
    /// The solution x of a x = b, both with the same leading axes.
    | Solve of form: SolveForm * a: 'n * b: 'n
    // Random values, whose keys are values: whole numbers (Int64).
    /// For each key the elements of a shape, whose axes follow those of the keys.
    | Draw of draw: Draw * shape: Shape * keys: 'n
    /// An element for each element of x, whose first axes are those of the keys.
    | KeyedMap of map: KeyedMap * keys: 'n * x: 'n
    // Control.
    | Identity of x: 'n
    | StopGradient of x: 'n
    /// The value, whose derivative is the rule's over the operands.
    | Custom of rule: CustomRule * value: 'n * operands: 'n[]
    /// The value, which derivatives compute anew from the operands instead of keeping what lies between.
    | Checkpoint of value: 'n * operands: 'n[]
    /// The value of x, computed after other nodes. What reads it is never one with what reads x itself.
    | Barrier of x: 'n * after: 'n[]
    /// A user's function of the operands, for each element of the first `batch` axes.
    | Opaque of batch: int * f: OpaqueFunction * operands: 'n[]

/// What every pass needs of an operation: its children, and the same operation over other children.
module Op =

    /// How many children there are.
    let arity (op: Op<'n>) : int =
        match op with
        | Op.Constant _
        | Op.Variable _
        | Op.Input -> 0
        | Op.Unary _
        | Op.Test _
        | Op.Not _
        | Op.Cast _
        | Op.Reshape _
        | Op.Slice _
        | Op.Embed _
        | Op.Window _
        | Op.OverlapAdd _
        | Op.Extremum _
        | Op.ArgExtremum _
        | Op.RunningExtremum _
        | Op.ArgSort _
        | Op.Factor _
        | Op.Draw _
        | Op.Identity _
        | Op.StopGradient _ -> 1
        | Op.Binary _
        | Op.Compare _
        | Op.Logical _
        | Op.Gather _
        | Op.ScatterAdd _
        | Op.Recurrence _
        | Op.Solve _
        | Op.KeyedMap _ -> 2
        | Op.Select _ -> 3
        | Op.Einsum(_, operands)
        | Op.Opaque(_, _, operands) -> operands.Length
        | Op.Concat(_, parts) -> parts.Length
        | Op.Custom(_, _, operands)
        | Op.Checkpoint(_, operands)
        | Op.Barrier(_, operands) -> 1 + operands.Length

    /// The child at a position. Walks take children one by one: an array of them for every node would be garbage.
    let child (position: int) (op: Op<'n>) : 'n =
        match op with
        | Op.Constant _
        | Op.Variable _
        | Op.Input -> invalidArg (nameof position) "a leaf has no children"
        | Op.Unary(_, x)
        | Op.Test(_, x)
        | Op.Not x
        | Op.Cast(_, x)
        | Op.Reshape(_, x)
        | Op.Slice(_, x)
        | Op.Embed(_, _, x)
        | Op.Window(_, x)
        | Op.OverlapAdd(_, _, x)
        | Op.Extremum(_, _, x)
        | Op.ArgExtremum(_, _, x)
        | Op.RunningExtremum(_, _, _, x)
        | Op.ArgSort(_, _, x)
        | Op.Factor(_, x)
        | Op.Identity x
        | Op.Draw(_, _, x)
        | Op.StopGradient x -> x
        | Op.Binary(_, x, y)
        | Op.KeyedMap(_, x, y)
        | Op.Compare(_, x, y)
        | Op.Logical(_, x, y)
        | Op.Gather(_, _, x, y)
        | Op.ScatterAdd(_, _, _, x, y)
        | Op.Recurrence(_, _, x, y)
        | Op.Solve(_, x, y) -> if position = 0 then x else y
        | Op.Select(condition, x, y) ->
            match position with
            | 0 -> condition
            | 1 -> x
            | _ -> y
        | Op.Einsum(_, operands)
        | Op.Opaque(_, _, operands) -> operands[position]
        | Op.Concat(_, parts) -> parts[position]
        | Op.Custom(_, value, operands)
        | Op.Checkpoint(value, operands)
        | Op.Barrier(value, operands) -> if position = 0 then value else operands[position - 1]

    /// The children in order.
    let children (op: Op<'n>) : 'n[] = Array.init (arity op) (fun position -> child position op)

    /// Whether all children fulfil a condition.
    let forall (condition: 'n -> bool) (op: Op<'n>) : bool =
        let arity = arity op
        let mutable position = 0

        while position < arity && condition (child position op) do
            position <- position + 1

        position = arity

    /// Whether an elementwise operation's two operands may change places.
    let commutes (op: Op<'n>) : bool =
        match op with
        | Op.Binary(f, _, _) -> f.Commutes
        | Op.Compare(f, _, _) -> f.Commutes
        | Op.Logical _ -> true
        | _ -> false

    /// The same operation with every child replaced.
    let map (f: 'a -> 'b) (op: Op<'a>) : Op<'b> =
        match op with
        | Op.Constant(value, weak) -> Op.Constant(value, weak)
        | Op.Variable start -> Op.Variable start
        | Op.Input -> Op.Input
        | Op.Unary(op, x) -> Op.Unary(op, f x)
        | Op.Binary(op, x, y) -> Op.Binary(op, f x, f y)
        | Op.Compare(op, x, y) -> Op.Compare(op, f x, f y)
        | Op.Test(op, x) -> Op.Test(op, f x)
        | Op.Logical(op, x, y) -> Op.Logical(op, f x, f y)
        | Op.Not x -> Op.Not(f x)
        | Op.Select(condition, x, y) -> Op.Select(f condition, f x, f y)
        | Op.Cast(dtype, x) -> Op.Cast(dtype, f x)
        | Op.Einsum(subscripts, operands) -> Op.Einsum(subscripts, Array.map f operands)
        | Op.Reshape(shape, x) -> Op.Reshape(shape, f x)
        | Op.Slice(ranges, x) -> Op.Slice(ranges, f x)
        | Op.Embed(ranges, shape, x) -> Op.Embed(ranges, shape, f x)
        | Op.Window(windows, x) -> Op.Window(windows, f x)
        | Op.OverlapAdd(windows, shape, x) -> Op.OverlapAdd(windows, shape, f x)
        | Op.Concat(axis, parts) -> Op.Concat(axis, Array.map f parts)
        | Op.Gather(batch, axis, source, indices) -> Op.Gather(batch, axis, f source, f indices)
        | Op.ScatterAdd(batch, axis, shape, updates, indices) -> Op.ScatterAdd(batch, axis, shape, f updates, f indices)
        | Op.Extremum(kind, axes, x) -> Op.Extremum(kind, axes, f x)
        | Op.ArgExtremum(kind, axis, x) -> Op.ArgExtremum(kind, axis, f x)
        | Op.Recurrence(axis, reverse, a, b) -> Op.Recurrence(axis, reverse, f a, f b)
        | Op.RunningExtremum(kind, axis, reverse, x) -> Op.RunningExtremum(kind, axis, reverse, f x)
        | Op.ArgSort(axis, descending, x) -> Op.ArgSort(axis, descending, f x)
        | Op.Factor(part, x) -> Op.Factor(part, f x)
        | Op.Solve(form, a, b) -> Op.Solve(form, f a, f b)
        | Op.Draw(draw, shape, keys) -> Op.Draw(draw, shape, f keys)
        | Op.KeyedMap(map, keys, x) -> Op.KeyedMap(map, f keys, f x)
        | Op.Identity x -> Op.Identity(f x)
        | Op.StopGradient x -> Op.StopGradient(f x)
        | Op.Custom(rule, value, operands) -> Op.Custom(rule, f value, Array.map f operands)
        | Op.Checkpoint(value, operands) -> Op.Checkpoint(f value, Array.map f operands)
        | Op.Barrier(x, after) -> Op.Barrier(f x, Array.map f after)
        | Op.Opaque(batch, g, operands) -> Op.Opaque(batch, g, Array.map f operands)

    /// The same operation with every child replaced by a function of its position and itself.
    let mapi (f: int -> 'a -> 'b) (op: Op<'a>) : Op<'b> =
        let mutable position = -1

        let next child =
            position <- position + 1
            f position child

        map next op

    /// The operation's name, as pictures and messages show it.
    let name (op: Op<'n>) =
        match op with
        | Op.Constant _ -> "constant"
        | Op.Variable _ -> "variable"
        | Op.Input -> "input"
        | Op.Unary(op, _) -> string op
        | Op.Binary(op, _, _) -> string op
        | Op.Compare(op, _, _) -> string op
        | Op.Test(op, _) -> string op
        | Op.Logical(op, _, _) -> string op
        | Op.Not _ -> "not"
        | Op.Select _ -> "where"
        | Op.Cast(dtype, _) -> $"cast {dtype}"
        | Op.Einsum(subscripts, _) -> $"einsum {subscripts}"
        | Op.Reshape(shape, _) -> $"reshape {shape}"
        | Op.Slice _ -> "slice"
        | Op.Embed _ -> "embed"
        | Op.Window _ -> "window"
        | Op.OverlapAdd _ -> "overlapAdd"
        | Op.Concat(axis, _) -> $"concat {axis}"
        | Op.Gather(_, axis, _, _) -> $"gather {axis}"
        | Op.ScatterAdd(_, axis, _, _, _) -> $"scatterAdd {axis}"
        | Op.Extremum(kind, _, _) -> string kind
        | Op.ArgExtremum(kind, _, _) -> "arg" + (string kind).Substring 1
        | Op.Recurrence(axis, _, _, _) -> $"recurrence {axis}"
        | Op.RunningExtremum(kind, axis, _, _) -> $"cum{(string kind).Substring 1} {axis}"
        | Op.ArgSort(axis, _, _) -> $"argsort {axis}"
        | Op.Factor(part, _) -> string part
        | Op.Solve _ -> "solve"
        | Op.Draw(draw, _, _) -> $"draw {draw}"
        | Op.KeyedMap(map, _, _) -> string map
        | Op.Identity _ -> "identity"
        | Op.StopGradient _ -> "stopGradient"
        | Op.Custom(rule, _, _) ->
            match rule.Formula with
            | null -> "custom"
            | formula -> formula
        | Op.Checkpoint _ -> "checkpoint"
        | Op.Barrier _ -> "barrier"
        | Op.Opaque(_, f, _) -> $"opaque {f.Name}"
