using System.CommandLine;
using System.Globalization;
using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Accuracy;

/// <summary>The verb that holds functions of float against the exact values at all 2^32 of them.</summary>
internal static class AccuracyCommand
{
    /// <summary>The functions of one float that are not exact by definition: those called for most often come first.</summary>
    private static readonly Opcode[] Functions =
    [
        Opcode.Exp, Opcode.Log, Opcode.Tanh, Opcode.Sigmoid, Opcode.Erf, Opcode.Expm1, Opcode.Log1p, Opcode.Softplus,
        Opcode.Sqrt, Opcode.Rsqrt, Opcode.Reciprocal, Opcode.Cbrt, Opcode.Exp2, Opcode.Log2, Opcode.Log10,
        Opcode.Asin, Opcode.Acos, Opcode.Atan, Opcode.Sinh, Opcode.Cosh, Opcode.Asinh, Opcode.Acosh, Opcode.Atanh,
        Opcode.Erfc, Opcode.Sin, Opcode.Cos, Opcode.Tan, Opcode.Log1mExp, Opcode.Lgamma, Opcode.Digamma, Opcode.Trigamma,
        Opcode.ErfInv,
    ];

    public static Command Create()
    {
        var names = new Argument<string[]>("functions")
        {
            Description = "functions of one float; all if none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.AcceptOnlyFromAmong([.. Functions.Select(Name)]);
        var command = new Command("accuracy", "Compares functions of float with the exact values, at every float.") { names };
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetValue(names) is { Length: > 0 } some ? some : [.. Functions.Select(Name)];
            Run(Functions.Where(code => chosen.Contains(Name(code))));
        });
        return command;
    }

    /// <summary>Prints a row of a table for each function when it is done.</summary>
    private static void Run(IEnumerable<Opcode> functions)
    {
        ComputeThreads.Default = 1;
        Console.WriteLine("| function | largest error, ulp | at | wrong values |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (var code in functions)
            Console.WriteLine(Row(code, EveryFloat.Measure(code)));
    }

    private static string Row(Opcode code, Deviation found)
    {
        var wrong = found.Wrong == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{found.Wrong}, as at {found.WrongAt:R}");
        return string.Create(CultureInfo.InvariantCulture, $"| {Name(code)} | {found.Ulp:F3} | {found.At:R} | {wrong} |");
    }

    private static string Name(Opcode code) => code.ToString().ToLowerInvariant();
}
