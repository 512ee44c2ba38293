using System.Globalization;
using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>The matrices of a strided view: the last two axes are their rows and columns, the others count them.</summary>
internal sealed unsafe class MatrixBatch
{
    private readonly Layout layout;
    private readonly int rank;

    public MatrixBatch(Layout layout)
    {
        this.layout = layout;
        rank = layout.Shape.Rank - 2;
        (Rows, Columns) = (layout.Shape[rank], layout.Shape[rank + 1]);
        Count = 1;
        for (var axis = 0; axis < rank; axis++)
            Count *= layout.Shape[axis];
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The number of matrices.</summary>
    public int Count { get; }

    /// <summary>Copies a matrix to dense memory.</summary>
    /// <param name="start">The first element of the buffer.</param>
    /// <param name="item">The number of the matrix.</param>
    /// <param name="target">A matrix of the same size.</param>
    public void Load<T>(T* start, int item, Matrix<T> target) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var from = start + layout.Offset;
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            (item, var place) = Math.DivRem(item, layout.Shape[axis]);
            from += (nint)place * layout.Strides[axis];
        }

        nint rowStride = layout.Strides[rank], columnStride = layout.Strides[rank + 1];
        if (columnStride == 1)
            new Matrix<T>((nint)from, Rows, Columns, rowStride).CopyTo(target);
        else if (rowStride == 1)
            new Matrix<T>((nint)from, Columns, Rows, columnStride).TransposeTo(target);
        else
            for (var i = 0; i < Rows; i++)
                for (var j = 0; j < Columns; j++)
                    target[i, j] = from[(i * rowStride) + (j * columnStride)];
    }

    /// <summary>A matrix as a message names it.</summary>
    public string Name(int item)
    {
        if (rank == 0)
            return "the matrix";
        var places = new string[rank];
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            (item, var place) = Math.DivRem(item, layout.Shape[axis]);
            places[axis] = place.ToString(CultureInfo.InvariantCulture);
        }

        return $"matrix [{string.Join(",", places)}] of the batch";
    }
}
