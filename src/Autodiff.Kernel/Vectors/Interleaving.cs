using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Elements a few places apart, or in the opposite order, moved by vectors: some consecutive vectors are read, and
/// permutations bring every stride-th element of them into one; or one is spread over as many, which are stored where it
/// has elements and nowhere else.
/// </summary>
/// <remarks>
/// Lanes are of 32 bits, so that elements of 64 are two neighbours. The tables of a stride say for each of its vectors
/// which lane goes where. Some lanes alone are stored by AVX-512 only.
/// </remarks>
internal static unsafe class Interleaving
{
    // In lanes. Beyond it permutations take as long as the loads of single elements, by half as wide vectors sooner.
    private const int MostStride = 6, MostStrideOfPicks = 4;

    // A store of some lanes takes as long as two of single elements.
    private const int MostStrideOfStores = 3;

    private const int Lane = sizeof(int);

    private static readonly int[][] JoinTables = Tables(Vector512<int>.Count, Joined);
    private static readonly int[][] PickTables = Tables(Vector256<int>.Count, Picked);
    private static readonly int[][] SpreadTables = Tables(Vector512<int>.Count, Spread);

    /// <summary>
    /// Collects every stride-th element from the first on, or all from the last on, and says whether it did: not where they
    /// are fewer than a vector has, or too far apart. What lies behind the last of <paramref name="count"/> elements is not
    /// read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGather<T>(T* source, nint stride, nint count, T* target) where T : unmanaged
    {
        if (stride is -1 or > 1 && sizeof(T) >= Lane && count >= Vector256<T>.Count)
            return stride > 1 ? TryCollect(source, stride, count, target) : Reverse(source, count, target);
        return false;
    }

    /// <summary>The elements some places apart, by the widest vectors that there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryCollect<T>(T* source, nint stride, nint count, T* target) where T : unmanaged
    {
        var isJoined = Avx512F.IsSupported && stride * sizeof(T) <= MostStride * Lane && count >= Vector512<T>.Count;
        var isPicked = !Avx512F.IsSupported && Avx2.IsSupported && stride * sizeof(T) <= MostStrideOfPicks * Lane;
        if (isJoined)
            Collect<Join>((byte*)source, (int)stride, count, (byte*)target, sizeof(T));
        else if (isPicked)
            Collect<Pick>((byte*)source, (int)stride, count, (byte*)target, sizeof(T));
        return isJoined || isPicked;
    }

    /// <summary>
    /// Stores consecutive elements to every stride-th place, as far as whole vectors go, and says how many those are. What
    /// lies between is not written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Scatter<T>(T* source, nint count, T* target, nint stride) where T : unmanaged =>
        Avx512F.IsSupported && sizeof(T) == Lane && stride is > 1 and <= MostStrideOfStores
            ? Spread((byte*)source, count, (byte*)target, (int)stride)
            : 0;

    /// <summary>Elements from the last to the first; the last vector overlaps the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Reverse<T>(T* source, nint count, T* target) where T : unmanaged
    {
        nint lanes = Vector256<T>.Count, last = count - lanes;
        for (nint i = 0; i < last; i += lanes)
            Reversed(source - i - lanes + 1).Store(target + i);
        Reversed(source - last - lanes + 1).Store(target + last);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Reversed<T>(T* source) where T : unmanaged
    {
        var vector = Vector256.Load(source);
        return sizeof(T) == Lane
            ? Vector256.Shuffle(vector.AsInt32(), Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0)).As<int, T>()
            : Vector256.Shuffle(vector.AsInt64(), Vector256.Create(3, 2, 1, 0L)).As<long, T>();
    }

