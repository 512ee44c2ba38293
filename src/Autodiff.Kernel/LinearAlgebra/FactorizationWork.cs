using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Autodiff.Kernel;

/// <summary>The factorisation of a batch of matrices: an item of work is a few of them, or one.</summary>
/// <param name="kind">What is computed.</param>
/// <param name="cutoff">Of a pseudo-inverse, which singular values count as zero.</param>
/// <param name="batch">The matrices.</param>
/// <param name="source">The element that the batch's layout starts from.</param>
/// <param name="one">The first result.</param>
/// <param name="two">The second result; the first, if there is none.</param>
/// <param name="three">The last result.</param>
/// <param name="failure">Receives the first failure, see <see cref="Failures"/>.</param>
internal readonly unsafe struct FactorizationWork<T>(
    Factorization kind, T cutoff, MatrixBatch batch, T* source, Result<T> one, Result<T> two, Result<T> three,
    long* failure) : IWork
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Matrices of less work than this share an item.
    private const long ItemNanoseconds = 20_000;

    /// <summary>Factorises all matrices, on all threads.</summary>
    public void Run() => ForkJoin.Run(this, (batch.Count + ItemSize - 1) / ItemSize, batch.Count * MatrixNanoseconds);

    private long ItemSize => Math.Max(1, ItemNanoseconds / MatrixNanoseconds);

    private long MatrixNanoseconds =>
        100 + ((long)batch.Rows * batch.Columns * (50 + Math.Min(batch.Rows, batch.Columns)) / 20);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(long item)
    {
        using var room = Room<T>.Take(RoomFor(kind, batch.Rows, batch.Columns));
        var end = Math.Min(batch.Count, (item + 1) * ItemSize);
        for (var i = (int)(item * ItemSize); i < end; i++)
        {
            room.Clear();
            RunMatrix(i, room);
        }
    }

    private void RunMatrix(int item, Room<T> room)
    {
        var a = room.Matrix(batch.Rows, batch.Columns);
        batch.Load(source, item, a);
        if (kind == Factorization.Cholesky)
            a.ClearUpper();
        else if (kind == Factorization.Eigen)
            a.MirrorLower();
        if (!a.IsFinite())
            SetUndefined(item);
        else if (Factor(a, item, room) is >= 0 and var place)
            Failures.Report(failure, item, place);
    }

    /// <summary>NaN for every result of a matrix, and the permutation that changes nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetUndefined(int item)
    {
        one.Elements(item).Fill(T.NaN);
        three.Elements(item).Fill(T.NaN);
        if (kind != Factorization.Lu)
            two.Elements(item).Fill(T.NaN);
        else
            for (var i = 0; i < batch.Rows; i++)
                Permutation(item)[i] = i;
    }

    private long* Permutation(int item) => (long*)two.At(0) + ((nint)item * batch.Rows);

    /// <summary>The factorisation of one matrix, which is destroyed. Gives -1, or where it failed.</summary>
    private int Factor(Matrix<T> a, int item, Room<T> room)
    {
        var count = Math.Min(a.Rows, a.Columns);
        T* first = one.At(item), second = two.At(item), third = three.At(item);
        switch (kind)
        {
            case Factorization.Cholesky:
                var order = Cholesky.Factor(a, room);
                a.Elements.CopyTo(new Span<T>(first, a.Size));
                return order == 0 ? -1 : order;
            case Factorization.Lu:
                var sign = LuFactors.Factor(a, Permutation(item), room);
                LuFactors.Summarise(a, sign, third);
                a.Elements.CopyTo(new Span<T>(first, a.Size));
                return -1;
            case Factorization.Cofactors:
                var cofactors = new Matrix<T>(first, a.Rows, a.Columns);
                return Failed(SingularFunctions.Cofactors(a, cofactors, room, room.Integers(a.Rows)));
            case Factorization.PseudoInverse:
                return Failed(
                    SingularFunctions.PseudoInverse(a, cutoff, new Matrix<T>(first, a.Columns, a.Rows), room));
            case Factorization.Exponential:
                var formed = MatrixExponential.Run(a, room, room.Integers(a.Rows));
                a.Elements.CopyTo(new Span<T>(first, a.Size));
                return Failed(formed);
            case Factorization.Qr:
                Qr(a, new Matrix<T>(first, a.Rows, count), new Matrix<T>(second, count, a.Columns), room);
                return -1;
            case Factorization.Eigen:
                var vectors = room.Matrix(a.Rows, a.Rows);
                var failed = SymmetricEigen.Factor(a, first, vectors, room);
                vectors.TransposeTo(new Matrix<T>(second, a.Rows, a.Rows));
                return failed;
            default:
                return Failed(SingularValues.Factor(
                    a, new Matrix<T>(first, a.Rows, count), second, new Matrix<T>(third, count, a.Columns), room));
        }
    }

    private static void Qr(Matrix<T> a, Matrix<T> q, Matrix<T> r, Room<T> room)
    {
        var columns = room.Matrix(a.Columns, a.Rows);
        T* diagonal = room.Row(r.Rows), factors = room.Row(r.Rows);
        var rows = room.Matrix(r.Rows, a.Rows);
        var workspace = room.Row((int)HouseholderQr.RoomFor(a.Columns, a.Rows));
        a.TransposeTo(columns);
        HouseholderQr.Factor(columns, diagonal, factors, workspace);
        HouseholderQr.FormQ(columns, factors, rows, workspace);
        HouseholderQr.CopyR(columns, diagonal, r);
        rows.TransposeTo(q);
    }

    private static int Failed(bool succeeded) => succeeded ? -1 : 0;

    /// <summary>The room for a matrix and what its factorisation needs.</summary>
    private static long RoomFor(Factorization kind, int rows, int columns)
    {
        long count = Math.Min(rows, columns);
        return ((long)rows * columns) + kind switch
        {
            Factorization.Cholesky => Cholesky.RoomFor(rows),
            Factorization.Lu => LuFactors.RoomFor(rows),
            Factorization.Cofactors => SingularFunctions.RoomForCofactors(rows) + Room<T>.ForIntegers(rows),
            Factorization.PseudoInverse => SingularFunctions.RoomForPseudoInverse(rows, columns),
            Factorization.Exponential => MatrixExponential.RoomFor(rows) + Room<T>.ForIntegers(rows),
            Factorization.Qr => ((long)rows * columns) + (count * (rows + 2))
                + HouseholderQr.RoomFor(columns, rows),
            Factorization.Eigen => SymmetricEigen.RoomFor(rows) + ((long)rows * rows),
            _ => SingularValues.RoomFor(rows, columns),
        };
    }
}

/// <summary>A dense result of a batch.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct Result<T>(T* start, int size)
    where T : unmanaged
{
    /// <summary>The first element for a matrix.</summary>
    public T* At(int item) => start + ((nint)item * size);

    /// <summary>The elements for a matrix.</summary>
    public Span<T> Elements(int item) => new(At(item), size);
}
