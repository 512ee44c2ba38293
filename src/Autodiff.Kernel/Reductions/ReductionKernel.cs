using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>
/// A reduction over the last axes of a view that has elements. Made for fixed layouts, then run for any places in memory;
/// immutable and safe to share between threads.
/// </summary>
internal sealed unsafe class ReductionKernel
{
    private readonly ReductionKind kind;
    private readonly nint sourceOffset;
    private readonly nint resultOffset;
    private readonly ReductionLoop? loop;
    private readonly ArgReductionLoop? argLoop;

    /// <summary>Plans a reduction; see <see cref="Reduction.Run"/>.</summary>
    public ReductionKernel(ReductionKind kind, Layout source, int keptRank, Layout result)
    {
        (this.kind, sourceOffset, resultOffset) = (kind, source.Offset, result.Offset);
        if (kind is ReductionKind.ArgMax or ReductionKind.ArgMin)
            argLoop = new ArgReductionLoop(source, keptRank, result);
        else
            loop = new ReductionLoop(source, keptRank, result);
    }

    /// <summary>Reduces on all threads.</summary>
    public void Run(View source, View result)
    {
        fixed (byte* from = &source.Storage.Reference<byte>(), to = &result.Storage.Reference<byte>())
            Run(source.DType, (nint)from, (nint)to);
    }

    /// <summary>The same between storages that are pinned, of elements of a type.</summary>
    public void Run(DType type, nint source, nint result)
    {
        switch (type)
        {
            case DType.Float32: Run((float*)source, result); break;
            case DType.Float64: Run((double*)source, result); break;
            case DType.Int32: Run((int*)source, result); break;
            case DType.Int64: Run((long*)source, result); break;

            // Truth values are the bytes 0 and 1.
            default: Run((byte*)source, result); break;
        }
    }

    private void Run<T>(T* source, nint result) where T : unmanaged, INumber<T>
    {
        source += sourceOffset;
        var target = (T*)result + resultOffset;
        var place = (long*)result + resultOffset;
        switch (kind)
        {
            case ReductionKind.Sum: loop!.Run<T, SumReduction<T>>(source, target); break;
            case ReductionKind.Prod: loop!.Run<T, ProductReduction<T>>(source, target); break;
            case ReductionKind.Max: loop!.Run<T, MaxReduction<T>>(source, target); break;
            case ReductionKind.Min: loop!.Run<T, MinReduction<T>>(source, target); break;
            case ReductionKind.ArgMax: argLoop!.Run<T, MaxReduction<T>>(source, place); break;
            default: argLoop!.Run<T, MinReduction<T>>(source, place); break;
        }
    }
}
