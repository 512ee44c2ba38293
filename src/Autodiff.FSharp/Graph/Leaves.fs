namespace Autodiff.FSharp

open System.ComponentModel
open Autodiff
open Autodiff.Kernel

/// What can be written where a value is expected.
[<AbstractClass; Sealed; EditorBrowsable(EditorBrowsableState.Never)>]
type Value =
    static member Of(x: NDArray) : NDArray = x
    static member Of(x: float) : NDArray = NDArray.Scalar x
    static member Of(x: float32) : NDArray = NDArray.Scalar x
    static member Of(x: int) : NDArray = NDArray.Scalar x
    static member Of(x: int64) : NDArray = NDArray.Scalar x
    static member Of(x: bool) : NDArray = NDArray.Scalar x
    static member Of(x: float[]) : NDArray = NDArray.Create x
    static member Of(x: float32[]) : NDArray = NDArray.Create x
    static member Of(x: int[]) : NDArray = NDArray.Create x
    static member Of(x: int64[]) : NDArray = NDArray.Create x
    static member Of(x: bool[]) : NDArray = NDArray.Create x
    static member Of(x: float[,]) : NDArray = NDArray.From x
    static member Of(x: float32[,]) : NDArray = NDArray.From x
    static member Of(x: int[,]) : NDArray = NDArray.From x
    static member Of(x: int64[,]) : NDArray = NDArray.From x
    static member Of(x: bool[,]) : NDArray = NDArray.From x
    static member Of(x: float list) : NDArray = NDArray.Create(Array.ofList x)
    static member Of(x: float32 list) : NDArray = NDArray.Create(Array.ofList x)
    static member Of(x: int list) : NDArray = NDArray.Create(Array.ofList x)
    static member Of(x: int64 list) : NDArray = NDArray.Create(Array.ofList x)
    static member Of(x: bool list) : NDArray = NDArray.Create(Array.ofList x)
    static member Of(x: float list list) : NDArray = NDArray.From(array2D x)
    static member Of(x: float32 list list) : NDArray = NDArray.From(array2D x)
    static member Of(x: int list list) : NDArray = NDArray.From(array2D x)
    static member Of(x: int64 list list) : NDArray = NDArray.From(array2D x)
    static member Of(x: bool list list) : NDArray = NDArray.From(array2D x)

/// The leaves of graphs.
[<EditorBrowsable(EditorBrowsableState.Never)>]
module Leaf =

    /// Refuses a number that stands for no element type.
    let internal requireType operation (dtype: DType) =
        if not (System.Enum.IsDefined dtype) then
            raise (DTypeException $"{operation}: {int dtype} is no element type")

    /// A variable with a starting value. A whole number becomes Float64, because a variable has derivatives; an array of
    /// whole numbers or truth values is refused.
    let variable (name: string) (start: NDArray) : Node =
        System.ArgumentNullException.ThrowIfNull(start, "start")

        let start =
            if start.DType.IsFloat() then
                start
            elif start.Rank = 0 && start.DType <> DType.Bool then
                start.AsType DType.Float64
            else
                raise (
                    DTypeException
                        $"variable '{name}': the starting value is {start.DType}{start.Shape}; only floating values have derivatives"
                )

        Node.Leaf(Op.Variable start, name, start.Shape, start.DType)

    /// The starting value of a variable.
    let start (variable: Node) : NDArray =
        match variable.Op with
        | Op.Variable value -> value
        | _ -> raise (System.ArgumentException $"{Axes.describe variable} is no variable: it has no starting value")

    /// A constant of the value's own element type.
    let constant (value: NDArray) : Node =
        System.ArgumentNullException.ThrowIfNull(value, "value")
        Node.Strong value

    /// A value that is given when the graph is evaluated. A size may be -1: it is known only then, and wherever it occurs
    /// in a graph it is the same.
    let input (name: string) (shape: seq<int>) (dtype: DType) : Node =
        requireType $"input '{name}'" dtype

        match shape |> Seq.tryFind (fun size -> size < -1) with
        | Some size ->
            raise (ShapeException $"input '{name}': a size is 0 or more, or -1 for one that is known later, not {size}")
        | None -> ()

        Node.Leaf(Op.Input, name, Shapes.ofSeq shape, dtype)

/// The leaves of graphs: variables, constants, inputs.
[<AutoOpen>]
module Leaves =

    /// An array from a number, an array, a list, a list of rows, or an array as it is.
    let inline nd (x: ^a) : NDArray =
        let inline call (_: ^v) (x: ^b) = ((^v or ^b): (static member Of: ^b -> NDArray) x)
        call Unchecked.defaultof<Value> x

    /// A constant that keeps the element type of the number, array or list it is made from.
    let inline constant (x: ^a) : Node = Leaf.constant (nd x)

    /// A named value that can be differentiated for, with its starting value: a number, an array, a list.
    let inline variable (name: string) (start: ^a) : Node = Leaf.variable name (nd start)

    /// A named value that is given when the graph is evaluated. A size may be -1 (say, of the last, smaller batch): it is
    /// known only then, and the function that is compiled specialises for each size that it meets.
    let input (name: string) (shape: seq<int>) (dtype: DType) : Node = Leaf.input name shape dtype

    /// A number that takes the element type of the tensor it meets.
    let scalar (x: float) : Node = Node.op_Implicit x

    /// The same value under a name.
    let named (name: string) (x: Node) : Node = (Node.Given x).Named name

    /// Zeros of the shape and element type of x.
    let zerosLike (x: Node) : Node = Node.Filled((Node.Given x).Shape, x.DType, 0.0)

    /// Ones of the shape and element type of x.
    let onesLike (x: Node) : Node = Node.Filled((Node.Given x).Shape, x.DType, 1.0)
