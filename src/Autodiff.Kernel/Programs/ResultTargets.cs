namespace Autodiff.Kernel;

/// <summary>Runs a program into memory of the caller's, after a look at whether the results fit there.</summary>
internal static class ResultTargets
{
    /// <summary>Into arrays, one for each result.</summary>
    public static void Run(
        Program program, ReadOnlySpan<NDArray> arguments, ReadOnlySpan<ResultBuffer> targets, CancellationToken cancellation)
    {
        CheckCount(program, targets.Length);
        for (var i = 0; i < targets.Length; i++)
            Check(program, i, targets[i].DType, targets[i].Length);
        Executor.RunInto(program, arguments, new Buffers(targets), cancellation);
    }

    /// <summary>Into a span, the only result.</summary>
    public static unsafe void Run<T>(
        Program program, ReadOnlySpan<NDArray> arguments, Span<T> first, CancellationToken cancellation)
        where T : unmanaged
    {
        CheckCount(program, 1);
        fixed (T* start = first)
            Executor.RunInto(program, arguments, new Storages([Pinned(program, 0, start, first.Length)]), cancellation);
    }

    /// <summary>Into two spans.</summary>
    public static unsafe void Run<T>(
        Program program, ReadOnlySpan<NDArray> arguments, Span<T> first, Span<T> second, CancellationToken cancellation)
        where T : unmanaged
    {
        CheckCount(program, 2);
        fixed (T* start0 = first, start1 = second)
        {
            var storages = new Storages(
                [Pinned(program, 0, start0, first.Length), Pinned(program, 1, start1, second.Length)]);
            Executor.RunInto(program, arguments, storages, cancellation);
        }
    }

    /// <summary>Into three spans.</summary>
    public static unsafe void Run<T>(
        Program program,
        ReadOnlySpan<NDArray> arguments,
        Span<T> first,
        Span<T> second,
        Span<T> third,
        CancellationToken cancellation)
        where T : unmanaged
    {
        CheckCount(program, 3);
        fixed (T* start0 = first, start1 = second, start2 = third)
        {
            var storages = new Storages(
                [
                    Pinned(program, 0, start0, first.Length), Pinned(program, 1, start1, second.Length),
                    Pinned(program, 2, start2, third.Length),
                ]);
            Executor.RunInto(program, arguments, storages, cancellation);
        }
    }

    private static unsafe Storage Pinned<T>(Program program, int result, T* start, int length) where T : unmanaged
    {
        Check(program, result, DTypes.Of<T>(), length);
        return Storage.Pinned(start, (nint)length * sizeof(T));
    }

    private static void CheckCount(Program program, int count)
    {
        if (count != program.Results.Length)
            throw new ArgumentException(
                $"RunInto: the function has {program.Results.Length} results, there are {count} places for them");
    }

    private static void Check(Program program, int result, DType dtype, int length)
    {
        var (number, shape) = program.Results[result];
        var expected = program.Buffers[number].DType;
        if (dtype != expected)
            throw new DTypeException($"RunInto: result {result} is {expected}, the place for it {dtype}");
        if (length != shape.Size)
            throw new ShapeException(
                $"RunInto: result {result} has shape {shape}, {shape.Size} elements, the place for it {length}");
    }

    /// <summary>Arrays of the caller's.</summary>
    private readonly ref struct Buffers(ReadOnlySpan<ResultBuffer> targets) : ITargets
    {
        private readonly ReadOnlySpan<ResultBuffer> targets = targets;

        public Storage this[int result] => targets[result].Storage;
    }

    /// <summary>Memory that is pinned.</summary>
    private readonly ref struct Storages(ReadOnlySpan<Storage> targets) : ITargets
    {
        private readonly ReadOnlySpan<Storage> targets = targets;

        public Storage this[int result] => targets[result];
    }
}
