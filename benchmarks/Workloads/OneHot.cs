using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>Classes as rows of zeros and a one.</summary>
internal static class OneHot
{
    public static NDArray Of(int[] classes, int count, DType dtype)
    {
        var rows = new double[classes.Length * count];
        for (var i = 0; i < classes.Length; i++) rows[i * count + classes[i]] = 1;
        return NDArray.Create(rows, classes.Length, count).AsType(dtype);
    }

    /// <summary>The array as a constant of a graph.</summary>
    public static Node Node(this NDArray array) => Ad.Constant(array);
}
