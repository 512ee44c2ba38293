namespace CharRnn;

/// <summary>Says in a few words, without the path, why a file could not be used.</summary>
internal static class FileProblem
{
    /// <summary>Whether a file or its path is what went wrong.</summary>
    public static bool Is(Exception e) =>
        e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    /// <summary>What went wrong with the file of that path.</summary>
    public static string Describe(Exception e, string path) => e switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such folder",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, not a file",
        UnauthorizedAccessException => "access is denied",
        _ => e.Message.ReplaceLineEndings(" "),
    };
}
