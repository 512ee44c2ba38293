using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// A contraction order for many operands: again and again the pair that shares a label and whose product is the
/// smallest compared with what it replaces; at the end, what shares no label, the smallest first.
/// </summary>
internal sealed class GreedyPath
{
    // A term is paired with so many others that share one label with it; more would take quadratic time.
    private const int MaxPartners = 16;

    private readonly ContractionTerms terms;
    private readonly List<int>[] holders;
    private readonly PriorityQueue<(int Left, int Right), (double Growth, int Left, int Right)> candidates = new();
    private readonly ImmutableArray<(int, int)>.Builder pairs = ImmutableArray.CreateBuilder<(int, int)>();

    private GreedyPath(Subscripts subscripts)
    {
        terms = new ContractionTerms(subscripts);
        holders = [.. Enumerable.Range(0, subscripts.LabelCount).Select(_ => new List<int>())];
    }

    public static ImmutableArray<(int, int)> Find(Subscripts subscripts)
    {
        var path = new GreedyPath(subscripts);
        path.ContractSharing();
        path.ContractRest();
        return path.pairs.ToImmutable();
    }

    private void ContractSharing()
    {
        var operands = terms.Count;
        for (var term = 0; term < operands; term++)
            Add(term);
        while (candidates.TryDequeue(out var pair, out _))
            if (terms.IsLive(pair.Left) && terms.IsLive(pair.Right))
                Add(Contract(pair.Left, pair.Right));
    }

    private void ContractRest()
    {
        var rest = new PriorityQueue<int, (double Size, int Term)>();
        for (var term = 0; term < terms.Count; term++)
            if (terms.IsLive(term))
                rest.Enqueue(term, (terms.Size(terms[term]), term));
        while (rest.Count > 1)
        {
            var product = Contract(rest.Dequeue(), rest.Dequeue());
            rest.Enqueue(product, (terms.Size(terms[product]), product));
        }
    }

    /// <summary>Pairs a new term with terms that share a label with it.</summary>
    private void Add(int term)
    {
        foreach (var label in terms[term])
        {
            holders[label].RemoveAll(holder => !terms.IsLive(holder));
            foreach (var partner in holders[label].TakeLast(MaxPartners))
                candidates.Enqueue((partner, term), (Growth(partner, term), partner, term));
            holders[label].Add(term);
        }
    }

    private double Growth(int left, int right) =>
        terms.Size(terms.Product(left, right)) - terms.Size(terms[left]) - terms.Size(terms[right]);

    private int Contract(int left, int right)
    {
        pairs.Add((left, right));
        return terms.Contract(left, right);
    }
}
