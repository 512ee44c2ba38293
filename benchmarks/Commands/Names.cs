namespace Autodiff.Benchmarks.Commands;

/// <summary>Names on the command line.</summary>
internal static class Names
{
    /// <summary>The names that were given, or all there are where none was.</summary>
    public static IEnumerable<string> Or(string[]? given, IEnumerable<string> all) => given is { Length: > 0 } ? given : all;
}
