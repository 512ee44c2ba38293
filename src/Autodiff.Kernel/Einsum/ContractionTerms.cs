namespace Autodiff.Kernel;

/// <summary>
/// The terms of a contraction while it goes on: which distinct labels, in rising order, each has, and which of them are
/// still needed. A label that only one operand has, and not the result, is summed before anything else.
/// </summary>
internal sealed class ContractionTerms
{
    private readonly Subscripts subscripts;
    private readonly List<int[]?> terms = [];
    private readonly int[] holders;

    public ContractionTerms(Subscripts subscripts)
    {
        this.subscripts = subscripts;
        holders = new int[subscripts.LabelCount];
        foreach (var label in subscripts.ResultLabels.Distinct())
            holders[label]++;
        for (var operand = 0; operand < subscripts.OperandCount; operand++)
        {
            int[] labels = [.. subscripts.OperandLabels(operand).Distinct().Order()];
            terms.Add(labels);
            foreach (var label in labels)
                holders[label]++;
        }

        for (var operand = 0; operand < terms.Count; operand++)
            terms[operand] = [.. terms[operand]!.Where(label => holders[label] > 1)];
    }

    /// <summary>The number of terms so far.</summary>
    public int Count => terms.Count;

    /// <summary>The labels of a term, after those that it alone has were summed.</summary>
    public int[] this[int term] => terms[term]!;

    /// <summary>Whether a term has not been contracted.</summary>
    public bool IsLive(int term) => terms[term] is not null;

    /// <summary>The labels of two terms' product: those that another term or the result still needs.</summary>
    public int[] Product(int left, int right)
    {
        var (a, b) = (this[left], this[right]);
        return [.. Union(a, b).Where(label => holders[label] > Uses(a, label) + Uses(b, label))];

        static int Uses(int[] term, int label) => Array.BinarySearch(term, label) >= 0 ? 1 : 0;
    }

    /// <summary>Replaces two terms by their product; its number.</summary>
    public int Contract(int left, int right)
    {
        var product = Product(left, right);
        foreach (var label in this[left])
            holders[label]--;
        foreach (var label in this[right])
            holders[label]--;
        foreach (var label in product)
            holders[label]++;
        (terms[left], terms[right]) = (null, null);
        terms.Add(product);
        return terms.Count - 1;
    }

    /// <summary>The number of elements of an array with these labels.</summary>
    public double Size(int[] labels) => labels.Aggregate(1.0, (size, label) => size * subscripts.Sizes[label]);

    /// <summary>The labels in either of two rising lists.</summary>
    public static int[] Union(int[] a, int[] b)
    {
        var union = new List<int>(a.Length + b.Length);
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
            if (j == b.Length || (i < a.Length && a[i] < b[j]))
                union.Add(a[i++]);
            else
            {
                if (i < a.Length && a[i] == b[j])
                    i++;
                union.Add(b[j++]);
            }

        return [.. union];
    }
}
