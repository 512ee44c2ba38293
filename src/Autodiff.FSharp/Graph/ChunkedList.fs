namespace Autodiff.FSharp

open System

/// A list, or a stack, in chunks of at most 2048 elements. The passes over graphs keep what they note in such lists: one
/// array of a million elements would lie among .NET's large objects, which only full collections take back, and a few of
/// them per pass make every collection a full one.
[<Sealed>]
type internal ChunkedList<'T>(capacity: int) =
    static let bits = 11
    static let mask = (1 <<< bits) - 1

    let mutable chunks: 'T[][] = [| Array.zeroCreate (min (max capacity 16) (mask + 1)) |]
    let mutable count = 0

    /// Room for one more element.
    let extend () =
        let chunk = count >>> bits

        if chunk = chunks.Length then
            Array.Resize(&chunks, 2 * chunk)

        let isNew = isNull (box chunks[chunk])
        Array.Resize(&chunks[chunk], (if isNew then mask + 1 else min (4 * chunks[chunk].Length) (mask + 1)))

    /// An empty list.
    new() = ChunkedList 0

    /// A list of so many elements, all zero or null.
    static member Zeros(length: int) : ChunkedList<'T> =
        let list = ChunkedList<'T>()
        list.Lengthen length
        list

    /// A list of so many equal elements.
    static member Filled(length: int, value: 'T) : ChunkedList<'T> =
        let list = ChunkedList<'T>.Zeros length
        list.Fill value
        list

    /// How many elements there are.
    member _.Length = count

    member _.Item
        with get (index: int): 'T = chunks[index >>> bits][index &&& mask]
        and set (index: int) (value: 'T) = chunks[index >>> bits][index &&& mask] <- value

    member _.Add(value: 'T) =
        let chunk, place = count >>> bits, count &&& mask

        if chunk >= chunks.Length || isNull (box chunks[chunk]) || place >= chunks[chunk].Length then
            extend ()

        chunks[chunk][place] <- value
        count <- count + 1

    /// The last element, which is taken away.
    member list.Pop() : 'T =
        count <- count - 1
        list[count]

    /// Takes so many elements away from the end.
    member _.Shorten(by: int) = count <- count - by

    /// The last element.
    member list.Peek() : 'T = list[count - 1]

    /// Appends elements that are zero or null, up to a length. Nothing has been taken from the list before.
    member _.Lengthen(length: int) =
        let needed = max 1 ((length + mask) >>> bits)
        Array.Resize(&chunks, max needed chunks.Length)

        for i in 0 .. needed - 1 do
            Array.Resize(&chunks[i], (if i < needed - 1 then mask + 1 else length - (i <<< bits)))

        count <- length

    /// Makes all elements equal.
    member _.Fill(value: 'T) =
        for chunk in chunks do
            if not (isNull (box chunk)) then
                Array.Fill(chunk, value)

    /// How many chunks hold elements.
    member _.ChunkCount = (count + mask) >>> bits

    /// The elements of a chunk.
    member _.Chunk(chunk: int) : ReadOnlySpan<'T> =
        ReadOnlySpan(chunks[chunk], 0, min (mask + 1) (count - (chunk <<< bits)))

    /// The elements as an array.
    member list.ToArray() : 'T[] =
        let result = Array.zeroCreate count
        let mutable start = 0

        while start < count do
            let size = min (mask + 1) (count - start)
            Array.Copy(chunks[start >>> bits], 0, result, start, size)
            start <- start + size

        result

module internal ChunkedList =

    /// Whether two lists have equal elements.
    let areEqual<'T when 'T :> IEquatable<'T>> (a: ChunkedList<'T>) (b: ChunkedList<'T>) : bool =
        let mutable chunk = 0

        while chunk < a.ChunkCount && a.Length = b.Length && a.Chunk(chunk).SequenceEqual(b.Chunk chunk) do
            chunk <- chunk + 1

        a.Length = b.Length && chunk = a.ChunkCount
