namespace Autodiff.Kernel;

/// <summary>
/// What one call of the micro-kernel computes: C[rows, columns] (+)= A[rows, depth] B[depth, columns]. Filled once for many
/// blocks, which differ in a few places.
/// </summary>
internal unsafe struct Tile<T>
    where T : unmanaged
{
    /// <summary>The first element of A.</summary>
    public T* A;

    /// <summary>The stride of A's rows, any.</summary>
    public nint RowA;

    /// <summary>The first element of B, whose columns are contiguous.</summary>
    public T* B;

    /// <summary>The first element of C, whose columns are contiguous.</summary>
    public T* C;

    /// <summary>The stride of C's rows.</summary>
    public nint RowC;

    /// <summary>How A and B are walked along the depth.</summary>
    public DepthSteps Steps;

    /// <summary>
    /// Where the last vector of columns starts, which may overlap the one before; how many columns there are, where they
    /// are fewer than a vector has.
    /// </summary>
    public nint Last;

    /// <summary>Whether the products are added to what C holds.</summary>
    public bool Accumulate;
}

/// <summary>
/// A walk along the depth: A and B move by strides, or each product's elements stand at offsets that a table holds.
/// </summary>
internal unsafe struct DepthSteps
{
    /// <summary>The number of products in each sum.</summary>
    public nint Count;

    /// <summary>The stride of A, where it has no table.</summary>
    public nint A;

    /// <summary>The stride of B, where it has no table.</summary>
    public nint B;

    /// <summary>A table of A's offsets in elements, or null.</summary>
    public int* OffsetsA;

    /// <summary>A table of B's offsets, or null; A has one too where B has.</summary>
    public int* OffsetsB;
}
