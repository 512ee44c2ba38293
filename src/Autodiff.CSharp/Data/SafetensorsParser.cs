using System.Text.Json;

namespace Autodiff.CSharp;

/// <summary>Reads the JSON of a safetensors header, of which nothing is believed before it was checked.</summary>
internal static class SafetensorsParser
{
    private static readonly Dictionary<string, DType> DTypes = new()
    {
        ["F64"] = DType.Float64,
        ["F32"] = DType.Float32,
        ["I64"] = DType.Int64,
        ["I32"] = DType.Int32,
        ["BOOL"] = DType.Bool,
    };

    /// <summary>The format's name of an element type.</summary>
    public static string NameOf(DType dtype) => DTypes.First(pair => pair.Value == dtype).Key;

    /// <summary>The entries in the order of their places, and the metadata.</summary>
    /// <exception cref="InvalidDataException">The text is no header.</exception>
    public static SafetensorsHeader Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Header(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // An escape such as \ud800, which is no text, is found late, as an invalid operation.
            throw new InvalidDataException($"safetensors: the header is no JSON: {error.Message}", error);
        }
    }

    private static SafetensorsHeader Header(JsonElement root)
    {
        Require(root, JsonValueKind.Object, "the header");
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == SafetensorsHeader.MetadataName)
                metadata = Metadata(property.Value);
            else
                entries.Add(Entry(property.Name, property.Value));
        }

        // An empty array ends where it begins, and so does not part its neighbours.
        return new SafetensorsHeader([.. entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)], metadata);
    }

    private static Dictionary<string, string> Metadata(JsonElement json)
    {
        var metadata = new Dictionary<string, string>();
        Require(json, JsonValueKind.Object, SafetensorsHeader.MetadataName);
        foreach (var property in json.EnumerateObject())
        {
            Require(property.Value, JsonValueKind.String, $"{SafetensorsHeader.MetadataName} '{property.Name}'");
            metadata.Add(property.Name, property.Value.GetString()!);
        }

        return metadata;
    }

    private static SafetensorsEntry Entry(string name, JsonElement json)
    {
        Require(json, JsonValueKind.Object, $"'{name}'");
        var dtype = DTypeOf(name, Member(name, json, "dtype", JsonValueKind.String).GetString()!);
        var shape = ShapeOf(name, Member(name, json, "shape", JsonValueKind.Array));
        var (begin, end) = Offsets(name, Member(name, json, "data_offsets", JsonValueKind.Array));
        var bytes = (long)shape.Size * Kernel.DTypes.Size(dtype);
        return end - begin == bytes
            ? new SafetensorsEntry(name, dtype, shape, begin, end)
            : throw new InvalidDataException(
                $"safetensors: '{name}' {NameOf(dtype)}{shape} takes {bytes} bytes, its data_offsets [{begin},{end}] hold {end - begin}");
    }

    private static DType DTypeOf(string name, string dtype) =>
        DTypes.TryGetValue(dtype, out var known)
            ? known
            : throw new InvalidDataException(
                $"safetensors: '{name}' has the dtype {dtype}; those known here are {string.Join(", ", DTypes.Keys)}");

    private static Shape ShapeOf(string name, JsonElement json)
    {
        var sizes = new List<int>();
        foreach (var element in json.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out var size) || size < 0)
                throw new InvalidDataException($"safetensors: '{name}' has a size {element} in its shape");
            sizes.Add(size);
        }

        try
        {
            return Shape.Create([.. sizes]);
        }
        catch (ShapeException error)
        {
            throw new InvalidDataException($"safetensors: '{name}': {error.Message}", error);
        }
    }

    private static (long Begin, long End) Offsets(string name, JsonElement json)
    {
        if (json.GetArrayLength() == 2
            && json[0] is { ValueKind: JsonValueKind.Number } first && first.TryGetInt64(out var begin)
            && json[1] is { ValueKind: JsonValueKind.Number } last && last.TryGetInt64(out var end)
            && begin >= 0 && end >= begin)
            return (begin, end);
        throw new InvalidDataException($"safetensors: '{name}' has the data_offsets {json}; they are two places, in order");
    }

    private static JsonElement Member(string name, JsonElement json, string member, JsonValueKind kind)
    {
        if (!json.TryGetProperty(member, out var value))
            throw new InvalidDataException($"safetensors: '{name}' has no {member}");
        Require(value, kind, $"{member} of '{name}'");
        return value;
    }

    private static void Require(JsonElement json, JsonValueKind kind, string what)
    {
        if (json.ValueKind != kind)
            throw new InvalidDataException($"safetensors: {what} is of the kind {json.ValueKind}, not {kind}");
    }
}
