namespace Autodiff.CSharp;

/// <summary>Values that are given by name.</summary>
internal static class NamedArrays
{
    /// <summary>Throws unless there is a value of the right shape and element type for each name, and for no other.</summary>
    public static void RequireFit(
        IEnumerable<(string Name, Shape Shape, DType DType)> expected, IReadOnlyDictionary<string, NDArray> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var names = new HashSet<string>();
        foreach (var (name, shape, dtype) in expected)
        {
            names.Add(name);
            if (!values.TryGetValue(name, out var value))
                throw new ArgumentException(
                    $"there is no value for '{name}' {dtype}{shape}; the names given are {List(values.Keys)}");
            if (value.Shape != shape)
                throw new ShapeException($"'{name}' has shape {shape}, the value given for it {value.Shape}");
            if (value.DType != dtype)
                throw new DTypeException($"'{name}' is {dtype}, the value given for it {value.DType}: convert it first");
        }

        if (values.Keys.FirstOrDefault(name => !names.Contains(name)) is { } stranger)
            throw new ArgumentException($"there is nothing named '{stranger}'; the names are {List(names)}");
    }

    private static string List(IEnumerable<string> names)
    {
        const int Shown = 8;
        string[] first = [.. names.Order(StringComparer.Ordinal).Take(Shown + 1).Select(name => $"'{name}'")];
        return first.Length == 0 ? "none"
            : first.Length > Shown ? string.Join(", ", first[..Shown]) + ", ..."
            : string.Join(", ", first);
    }
}
