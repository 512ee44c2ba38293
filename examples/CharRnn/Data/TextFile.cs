using System.Text;

namespace CharRnn;

/// <summary>Reads text that must be UTF-8.</summary>
internal static class TextFile
{
    private const string SnapshotResource = "snapshot.txt";

    private static readonly UTF8Encoding strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The text of a file, without a byte order mark.</summary>
    /// <exception cref="UserException">The file cannot be read, is empty, or is not UTF-8.</exception>
    public static string Read(string path) => Decode(ReadBytes(path), $"--text {path}");

    /// <summary>The frozen snapshot of this project's own sources and documents, which every build holds.</summary>
    public static string Snapshot()
    {
        using var stream = typeof(TextFile).Assembly.GetManifestResourceStream(SnapshotResource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Decode(bytes.ToArray(), SnapshotResource);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileProblem.Is(e))
        {
            throw new UserException($"--text {path}: {FileProblem.Describe(e, path)}", e);
        }
    }

    private static string Decode(byte[] bytes, string name)
    {
        try
        {
            var text = strict.GetString(bytes).TrimStart('\uFEFF');
            return text.Length > 0 ? text : throw new UserException($"{name}: the text is empty");
        }
        catch (DecoderFallbackException e)
        {
            throw new UserException($"{name}: the text is not UTF-8 (byte {e.Index} begins no character)", e);
        }
    }
}
