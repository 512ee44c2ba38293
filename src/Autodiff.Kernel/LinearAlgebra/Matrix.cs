using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>A dense row-major matrix in memory that stays where it is for as long as the matrix is used.</summary>
/// <param name="Start">The first element.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns, which is also the distance of the rows.</param>
internal readonly unsafe record struct Matrix<T>(nint Start, int Rows, int Columns)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public Matrix(T* start, int rows, int columns) : this((nint)start, rows, columns) { }

    /// <summary>The number of elements.</summary>
    public int Size => Rows * Columns;

    public Span<T> Elements => new((T*)Start, Size);

    public T* Row(int row) => (T*)Start + ((nint)row * Columns);

    public ref T this[int row, int column] => ref Row(row)[column];

    /// <summary>Writes the identity matrix, or its upper left part.</summary>
    public void SetIdentity()
    {
        Elements.Clear();
        for (var i = 0; i < Math.Min(Rows, Columns); i++)
            this[i, i] = T.One;
    }

    /// <summary>Writes the transpose to another matrix.</summary>
    public void TransposeTo(Matrix<T> target)
    {
        for (var i = 0; i < Rows; i++)
            for (var j = 0; j < Columns; j++)
                target[j, i] = this[i, j];
    }

    /// <summary>Makes the matrix symmetric by its lower triangle.</summary>
    public void MirrorLower()
    {
        for (var i = 0; i < Rows; i++)
            for (var j = i + 1; j < Columns; j++)
                this[i, j] = this[j, i];
    }

    /// <summary>Whether no element is infinite or NaN.</summary>
    public bool IsFinite()
    {
        foreach (var element in Elements)
            if (!T.IsFinite(element))
                return false;
        return true;
    }

    /// <summary>
    /// Scales by a power of two, which loses nothing, so that the largest element lies in [1, 2): squares of elements
    /// that count neither overflow nor vanish. Gives the exponent that was taken out; 0 for a matrix of zeros.
    /// </summary>
    public int Normalise()
    {
        var largest = RowMath.MaxMagnitude((T*)Start, Size);
        if (largest == T.Zero)
            return 0;
        var exponent = T.ILogB(largest);
        foreach (ref var element in Elements)
            element = T.ScaleB(element, -exponent);
        return exponent;
    }
}
