namespace CharRnn;

/// <summary>Says in a few words, without the path, why a file could not be used.</summary>
internal static class FileProblem
{
    public static string Describe(Exception e, string path) => e switch
    {
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such folder",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, not a file",
        UnauthorizedAccessException => "access is denied",
        _ => e.Message.ReplaceLineEndings(" "),
    };
}
