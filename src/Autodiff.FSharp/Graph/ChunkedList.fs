namespace Autodiff.FSharp

open System

/// The size of full chunks. Literals: every use of a class's `static let` would ask whether it is initialised.
module private Chunks =
    [<Literal>]
    let Bits = 11

    [<Literal>]
    let Size = 2048

/// A list, or a stack, in chunks of at most 2048 elements. The passes over graphs keep what they note in such lists: one
/// array of a million elements would lie among .NET's large objects, which only full collections take back, and a few of
/// them per pass make every collection a full one.
[<Sealed>]
type internal ChunkedList<'T>(capacity: int) =
    let mutable chunks: 'T[][] = [| Array.zeroCreate (min (max capacity 16) Chunks.Size) |]
    let mutable count = 0

    // The chunk in which the last elements are, or which the next one begins, and the number of its first.
    let mutable tail = chunks[0]
    let mutable start = 0

    let tailAt chunk =
        tail <- chunks[chunk]
        start <- chunk <<< Chunks.Bits

    /// Room for one more element.
    let extend () =
        let chunk = count >>> Chunks.Bits

        if chunk = chunks.Length then
            Array.Resize(&chunks, 2 * chunk)

        let size = if isNull (box chunks[chunk]) then 0 else chunks[chunk].Length

        if count - (chunk <<< Chunks.Bits) >= size then
            Array.Resize(&chunks[chunk], (if chunk > 0 then Chunks.Size else min (max 16 (4 * size)) Chunks.Size))

        tailAt chunk

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
        with get (index: int): 'T = chunks[index >>> Chunks.Bits][index &&& (Chunks.Size - 1)]
        and set (index: int) (value: 'T) = chunks[index >>> Chunks.Bits][index &&& (Chunks.Size - 1)] <- value

    /// An element in its place.
    member _.At(index: int) : byref<'T> = &chunks[index >>> Chunks.Bits][index &&& (Chunks.Size - 1)]

    member _.Add(value: 'T) =
        if count - start >= tail.Length then
            extend ()

        tail[count - start] <- value
        count <- count + 1

    /// Takes so many elements away from the end.
    member _.Shorten(by: int) =
        count <- count - by

        if count <= start && start > 0 then
            tailAt (max 0 (count - 1) >>> Chunks.Bits)

    /// The last element in its place, to be changed there.
    member _.Last: byref<'T> = &tail[count - 1 - start]

    /// The last element, which is taken away.
    member list.Pop() : 'T =
        let last = list.Peek()
        list.Shorten 1
        last

    /// The last element.
    member _.Peek() : 'T = tail[count - 1 - start]

    /// Appends elements that are zero or null, up to a length. Nothing has been taken from the list before.
    member _.Lengthen(length: int) =
        let needed = max 1 ((length + Chunks.Size - 1) >>> Chunks.Bits)
        Array.Resize(&chunks, max needed chunks.Length)

        for i in 0 .. needed - 1 do
            Array.Resize(&chunks[i], (if i < needed - 1 then Chunks.Size else length - (i <<< Chunks.Bits)))

        count <- length
        tailAt (needed - 1)

    /// Makes all elements equal.
    member _.Fill(value: 'T) =
        for chunk in chunks do
            if not (isNull (box chunk)) then
                Array.Fill(chunk, value)

    /// How many chunks hold elements.
    member _.ChunkCount = (count + Chunks.Size - 1) >>> Chunks.Bits

    /// The elements of a chunk.
    member _.Chunk(chunk: int) : ReadOnlySpan<'T> =
        ReadOnlySpan(chunks[chunk], 0, min Chunks.Size (count - (chunk <<< Chunks.Bits)))

    /// The elements as an array.
    member list.ToArray() : 'T[] =
        let result = Array.zeroCreate count
        let mutable start = 0

        while start < count do
            let size = min Chunks.Size (count - start)
            Array.Copy(chunks[start >>> Chunks.Bits], 0, result, start, size)
            start <- start + size

        result

module internal ChunkedList =

    /// Whether two lists have equal elements.
    let areEqual<'T when 'T :> IEquatable<'T>> (a: ChunkedList<'T>) (b: ChunkedList<'T>) : bool =
        let mutable chunk = 0

        while chunk < a.ChunkCount && a.Length = b.Length && a.Chunk(chunk).SequenceEqual(b.Chunk chunk) do
            chunk <- chunk + 1

        a.Length = b.Length && chunk = a.ChunkCount
