namespace Autodiff.Kernel;

/// <summary>
/// Which matrix of a batch, the first of all, has no factorisation or no solution, and where it failed: one number, that
/// of the matrix in the upper half, which the threads lower as they find failures.
/// </summary>
internal static unsafe class Failures
{
    /// <summary>The number while there is no failure.</summary>
    public const long None = long.MaxValue;

    /// <summary>Keeps a failure if no earlier matrix has one.</summary>
    public static void Report(long* failure, int item, int place)
    {
        var found = ((long)item << 32) + place;
        for (var known = Volatile.Read(ref *failure); found < known;)
        {
            var before = Interlocked.CompareExchange(ref *failure, found, known);
            if (before == known)
                return;
            known = before;
        }
    }

    /// <summary>The matrix that failed.</summary>
    public static int Item(long failure) => (int)(failure >> 32);

    /// <summary>Where it failed.</summary>
    public static int Place(long failure) => (int)failure;
}
