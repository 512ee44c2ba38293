using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The solutions of <see cref="Substitution"/> for many small triangular systems at a time.</summary>
internal static class SmallSubstitution
{
    /// <summary>Overwrites the right sides by the solutions. No diagonal has a zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Solve<V, T>(LaneMatrices<V, T> t, TriangularForm form, LaneMatrices<V, T> b)
        where V : struct, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var isForward = form.IsLower != form.IsTransposed;
        for (var step = 0; step < t.Rows; step++)
        {
            var i = isForward ? step : t.Rows - 1 - step;
            var (first, end) = isForward ? (0, i) : (i + 1, t.Rows);
            for (var column = 0; column < b.Columns; column++)
            {
                var rest = b[i, column];
                for (var j = first; j < end; j++)
                    rest = V.Fma(form.IsTransposed ? -t[j, i] : -t[i, j], b[j, column], rest);
                b[i, column] = form.HasUnitDiagonal ? rest : rest / t[i, i];
            }
        }
    }
}
