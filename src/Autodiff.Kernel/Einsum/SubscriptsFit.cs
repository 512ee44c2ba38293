namespace Autodiff.Kernel;

/// <summary>Fits subscripts that were read to the shapes of operands.</summary>
/// <remarks>
/// Letters become labels by their code, the axes of <c>...</c>, counted from the last, labels below zero. An axis of
/// size 1 whose label is larger elsewhere gets a label of its own, which is summed away.
/// </remarks>
internal sealed class SubscriptsFit(
    SubscriptsText text, IReadOnlyList<Shape> shapes, IReadOnlyList<string?>? names)
{
    private const int FirstFresh = char.MaxValue + 1;

    private readonly Dictionary<int, int> sizes = [];

    // Where each label got its size.
    private readonly Dictionary<int, int> sources = [];

    public Subscripts Fit()
    {
        if (text.Operands.Length != shapes.Count)
            throw Error($"there are {text.Operands.Length} operands in the subscripts, but {shapes.Count} were given");
        var operands = text.Operands.Select(OperandLabels).ToArray();
        for (var operand = 0; operand < operands.Length; operand++)
            AddSizes(operand, operands[operand]);
        var result = ResultLabels();
        for (var operand = 0; operand < operands.Length; operand++)
            Separate(operand, operands[operand]);
        return Subscripts.Create(operands, result, label => sizes[label]);
    }

    /// <summary>A label for each axis of an operand.</summary>
    private int[] OperandLabels(SubscriptsTerm term, int operand)
    {
        var rank = shapes[operand].Rank;
        if (term.HasEllipsis ? rank < term.Labels.Length : rank != term.Labels.Length)
            throw Error(
                $"{Describe(operand)} has {rank} axes, but its subscripts \"{Written(term)}\" stand for {(term.HasEllipsis ? "at least " : "")}{term.Labels.Length}");
        return Expand(term, rank - term.Labels.Length);
    }

    private static int[] Expand(SubscriptsTerm term, int ellipsisRank)
    {
        var labels = term.Labels.Select(letter => (int)letter).ToArray();
        return term.HasEllipsis
            ? [.. labels[..term.Ellipsis], .. Enumerable.Range(-ellipsisRank, ellipsisRank), .. labels[term.Ellipsis..]]
            : labels;
    }

    /// <summary>
    /// Notes the sizes of an operand's labels: within the operand they are equal, elsewhere 1 gives way.
    /// </summary>
    private void AddSizes(int operand, int[] labels)
    {
        for (var axis = 0; axis < labels.Length; axis++)
        {
            var (label, size) = (labels[axis], shapes[operand][axis]);
            var first = Array.IndexOf(labels, label);
            if (shapes[operand][first] != size)
                throw Error($"label {(char)label} is {shapes[operand][first]} and {size} in {Describe(operand)}");
            if (!sizes.TryGetValue(label, out var known) || known == 1)
                (sizes[label], sources[label]) = (size, operand);
            else if (size != known && size != 1)
                throw Error(
                    $"{Name(label)} is {known} in {Describe(sources[label])} but {size} in {Describe(operand)}");
        }
    }

    private int[] ResultLabels()
    {
        var ellipsisRank = -sizes.Keys.DefaultIfEmpty(0).Min(label => Math.Min(label, 0));
        if (text.Result is null)
            return [.. Enumerable.Range(-ellipsisRank, ellipsisRank), .. ImpliedLabels()];
        if (!text.Result.HasEllipsis && ellipsisRank > 0)
            throw Error($"the result has no '...', which stands for {ellipsisRank} axes of the operands");
        return Expand(text.Result, ellipsisRank);
    }

    /// <summary>The letters that occur once in all operands together, in the order of their codes.</summary>
    private IEnumerable<int> ImpliedLabels() =>
        text.Operands.SelectMany(term => term.Labels).GroupBy(letter => letter)
            .Where(group => group.Count() == 1).Select(group => (int)group.Key).Order();

    /// <summary>Gives each axis of size 1 whose label is not 1 elsewhere a label of its own.</summary>
    private void Separate(int operand, int[] labels)
    {
        for (var axis = 0; axis < labels.Length; axis++)
        {
            if (shapes[operand][axis] != 1 || sizes[labels[axis]] == 1)
                continue;
            labels[axis] = FirstFresh + sizes.Count;
            sizes.Add(labels[axis], 1);
        }
    }

    private static string Name(int label) =>
        label < 0 ? $"the axis of '...' that is number {-label} from its end" : $"label {(char)label}";

    private static string Written(SubscriptsTerm term) =>
        term.HasEllipsis ? term.Labels.Insert(term.Ellipsis, "...") : term.Labels;

    private string Describe(int operand) =>
        names is not null && operand < names.Count && names[operand] is { } name
            ? $"operand {operand} '{name}' {shapes[operand]}"
            : $"operand {operand} {shapes[operand]}";

    private EinsumException Error(string problem) => new($"einsum \"{text.Text}\": {problem}");
}
