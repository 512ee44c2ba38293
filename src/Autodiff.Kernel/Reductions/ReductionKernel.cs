using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A reduction over the last axes of a view that has elements. Made for fixed layouts, then run for any places in memory;
/// immutable and safe to share between threads.
/// </summary>
internal sealed class ReductionKernel
{
    private readonly ReductionKind kind;
    private readonly ReductionLoop? loop;
    private readonly ArgReductionLoop? argLoop;

    /// <summary>Plans a reduction; see <see cref="Reduction.Run"/>.</summary>
    public ReductionKernel(ReductionKind kind, Layout source, int keptRank, Layout result)
    {
        this.kind = kind;
        if (kind is ReductionKind.ArgMax or ReductionKind.ArgMin)
            argLoop = new ArgReductionLoop(source, keptRank, result);
        else
            loop = new ReductionLoop(source, keptRank, result);
    }

    /// <summary>Reduces on all threads.</summary>
    public void Run(View source, View result)
    {
        switch (source.DType)
        {
            case DType.Float32:
                Run<float>(source, result);
                break;
            case DType.Float64:
                Run<double>(source, result);
                break;
            case DType.Int32:
                Run<int>(source, result);
                break;
            case DType.Int64:
                Run<long>(source, result);
                break;
            default:
                // Truth values are the bytes 0 and 1.
                Run<byte>(source, result);
                break;
        }
    }

    private void Run<T>(View source, View result) where T : unmanaged, INumber<T>
    {
        switch (kind)
        {
            case ReductionKind.Sum:
                loop!.Run<T, SumReduction<T>>(source, result);
                break;
            case ReductionKind.Prod:
                loop!.Run<T, ProductReduction<T>>(source, result);
                break;
            case ReductionKind.Max:
                loop!.Run<T, MaxReduction<T>>(source, result);
                break;
            case ReductionKind.Min:
                loop!.Run<T, MinReduction<T>>(source, result);
                break;
            case ReductionKind.ArgMax:
                argLoop!.Run<T, MaxReduction<T>>(source, result);
                break;
            default:
                argLoop!.Run<T, MinReduction<T>>(source, result);
                break;
        }
    }
}
