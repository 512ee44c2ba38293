namespace Autodiff.Kernel;

/// <summary>About how long loops take, which tells whether threads gain by them.</summary>
internal static class LoopCost
{
    // Below this much work, setting up the parts and the fork cost more than the second thread saves.
    private const long LeastNanoseconds = 8000;

    // What a vector operation on one element takes, and the way of one element from or to memory.
    private const long OperationPicoseconds = 12, ElementPicoseconds = 60;

    /// <summary>The time of a loop over so many elements on one thread.</summary>
    public static long Nanoseconds(LoopBody body, long elements)
    {
        var views = body.Inputs.Length + body.Outputs.Length;
        return elements * ((body.Code.Weight * OperationPicoseconds) + (views * ElementPicoseconds)) / 1000;
    }

    /// <summary>Whether the first outputs, of so many elements each, are better written past the caches.</summary>
    public static bool Streams(LoopBody body, int outputs, long elements)
    {
        long bytes = 0;
        foreach (var register in body.Outputs[..outputs])
            bytes += body.TypeOf(register).Size();
        return Streaming.Pays(bytes * elements);
    }

    /// <summary>Whether threads gain by work of this length, here and now.</summary>
    public static bool Forks(long nanoseconds) =>
        nanoseconds >= LeastNanoseconds && ComputeThreads.Current > 1 && !ForkJoin.IsHelping;
}
