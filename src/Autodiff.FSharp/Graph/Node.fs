namespace Autodiff

open System
open System.ComponentModel
open System.Runtime.CompilerServices
open System.Threading
open Autodiff.FSharp
open Autodiff.Kernel

/// What made a node that no user wrote: the node of the primal graph and the rule that was applied to it.
[<Sealed>]
type Origin internal (primal: Node, rule: string) =
    /// The node of the primal graph.
    member _.Primal = primal
    /// The rule, such as "vjp" or "jvp".
    member _.Rule = rule

/// A node of an immutable computation graph: an operation over other nodes, with a shape and an element type that are
/// known when it is built. Nodes compare by reference. Nothing is computed until the node is evaluated.
and [<Sealed; StructuredFormatDisplay("{Display}"); System.Diagnostics.DebuggerDisplay("{Display,nq}")>] Node
    internal (op: Op<Node>, shape: Shape, dtype: DType, isWeak: bool, annotation: Annotation<Node>) =

    static let mutable lastId = 0L

    let label, primal = annotation.Label, annotation.Primal

    // The number, the element type and the weakness in one field: a graph may have millions of nodes.
    let bits =
        (Interlocked.Increment &lastId <<< 16) ||| (int64 dtype <<< 1) ||| (if isWeak then 1L else 0L)

    /// The operation and its operands.
    [<EditorBrowsable(EditorBrowsableState.Never)>]
    member _.Op = op

    /// The sizes of the axes.
    member _.Shape = shape

    /// The element type.
    member _.DType = enum<DType>(int bits >>> 1 &&& 0x7FFF)

    /// The number of axes.
    member _.Rank = shape.Rank

    /// The name it was given, or null.
    member _.Name: string | null = if isNull label then null else label.Name

    /// The path of the scope it was made in, such as "encoder/attention"; empty outside scopes.
    member _.Scope = if isNull label then "" else label.Scope

    /// What made the node if a transformation did, or null.
    member _.Origin: Origin | null =
        match primal, (if isNull label then null else label.Rule) with
        | null, _
        | _, null -> null
        | primal, rule -> Origin(primal, rule)

    /// Whether the value came from plain .NET numbers alone, and so takes the element type of a tensor it meets.
    member internal _.IsWeak = bits &&& 1L <> 0L

    /// Whether it is a number alone, which takes the element type of a tensor it meets.
    member private x.IsNumber = x.IsWeak && shape.Rank = 0 && op.IsConstant

    /// A number that no other node of this process has.
    member internal _.Id = bits >>> 16

    member internal _.Annotation = Annotation<Node>(label, primal)

    /// The same value under a name.
    member x.Named(name: string) =
        let named = Annotation<Node>(Label(name, Scope.Path, null), null)
        Node(op, shape, x.DType, x.IsWeak, (if isNull label then named else named.From x.Annotation))

    override x.GetHashCode() = int x.Id

    override x.Equals other = Object.ReferenceEquals(x, other)

    // Building.

    /// A node for an operation whose operands are known to fit, with a given annotation.
    static member internal Annotated(op: Op<Node>, annotation: Annotation<Node>) =
        match op with
        // Most nodes, without the general way's calls.
        | Op.Unary(_, x) -> Node(op, x.Shape, x.DType, x.IsWeak, annotation)
        | Op.Binary(_, x, y)
        | Op.Select(_, x, y) -> Node(op, x.Shape, x.DType, x.IsWeak && y.IsWeak, annotation)
        | _ ->
            let shape = Infer.shape (fun (n: Node) -> n.Shape) op
            let dtype = Infer.dtype (fun (n: Node) -> n.DType) op
            Node(op, shape, dtype, Promotion.isWeak (fun (n: Node) -> n.IsWeak) op, annotation)

    /// The node, which is none where C# gave null.
    static member internal Given(x: Node) : Node =
        ArgumentNullException.ThrowIfNull(x, "x")
        x

    /// A node for an operation whose operands are known to fit.
    static member internal Make(op: Op<Node>) =
        let ambient = Annotation<Node>.Ambient

        if ambient.IsNone && not (isNull Scope.Current) then
            Node.Annotated(op, Annotation<Node>(Label(null, Scope.Path, null), null))
        else
            Node.Annotated(op, ambient)

    /// A leaf with a name.
    static member internal Leaf(op: Op<Node>, name: string, shape: Shape, dtype: DType) =
        Node(op, shape, dtype, false, Annotation<Node>(Label(name, Scope.Path, null), null))

    /// A leaf that stands for a node whose shape is known by now.
    static member internal Placeholder(node: Node, shape: Shape) =
        Node(Op.Input, shape, node.DType, false, node.Annotation)

    /// A constant that keeps its element type.
    static member internal Strong(value: NDArray) = Node.Make(Op.Constant(value, false))

    /// A constant that takes the element type of the tensor it meets.
    static member internal Weak(value: NDArray) = Node.Make(Op.Constant(value, true))

    [<ThreadStatic; Microsoft.FSharp.Core.DefaultValue>]
    static val mutable private written: Recent<Node> | null

    /// What this thread has made of numbers lately: by the transformation that is at work, or else by its program, which
    /// writes the same number in one term after the other.
    static member private Written: Recent<Node> =
        match Annotation<Node>.Numbers with
        | null ->
            match Node.written with
            | null ->
                let made = Recent<Node>()
                Node.written <- made
                made
            | known -> known
        | known -> known

    /// A number beside an operand: the constant that a weak one would become, where the operand's type says so.
    static member private Beside(operand: Node, number: float) : Node =
        match (Node.Given operand).DType with
        | DType.Float64
        | DType.Float32 when not operand.IsWeak -> Node.Known(Node.Written, operand.Shape, operand.DType, number)
        | _ -> Node.op_Implicit number

    /// The value converted to another element type; a weak constant simply becomes one of that type.
    static member internal Cast(dtype: DType, x: Node) =
        match (Node.Given x).Op with
        | _ when x.DType = dtype && not x.IsWeak -> x
        | Op.Constant(value, true) -> Node.Strong(Numbers.Convert(value, dtype))
        | _ -> if x.DType = dtype then x else Node.Make(Op.Cast(dtype, x))

    /// The value with axes repeated, as NumPy broadcasts, to a shape that it fits: an einsum whose result has labels
    /// that the operand lacks.
    static member internal Broadcast(shape: Shape, x: Node) =
        if shape.Equals x.Shape then
            x
        else
            Node.Make(Op.Einsum(KnownSubscripts.ofBroadcast x.Shape shape, [| x |]))

    /// One number of an element type in every place of a shape. A transformation makes each once for a shape.
    static member internal Filled(shape: Shape, dtype: DType, number: float) : Node =
        match Annotation<Node>.Numbers with
        | null -> Node.Broadcast(shape, Node.Strong(Numbers.Of(number, dtype)))
        | known -> Node.Known(known, shape, dtype, number)

    /// The same, made only where it is not known.
    static member private Known(known: Recent<Node>, shape: Shape, dtype: DType, number: float) : Node =
        let bits = BitConverter.DoubleToInt64Bits number

        match known.Find(bits, dtype, shape) with
        | ValueSome node -> node
        | ValueNone -> known.Keep(bits, dtype, shape, Node.Broadcast(shape, Node.Strong(Numbers.Of(number, dtype))))

    /// The elements under another shape of the same size.
    static member internal Reshape(shape: Shape, x: Node) =
        if shape.Equals x.Shape then x else Node.Make(Op.Reshape(shape, x))

    /// A part of the value, as NumPy slices: a whole number drops its axis, a range keeps it. Throws ShapeException where
    /// an index is out of range or there are more of them than axes.
    member x.Item
        with get ([<ParamArray>] slices: Slice[]): Node =
            let name =
                match x.Name with
                | null -> ""
                | name -> name

            let spec = SliceSpec.Resolve(ReadOnlySpan slices, x.Shape, name)

            let range axis = { Start = spec.Starts[axis]; Step = spec.Steps[axis]; Count = spec.Counts[axis] }

            let ranges = Array.init x.Rank range
            let isWhole axis (range: AxisRange) = range.Start = 0 && range.Step = 1 && range.Count = x.Shape[axis]

            let part =
                if Seq.forall id (Seq.mapi isWhole ranges) then
                    x
                else
                    Node.Make(Op.Slice(ranges, x))

            Node.Reshape(spec.Result, part)

    /// Both operands in the element type in which they meet.
    static member internal Promote(x: Node, y: Node) : struct (Node * Node) =
        let x, y = Node.Given x, Node.Given y
        let dtype = Promotion.meet x.DType x.IsWeak y.DType y.IsWeak

        if x.IsWeak && y.IsWeak then
            struct (Node.Weakly(dtype, x), Node.Weakly(dtype, y))
        else
            struct (Node.Cast(dtype, x), Node.Cast(dtype, y))

    /// Operands in an element type; where all are weak they stay so.
    static member internal Unify(dtype: DType, operands: Node[]) : Node[] =
        let convert: Node -> Node =
            if operands |> Array.forall (fun x -> x.IsWeak) then
                fun x -> Node.Weakly(dtype, x)
            else
                fun x -> Node.Cast(dtype, x)

        Array.map convert operands

    /// Operands in the element type in which they meet.
    static member internal PromoteAll(operands: Node[]) : Node[] =
        let first = Node.Given operands[0]

        if operands |> Array.forall (fun x -> (Node.Given x).DType = first.DType && not x.IsWeak) then
            operands
        else
            Node.Unify(Promotion.meetAll (operands |> Array.map (fun x -> struct (x.DType, x.IsWeak))), operands)

    /// A weak node in another element type, still weak.
    static member private Weakly(dtype: DType, x: Node) =
        match x.Op with
        | _ when x.DType = dtype -> x
        | Op.Constant(value, _) -> Node.Weak(Numbers.Convert(value, dtype))
        | _ -> Node(Op.Cast(dtype, x), x.Shape, dtype, true, Annotation<Node>())

    [<ThreadStatic; Microsoft.FSharp.Core.DefaultValue>]
    static val mutable private spread: Recent<Node> | null

    /// A number, which is one weak node, in an element type and in every place of a shape. Formulas are written with a few
    /// such nodes: what they become is made once for each shape, and not once for each formula.
    static member private Spread(number: Node, dtype: DType, shape: Shape) : Node =
        match Node.spread with
        | _ when Annotation<Node>.IsMarking -> Node.Broadcast(shape, Node.Cast(dtype, number))
        | null ->
            Node.spread <- Recent()
            Node.Spread(number, dtype, shape)
        | recent ->
            match recent.Find(number.Id, dtype, shape) with
            | ValueSome known -> known
            | ValueNone -> recent.Keep(number.Id, dtype, shape, Node.Broadcast(shape, Node.Cast(dtype, number)))

    /// Both operands in one element type and one shape.
    static member internal Align(operation: obj, x: Node, y: Node) : struct (Node * Node) =
        let x, y = Node.Given x, Node.Given y

        if x.IsNumber && not y.IsWeak then
            let y = Node.Cast(Promotion.meet x.DType true y.DType false, y)
            struct (Node.Spread(x, y.DType, y.Shape), y)
        elif y.IsNumber && not x.IsWeak then
            let x = Node.Cast(Promotion.meet x.DType false y.DType true, x)
            struct (x, Node.Spread(y, x.DType, x.Shape))
        else
            let struct (x, y) = Node.Promote(x, y)

            if x.Shape.Equals y.Shape then
                struct (x, y)
            else
                let shape = Broadcasting.pair operation x.Name x.Shape y.Name y.Shape
                struct (Node.Broadcast(shape, x), Node.Broadcast(shape, y))

    /// An elementwise function of one argument, in the element type that suits it.
    static member internal Unary(op: Unary, x: Node) =
        let dtype = Promotion.unary op (Node.Given x).DType
        Node.Make(Op.Unary(op, (if dtype = x.DType then x else Node.Cast(dtype, x))))

    /// An elementwise function of two arguments, which are promoted and broadcast.
    static member internal Binary(op: Binary, x: Node, y: Node) =
        let struct (x, y) = Node.Align(op, x, y)
        let dtype = Promotion.binary op x.DType
        let convert (n: Node) = if n.DType = dtype then n else Node.Cast(dtype, n)

        // In this order rules meet operands that commute: made so, they need not be turned for them.
        if Annotation<Node>.IsMarking && op.Commutes && x.Id > y.Id then
            Node.Make(Op.Binary(op, convert y, convert x))
        else
            Node.Make(Op.Binary(op, convert x, convert y))

    /// A comparison of two arguments, which are promoted and broadcast.
    static member internal Compare(op: Comparison, x: Node, y: Node) =
        let struct (x, y) = Node.Align(op, x, y)
        Node.Make(Op.Compare(op, x, y))

    /// A test of floating values; whole numbers are tested as Float64.
    static member internal Test(op: Test, x: Node) =
        Node.Make(Op.Test(op, (if (Node.Given x).DType.IsFloat() then x else Node.Cast(DType.Float64, x))))

    static member private Truth(operation: obj, position: int, x: Node) =
        if (Node.Given x).DType <> DType.Bool then
            let operand = Broadcasting.describe position x.Name x.Shape
            raise (DTypeException $"{operation}: {operand} is {x.DType}; truth values (Bool) are needed")

    /// A connective of two truth values, which are broadcast.
    static member internal Logical(op: Logical, x: Node, y: Node) =
        Node.Truth(op, 0, x)
        Node.Truth(op, 1, y)

        if x.Shape.Equals y.Shape then
            Node.Make(Op.Logical(op, x, y))
        else
            let shape = Broadcasting.pair op x.Name x.Shape y.Name y.Shape
            Node.Make(Op.Logical(op, Node.Broadcast(shape, x), Node.Broadcast(shape, y)))

    /// The negation of truth values.
    static member internal Not(x: Node) =
        Node.Truth("not", 0, x)
        Node.Make(Op.Not x)

    // Arithmetic with NumPy's broadcasting, in the element type that the operands promote to.

    /// The elementwise sum.
    static member (+)(x: Node, y: Node) = Node.Binary(Binary.Add, x, y)
    /// The elementwise sum with a number.
    static member (+)(x: Node, y: float) = Node.Binary(Binary.Add, x, Node.Beside(x, y))
    /// The elementwise sum with a number.
    static member (+)(x: Node, y: float32) = Node.Binary(Binary.Add, x, Node.op_Implicit y)
    /// The elementwise sum with a number.
    static member (+)(x: Node, y: int) = Node.Binary(Binary.Add, x, Node.op_Implicit y)
    /// The elementwise sum with a number.
    static member (+)(x: Node, y: int64) = Node.Binary(Binary.Add, x, Node.op_Implicit y)
    /// The elementwise sum with a number.
    static member (+)(x: float, y: Node) = Node.Binary(Binary.Add, Node.Beside(y, x), y)
    /// The elementwise sum with a number.
    static member (+)(x: float32, y: Node) = Node.Binary(Binary.Add, Node.op_Implicit x, y)
    /// The elementwise sum with a number.
    static member (+)(x: int, y: Node) = Node.Binary(Binary.Add, Node.op_Implicit x, y)
    /// The elementwise sum with a number.
    static member (+)(x: int64, y: Node) = Node.Binary(Binary.Add, Node.op_Implicit x, y)

    /// The elementwise difference.
    static member (-)(x: Node, y: Node) = Node.Binary(Binary.Sub, x, y)
    /// The elementwise difference with a number.
    static member (-)(x: Node, y: float) = Node.Binary(Binary.Sub, x, Node.Beside(x, y))
    /// The elementwise difference with a number.
    static member (-)(x: Node, y: float32) = Node.Binary(Binary.Sub, x, Node.op_Implicit y)
    /// The elementwise difference with a number.
    static member (-)(x: Node, y: int) = Node.Binary(Binary.Sub, x, Node.op_Implicit y)
    /// The elementwise difference with a number.
    static member (-)(x: Node, y: int64) = Node.Binary(Binary.Sub, x, Node.op_Implicit y)
    /// The elementwise difference with a number.
    static member (-)(x: float, y: Node) = Node.Binary(Binary.Sub, Node.Beside(y, x), y)
    /// The elementwise difference with a number.
    static member (-)(x: float32, y: Node) = Node.Binary(Binary.Sub, Node.op_Implicit x, y)
    /// The elementwise difference with a number.
    static member (-)(x: int, y: Node) = Node.Binary(Binary.Sub, Node.op_Implicit x, y)
    /// The elementwise difference with a number.
    static member (-)(x: int64, y: Node) = Node.Binary(Binary.Sub, Node.op_Implicit x, y)

    /// The elementwise product.
    static member (*)(x: Node, y: Node) = Node.Binary(Binary.Mul, x, y)
    /// The elementwise product with a number.
    static member (*)(x: Node, y: float) = Node.Binary(Binary.Mul, x, Node.Beside(x, y))
    /// The elementwise product with a number.
    static member (*)(x: Node, y: float32) = Node.Binary(Binary.Mul, x, Node.op_Implicit y)
    /// The elementwise product with a number.
    static member (*)(x: Node, y: int) = Node.Binary(Binary.Mul, x, Node.op_Implicit y)
    /// The elementwise product with a number.
    static member (*)(x: Node, y: int64) = Node.Binary(Binary.Mul, x, Node.op_Implicit y)
    /// The elementwise product with a number.
    static member (*)(x: float, y: Node) = Node.Binary(Binary.Mul, Node.Beside(y, x), y)
    /// The elementwise product with a number.
    static member (*)(x: float32, y: Node) = Node.Binary(Binary.Mul, Node.op_Implicit x, y)
    /// The elementwise product with a number.
    static member (*)(x: int, y: Node) = Node.Binary(Binary.Mul, Node.op_Implicit x, y)
    /// The elementwise product with a number.
    static member (*)(x: int64, y: Node) = Node.Binary(Binary.Mul, Node.op_Implicit x, y)

    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: Node, y: Node) = Node.Binary(Binary.Div, x, y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: Node, y: float) = Node.Binary(Binary.Div, x, Node.Beside(x, y))
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: Node, y: float32) = Node.Binary(Binary.Div, x, Node.op_Implicit y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: Node, y: int) = Node.Binary(Binary.Div, x, Node.op_Implicit y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: Node, y: int64) = Node.Binary(Binary.Div, x, Node.op_Implicit y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: float, y: Node) = Node.Binary(Binary.Div, Node.Beside(y, x), y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: float32, y: Node) = Node.Binary(Binary.Div, Node.op_Implicit x, y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: int, y: Node) = Node.Binary(Binary.Div, Node.op_Implicit x, y)
    /// The elementwise quotient; integers are divided as Float64.
    static member (/)(x: int64, y: Node) = Node.Binary(Binary.Div, Node.op_Implicit x, y)

    /// The elementwise power: exact in value and derivative for whole exponents of negative numbers too.
    static member Pow(x: Node, y: Node) = Node.Binary(Binary.Pow, x, y)
    /// The elementwise power.
    static member Pow(x: Node, y: float) = Node.Binary(Binary.Pow, x, Node.Beside(x, y))
    /// The elementwise power.
    static member Pow(x: Node, y: int) = Node.Binary(Binary.Pow, x, Node.op_Implicit y)
    /// The elementwise power.
    static member Pow(x: float, y: Node) = Node.Binary(Binary.Pow, Node.Beside(y, x), y)
    /// The elementwise negative.
    static member (~-)(x: Node) = Node.Unary(Unary.Neg, x)
    /// The value itself.
    static member (~+)(x: Node) = x

    // The functions behind F#'s own exp, tanh, abs and friends.

    /// The elementwise exponential.
    static member Exp(x: Node) = Node.Unary(Unary.Exp, x)
    /// The elementwise natural logarithm.
    static member Log(x: Node) = Node.Unary(Unary.Log, x)
    /// The elementwise logarithm to base 10.
    static member Log10(x: Node) = Node.Unary(Unary.Log10, x)
    /// The elementwise square root.
    static member Sqrt(x: Node) = Node.Unary(Unary.Sqrt, x)
    /// The elementwise absolute value.
    static member Abs(x: Node) = Node.Unary(Unary.Abs, x)
    /// The elementwise sine.
    static member Sin(x: Node) = Node.Unary(Unary.Sin, x)
    /// The elementwise cosine.
    static member Cos(x: Node) = Node.Unary(Unary.Cos, x)
    /// The elementwise tangent.
    static member Tan(x: Node) = Node.Unary(Unary.Tan, x)
    /// The elementwise inverse sine.
    static member Asin(x: Node) = Node.Unary(Unary.Asin, x)
    /// The elementwise inverse cosine.
    static member Acos(x: Node) = Node.Unary(Unary.Acos, x)
    /// The elementwise inverse tangent.
    static member Atan(x: Node) = Node.Unary(Unary.Atan, x)
    /// The elementwise hyperbolic sine.
    static member Sinh(x: Node) = Node.Unary(Unary.Sinh, x)
    /// The elementwise hyperbolic cosine.
    static member Cosh(x: Node) = Node.Unary(Unary.Cosh, x)
    /// The elementwise hyperbolic tangent.
    static member Tanh(x: Node) = Node.Unary(Unary.Tanh, x)
    /// The elementwise largest whole number not above.
    static member Floor(x: Node) = Node.Unary(Unary.Floor, x)
    /// The elementwise least whole number not below.
    static member Ceiling(x: Node) = Node.Unary(Unary.Ceil, x)
    /// The elementwise nearest whole number, halves to the even one.
    static member Round(x: Node) = Node.Unary(Unary.Round, x)
    /// The elementwise whole part.
    static member Truncate(x: Node) = Node.Unary(Unary.Trunc, x)

    /// The elementwise angle of the point (x, y) from the first axis.
    static member Atan2(y: Node, x: Node) = Node.Binary(Binary.Atan2, y, x)

    // Numbers and arrays are constants.

    /// A weak constant: it takes the element type of the tensor it meets (Float64 if it meets none).
    static member op_Implicit(x: float) : Node = Node.Weak(Numbers.Of x)
    /// A weak constant: it takes the element type of the tensor it meets (Float32 if it meets none).
    static member op_Implicit(x: float32) : Node = Node.Weak(Numbers.Of x)
    /// A weak constant: it takes the element type of the tensor it meets (Int32 if it meets none).
    static member op_Implicit(x: int) : Node = Node.Weak(NDArray.Scalar x)
    /// A weak constant: it takes the element type of the tensor it meets (Int64 if it meets none).
    static member op_Implicit(x: int64) : Node = Node.Weak(NDArray.Scalar x)
    /// A constant.
    static member op_Implicit(x: NDArray) : Node = Node.Strong x
    /// A constant with the array's elements.
    static member op_Implicit(x: float[]) : Node = Node.Strong(NDArray.op_Implicit x)
    /// A constant with the array's elements.
    static member op_Implicit(x: float32[]) : Node = Node.Strong(NDArray.op_Implicit x)
    /// A constant with the array's elements.
    static member op_Implicit(x: float[,]) : Node = Node.Strong(NDArray.op_Implicit x)
    /// A constant with the array's elements.
    static member op_Implicit(x: float32[,]) : Node = Node.Strong(NDArray.op_Implicit x)

    // Text.

    /// The formula in short, with the element type and the shape; bounded for any graph.
    override x.ToString() = $"{Print.formula (fun (n: Node) -> struct (n.Op, n.Name)) x} : {x.DType} {shape}"

    /// What a debugger or a script's echo shows.
    [<EditorBrowsable(EditorBrowsableState.Never)>]
    member x.Display = x.ToString()

/// What is said of a node of a graph beside its meaning.
type internal Annotation = Annotation<Node>
