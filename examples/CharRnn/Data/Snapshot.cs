using System.Security.Cryptography;
using System.Text;

namespace CharRnn;

/// <summary>Makes the default text: this project's own sources and documents, as they are at the time, in one file.</summary>
internal static class Snapshot
{
    private const int MostBytes = 240_000;

    private static readonly string[] folders = ["src", "docs"];

    private static readonly string[] extensions = [".cs", ".fs", ".fsx", ".md"];

    /// <summary>Writes the snapshot; the result is the number of files in it.</summary>
    /// <exception cref="UserException">The folder holds no sources.</exception>
    public static int Write(string repository, string file)
    {
        var files = Files(repository);
        if (files.Count == 0)
            throw new UserException($"snapshot {repository}: there are no sources below its folders src and docs");
        WholeFile.Write(file, Encoding.UTF8.GetBytes(string.Join('\n', files)));
        return files.Count;
    }

    /// <summary>
    /// The texts in the order of their paths' hashes, as many as fit: the order is the same on every machine, and mixes the
    /// kinds of files, so that the held-out end is like the rest.
    /// </summary>
    private static List<string> Files(string repository)
    {
        var left = MostBytes;
        return [.. Paths(repository)
            .OrderBy(Hash, StringComparer.Ordinal)
            .Select(path => File.ReadAllText(Path.Combine(repository, path)).ReplaceLineEndings("\n"))
            .TakeWhile(text => (left -= Encoding.UTF8.GetByteCount(text) + 1) >= 0)];
    }

    private static IEnumerable<string> Paths(string repository) =>
        folders
            .Select(folder => Path.Combine(repository, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Concat(Directory.Exists(repository) ? Directory.EnumerateFiles(repository, "*.md") : [])
            .Select(path => Path.GetRelativePath(repository, path).Replace('\\', '/'))
            .Where(path => extensions.Contains(Path.GetExtension(path)))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" || part.StartsWith('.')));

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
}