    /// <summary>
    /// Block by block. The last vector of a block ends with the last element that is wanted, and the last block with the last
    /// of all: it overlaps the one before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Collect<TBlock>(byte* source, int stride, nint count, byte* target, int size)
        where TBlock : struct, IBlock
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(TBlock.Tables[Table(stride, size)]);
        nint lanes = TBlock.Bytes / size, last = (stride - 1) * (TBlock.Bytes - size);
        while (true)
        {
            TBlock.Collect(source, stride, last, target, ref table);
            count -= lanes;
            if (count <= 0)
                return;
            var next = nint.Min(lanes, count);
            count += lanes - next;
            source += next * stride * size;
            target += next * size;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Spread(byte* source, nint count, byte* target, int stride)
    {
        const int bytes = 64;
        nint lanes = bytes / Lane, done = 0;
        ref var table = ref MemoryMarshal.GetArrayDataReference(SpreadTables[stride]);
        for (; done + lanes <= count; done += lanes)
        {
            var elements = Vector512.Load((int*)source);
            for (var k = 0; k < stride; k++)
            {
                var places = Vector512.LoadUnsafe(ref table, (nuint)(k * bytes / Lane));
                Avx512F.MaskStore(
                    (int*)(target + (k * bytes)), ~Vector512.IsNegative(places), Avx512F.PermuteVar16x32(elements, places));
            }

            source += bytes;
            target += stride * bytes;
        }

        return done;
    }

    /// <summary>The table for a stride of elements of a size.</summary>
    private static int Table(int stride, int size) => size == Lane ? stride : MostStride + stride;

    /// <summary>For each stride and size the lanes of its vectors.</summary>
    /// <param name="lanes">The lanes of a vector.</param>
    /// <param name="of">What stands for a vector, by its number, and a lane, where elements of some lanes are some steps apart.</param>
    private static int[][] Tables(int lanes, Func<Steps, int, int, int> of)
    {
        var tables = new int[(MostStride * 3 / 2) + 1][];
        for (var stride = 2; stride <= MostStride; stride++)
            tables[stride] = Of(new Steps(lanes, stride, 1));
        for (var stride = 2; stride <= MostStride / 2; stride++)
            tables[MostStride + stride] = Of(new Steps(lanes, stride, 2));
        return tables;

        int[] Of(Steps steps) =>
            [.. Enumerable.Range(0, steps.Stride * lanes).Select(place => of(steps, place / lanes, place % lanes))];
    }

    /// <summary>The lane of vector k that goes to a lane of the result; none where that is of another vector.</summary>
    private static int Picked(Steps steps, int k, int lane)
    {
        var (vector, place) = steps.Source(lane);
        return vector == k ? place : -1;
    }

    /// <summary>The lane that goes there, of the first vectors joined so far or, behind their lanes, of vector k.</summary>
    private static int Joined(Steps steps, int k, int lane)
    {
        var (vector, place) = steps.Source(lane);
        if (vector == k)
            return steps.Lanes + place;
        return k == 1 ? place : lane;
    }

    /// <summary>The lane that goes to a lane of vector k, of those that a vector is spread over; none where none goes.</summary>
    private static int Spread(Steps steps, int k, int lane)
    {
        var (element, between) = Math.DivRem((k * steps.Lanes) + lane, steps.Stride);
        return between == 0 ? element : -1;
    }

    /// <summary>How a block is collected: as many elements as a vector has, from stride vectors.</summary>
    private interface IBlock
    {
        /// <summary>The bytes of a vector.</summary>
        static abstract int Bytes { get; }

        /// <summary>For each stride and size the lanes of its vectors.</summary>
        static abstract int[][] Tables { get; }

        /// <summary>Collects a block, whose last vector begins some bytes behind the first.</summary>
        static abstract void Collect(byte* source, int stride, nint last, byte* target, ref int table);
    }

    /// <summary>Two vectors are joined to one, and that with the next, until it has an element in every place.</summary>
    private readonly struct Join : IBlock
    {
        public static int Bytes => Vector512<byte>.Count;

        public static int[][] Tables => JoinTables;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Collect(byte* source, int stride, nint last, byte* target, ref int table)
        {
            var joined = Vector512.Load((int*)source);
            nuint k = 1;
            for (; k < (nuint)stride - 1; k++)
                joined = Next(joined, ref table, k, source + (k * (nuint)Bytes));
            Next(joined, ref table, k, source + last).Store((int*)target);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<int> Next(Vector512<int> joined, ref int table, nuint k, byte* source) =>
            Avx512F.PermuteVar16x32x2(
                joined, Vector512.LoadUnsafe(ref table, k * (nuint)Vector512<int>.Count), Vector512.Load((int*)source));
    }

    /// <summary>Vectors of half the size, whose lanes are picked one vector after the other.</summary>
    private readonly struct Pick : IBlock
    {
        public static int Bytes => Vector256<byte>.Count;

        public static int[][] Tables => PickTables;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Collect(byte* source, int stride, nint last, byte* target, ref int table)
        {
            var picked = Vector256<int>.Zero;
            for (var k = 0; k < stride; k++)
            {
                var places = Vector256.LoadUnsafe(ref table, (nuint)(k * Vector256<int>.Count));
                var vector = Vector256.Load((int*)(source + (k == stride - 1 ? last : k * Bytes)));
                picked = Vector256.ConditionalSelect(
                    Vector256.IsNegative(places), picked, Avx2.PermuteVar8x32(vector, places));
            }

            picked.Store((int*)target);
        }
    }

    /// <summary>Elements some steps apart, in vectors.</summary>
    /// <param name="Lanes">The lanes of a vector.</param>
    /// <param name="Stride">How many elements apart they are.</param>
    /// <param name="Width">The lanes of an element.</param>
    private readonly record struct Steps(int Lanes, int Stride, int Width)
    {
        /// <summary>
        /// The vector, and the lane in it, from which a lane of the collected elements comes. The last vector begins early, to
        /// end with the last element.
        /// </summary>
        public (int Vector, int Lane) Source(int lane)
        {
            var (vector, place) = Math.DivRem((lane / Width * Stride * Width) + (lane % Width), Lanes);
            return (vector, vector == Stride - 1 ? place + ((Stride - 1) * Width) : place);
        }
    }
}
