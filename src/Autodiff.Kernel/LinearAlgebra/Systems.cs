using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Solves systems of linear equations over batches of matrices, given factorised or triangular.</summary>
internal static unsafe class Systems
{
    /// <summary>Solves systems with triangular matrices; the views may be strided, the result is dense.</summary>
    /// <exception cref="NumericalException">A diagonal has a zero.</exception>
    public static void SolveTriangular(TriangularForm form, View matrices, View b, View result)
    {
        if (result.DType == DType.Float32)
            SolveTriangular<float>(form, matrices, b, result);
        else
            SolveTriangular<double>(form, matrices, b, result);
    }

    /// <summary>Solves systems with matrices given by dense LU factors and permutations.</summary>
    /// <exception cref="NumericalException">A matrix is singular.</exception>
    public static void SolveFactored(bool isTransposed, View factors, View rows, View b, View result)
    {
        if (result.DType == DType.Float32)
            SolveFactored<float>(isTransposed, factors, rows, b, result);
        else
            SolveFactored<double>(isTransposed, factors, rows, b, result);
    }

    private static void SolveTriangular<T>(TriangularForm form, View matrices, View b, View result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (batch, sides) = (new MatrixBatch(matrices.Layout), new MatrixBatch(b.Layout));
        using var room = new Room<T>((long)batch.Rows * batch.Rows);
        var matrix = room.Matrix(batch.Rows, batch.Rows);
        fixed (T* from = &matrices.Storage.Reference<T>(), right = &b.Storage.Reference<T>())
        fixed (T* to = &result.Storage.Reference<T>())
            for (var item = 0; item < batch.Count; item++)
            {
                var x = new Matrix<T>(to + ((nint)item * sides.Rows * sides.Columns), sides.Rows, sides.Columns);
                batch.Load(from, item, matrix);
                sides.Load(right, item, x);
                Check(batch, item, Substitution.Solve(matrix, form, x));
            }
    }

    private static void SolveFactored<T>(bool isTransposed, View factors, View rows, View b, View result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (batch, sides) = (new MatrixBatch(factors.Layout), new MatrixBatch(b.Layout));
        var n = batch.Rows;
        using var room = new Room<T>((long)sides.Rows * sides.Columns);
        var right = room.Matrix(sides.Rows, sides.Columns);
        fixed (T* from = &factors.Storage.Reference<T>(), sidesFrom = &b.Storage.Reference<T>())
        fixed (T* to = &result.Storage.Reference<T>())
        fixed (long* places = &rows.Storage.Reference<long>())
            for (var item = 0; item < batch.Count; item++)
            {
                var matrix = new Matrix<T>(from + ((nint)item * n * n), n, n);
                var x = new Matrix<T>(to + ((nint)item * right.Size), right.Rows, right.Columns);
                sides.Load(sidesFrom, item, right);
                Check(batch, item, LuFactors.Solve(matrix, places + ((nint)item * n), isTransposed, right, x));
            }
    }

    private static void Check(MatrixBatch batch, int item, int pivot)
    {
        if (pivot >= 0)
            throw new NumericalException($"solve: {batch.Name(item)} is singular: pivot {pivot} is zero");
    }
}
