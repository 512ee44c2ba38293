namespace Autodiff.FSharp

open System
open Autodiff

/// Arrays of one number. Formulas hold the same few numbers again and again, so each thread keeps those it met last.
[<AbstractClass; Sealed>]
type internal Numbers private () =

    [<ThreadStatic; DefaultValue>]
    static val mutable private recent: NDArray[]

    /// The place of a number's bits among 64; those of each type have a half of the table.
    static member private Slot(bits: uint64) = int ((bits * 0x9E3779B97F4A7C15UL) >>> 58)

    static member private Recent =
        if isNull (box Numbers.recent) then
            Numbers.recent <- Array.zeroCreate 128

        Numbers.recent

    /// A Float64 array of rank 0.
    static member Of(x: float) : NDArray =
        let bits = BitConverter.DoubleToUInt64Bits x
        let slot = &Numbers.Recent[Numbers.Slot bits]

        if isNull (box slot) || BitConverter.DoubleToUInt64Bits(slot.Item<float>()) <> bits then
            slot <- NDArray.Scalar x

        slot

    /// A Float32 array of rank 0.
    static member Of(x: float32) : NDArray =
        let bits = BitConverter.SingleToUInt32Bits x
        let slot = &Numbers.Recent[64 + Numbers.Slot(uint64 bits)]

        if isNull (box slot) || BitConverter.SingleToUInt32Bits(slot.Item<float32>()) <> bits then
            slot <- NDArray.Scalar x

        slot

    /// An array of rank 0 of a type.
    static member Of(x: float, dtype: DType) : NDArray =
        match dtype with
        | DType.Float64 -> Numbers.Of x
        | DType.Float32 -> Numbers.Of(float32 x)
        | _ -> (Numbers.Of x).AsType dtype

    /// The elements converted to another type, from which those of numbers are met again.
    static member Convert(value: NDArray, dtype: DType) : NDArray =
        if value.Rank = 0 && value.DType = DType.Float64 && dtype = DType.Float32 then
            Numbers.Of(float32 (value.Item<float>()))
        else
            value.AsType dtype
