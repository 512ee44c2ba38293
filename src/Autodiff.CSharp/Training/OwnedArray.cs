namespace Autodiff.CSharp;

/// <summary>An array that its owner writes to, as compiled functions read it and write to it.</summary>
internal abstract class OwnedArray
{
    /// <summary>The elements as they are now: for the owner's own runs only, because they change.</summary>
    public abstract NDArray Value { get; }

    /// <summary>The same elements as the place of a result.</summary>
    public abstract ResultBuffer Target { get; }

    /// <summary>An array of a shape and an element type, with any elements.</summary>
    public static OwnedArray Create(Shape shape, DType dtype) => dtype switch
    {
        DType.Float32 => new Of<float>(shape),
        DType.Float64 => new Of<double>(shape),
        DType.Int32 => new Of<int>(shape),
        DType.Int64 => new Of<long>(shape),
        _ => new Of<bool>(shape),
    };

    /// <summary>Takes over the elements of an array of the same shape and element type.</summary>
    public abstract void CopyFrom(NDArray source);

    /// <summary>The elements as an array that never changes.</summary>
    public abstract NDArray Snapshot();

    private sealed class Of<T> : OwnedArray where T : unmanaged
    {
        private readonly T[] data;

        public Of(Shape shape)
        {
            data = GC.AllocateUninitializedArray<T>(shape.Size);
            Value = NDArray.Wrap(data, [.. shape]);
            Target = ResultBuffer.FromMemory<T>(data);
        }

        public override NDArray Value { get; }

        public override ResultBuffer Target { get; }

        public override void CopyFrom(NDArray source) => source.AsSpan<T>().CopyTo(data);

        public override NDArray Snapshot() => NDArray.Wrap((T[])data.Clone(), [.. Value.Shape]);
    }
}
