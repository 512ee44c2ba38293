using System.Globalization;
using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W11: a thousand layers of one weight matrix: time and resident memory of a step.</summary>
internal static class DeepStack
{
    private const int Layers = 1000;

    public static void Run(Report report)
    {
        var x0 = Data.Signed(1101, 1, DType.Float32, 64, 256);
        var w0 = Data.Signed(1102, Math.Sqrt(3) / 16, DType.Float32, 256, 256);
        Step(10).Run(x0, w0);
        var function = Step(Layers);
        GC.Collect();
        var before = Megabytes("VmRSS");
        ForgetPeak();
        var values = function.Run(x0, w0);
        var peak = Megabytes("VmHWM");
        report.Run(
            "W11", "ordinary", DType.Float32, () => function.Run(x0, w0),
            [("loss", Data.Number(values[0])), ("gw", Data.Check(values[2]))],
            ("base_mb", before), ("peak_mb", peak), ("step_mb", peak - before), ("planned_mb", function.PeakBytes / 1048576.0));
    }

    private static CompiledFunction Step(int layers)
    {
        Node x = Ad.Input("x", [64, 256], DType.Float32), w = Ad.Input("w", [256, 256], DType.Float32);
        var h = x;
        for (var i = 0; i < layers; i++) h = h.MatMul(w).Tanh();
        var loss = h.Square().Sum() * 0.5;
        return Ad.Compile([x, w], [loss, .. loss.Grad([x, w])]);
    }

    /// <summary>A figure of the process, where the system tells it (Linux); 0 elsewhere.</summary>
    private static double Megabytes(string key) =>
        !File.Exists("/proc/self/status") ? 0 : double.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private static void ForgetPeak()
    {
        if (File.Exists("/proc/self/clear_refs")) File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
