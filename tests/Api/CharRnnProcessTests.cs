using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace Autodiff.Api;

/// <summary>The example CharRnn as a user runs it.</summary>
public sealed class CharRnnProcessTests : IDisposable
{
    private static readonly string Program = typeof(CharRnnProcessTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "CharRnn").Value!;

    private readonly string folder = Directory.CreateTempSubdirectory("char-rnn-").FullName;

    public CharRnnProcessTests()
    {
        File.WriteAllText(Path.Combine(folder, "good.txt"), string.Concat(Enumerable.Repeat("good text\n", 40)));
        File.WriteAllText(Path.Combine(folder, "short.txt"), "short");
        File.WriteAllBytes(Path.Combine(folder, "empty.txt"), []);
        File.WriteAllBytes(Path.Combine(folder, "latin.txt"), [(byte)'a', 0xE9, (byte)'b']);
        File.WriteAllBytes(Path.Combine(folder, "broken.safetensors"), [1, 2, 3]);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private (int Code, string Output, string Error) Run(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Program, .. arguments.Split(' ')])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    [Theory]
    [InlineData("--text missing.txt", "missing.txt: there is no such file")]
    [InlineData("--text empty.txt", "the text is empty")]
    [InlineData("--text short.txt", "has 5 characters, too few")]
    [InlineData("--text latin.txt", "not UTF-8 (byte 1 ")]
    [InlineData("--text .", "it is a folder")]
    [InlineData("--steps many", "--steps many: a whole number, 0 or more, is needed")]
    [InlineData("--hidden 0", "--hidden 0: a whole number, 1 to 4096, is needed")]
    [InlineData("--learning-rate nan", "--learning-rate nan: a number, ")]
    [InlineData("--temperature -1", "--temperature -1: a number, 0 to 1000, is needed")]
    [InlineData("--temperature 0,5", "--temperature 0,5: ")]
    [InlineData("--seed 1.5", "--seed 1.5: a whole number is needed")]
    [InlineData("--batch", "--batch")]
    [InlineData("--stpes 3", "--stpes")]
    [InlineData("--load missing.safetensors", "missing.safetensors: there is no such file")]
    [InlineData("--load broken.safetensors", "--load broken.safetensors: ")]
    [InlineData("--text good.txt --batch 2 --unroll 4 --prompt xyz", "--prompt has the character 'y'")]
    [InlineData("--text good.txt --batch 2 --unroll 4 --out good.txt", "--out good.txt: it is a file")]
    [InlineData("--text good.txt --batch 2 --unroll 4 --save no/model", "--save no/model: there is no such folder")]
    public void Bad_input_gets_one_line_and_exit_code_2(string arguments, string message)
    {
        var before = Directory.GetFileSystemEntries(folder).Order();
        var (code, output, error) = Run(arguments.Contains("--out") ? arguments : "--out results " + arguments);
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal(before, Directory.GetFileSystemEntries(folder).Order());
    }

    [Fact]
    public void A_run_leaves_whole_files()
    {
        var (code, output, error) = Run(
            "--text good.txt --steps 3 --hidden 4 --batch 2 --unroll 4 --length 9 --out results --save results.safetensors");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("step 3/3", output);
        var results = Path.Combine(folder, "results");
        Assert.Equal(["graph.dot", "loss.png"], Directory.GetFiles(results).Select(Path.GetFileName).Order());
        Assert.Equal("PNG"u8, File.ReadAllBytes(Path.Combine(results, "loss.png")).AsSpan(1, 3));
        Assert.StartsWith("digraph", File.ReadAllText(Path.Combine(results, "graph.dot")));
        Assert.True(File.Exists(Path.Combine(folder, "results.safetensors")));
    }
}
