using System.Reflection;
using System.Text.RegularExpressions;
using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>The table of operations names what there is, in both languages.</summary>
public partial class OperationsTests
{
    private const BindingFlags Flags = BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[][] Rows =
    [
        .. File.ReadLines(Path.Combine(ReadmeTests.Root(), "docs", "operations.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)),
    ];

    [Fact]
    public void Every_name_of_FSharp_exists()
    {
        var functions = Methods(typeof(Node).Assembly, "Autodiff.FSharp.");
        functions.UnionWith(typeof(Node).GetMethods(Flags).Select(method => char.ToLowerInvariant(method.Name[0]) + method.Name[1..]));
        Assert.Empty(Names(2).Except(functions));
        Assert.True(Names(2).Count() > 200);
    }

    [Fact]
    public void Every_name_of_CSharp_exists()
    {
        Assert.Empty(Names(3).Except(Methods(typeof(Ad).Assembly, "Autodiff.CSharp.")));
        Assert.True(Names(3).Count() > 200);
    }

    private static HashSet<string> Methods(Assembly assembly, string space) =>
    [
        .. assembly.GetExportedTypes()
            .Where(type => type.FullName!.StartsWith(space, StringComparison.Ordinal) && type.IsAbstract && type.IsSealed)
            .SelectMany(type => type.GetMethods(Flags).SelectMany(method => (string[])[method.Name, $"{type.Name}.{method.Name}"])),
    ];

    private static IEnumerable<string> Names(int column) =>
        Rows.SelectMany(row => Name().Matches(row[column]).Select(match => match.Groups[1].Value));

    [GeneratedRegex("`([A-Za-z][A-Za-z0-9.]*)`")]
    private static partial Regex Name();
}
