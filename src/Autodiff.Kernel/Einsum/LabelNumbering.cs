using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>Numbers labels by first occurrence. There are few as a rule, and these are looked for one by one.</summary>
/// <param name="sizeOf">The size of each label.</param>
internal sealed class LabelNumbering(Func<int, int> sizeOf)
{
    private const int Few = 16;

    private readonly List<int> labels = [];
    private readonly List<int> sizes = [];
    private Dictionary<int, int>? numbers;

    /// <summary>The size of each number so far.</summary>
    public ImmutableArray<int> Sizes => [.. sizes];

    public ImmutableArray<int> Renumber(IReadOnlyList<int> list)
    {
        var result = new int[list.Count];
        for (var axis = 0; axis < result.Length; axis++)
            result[axis] = NumberOf(list[axis]);
        return ImmutableCollectionsMarshal.AsImmutableArray(result);
    }

    private int NumberOf(int label)
    {
        var known = numbers is null ? labels.IndexOf(label) : numbers.GetValueOrDefault(label, -1);
        if (known >= 0)
            return known;
        labels.Add(label);
        sizes.Add(sizeOf(label));
        numbers?.Add(label, labels.Count - 1);
        if (numbers is null && labels.Count > Few)
            numbers = labels.Select((other, number) => (other, number)).ToDictionary();
        return labels.Count - 1;
    }
}
