// A network's training steps and a Hessian, in a program that `dotnet publish` compiles ahead of time. Prints a line for
// each value, the same under the JIT and ahead of time, bit by bit; with --times also how long things took.
using System.Diagnostics;
using System.Globalization;
using AheadOfTime;
using Autodiff;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var model = new CharacterModel();
var losses = Enumerable.Range(0, 20).Select(_ => model.Step()).ToArray();
for (var step = 0; step < losses.Length; step += 5)
    Console.WriteLine($"loss {step}: {Bits.Of(losses[step])}");
foreach (var (name, value) in model.Parameters)
    Console.WriteLine($"{name} {value.Shape}: {Bits.Of(value)}");

var hessian = Rosenbrock.Hessian(32);
var point = NDArray.Linspace(-1, 1, 32);
Console.WriteLine($"hessian {hessian.Run(point)[0].Shape}: {Bits.Of(hessian.Run(point)[0])}");

if (args is ["--times"])
{
    var started = Process.GetCurrentProcess().StartTime;
    Console.WriteLine($"from the start of the process: {(DateTime.Now - started).TotalMilliseconds:F0} ms");
    Console.WriteLine($"a training step: {Least(() => model.Step()):F3} ms");
    Console.WriteLine($"a Hessian: {Least(() => hessian.Run(point)):F4} ms");
}

static double Least(Action step)
{
    var least = double.MaxValue;
    var total = Stopwatch.StartNew();
    while (total.Elapsed.TotalSeconds < 1)
    {
        var start = Stopwatch.GetTimestamp();
        step();
        least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    return least;
}
