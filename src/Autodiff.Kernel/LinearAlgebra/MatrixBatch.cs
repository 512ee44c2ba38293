using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The matrices of a strided view: the last two axes are their rows and columns, the others count them.</summary>
internal sealed unsafe class MatrixBatch
{
    private readonly Layout layout;
    private readonly int rank;

    /// <summary>Where the matrices are dense and at equal distances, how far they are apart; else zero.</summary>
    private readonly int distance;

    public MatrixBatch(Layout layout)
    {
        this.layout = layout;
        rank = layout.Shape.Rank - 2;
        (Rows, Columns) = (layout.Shape[rank], layout.Shape[rank + 1]);
        Count = 1;
        for (var axis = 0; axis < rank; axis++)
            Count *= layout.Shape[axis];
        distance = Distance();
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
        var from = At(start, item);
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

    /// <summary>
    /// Copies as many small matrices as there are lanes. Where fewer are left, the last one fills the lanes behind it.
    /// </summary>
    /// <param name="start">The first element of the buffer.</param>
    /// <param name="item">The number of the first matrix.</param>
    /// <param name="end">The number after the last one's.</param>
    /// <param name="target">Matrices of the same size.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load<V, T>(T* start, int item, int end, LaneMatrices<V, T> target)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Math.Min(V.Count, end - item);
        if (distance != 0)
            target.Load(At(start, item), distance, count);
        else
            for (var lane = 0; lane < count; lane++)
                target.Load(At(start, item + lane), layout.Strides[rank], layout.Strides[rank + 1], lane);
        target.Repeat(count);
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

    private int Distance()
    {
        if ((layout.Strides[rank + 1] != 1 && Columns > 1) || (layout.Strides[rank] != Columns && Rows > 1))
            return 0;
        if (rank == 0)
            return Rows * Columns;
        for (var axis = rank - 2; axis >= 0; axis--)
            if (layout.Strides[axis] != layout.Strides[axis + 1] * layout.Shape[axis + 1])
                return 0;
        return layout.Strides[rank - 1];
    }

    /// <summary>The first element of a matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private T* At<T>(T* start, int item) where T : unmanaged
    {
        var from = start + layout.Offset;
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            (item, var place) = Math.DivRem(item, layout.Shape[axis]);
            from += (nint)place * layout.Strides[axis];
        }

        return from;
    }
}
