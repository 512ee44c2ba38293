using System.Collections.Immutable;

namespace Autodiff.Kernel;

/// <summary>The labels of one operand or of the result as they were written.</summary>
/// <param name="Labels">The letters without the ellipsis.</param>
/// <param name="Ellipsis">How many letters stand before <c>...</c>; -1 where there is none.</param>
internal sealed record SubscriptsTerm(string Labels, int Ellipsis)
{
    public bool HasEllipsis => Ellipsis >= 0;
}

/// <summary>Subscripts as they were written, read without knowing any shape.</summary>
/// <param name="Text">What was written.</param>
/// <param name="Operands">The term of each operand.</param>
/// <param name="Result">The term of the result; null where it is implied.</param>
internal sealed record SubscriptsText(string Text, ImmutableArray<SubscriptsTerm> Operands, SubscriptsTerm? Result)
{
    private static readonly BoundedCache<string, SubscriptsText> Cache = new(1024);

    /// <summary>Reads subscripts; each text is read once.</summary>
    /// <exception cref="EinsumException">They are malformed.</exception>
    public static SubscriptsText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Cache.GetOrAdd(text, Read);
    }

    private static SubscriptsText Read(string text)
    {
        var sides = text.Replace(" ", "", StringComparison.Ordinal).Split("->");
        if (sides.Length > 2)
            throw Malformed(text, "there is more than one '->'");
        ImmutableArray<SubscriptsTerm> operands =
            [.. sides[0].Split(',').Select((term, i) => ReadTerm(text, term, $"operand {i}"))];
        var result = sides.Length == 2 ? ReadTerm(text, sides[1], "the result") : null;
        CheckResult(text, operands, result);
        return new SubscriptsText(text, operands, result);
    }

    private static SubscriptsTerm ReadTerm(string text, string term, string place)
    {
        var ellipsis = term.IndexOf("...", StringComparison.Ordinal);
        var labels = ellipsis < 0 ? term : term.Remove(ellipsis, 3);
        foreach (var letter in labels)
            if (letter == '.')
                throw Malformed(text, $"{place} has a '.' that is not part of its one ellipsis '...'");
            else if (!char.IsAsciiLetter(letter))
                throw Malformed(text, $"'{letter}' in {place} is no label: labels are the letters a-z and A-Z");
        return new SubscriptsTerm(labels, ellipsis);
    }

    private static void CheckResult(string text, ImmutableArray<SubscriptsTerm> operands, SubscriptsTerm? result)
    {
        if (result is null)
            return;
        foreach (var label in result.Labels)
        {
            if (result.Labels.IndexOf(label) != result.Labels.LastIndexOf(label))
                throw Malformed(text, $"label {label} appears more than once in the result");
            if (!operands.Any(term => term.Labels.Contains(label)))
                throw Malformed(text, $"label {label} of the result appears in no operand");
        }
    }

    private static EinsumException Malformed(string text, string problem) => new($"einsum \"{text}\": {problem}");
}
