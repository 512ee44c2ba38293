using System.CommandLine;
using Autodiff.Benchmarks.Compare;

namespace Autodiff.Benchmarks.Commands;

/// <summary><c>compare-lines</c>: two systems' lines side by side.</summary>
internal static class CompareLinesCommand
{
    public static Command Create()
    {
        var ours = new Argument<FileInfo>("ours") { Description = "our lines of JSON, of any number of rounds" }.AcceptExistingOnly();
        var theirs = new Argument<FileInfo>("theirs") { Description = "the other system's lines" }.AcceptExistingOnly();
        var command = new Command("compare-lines", "Prints the ratio of two systems' times for each item that both have.") { ours, theirs };
        command.SetAction(parsed => Comparison.Print(
            Console.Out, Lines.Read(parsed.GetRequiredValue(ours)), Lines.Read(parsed.GetRequiredValue(theirs))));
        return command;
    }
}
