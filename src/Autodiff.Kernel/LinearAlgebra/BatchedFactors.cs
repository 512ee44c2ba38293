using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// Runs factorisations over batches of matrices. A matrix with an element that is not finite gives NaN throughout; one
/// that has no such factorisation throws a <see cref="NumericalException"/> that names it.
/// </summary>
internal static unsafe class BatchedFactors
{
    /// <summary>Writes the results, which are dense, for each matrix of the source, which may be strided.</summary>
    public static void Run(Factorization kind, double cutoff, View source, ReadOnlySpan<View> results)
    {
        if (source.DType == DType.Float32)
            Run<float>(kind, cutoff, source, results);
        else
            Run<double>(kind, cutoff, source, results);
    }

    private static void Run<T>(Factorization kind, double cutoff, View source, ReadOnlySpan<View> results)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var batch = new MatrixBatch(source.Layout);
        var last = results[^1];
        View first = results[0], second = results[Math.Min(1, results.Length - 1)];
        var permutations = kind == Factorization.Lu ? second : default;
        var places = new long[batch.Rows];
        fixed (T* from = &source.Storage.Reference<T>())
        fixed (T* one = &first.Storage.Reference<T>(), two = &second.Storage.Reference<T>())
        fixed (T* three = &last.Storage.Reference<T>())
        fixed (long* rows = places)
            for (var item = 0; item < batch.Count; item++)
            {
                using var room = new Room<T>(RoomFor(kind, batch.Rows, batch.Columns));
                var a = room.Matrix(batch.Rows, batch.Columns);
                batch.Load(from, item, a);
                var to = new Results<T>(
                    At(one, first, batch, item), At(two, second, batch, item), At(three, last, batch, item));
                if (kind == Factorization.Cholesky)
                    a.ClearUpper();
                else if (kind == Factorization.Eigen)
                    a.MirrorLower();
                if (a.IsFinite())
                    Check(kind, batch, item, One(kind, T.CreateChecked(cutoff), a, to, rows, room));
                else
                    Undefined(batch, results, item, places);
                if (kind == Factorization.Lu)
                    places.CopyTo(permutations.Storage.Span<long>().Slice(item * batch.Rows, batch.Rows));
            }
    }

    /// <summary>Where the results of one matrix are written.</summary>
    private readonly record struct Results<T>(nint First, nint Second, nint Third)
        where T : unmanaged
    {
        public Results(T* first, T* second, T* third) : this((nint)first, (nint)second, (nint)third) { }
    }

    private static T* At<T>(T* start, View view, MatrixBatch batch, int item) where T : unmanaged =>
        start + ((nint)view.Shape.Size / batch.Count * item);

    /// <summary>The factorisation of one matrix, which is destroyed. Gives -1, or where it failed.</summary>
    private static int One<T>(Factorization kind, T cutoff, Matrix<T> a, Results<T> to, long* rows, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var count = Math.Min(a.Rows, a.Columns);
        T* first = (T*)to.First, second = (T*)to.Second, third = (T*)to.Third;
        switch (kind)
        {
            case Factorization.Cholesky:
                var order = Cholesky.Factor(a, room);
                a.Elements.CopyTo(new Span<T>(first, a.Size));
                return order == 0 ? -1 : order;
            case Factorization.Lu:
                var sign = LuFactors.Factor(a, rows, room);
                LuFactors.Summarise(a, sign, third);
                a.Elements.CopyTo(new Span<T>(first, a.Size));
                return -1;
            case Factorization.Cofactors:
                return Failed(SingularFunctions.Cofactors(a, new Matrix<T>(first, a.Rows, a.Columns), room, rows));
            case Factorization.PseudoInverse:
                return Failed(
                    SingularFunctions.PseudoInverse(a, cutoff, new Matrix<T>(first, a.Columns, a.Rows), room));
            case Factorization.Exponential:
                var formed = MatrixExponential.Run(a, room, rows);
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

    private static void Qr<T>(Matrix<T> a, Matrix<T> q, Matrix<T> r, Room<T> room)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
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
            Factorization.Cofactors => SingularFunctions.RoomForCofactors(rows),
            Factorization.PseudoInverse => SingularFunctions.RoomForPseudoInverse(rows, columns),
            Factorization.Exponential => MatrixExponential.RoomFor(rows),
            Factorization.Qr => ((long)rows * columns) + (count * (rows + 2))
                + HouseholderQr.RoomFor(columns, rows),
            Factorization.Eigen => SymmetricEigen.RoomFor(rows) + ((long)rows * rows),
            _ => SingularValues.RoomFor(rows, columns),
        };
    }

    /// <summary>NaN for every result of a matrix, and the permutation that changes nothing.</summary>
    private static void Undefined(MatrixBatch batch, ReadOnlySpan<View> results, int item, long[] places)
    {
        for (var i = 0; i < places.Length; i++)
            places[i] = i;
        foreach (var result in results)
        {
            var count = result.Shape.Size / batch.Count;
            if (result.DType == DType.Float32)
                result.Storage.Span<float>().Slice(item * count, count).Fill(float.NaN);
            else if (result.DType == DType.Float64)
                result.Storage.Span<double>().Slice(item * count, count).Fill(double.NaN);
        }
    }

    private static void Check(Factorization kind, MatrixBatch batch, int item, int failure)
    {
        if (failure < 0)
            return;
        var name = batch.Name(item);
        throw new NumericalException(kind switch
        {
            Factorization.Cholesky =>
                $"cholesky: {name} is not positive definite: the leading minor of order {failure} is not positive",
            Factorization.Eigen => $"eigh: eigenvalue {failure} of {name} did not converge",
            Factorization.Exponential => $"expm: {name} is too large",
            Factorization.PseudoInverse => $"pinv: the singular values of {name} did not converge",
            Factorization.Cofactors => $"det: the singular values of {name} did not converge",
            _ => $"svd: {name} did not converge",
        });
    }
}
