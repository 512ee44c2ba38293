using System.Text;
using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>The files that a run leaves.</summary>
internal static class Output
{
    // So many steps show how the graph goes on.
    private const int DrawnSteps = 3;

    /// <summary>Checks that the files can stand where they are to be, and writes nothing.</summary>
    /// <exception cref="UserException">A file is in the way, or a folder is missing.</exception>
    public static void Check(Options options)
    {
        if (options.Out is { } folder && (folder.Length == 0 || File.Exists(folder)))
            throw new UserException($"--out {folder}: it is a file, not a folder");
        if (options.Save is not { } file)
            return;
        if (file.Length == 0 || Directory.Exists(file))
            throw new UserException($"--save {file}: it is a folder, not a file");
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
            throw new UserException($"--save {file}: there is no such folder");
    }

    /// <summary>Makes the folder.</summary>
    /// <exception cref="UserException">The folder cannot be made.</exception>
    public static void Prepare(Options options)
    {
        if (options.Out is not { } folder)
            return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (FileProblem.Is(e))
        {
            throw new UserException($"--out {folder}: {FileProblem.Describe(e, folder)}", e);
        }
    }

    /// <summary>Writes the files that the options ask for, and names them.</summary>
    public static IEnumerable<string> Write(
        Options options,
        CharModel model,
        Vocabulary vocabulary,
        IReadOnlyDictionary<string, NDArray> parameters,
        LossCurve curve)
    {
        if (options.Save is { } file)
        {
            SavedModel.Save(file, model, vocabulary, parameters);
            yield return file;
        }

        if (options.Out is { } folder)
        {
            yield return Write(Path.Combine(folder, "loss.png"), curve.ToPng());
            yield return Write(Path.Combine(folder, "graph.dot"), Encoding.UTF8.GetBytes(Graph(model, options)));
        }
    }

    /// <summary>The graph of the loss over a few characters.</summary>
    private static string Graph(CharModel model, Options options) =>
        new UnrolledModel(model, options.Batch, Math.Min(DrawnSteps, options.Unroll)).Loss.ToDot();

    private static string Write(string path, ReadOnlySpan<byte> bytes)
    {
        WholeFile.Write(path, bytes);
        return path;
    }
}
