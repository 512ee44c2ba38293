using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Reductions, scans and sorts as C# writes them, with their options.</summary>
public class ReductionTests
{
    private static readonly Node X = Ad.Constant(new double[,] { { 3, -1, 2 }, { 0, 5, 4 } });

    private static void Is(NDArray expected, Node actual)
    {
        var value = actual.Eval();
        Assert.True(value.AllClose(expected.AsType(value.DType), 1e-14, 1e-14), $"{value} instead of {expected}");
        Assert.Equal(expected.Shape, value.Shape);
    }

    [Fact]
    public void Products_and_ranges()
    {
        Is(0.0, X.Prod());
        Is(new double[] { -6, 0 }, X.Prod(1));
        Is(new double[,] { { 0, -5, 8 } }, X.Prod(0, keepDims: true));
        Is(0.0, X.Prod([0, 1]));
        Is(new double[] { 4, 5 }, X.Ptp(-1));
        Is(6.0, X.Ptp());
    }

    [Fact]
    public void Places_of_extrema()
    {
        Is(4.0, X.ArgMax());
        Is(1.0, X.ArgMin());
        Is(new double[] { 0, 1 }, X.ArgMax(1));
        Is(new double[,] { { 1, 0, 0 } }, X.ArgMin(0, keepDims: true).Cast(DType.Float64) * 1.0);
        Assert.Equal(DType.Int64, X.ArgMax().DType);
        Assert.Equal([1, 1], X.ArgMax(keepDims: true).Shape.ToArray());
    }

    [Fact]
    public void Counts()
    {
        Assert.Equal(5, X.CountNonzero().Eval().Item<long>());
        Is(new double[] { 3, 2 }, X.CountNonzero(1));
        Assert.True((bool)X.Any().Eval());
        Assert.False((bool)X.All().Eval());
        Assert.Equal([true, false], X.All(1).Eval().ToArray<bool>());
        Assert.Equal([true, true, true], (X > 1).Any([0]).Eval().ToArray<bool>());
        Assert.Equal([1, 3], X.Any(0, keepDims: true).Shape.ToArray());
    }

    [Fact]
    public void Norms_of_vectors_and_matrices()
    {
        Is(15.0, X.VectorNorm(1));
        Is(new double[] { 3, 5 }, X.VectorNorm(double.PositiveInfinity, 1));
        Is(new double[,] { { 2 }, { 2 } }, X.VectorNorm(0, 1, keepDims: true) * 0 + 2);
        Is(Math.Sqrt(55), X.MatrixNorm());
        Is(6.0, X.MatrixNorm(MatrixNorm.LargestColumn));
        Is(new double[,] { { 9 } }, X.MatrixNorm(MatrixNorm.LargestRow, keepDims: true));
        Is(9.0, X.MatrixNorm(MatrixNorm.LargestColumn, row: 1, column: 0));
    }

    [Fact]
    public void Scans()
    {
        Is(new double[,] { { 3, 2, 4 }, { 0, 5, 9 } }, X.CumSum(1));
        Is(new double[,] { { 1, 2, 0 }, { 9, 4, 0 } }, X.CumSum(1, reverse: true, exclusive: true));
        Is(new double[,] { { 3, -3, -6 }, { 0, 0, 0 } }, X.CumProd(-1));
        Is(new double[,] { { 3, 3, 3 }, { 0, 5, 5 } }, X.CumMax(1));
        Is(new double[,] { { 0, -1, 2 }, { 0, 5, 4 } }, X.CumMin(0, reverse: true));
        Is(new double[,] { { 3, -1, 2 }, { 1.5, 4.5, 5 } }, X.Recurrence(0.5, 0));
        Is(Math.Log(2), Ad.Constant(new double[2]).LogCumSumExp(0)[1]);
    }

    [Fact]
    public void Sorts()
    {
        Is(new double[,] { { -1, 2, 3 }, { 0, 4, 5 } }, X.Sort());
        Is(new double[,] { { 3, 5, 4 }, { 0, -1, 2 } }, X.Sort(0, descending: true));
        Is(new double[,] { { 1, 2, 0 }, { 0, 2, 1 } }, X.ArgSort().Cast(DType.Float64));
        var (values, indices) = X.TopK(2);
        Is(new double[,] { { 3, 2 }, { 5, 4 } }, values);
        Is(new double[,] { { 0, 2 }, { 1, 2 } }, indices.Cast(DType.Float64));
        Is(new double[,] { { -1 }, { 0 } }, X.TopK(1, largest: false).Values);
        Is(2.5, X.Median());
        Is(new double[] { 2, 4 }, X.Median(1));
        Is(new double[,] { { 1.5, 2, 3 } }, X.Quantile(0.5, 0, keepDims: true));
        Is(0.5, X.Quantile(0.25, [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => X.TopK(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => X.Quantile(2));
    }
}
