using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>What is done with a reduction that a loop ends in.</summary>
internal interface ITrailingUse
{
    /// <summary>Does it for a type and an operation.</summary>
    void Run<T, TReduction>()
        where T : unmanaged, INumber<T>
        where TReduction : struct, IReduction<T>;
}

/// <summary>The reductions that a loop ends in: a sum, a maximum or a minimum of numbers.</summary>
internal static class TrailingReduction
{
    /// <summary>Finds the type and the operation.</summary>
    public static void Run<TUse>(DType type, ReductionKind kind, scoped ref TUse use)
        where TUse : struct, ITrailingUse, allows ref struct
    {
        switch (type)
        {
            case DType.Float32: Run<float, TUse>(kind, ref use); break;
            case DType.Float64: Run<double, TUse>(kind, ref use); break;
            case DType.Int32: Run<int, TUse>(kind, ref use); break;
            case DType.Int64: Run<long, TUse>(kind, ref use); break;
            default: throw new DTypeException($"a loop does not end in {kind} of {type}");
        }
    }

    private static void Run<T, TUse>(ReductionKind kind, scoped ref TUse use)
        where T : unmanaged, INumber<T>
        where TUse : struct, ITrailingUse, allows ref struct
    {
        switch (kind)
        {
            case ReductionKind.Sum: use.Run<T, SumReduction<T>>(); break;
            case ReductionKind.Max: use.Run<T, MaxReduction<T>>(); break;
            case ReductionKind.Min: use.Run<T, MinReduction<T>>(); break;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "no reduction that a loop ends in");
        }
    }
}
