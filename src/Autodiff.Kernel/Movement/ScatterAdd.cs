using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>The transpose of <see cref="Gather"/>: adds slices to an array at their indices along one axis.</summary>
internal static class ScatterAdd
{
    /// <summary>
    /// Without batch axes, <c>result[before.., indices[indices..], after..] += source[before.., indices..,
    /// after..]</c>, to what the result holds already. Equal indices add up, in row-major order of the indices.
    /// </summary>
    /// <param name="source">What is added, of the shape that <see cref="IndexedAxis.PickedShape"/> gives.</param>
    /// <param name="indices">Int32 or Int64; a negative index counts from the end.</param>
    /// <param name="axis">The axis of the result that the indices run along, not a batch axis.</param>
    /// <param name="batchRank">The number of leading axes that result and indices share.</param>
    /// <param name="result">What is added to: Float32, Float64, Int32 or Int64.</param>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public static void Run(View source, View indices, int axis, int batchRank, View result)
    {
        var plan = IndexedAxis.Create(result, indices, axis, batchRank, source);
        if (LoopAxis.Count(plan.Places) == 0)
            return;
        switch (source.DType)
        {
            case DType.Float32:
                Run<float>(plan, source, indices, result);
                break;
            case DType.Float64:
                Run<double>(plan, source, indices, result);
                break;
            case DType.Int32:
                Run<int>(plan, source, indices, result);
                break;
            case DType.Int64:
                Run<long>(plan, source, indices, result);
                break;
            default:
                throw new DTypeException($"scatter-add: {source.DType} elements have no sum");
        }
    }

    private static void Run<T>(IndexedAxis plan, View source, View indices, View result)
        where T : unmanaged, INumber<T>
    {
        if (indices.DType == DType.Int32)
            Run<T, int>(plan, source, indices, result);
        else
            Run<T, long>(plan, source, indices, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run<T, TIndex>(IndexedAxis plan, View source, View indices, View result)
        where T : unmanaged, INumber<T>
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        var loop = new AccumulateLoop(plan.PickedSlice, plan.Slice);
        var (single, empty) = (plan.Slice.Shape.Size == 1, plan.Slice.Shape.Size == 0);
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
        fixed (TIndex* index = &indices.Storage.Reference<TIndex>())
        {
            var place = new Odometer(plan.Places);
            do
            {
                var offset = plan.Offset(long.CreateChecked(index[indices.Layout.Offset + place.B]));
                var (target, added) = (plan.Slice.Offset + place.A + offset, plan.PickedSlice.Offset + place.C);
                if (single)
                    to[target] += from[added];
                else if (!empty)
                    loop.Run(from + added, to + target);
            }
            while (place.Next());
        }
    }
}
