/// Subscripts that were made before, by what they are made of. A program that builds its graph anew every step asks for the
/// same ones again and again: they are made once, and so are their transposes.
module internal Autodiff.FSharp.KnownSubscripts

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

let private capacity = 4096

/// The labels that subscripts are made of.
[<Struct; CustomEquality; NoComparison>]
type private LabelsKey =
    {
        Operands: int[][]
        Result: int[]
        Sizes: int[]
    }

    static member private AreSame(a: int[], b: int[]) = ReadOnlySpan(a).SequenceEqual(ReadOnlySpan b)

    static member private Mix(hash: int, labels: int[]) =
        let mutable mixed = hash * 31 + labels.Length

        for label in labels do
            mixed <- mixed * -1640531535 + label

        mixed

    member private key.HasOperands(others: int[][]) =
        let mutable i = 0

        while i < others.Length && LabelsKey.AreSame(key.Operands[i], others[i]) do
            i <- i + 1

        i = others.Length

    interface IEquatable<LabelsKey> with
        member key.Equals other =
            key.Operands.Length = other.Operands.Length
            && LabelsKey.AreSame(key.Sizes, other.Sizes)
            && LabelsKey.AreSame(key.Result, other.Result)
            && key.HasOperands other.Operands

    override key.Equals other =
        match other with
        | :? LabelsKey as other -> (key :> IEquatable<LabelsKey>).Equals other
        | _ -> false

    override key.GetHashCode() =
        let mutable hash = LabelsKey.Mix(LabelsKey.Mix(0, key.Sizes), key.Result)

        for labels in key.Operands do
            hash <- LabelsKey.Mix(hash, labels)

        hash

/// Something with a list.
[<Struct; CustomEquality; NoComparison>]
type ListKey<'a, 'b> =
    {
        Head: 'a
        List: 'b[]
    }

    interface IEquatable<ListKey<'a, 'b>> with
        member key.Equals other =
            EqualityComparer<'a>.Default.Equals(key.Head, other.Head)
            && ReadOnlySpan(key.List).SequenceEqual(ReadOnlySpan other.List, EqualityComparer<'b>.Default)

    override key.Equals other =
        match other with
        | :? ListKey<'a, 'b> as other -> (key :> IEquatable<ListKey<'a, 'b>>).Equals other
        | _ -> false

    override key.GetHashCode() =
        let mutable hash = HashCode()
        hash.Add key.Head

        for item in key.List do
            hash.Add item

        hash.ToHashCode()

let private byLabels = BoundedCache<LabelsKey, Subscripts> capacity

let private makeOfLabels =
    Func<LabelsKey, Subscripts>(fun key ->
        let lists = key.Operands |> Array.map (fun labels -> labels :> IReadOnlyList<int>)
        let sizes = key.Sizes
        Subscripts.Create(lists, key.Result, (fun label -> sizes[label])))

/// Subscripts with the given labels of operands and result; sizes are by label. The arrays are kept.
let ofLabels (operands: int[][]) (result: int[]) (sizes: int[]) : Subscripts =
    byLabels.GetOrAdd({ Operands = operands; Result = result; Sizes = sizes }, makeOfLabels)

let private byShapes = BoundedCache<struct (Shape * Shape), Subscripts> capacity

let private makeOfShapes =
    Func<struct (Shape * Shape), Subscripts>(fun (struct (source, target)) ->
        let lead = target.Rank - source.Rank
        let fresh axis = target.Rank + axis
        let label axis = if source[axis] = target[axis + lead] then axis + lead else fresh axis
        let sizes = Array.append (target.ToArray()) (Array.create source.Rank 1)
        ofLabels [| Array.init source.Rank label |] [| 0 .. target.Rank - 1 |] sizes)

/// A value of the one shape repeated, as NumPy broadcasts, to the other, which it fits. An axis of size 1 that grows is
/// summed away first.
let ofBroadcast (source: Shape) (target: Shape) : Subscripts = byShapes.GetOrAdd(struct (source, target), makeOfShapes)

let private byText = BoundedCache<ListKey<string, Shape>, Subscripts> capacity

let private makeOfText =
    Func<ListKey<string, Shape>, Subscripts>(fun key -> Subscripts.Parse(key.Head, key.List))

/// Subscripts in NumPy's language for operands of given shapes. Throws EinsumException, which does not name the operands,
/// where they cannot be read or do not fit. The array is kept.
let ofText (text: string) (shapes: Shape[]) : Subscripts = byText.GetOrAdd({ Head = text; List = shapes }, makeOfText)
