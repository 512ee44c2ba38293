using System.Runtime.InteropServices;

namespace Autodiff.CSharp;

/// <summary>
/// Named arrays in safetensors files: eight bytes with the length of a header, the header in JSON (for each array its
/// element type, its shape and its place), then the elements, all little-endian. Element types are F32, F64, I32, I64
/// and BOOL.
/// </summary>
public static class Safetensors
{
    /// <summary>Writes arrays to a file. A file of that name is replaced at once, or, if anything fails, not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arrays">The arrays by name.</param>
    /// <param name="metadata">Texts to keep beside them.</param>
    /// <exception cref="ArgumentException">An array has the name <c>__metadata__</c>, which the format keeps for itself.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(
        string path, IReadOnlyDictionary<string, NDArray> arrays, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Write(stream, arrays, metadata);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads the arrays of a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is broken, or holds an element type that there is not here.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, NDArray> Load(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream);
    }

    /// <summary>Reads the texts that stand beside the arrays of a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> LoadMetadata(string path)
    {
        using var stream = File.OpenRead(path);
        return SafetensorsHeader.Read(stream).Metadata;
    }

    /// <summary>Writes arrays to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="arrays">The arrays by name.</param>
    /// <param name="metadata">Texts to keep beside them.</param>
    /// <exception cref="ArgumentException">An array has the name <c>__metadata__</c>, which the format keeps for itself.</exception>
    public static void Write(
        Stream stream,
        IReadOnlyDictionary<string, NDArray> arrays,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(arrays);
        var header = SafetensorsHeader.Of(arrays, metadata ?? new Dictionary<string, string>());
        header.Write(stream);
        foreach (var entry in header.Entries)
            WriteElements(stream, arrays[entry.Name]);
    }

    /// <summary>Reads the arrays of a stream, which ends with them.</summary>
    /// <param name="stream">The stream, at the first of its eight bytes of length.</param>
    /// <exception cref="InvalidDataException">The data are broken, or hold an element type that there is not here.</exception>
    public static IReadOnlyDictionary<string, NDArray> Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var arrays = new OrderedDictionary<string, NDArray>();
        foreach (var entry in SafetensorsHeader.Read(stream).Entries)
            arrays.Add(entry.Name, ReadElements(stream, entry));
        return stream.ReadByte() < 0
            ? arrays
            : throw new InvalidDataException("safetensors: there are bytes after the last array");
    }

    private static void WriteElements(Stream stream, NDArray array)
    {
        switch (array.DType)
        {
            case DType.Float32:
                LittleEndian.Write(stream, array.AsSpan<float>());
                break;
            case DType.Float64:
                LittleEndian.Write(stream, array.AsSpan<double>());
                break;
            case DType.Int32:
                LittleEndian.Write(stream, array.AsSpan<int>());
                break;
            case DType.Int64:
                LittleEndian.Write(stream, array.AsSpan<long>());
                break;
            case DType.Bool:
                LittleEndian.Write(stream, array.AsSpan<bool>());
                break;
            default:
                throw new DTypeException($"safetensors has no name for {array.DType}");
        }
    }

    private static NDArray ReadElements(Stream stream, SafetensorsEntry entry) => entry.DType switch
    {
        DType.Float32 => ReadElements<float>(stream, entry),
        DType.Float64 => ReadElements<double>(stream, entry),
        DType.Int32 => ReadElements<int>(stream, entry),
        DType.Int64 => ReadElements<long>(stream, entry),
        _ => ReadTruthValues(stream, entry),
    };

    private static NDArray ReadElements<T>(Stream stream, SafetensorsEntry entry) where T : unmanaged
    {
        var elements = new T[entry.Shape.Size];
        try
        {
            LittleEndian.Read<T>(stream, elements);
        }
        catch (EndOfStreamException end)
        {
            throw new InvalidDataException($"safetensors: the data end within '{entry.Name}'", end);
        }

        return NDArray.Wrap(elements, elements.Length).Reshape(entry.Shape.ToArray());
    }

    /// <summary>Bytes 0 and 1; a bool of any other byte would be neither true nor false.</summary>
    private static NDArray ReadTruthValues(Stream stream, SafetensorsEntry entry)
    {
        var array = ReadElements<bool>(stream, entry);
        return MemoryMarshal.AsBytes(array.AsSpan<bool>()).ContainsAnyExceptInRange((byte)0, (byte)1)
            ? throw new InvalidDataException($"safetensors: '{entry.Name}' is BOOL, but a byte of it is neither 0 nor 1")
            : array;
    }
}
