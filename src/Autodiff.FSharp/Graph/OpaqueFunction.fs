namespace Autodiff

open System
open Autodiff.FSharp
open Autodiff.Kernel

/// A user's own function of arrays that a graph can call. It has no derivative of its own: give one by `customGradient`.
/// The function must be pure: the same values give the same result, and how often it is called is not promised.
[<Sealed; AllowNullLiteral>]
type OpaqueFunction
    (name: string, shape: Func<Shape[], Shape>, dtype: Func<DType[], DType>, evaluate: Func<NDArray[], NDArray>) =
    do
        ArgumentException.ThrowIfNullOrWhiteSpace name
        ArgumentNullException.ThrowIfNull shape
        ArgumentNullException.ThrowIfNull dtype
        ArgumentNullException.ThrowIfNull evaluate

    let guarded (what: string) (call: unit -> 'a) : 'a =
        try
            call ()
        with
        | :? ShapeException
        | :? DTypeException -> reraise ()
        | error -> raise (ArgumentException($"opaque '{name}': its {what} failed: {error.Message}", error))

    /// A function whose result has the element type in which its operands meet.
    new(name, shape, evaluate) =
        OpaqueFunction(
            name,
            shape,
            Func<DType[], DType>(fun types ->
                if types.Length = 0 then
                    DType.Float64
                else
                    Array.reduce (fun a b -> DTypes.Promote(a, b)) types),
            evaluate
        )

    /// The name that messages and pictures show.
    member _.Name = name

    /// The shape of the result, where the first axes of all operands are those of a batch.
    member _.ResultShape(batch: int, operands: Shape[]) : Shape =
        let examples = operands |> Array.map (fun operand -> Shapes.ofSeq (Seq.skip batch operand))
        let result = guarded "shape" (fun () -> shape.Invoke examples)

        if isNull (box result) then
            raise (ArgumentException $"opaque '{name}': its shape is null")

        if batch = 0 then
            result
        else
            Shapes.ofSeq (Seq.append (Seq.take batch operands[0]) result)

    /// The element type of the result.
    member _.ResultType(operands: DType[]) : DType = guarded "element type" (fun () -> dtype.Invoke operands)

    /// The value for values of the operands.
    member _.Evaluate(operands: NDArray[]) : NDArray = evaluate.Invoke operands

    override _.ToString() = $"opaque '{name}'"
