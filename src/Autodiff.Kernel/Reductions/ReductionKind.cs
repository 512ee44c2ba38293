namespace Autodiff.Kernel;

/// <summary>How the elements along the reduced axes become one.</summary>
public enum ReductionKind
{
    /// <summary>Their sum; 0 for none.</summary>
    Sum,

    /// <summary>Their product; 1 for none.</summary>
    Prod,

    /// <summary>The largest; NaN where one is NaN.</summary>
    Max,

    /// <summary>The smallest; NaN where one is NaN.</summary>
    Min,

    /// <summary>
    /// The position of the first largest, counted in row-major order; that of the first NaN where there is one.
    /// </summary>
    ArgMax,

    /// <summary>
    /// The position of the first smallest, counted in row-major order; that of the first NaN where there is one.
    /// </summary>
    ArgMin,
}
