using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Picks slices of an array by their indices along one axis.</summary>
internal static class Gather
{
    /// <summary>
    /// Without batch axes, <c>result[before.., indices.., after..] = source[before.., indices[indices..], after..]</c>;
    /// each of the leading <paramref name="batchRank"/> axes is walked in source, indices and result alike.
    /// </summary>
    /// <param name="source">The array to pick from, of any element type.</param>
    /// <param name="indices">Int32 or Int64; a negative index counts from the end.</param>
    /// <param name="axis">The axis of the source that the indices run along, not a batch axis.</param>
    /// <param name="batchRank">The number of leading axes that source and indices share.</param>
    /// <param name="result">Of the shape that <see cref="IndexedAxis.PickedShape"/> gives.</param>
    /// <exception cref="IndexOutOfRangeException">An index is beyond the axis.</exception>
    public static void Run(View source, View indices, int axis, int batchRank, View result)
    {
        var plan = IndexedAxis.Create(source, indices, axis, batchRank, result);
        if (LoopAxis.Count(plan.Places) == 0)
            return;
        switch (source.DType.Size())
        {
            case 1:
                Run<byte>(plan, source, indices, result);
                break;
            case 4:
                Run<uint>(plan, source, indices, result);
                break;
            default:
                Run<ulong>(plan, source, indices, result);
                break;
        }
    }

    private static void Run<T>(IndexedAxis plan, View source, View indices, View result) where T : unmanaged
    {
        if (indices.DType == DType.Int32)
            Run<T, int>(plan, source, indices, result);
        else
            Run<T, long>(plan, source, indices, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run<T, TIndex>(IndexedAxis plan, View source, View indices, View result)
        where T : unmanaged
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        var loop = new StridedCopyLoop(plan.Slice, plan.PickedSlice);
        var (single, empty) = (plan.Slice.Shape.Size == 1, plan.Slice.Shape.Size == 0);
        fixed (T* from = &source.Storage.Reference<T>(), to = &result.Storage.Reference<T>())
        fixed (TIndex* index = &indices.Storage.Reference<TIndex>())
        {
            var place = new Odometer(plan.Places);
            do
            {
                var offset = plan.Offset(long.CreateChecked(index[indices.Layout.Offset + place.B]));
                var (picked, target) = (plan.Slice.Offset + place.A + offset, plan.PickedSlice.Offset + place.C);
                if (single)
                    to[target] = from[picked];
                else if (!empty)
                    loop.Run(from + picked, to + target);
            }
            while (place.Next());
        }
    }
}
