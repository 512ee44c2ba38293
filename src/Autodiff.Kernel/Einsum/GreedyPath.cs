using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>
/// A contraction order for many operands: again and again the pair that shares a label and whose product is the
/// smallest compared with what it replaces; at the end, what shares no label, the smallest first. The best of several
/// tries, of which all but the first see each comparison through noise: it breaks the choices that look good and are not.
/// </summary>
/// <remarks>The noise is the same in every run, so that an einsum has one order.</remarks>
internal sealed class GreedyPath
{
    // A term is paired with so many others that share one label with it; more would take quadratic time.
    private const int MaxPartners = 16;

    // All tries together contract about so many pairs.
    private const int MaxContractions = 500;
    private const int MaxTries = 24;

    private readonly ContractionTerms terms;
    private readonly double sizeLimit;
    private readonly double temperature;
    private readonly List<int>[] holders;
    private readonly PriorityQueue<(int Left, int Right), (double Growth, int Left, int Right)> candidates = new();
    private readonly ImmutableArray<(int, int)>.Builder pairs = ImmutableArray.CreateBuilder<(int, int)>();
    private ulong seed;

    private GreedyPath(Subscripts subscripts, double sizeLimit, int number)
    {
        terms = new ContractionTerms(subscripts);
        this.sizeLimit = sizeLimit;
        // From hardly any noise to as much as the comparison itself, again and again.
        temperature = number % 8 / 8.0;
        seed = (ulong)number;
        holders = [.. Enumerable.Range(0, subscripts.LabelCount).Select(_ => new List<int>())];
    }

    /// <summary>
    /// The order with the fewest operations that was found, of those whose intermediate arrays have no more elements
    /// than the limit; where there is none, that with the smallest intermediate arrays.
    /// </summary>
    public static ImmutableArray<(int Left, int Right)> Find(Subscripts subscripts, double sizeLimit)
    {
        var tries = Math.Clamp(MaxContractions / subscripts.OperandCount, 1, MaxTries);
        return Enumerable.Range(0, tries).Select(number => Try(subscripts, sizeLimit, number))
            .MinBy(found => (Math.Max(found.IntermediateSize, sizeLimit), found.Flops))!.Pairs;
    }

    private static ContractionPath Try(Subscripts subscripts, double sizeLimit, int number)
    {
        var path = new GreedyPath(subscripts, sizeLimit, number);
        path.ContractSharing();
        path.ContractRest();
        return ContractionPath.Along(subscripts, path.pairs.ToImmutable());
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

    /// <summary>How much larger the product of two terms is than they are; products beyond the limit come last.</summary>
    private double Growth(int left, int right)
    {
        var product = terms.Size(terms.Product(left, right));
        var replaced = terms.Size(terms[left]) + terms.Size(terms[right]);
        var growth = product - replaced + (temperature * Noise() * (product + replaced));
        return product > sizeLimit ? double.MaxValue : growth;
    }

    /// <summary>The next number in [-1, 1) of SplitMix64.</summary>
    private double Noise()
    {
        if (temperature == 0)
            return 0;
        seed += 0x9E3779B97F4A7C15;
        var bits = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return ((bits ^ (bits >> 31)) >> 11) * (2.0 / (1UL << 53)) - 1;
    }

    private int Contract(int left, int right)
    {
        pairs.Add((left, right));
        return terms.Contract(left, right);
    }
}
