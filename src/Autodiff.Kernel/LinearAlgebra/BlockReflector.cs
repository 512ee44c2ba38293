using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// A product of reflections, H0 H1 ... = I - V' T V with the vectors as the rows of V and T upper triangular (the compact
/// WY form of Schreiber and Van Loan), so that it is applied by matrix products.
/// </summary>
internal readonly unsafe ref struct BlockReflector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T> vectors;
    private readonly Matrix<T> transposed;
    private readonly Matrix<T> triangle;
    private readonly Matrix<T> scratch;

    /// <summary>Gathers reflections.</summary>
    /// <param name="rows">The vectors: that of reflection j stands in row j, from the diagonal on.</param>
    /// <param name="factors">The factors of the reflections.</param>
    /// <param name="workspace">Memory for it, see <see cref="HouseholderQr.RoomFor"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public BlockReflector(Matrix<T> rows, T* factors, T* workspace)
    {
        var (count, length) = (rows.Rows, rows.Columns);
        vectors = new Matrix<T>(workspace, count, length);
        transposed = new Matrix<T>(workspace + vectors.Size, length, count);
        triangle = new Matrix<T>(workspace + (2 * vectors.Size), count, count);
        scratch = new Matrix<T>(workspace + (2 * vectors.Size) + triangle.Size, 0, count);
        for (var j = 0; j < count; j++)
        {
            new Span<T>(vectors.Row(j), j).Clear();
            new Span<T>(rows.Row(j) + j, length - j).CopyTo(new Span<T>(vectors.Row(j) + j, length - j));
        }

        vectors.TransposeTo(transposed);
        FormTriangle(factors);
    }

    /// <summary>Each row x of a matrix becomes H x, or H' x.</summary>
    public void Apply(Matrix<T> rows, bool isTransposed)
    {
        if (rows.Rows == 0)
            return;
        var products = scratch with { Rows = rows.Rows };
        var weights = products with { Start = (nint)products.Row(rows.Rows) };
        MatrixProduct.Write(rows.Straight, transposed.Straight, products);
        MatrixProduct.Write(products.Straight, isTransposed ? triangle.Straight : triangle.Transposed, weights);
        MatrixProduct.Subtract(weights.Straight, vectors.Straight, rows);
    }

    /// <summary>
    /// Column j of T is its factor f on the diagonal and -f T (V v_j) above it, by the products of the vectors before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FormTriangle(T* factors)
    {
        var products = scratch with { Rows = triangle.Rows };
        MatrixProduct.Write(vectors.Straight, transposed.Straight, products);
        triangle.Clear();
        for (var j = 0; j < triangle.Rows; j++)
        {
            // Symmetric products: row j up to the diagonal is column j. T's columns before j are known.
            for (var i = 0; i < j; i++)
                triangle[i, j] = -(factors[j] * RowMath.Dot(triangle.Row(i) + i, products.Row(j) + i, j - i));
            triangle[j, j] = factors[j];
        }
    }
}
