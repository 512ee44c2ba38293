using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// As many small matrices of one size as a vector has lanes, element by element: a lane of an element belongs to one matrix.
/// An algorithm over vectors treats each lane by itself, so that what becomes of a matrix does not depend on its neighbours.
/// </summary>
/// <param name="start">Memory for the elements.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="columns">The number of columns.</param>
internal readonly unsafe struct LaneMatrices<V, T>(T* start, int rows, int columns)
    where V : struct, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* start = start;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public V this[int row, int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Load(ref *At(row, column), 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => V.Store(value, ref *At(row, column), 0);
    }

    /// <summary>Matrices in a room, with any contents.</summary>
    public static LaneMatrices<V, T> Of(Room<T> room, int rows, int columns) =>
        new(room.Row(rows * columns * V.Count), rows, columns);

    /// <summary>An element of one matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* At(int row, int column, int lane) => At(row, column) + lane;

    /// <summary>Reads one of the matrices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(T* source, nint rowStride, nint columnStride, int lane)
    {
        var target = start + lane;
        for (var i = 0; i < Rows; i++)
            for (var j = 0; j < Columns; j++, target += V.Count)
                *target = source[(i * rowStride) + (j * columnStride)];
    }

    /// <summary>Reads dense matrices that stand at equal distances, for the first lanes.</summary>
    public void Load(T* source, nint distance, int count) =>
        Transposing.ToRows(source, distance, start, V.Count, Rows * Columns, count);

    /// <summary>Writes the matrices of the first lanes, dense and one behind the other.</summary>
    public void Store(T* target, int count) =>
        Transposing.ToRows(start, V.Count, target, Rows * Columns, count, Rows * Columns);

    /// <summary>Fills the lanes from one on with the matrix before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Repeat(int lane)
    {
        for (var element = start; element < start + (Rows * Columns * V.Count); element += V.Count)
            for (var i = lane; i < V.Count; i++)
                element[i] = element[lane - 1];
    }

    /// <summary>Copies a row of one matrix to another row of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyRow(int row, LaneMatrices<V, T> target, int targetRow, int lane)
    {
        for (var j = 0; j < Columns; j++)
            *target.At(targetRow, j, lane) = *At(row, j, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T* At(int row, int column) => start + (((row * Columns) + column) * V.Count);
}
