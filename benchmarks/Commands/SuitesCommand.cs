using System.CommandLine;
using Autodiff.Benchmarks.Suites;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Autodiff.Benchmarks.Commands;

/// <summary><c>suites</c>: BenchmarkDotNet over the parts of the kernel.</summary>
internal static class SuitesCommand
{
    public static Command Create()
    {
        var command = new Command(
            "suites", "Runs suites of BenchmarkDotNet, which takes the rest of the line: suites --filter '*Gemm*', suites --list flat.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(parsed =>
        {
            ComputeThreads.Default = 1;
            BenchmarkSwitcher.FromAssembly(typeof(GemmSuite).Assembly).Run([.. parsed.UnmatchedTokens], Config());
        });
        return command;
    }

    /// <summary>Short runs in this process: its settings are those of the workloads, and nothing is built anew.</summary>
    private static ManualConfig Config() =>
        ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
}
