using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Floating-point values in a column, by NumPy's rules: at most 8 digits after the point and no more than tell a value from
/// its neighbours, points under each other; all in scientific form where a value reaches 1e8, lies below 1e-4, or the
/// largest is more than 1000 times the smallest.
/// </summary>
internal sealed class FloatColumn<T> where T : struct, IFloatingPointIeee754<T>
{
    private const int Precision = 8;

    private readonly T[] values;
    private readonly DecimalNumber?[] numbers;
    private readonly bool isScientific;

    public FloatColumn(T[] values)
    {
        this.values = values;
        isScientific = NeedsScientific(values);
        numbers = Array.ConvertAll(values, Number);
    }

    public string[] Words() => WidenForNotFinite(isScientific ? ScientificWords() : PositionalWords());

    private DecimalNumber? Number(T value)
    {
        if (!T.IsFinite(value))
            return null;
        var shortest = DecimalNumber.Shortest(value);
        if (!isScientific && shortest.Digits.Length <= shortest.Exponent)
            return Widen(value, shortest.Exponent);
        var places = isScientific ? Precision - shortest.Exponent : Precision;
        return shortest.Round(double.CreateChecked(value), places);
    }

    /// <summary>
    /// With so many digits after the first: those beyond the ones that tell a Float32 from its neighbours are not zeros but
    /// its own, those of the Float64 that is equal to it.
    /// </summary>
    private static DecimalNumber? Widen(T value, int digits)
    {
        if (!T.IsFinite(value))
            return null;
        var exact = double.CreateChecked(value);
        var number = DecimalNumber.Shortest(exact);
        return number.Round(exact, digits - number.Exponent);
    }

    private static bool NeedsScientific(T[] values)
    {
        var (smallest, largest) = (T.PositiveInfinity, T.Zero);
        foreach (var value in values)
        {
            if (!T.IsFinite(value) || value == T.Zero)
                continue;
            smallest = T.Min(smallest, T.Abs(value));
            largest = T.Max(largest, T.Abs(value));
        }

        return largest > T.Zero
            && (largest >= T.CreateChecked(1e8) || smallest < T.CreateChecked(0.0001)
                || largest / smallest > T.CreateChecked(1000));
    }

    private string?[] PositionalWords()
    {
        var parts = Array.ConvertAll(numbers, number => number?.Positional());
        var before = parts.Max(part => part?.Whole.Length) ?? 0;
        var after = parts.Max(part => part?.Fraction.Length) ?? 0;
        return Array.ConvertAll(
            parts, part => part is var (whole, fraction) ? $"{whole.PadLeft(before)}.{fraction.PadRight(after)}" : null);
    }

    private string?[] ScientificWords()
    {
        var digits = numbers.Max(number => number?.Digits.Length - 1) ?? 0;
        var exponentDigits = numbers.Any(number => number is { Exponent: >= 100 or <= -100 }) ? 3 : 2;
        var words = Array.ConvertAll(values, value => Widen(value, digits)?.Scientific(digits, exponentDigits));
        var width = words.Max(word => word?.Length) ?? 0;
        return Array.ConvertAll(words, word => word?.PadLeft(width));
    }

    /// <summary>The words so far are of one width; NaN and infinities stand at its right end, and widen it if need be.</summary>
    private string[] WidenForNotFinite(string?[] words)
    {
        var texts = new string[words.Length];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = words[i] ?? ElementText.NotFinite(values[i])!;
        var width = texts.Max(text => text.Length);
        return Array.ConvertAll(texts, text => text.PadLeft(width));
    }
}
