using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W8: gradient, Hessian-vector product and Hessian of Rosenbrock's function; the Jacobian of a perceptron.</summary>
internal static class SecondOrder
{
    private const int Length = 100;
    private static readonly int[] Widths = [32, 64, 64, 32];

    public static void Run(Report report)
    {
        Rosenbrock(report);
        Jacobian(report);
    }

    private static void Rosenbrock(Report report)
    {
        var point = Data.Signed(801, 1, DType.Float64, Length);
        var direction = Data.Signed(802, 1, DType.Float64, Length);
        Node x = Ad.Input("x", [Length]), v = Ad.Input("v", [Length]);
        Node a = x[..^1], b = x[1..];
        var f = (100 * (b - a * a).Square() + (1 - a).Square()).Sum();
        var gradient = Ad.Compile([x], [f, f.Grad(x)]);
        var product = Ad.Compile([x, v], [Ad.Hvp(f, x, v)]);
        var hessian = Ad.Compile([x], [f.Hessian(x)]);
        var values = gradient.Run(point);
        report.Run(
            "W8", "rosen-grad", DType.Float64, Runs.Into(gradient, point),
            [("f", Data.Number(values[0])), ("g", Data.Check(values[1]))]);
        report.Run(
            "W8", "rosen-hvp", DType.Float64, Runs.Into(product, point, direction),
            [("hv", Data.Check(product.Run(point, direction)[0]))]);
        report.Run(
            "W8", "rosen-hessian", DType.Float64, Runs.Into(hessian, point), [("h", Data.Check(hessian.Run(point)[0]))]);
    }

    private static void Jacobian(Report report)
    {
        var point = Data.Signed(803, 1, DType.Float64, 32);
        var x = Ad.Input("x", [32]);
        var y = x;
        for (var l = 0; l < 3; l++)
        {
            Node w = Data.Signed(811 + (ulong)l, 1 / Math.Sqrt(Widths[l]), DType.Float64, Widths[l], Widths[l + 1]);
            Node b = Data.Signed(821 + (ulong)l, 0.1, DType.Float64, Widths[l + 1]);
            y = y.MatMul(w) + b;
            if (l < 2) y = y.Tanh();
        }

        var jacobian = Ad.Compile([x], [y.Jacobian(x)]);
        report.Run(
            "W8", "jac-mlp", DType.Float64, Runs.Into(jacobian, point), [("j", Data.Check(jacobian.Run(point)[0]))]);
    }
}
