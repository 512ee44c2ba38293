using System.Runtime;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Large arrays that nothing refers to any more, for the next ones of their length. A fresh page costs a fault, which takes
/// longer than most computations on it, and the collector soon gives the memory of large arrays back to the system.
/// </summary>
/// <remarks>
/// An array is handed out with a lease, which dies with it: whoever holds the elements, by an object or by a span, keeps
/// both alive. The lease's finaliser brings the array back. The first array of a length has none: what is made once costs
/// no more than any array.
/// </remarks>
internal static class RecycledArrays<T> where T : unmanaged
{
    /// <summary>Finalisers begin soon after a collection; to wait for them is worth less than a few hundred pages.</summary>
    private const int PatienceMilliseconds = 1;

    private static readonly Dictionary<int, Shelf> Shelves = [];

    static RecycledArrays() => AfterCollections.Do(Trim);

    /// <summary>An array of this length that nobody else can reach.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="isZeroed">Whether they are zero; undefined elsewhere.</param>
    public static T[] Take(int length, bool isZeroed)
    {
        var bytes = (long)length * Unsafe.SizeOf<T>();
        if (bytes > RecycledMemory.MostBytesOfOne || IsFirst(length))
            return Fresh(length, isZeroed);
        if (CollectionPace.Take(bytes))
            Await(length);
        if (Find(length) is not { } lease)
            return new Lease(Fresh(length, isZeroed)).Begin();
        var array = lease.BeginAgain();
        if (isZeroed)
            Array.Clear(array);
        return array;
    }

    /// <summary>Whether nobody has asked for arrays of this length in a while.</summary>
    private static bool IsFirst(int length)
    {
        lock (Shelves)
        {
            if (Shelves.ContainsKey(length))
                return false;
            Shelves.Add(length, new Shelf());
            return true;
        }
    }

    private static void Await(int length) => SpinWait.SpinUntil(() => IsFree(length), PatienceMilliseconds);

    private static bool IsFree(int length)
    {
        lock (Shelves)
            return Shelves.TryGetValue(length, out var shelf) && shelf.Count > 0;
    }

    private static Lease? Find(int length)
    {
        lock (Shelves)
        {
            var lease = Shelves.TryGetValue(length, out var shelf) ? shelf.Take() : null;
            if (lease is not null)
                RecycledMemory.Remove(lease.Bytes);
            return lease;
        }
    }

    private static void Return(Lease lease)
    {
        lock (Shelves)
        {
            if (Shelves.TryGetValue(lease.Length, out var shelf) && RecycledMemory.TryAdd(lease.Bytes))
                shelf.Put(lease);
        }
    }

    private static void Trim()
    {
        var isShort = MemoryLoad.IsHigh;
        lock (Shelves)
        {
            foreach (var (length, shelf) in Shelves)
            {
                if (!shelf.Trim(isShort))
                    Shelves.Remove(length);
            }
        }
    }

    private static T[] Fresh(int length, bool isZeroed) =>
        isZeroed ? new T[length] : GC.AllocateUninitializedArray<T>(length);

    /// <summary>The arrays of one length that are free, the last that came back first: the caches may hold it yet.</summary>
    private sealed class Shelf
    {
        private Lease? first;
        private int idle;
        private int idleBefore;
        private bool isAsked = true;

        public int Count { get; private set; }

        public Lease? Take()
        {
            isAsked = true;
            if (Count == 0)
                return null;
            var lease = Pop();
            idle = int.Min(idle, Count);
            return lease;
        }

        public void Put(Lease lease)
        {
            lease.Next = first;
            first = lease;
            Count++;
        }

        /// <summary>
        /// Lets as many go as were wanted neither since the last time nor before it. False where nobody has asked for this
        /// length since, and none is left.
        /// </summary>
        /// <param name="isMemoryShort">Whether all go.</param>
        public bool Trim(bool isMemoryShort)
        {
            for (var rest = isMemoryShort ? Count : int.Min(idle, idleBefore); rest > 0; rest--)
                RecycledMemory.Remove(Pop().Bytes);
            (idleBefore, idle) = (idle, Count);
            var isUsed = isAsked || Count > 0;
            isAsked = false;
            return isUsed;
        }

        private Lease Pop()
        {
            var lease = first!;
            first = lease.Next;
            lease.Next = null;
            Count--;
            return lease;
        }
    }

    /// <summary>Keeps an array from being forgotten: alive for as long as it, and brings it back.</summary>
    private sealed class Lease(T[] array)
    {
        private DependentHandle handle;

        public Lease? Next { get; set; }

        public int Length => array.Length;

        public long Bytes => (long)array.Length * Unsafe.SizeOf<T>();

        public T[] Begin()
        {
            handle = new DependentHandle(array, this);
            return array;
        }

        public T[] BeginAgain()
        {
            GC.ReRegisterForFinalize(this);
            return Begin();
        }

        ~Lease()
        {
            handle.Dispose();
            Return(this);
        }
    }
}
