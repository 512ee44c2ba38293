using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>A row-major matrix in memory that stays where it is for as long as the matrix is used.</summary>
/// <param name="Start">The first element.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Stride">The distance of the rows, in elements; of a dense matrix the number of columns.</param>
internal readonly unsafe record struct Matrix<T>(nint Start, int Rows, int Columns, nint Stride)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>A dense matrix.</summary>
    public Matrix(T* start, int rows, int columns) : this((nint)start, rows, columns, columns) { }

    /// <summary>The number of elements.</summary>
    public int Size => Rows * Columns;

    /// <summary>The elements of a dense matrix.</summary>
    public Span<T> Elements => new((T*)Start, Size);

    public T* Row(int row) => (T*)Start + (row * Stride);

    public ref T this[int row, int column] => ref Row(row)[column];

    /// <summary>The block with so many rows and columns from a place on.</summary>
    public Matrix<T> Part(int row, int column, int rows, int columns) =>
        new((nint)(Row(row) + column), rows, columns, Stride);

    /// <summary>The block from a place to the last row and column.</summary>
    public Matrix<T> From(int row, int column) => Part(row, column, Rows - row, Columns - column);

    /// <summary>The matrix as a factor of a product.</summary>
    public Factor<T> Straight => new(Start, Rows, Columns, Stride, 1);

    /// <summary>The transpose as a factor of a product.</summary>
    public Factor<T> Transposed => new(Start, Columns, Rows, 1, Stride);

    /// <summary>Zeros everywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Clear()
    {
        for (var i = 0; i < Rows; i++)
            new Span<T>(Row(i), Columns).Clear();
    }

    /// <summary>Writes the identity matrix, or its upper left part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SetIdentity()
    {
        Clear();
        for (var i = 0; i < Math.Min(Rows, Columns); i++)
            this[i, i] = T.One;
    }

    /// <summary>Writes the elements to another matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CopyTo(Matrix<T> target)
    {
        for (var i = 0; i < Rows; i++)
            new Span<T>(Row(i), Columns).CopyTo(new Span<T>(target.Row(i), Columns));
    }

    /// <summary>Writes the transpose to another matrix.</summary>
    public void TransposeTo(Matrix<T> target) =>
        Transposing.Run((T*)Start, Stride, (T*)target.Start, target.Stride, 1, Columns, Rows);

    /// <summary>Makes the matrix symmetric by its lower triangle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void MirrorLower()
    {
        const int Block = 32;
        for (var start = 0; start < Rows; start += Block)
        {
            var end = Math.Min(Rows, start + Block);
            for (var i = start; i < end; i++)
                for (var j = i + 1; j < end; j++)
                    this[i, j] = this[j, i];
            Part(end, start, Rows - end, end - start).TransposeTo(From(start, end));
        }
    }

    /// <summary>Zeros above the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ClearUpper()
    {
        for (var i = 0; i < Rows; i++)
            new Span<T>(Row(i) + i + 1, Columns - i - 1).Clear();
    }

    /// <summary>Whether no element of a dense matrix is infinite or NaN.</summary>
    public bool IsFinite() => RowMath.IsFinite((T*)Start, Size);

    /// <summary>
    /// Scales a dense matrix by a power of two, which loses nothing, so that the largest element lies in [1, 2): squares
    /// of elements that count neither overflow nor vanish. Gives the exponent that was taken out; 0 for a matrix of zeros.
    /// </summary>
    public int Normalise()
    {
        var largest = RowMath.MaxMagnitude((T*)Start, Size);
        if (largest == T.Zero)
            return 0;
        var exponent = T.ILogB(largest);
        RowMath.ScaleB((T*)Start, -exponent, Size);
        return exponent;
    }
}

/// <summary>A factor of a matrix product: strided, so that a matrix and its transpose are alike.</summary>
/// <param name="Start">The first element.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="RowStride">The distance of the rows.</param>
/// <param name="ColumnStride">The distance of the columns.</param>
internal readonly record struct Factor<T>(nint Start, int Rows, int Columns, nint RowStride, nint ColumnStride)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
