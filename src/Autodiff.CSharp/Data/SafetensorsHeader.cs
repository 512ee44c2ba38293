using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Autodiff.CSharp;

/// <summary>What the header says of one array: its place is counted from the end of the header, in bytes.</summary>
internal sealed record SafetensorsEntry(string Name, DType DType, Shape Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file. The entries stand in the order of their places, which follow one another without
/// gaps from 0 on.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    public const string MetadataName = "__metadata__";

    private const int Alignment = 8;

    /// <summary>The longest header there is: so much text describes a million arrays.</summary>
    private const long MaxLength = 100_000_000;

    /// <summary>A header for arrays: those with the largest elements come first, so that each one is aligned.</summary>
    public static SafetensorsHeader Of(
        IReadOnlyDictionary<string, NDArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        if (arrays.ContainsKey(MetadataName))
            throw new ArgumentException($"an array cannot be named '{MetadataName}': the format keeps that name for itself");
        var entries = new List<SafetensorsEntry>();
        var place = 0L;
        foreach (var (name, array) in arrays
            .OrderByDescending(pair => Kernel.DTypes.Size(pair.Value.DType))
            .ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var end = place + (long)array.Length * Kernel.DTypes.Size(array.DType);
            entries.Add(new SafetensorsEntry(name, array.DType, array.Shape, place, end));
            place = end;
        }

        return new SafetensorsHeader(entries, metadata);
    }

    /// <summary>Writes the length and the header, with spaces at its end so that the elements are aligned.</summary>
    public void Write(Stream stream)
    {
        var json = new ArrayBufferWriter<byte>();
        WriteJson(json);
        var padding = (Alignment - json.WrittenCount % Alignment) % Alignment;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(json.WrittenCount + padding));
        stream.Write(length);
        stream.Write(json.WrittenSpan);
        stream.Write("        "u8[..padding]);
    }

    /// <summary>Reads the length and the header, and checks that the rest of a stream of known length fits them.</summary>
    /// <exception cref="InvalidDataException">They are broken.</exception>
    public static SafetensorsHeader Read(Stream stream)
    {
        var header = SafetensorsParser.Parse(ReadText(stream));
        var place = 0L;
        foreach (var entry in header.Entries)
        {
            if (entry.Begin != place)
                throw new InvalidDataException(
                    $"safetensors: '{entry.Name}' begins at byte {entry.Begin}, but the array before it ends at {place}: arrays {(entry.Begin < place ? "overlap" : "leave a gap")}");
            place = entry.End;
        }

        if (stream.CanSeek && stream.Length - stream.Position < place)
            throw new InvalidDataException(
                $"safetensors: the header speaks of {place} bytes of data, there are {stream.Length - stream.Position}");
        return header;
    }

    private static string ReadText(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new InvalidDataException("safetensors: the data end within the length of the header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var limit = stream.CanSeek ? Math.Min(MaxLength, stream.Length - stream.Position) : MaxLength;
        if (length > (ulong)limit)
            throw new InvalidDataException(
                $"safetensors: the length of the header is {length}, it can be {limit} at most: this is no safetensors file, or it was cut off");
        var text = new byte[(int)length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw new InvalidDataException("safetensors: the data end within the header");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException("safetensors: the header is no UTF-8 text", error);
        }
    }

    private void WriteJson(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(MetadataName);
            foreach (var (name, text) in Metadata)
                json.WriteString(name, text);
            json.WriteEndObject();
        }

        foreach (var entry in Entries)
            WriteEntry(json, entry);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", SafetensorsParser.NameOf(entry.DType));
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.Begin);
        json.WriteNumberValue(entry.End);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
