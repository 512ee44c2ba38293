namespace Autodiff;

/// <summary>The element type of an <see cref="NDArray"/> or a graph node.</summary>
public enum DType
{
    /// <summary>IEEE single precision, a .NET <see cref="float"/>.</summary>
    Float32,

    /// <summary>IEEE double precision, a .NET <see cref="double"/>.</summary>
    Float64,

    /// <summary>A 32-bit signed integer, a .NET <see cref="int"/>.</summary>
    Int32,

    /// <summary>A 64-bit signed integer, a .NET <see cref="long"/>.</summary>
    Int64,

    /// <summary>A truth value, a .NET <see cref="bool"/>.</summary>
    Bool,
}
