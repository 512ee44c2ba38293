using Autodiff;
using Autodiff.CSharp;

namespace AheadOfTime;

/// <summary>Rosenbrock's function, sum of 100 (x_(i+1) - x_i^2)^2 + (1 - x_i)^2.</summary>
internal static class Rosenbrock
{
    /// <summary>Its second derivatives as a function of so many variables.</summary>
    public static CompiledFunction Hessian(int variables)
    {
        var x = Ad.Input("x", [variables]);
        Node a = x[..^1], b = x[1..];
        var f = (100 * (b - a * a).Square() + (1 - a).Square()).Sum();
        return Ad.Compile([x], [f.Hessian(x)]);
    }
}
