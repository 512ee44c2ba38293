using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Rows of a loop whose last output is reduced to a value for each of them, on the calling thread.</summary>
/// <param name="stretches">The rows of a segment which folds its last output.</param>
/// <param name="machine">What computes them.</param>
/// <param name="storages">Where the views' storages begin.</param>
/// <param name="result">Where the results go.</param>
internal readonly unsafe struct RowsHere(StretchPlan stretches, TileMachine machine, nint[] storages, nint result) : ITrailingUse
{
    /// <summary>All rows.</summary>
    public void Run<T, TReduction>()
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T> => Run<T, TReduction>(0, stretches.Count);

    /// <summary>Some rows, whose results are the next ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T, TReduction>(long first, long count)
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        var rows = new Rows<T, TReduction>(new FoldedRow<T, TReduction>(stretches, machine), (T*)result);
        stretches.Walk(storages, machine.RowTable, first, count, 0, ref rows);
    }

    /// <summary>One row after the other.</summary>
    private struct Rows<T, TReduction>(FoldedRow<T, TReduction> row, T* result) : IStretchUse
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>
    {
        public void Run() => *result++ = row.Reduce();
    }
}
