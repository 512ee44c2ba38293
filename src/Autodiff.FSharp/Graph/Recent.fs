namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel

/// What was made of a source for an element type and a shape, in a scope.
[<Struct; NoEquality; NoComparison>]
type private RecentEntry<'made> =
    { Source: int64; DType: DType; Shape: Shape; Scope: string | null; Made: 'made voption }

/// What was made lately, in a table of a fixed size in which the newer displaces the older.
[<Sealed>]
type internal Recent<'made>() =
    let entries: RecentEntry<'made>[] = Array.zeroCreate 64

    let slot (source: int64) (dtype: DType) (shape: Shape) =
        let mutable hash = (4UL * uint64 source + uint64 dtype) * 0x9E3779B97F4A7C15UL

        for axis in 0 .. shape.Rank - 1 do
            hash <- ((hash >>> 7) ^^^ uint64 shape[axis]) * 0x9E3779B97F4A7C15UL

        int (hash >>> 58)

    /// What was made of a source, which a number stands for, in the present scope, if that is still known.
    member _.Find(source: int64, dtype: DType, shape: Shape) : 'made voption =
        let entry = &entries[slot source dtype shape]

        if
            entry.Made.IsSome
            && entry.Source = source
            && entry.DType = dtype
            && shape.Equals entry.Shape
            && String.Equals(entry.Scope, Scope.Current)
        then
            entry.Made
        else
            ValueNone

    /// Gives from here on something else in the place of what was made.
    member _.Replace(made: 'made, other: 'made) =
        for i in 0 .. entries.Length - 1 do
            if entries[i].Made.IsSome && Object.ReferenceEquals(entries[i].Made.Value, made) then
                entries[i] <- { entries[i] with Made = ValueSome other }

    /// Keeps what was made, and gives it.
    member _.Keep(source: int64, dtype: DType, shape: Shape, made: 'made) : 'made =
        entries[slot source dtype shape] <-
            { Source = source; DType = dtype; Shape = shape; Scope = Scope.Current; Made = ValueSome made }

        made
