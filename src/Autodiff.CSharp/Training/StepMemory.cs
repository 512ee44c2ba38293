namespace Autodiff.CSharp;

/// <summary>
/// The state of training in arrays of its own. A step writes each new array over the old one where the plan allows it, and
/// else to a second array, after which the two change places: a step allocates nothing for the state.
/// </summary>
internal sealed class StepMemory
{
    private readonly OwnedArray[] now;
    private readonly OwnedArray?[] next;

    public StepMemory(IEnumerable<Node> state)
    {
        now = [.. state.Select(node => OwnedArray.Create(node.Shape, node.DType))];
        next = new OwnedArray?[now.Length];
    }

    public int Count => now.Length;

    /// <summary>An array as it is now, for a run's eyes only.</summary>
    public NDArray Value(int index) => now[index].Value;

    /// <summary>Where a step writes an array of the state after it.</summary>
    public ResultBuffer Target(int index, bool inPlace)
    {
        if (inPlace)
            return now[index].Target;
        next[index] ??= OwnedArray.Create(now[index].Value.Shape, now[index].Value.DType);
        return next[index]!.Target;
    }

    /// <summary>The step was taken: what it wrote is the state.</summary>
    public void Advance(int index, bool inPlace)
    {
        if (!inPlace)
            (now[index], next[index]) = (next[index]!, now[index]);
    }

    public void Load(int index, NDArray value) => now[index].CopyFrom(value);

    /// <summary>Copies of the arrays, which never change.</summary>
    public NDArray[] Snapshot() => Array.ConvertAll(now, array => array.Snapshot());
}
