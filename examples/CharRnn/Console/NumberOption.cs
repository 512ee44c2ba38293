using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace CharRnn;

/// <summary>Options whose value is a number in a range, written the same way in every country.</summary>
internal static class NumberOption
{
    private const NumberStyles Style =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>An option with a default.</summary>
    public static Option<T> Create<T>(string name, string description, T value, T low, T high)
        where T : INumber<T>, IMinMaxValue<T> => new(name)
        {
            Description = description,
            HelpName = low == T.MinValue ? "number" : Range(low, high),
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, low, high),
        };

    /// <summary>The number that was given, or an error that says what would do.</summary>
    public static T Parse<T>(ArgumentResult result, T low, T high) where T : INumber<T>, IMinMaxValue<T>
    {
        var text = result.Tokens[0].Value;
        // NaN is in no range.
        if (T.TryParse(text, Style, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high)
            return number;
        var kind = typeof(T) == typeof(double) ? "a number" : "a whole number";
        var wanted = low == T.MinValue ? kind : $"{kind}, {Range(low, high)},";
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text}: {wanted} is needed");
        return low;
    }

    private static string Range<T>(T low, T high) where T : INumber<T>, IMinMaxValue<T> =>
        high == T.MaxValue ? $"{low} or more" : $"{low} to {high}";
}
