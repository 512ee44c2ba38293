namespace Autodiff.Kernel;

/// <summary>Whose memory a buffer is.</summary>
internal enum BufferKind
{
    /// <summary>An array that the caller gives to the run.</summary>
    Argument,

    /// <summary>An array that belongs to the program.</summary>
    Constant,

    /// <summary>A part of the run's arena.</summary>
    Temporary,

    /// <summary>An array that the run makes and gives away.</summary>
    Result,
}

/// <summary>A piece of memory that instructions read and write: so many elements of one type.</summary>
/// <param name="Kind">Whose memory it is.</param>
/// <param name="DType">The element type.</param>
/// <param name="Shape">The shape of the array; instructions may see it under other layouts.</param>
/// <param name="Index">Which argument or result it is.</param>
/// <param name="Value">The array of a constant.</param>
internal sealed record Buffer(BufferKind Kind, DType DType, Shape Shape, int Index, NDArray? Value)
{
    public nint Bytes => (nint)Shape.Size * DType.Size();
}
