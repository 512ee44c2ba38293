using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Vectors of one width, so that a loop is written once and compiled for each: a struct type argument lets the JIT
/// inline every member.
/// </summary>
/// <typeparam name="TVector">Vector128, Vector256 or Vector512 of <typeparamref name="T"/>.</typeparam>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, INumber<T>
{
    /// <summary>The number of elements in a vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Load(T* source);

    /// <summary>Every other element, from the first on: what lies behind the last of them is not read.</summary>
    static abstract TVector LoadEven(T* source);

    /// <summary>Half as many elements as a vector has, at its even places; zeros at the odd ones.</summary>
    static abstract TVector LoadSpread(T* source);

    /// <summary>
    /// The first <paramref name="count"/> elements, fewer than a vector has, and those of another vector behind.
    /// </summary>
    static abstract TVector LoadPart(T* source, nint count, TVector behind);

    static abstract void Store(TVector value, T* target);

    /// <summary>All bits set in the first <paramref name="count"/> elements, fewer than a vector has; none behind.</summary>
    static abstract TVector Mask(nint count);

    /// <summary>The elements that a mask has; zero elsewhere, where memory is not read.</summary>
    static abstract TVector LoadMasked(T* source, TVector mask);

    /// <summary>Stores the elements that a mask has.</summary>
    static abstract void StoreMasked(TVector value, T* target, TVector mask);

    /// <summary>
    /// Stores past the caches, to a target on a boundary of the vector's own size. <see cref="Streaming.Finish"/> ends such
    /// stores.
    /// </summary>
    static abstract void StoreStreaming(TVector value, T* target);

    static abstract TVector Broadcast(T value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a b + c, rounded once where the hardware has a fused multiply-add.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>Adds a b to a sum, rounded as <see cref="MultiplyAdd"/> rounds.</summary>
    static abstract void AddProduct(TVector a, TVector b, ref TVector sum);

    /// <summary>Adds *a b to a sum, rounded as <see cref="MultiplyAdd"/> rounds.</summary>
    static abstract void AddProduct(T* a, TVector b, ref TVector sum);

    /// <summary>The larger of each pair; NaN where one of them is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The smaller of each pair; NaN where one of them is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>All bits set where two elements are equal, as numbers; no bit elsewhere.</summary>
    static abstract TVector Equal(TVector a, TVector b);

    /// <summary>The bits of a where those of the mask are set, those of b elsewhere.</summary>
    static abstract TVector Select(TVector mask, TVector a, TVector b);

    /// <summary>
    /// All elements combined: the lower half with the upper half, element by element, until one is left.
    /// </summary>
    static abstract T Fold<TReduction>(TVector value) where TReduction : struct, IReduction<T>;

    /// <summary>
    /// The same of as many vectors as one has elements, one after the other in memory, where
    /// <see cref="FoldedVectors.IsSupported"/>; of elements of 4 and 8 bytes.
    /// </summary>
    static abstract TVector FoldAll<TReduction>(T* vectors) where TReduction : struct, IReduction<T>;
}
