using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Autodiff.Api;

public partial class ReadmeTests
{
    [Theory]
    [InlineData("csharp", "tests/Api/ReadmeSnippets.cs")]
    [InlineData("fsharp", "tests/Properties/Doors/ReadmeSnippets.fs")]
    public void Every_snippet_of_the_README_is_compiled_and_run(string language, string file)
    {
        var source = Normalised(File.ReadAllText(Path.Combine(Root(), file)));
        var paragraphs = Paragraphs(language).ToList();
        Assert.NotEmpty(paragraphs);
        Assert.All(paragraphs, paragraph => Assert.Contains(paragraph, source, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_languages_that_are_tested_have_snippets()
    {
        var languages = Fences().Matches(Readme()).Select(fence => fence.Groups["language"].Value).Distinct();
        Assert.Empty(languages.Except(["csharp", "fsharp", "sh"]));
    }

    [Fact]
    public void The_commands_of_the_README_name_what_there_is()
    {
        foreach (Match match in ProjectArgument().Matches(Readme()))
            Assert.True(Directory.Exists(Path.Combine(Root(), match.Groups[1].Value)), match.Value);
        foreach (Match match in ScriptArgument().Matches(Readme()))
            Assert.True(File.Exists(Path.Combine(Root(), match.Groups[1].Value)), match.Value);
    }

    private static IEnumerable<string> Paragraphs(string language) =>
        from fence in Fences().Matches(Readme())
        where fence.Groups["language"].Value == language
        from paragraph in Normalised(fence.Groups["text"].Value).Split("\n\n")
        select paragraph.Trim('\n');

    /// <summary>Without indentation, which differs between a README and the inside of a class.</summary>
    private static string Normalised(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    private static string Readme() => File.ReadAllText(Path.Combine(Root(), "README.md"));

    internal static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"--project (\S+)")]
    private static partial Regex ProjectArgument();

    [GeneratedRegex(@"dotnet fsi ([^\s`]+)")]
    private static partial Regex ScriptArgument();
}
