namespace Autodiff.Kernel;

/// <summary>
/// A SIMD vector of lanes of <typeparamref name="T"/>. The mathematics is written once over this interface and runs at
/// any width: every operation is exact or correctly rounded in each lane by itself, so that a lane's bits depend
/// neither on the width nor on the neighbours.
/// </summary>
/// <remarks>A comparison gives a mask: all bits of a lane set, or none.</remarks>
internal interface IVector<TSelf, T>
    where TSelf : struct, IVector<TSelf, T>
    where T : unmanaged
{
    /// <summary>The number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>The value, rounded to <typeparamref name="T"/>, in every lane.</summary>
    static abstract implicit operator TSelf(double value);

    static abstract TSelf Fill(T value);

    /// <summary>A bit pattern in every lane, cut to the lane's width.</summary>
    static abstract TSelf Pattern(long bits);

    static abstract TSelf Load(ref T source, nint index);

    static abstract void Store(TSelf value, ref T target, nint index);

    /// <summary>Lane 0.</summary>
    static abstract T First(TSelf value);

    /// <summary>A mask from truth values of one byte each.</summary>
    static abstract TSelf LoadMask(ref byte source, nint index);

    /// <summary>A mask to truth values of one byte each.</summary>
    static abstract void StoreMask(TSelf mask, ref byte target, nint index);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a);

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    static abstract TSelf operator ~(TSelf a);

    static abstract TSelf Less(TSelf a, TSelf b);

    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>a where the mask is set, else b.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    static abstract bool Any(TSelf mask);

    /// <summary>
    /// y, unless the mask is set in any lane: then, out of line, what the operator makes of a, b and y in all lanes. The
    /// mathematics branches in this way alone, so that it can be traced as well as run.
    /// </summary>
    static abstract TSelf Rarely<TOperator>(TSelf mask, TSelf a, TSelf b, TSelf y) where TOperator : struct, IRareOperator;

    /// <summary>a b + c, rounded once, on every machine.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Sqrt(TSelf a);

    static abstract TSelf Abs(TSelf a);

    static abstract TSelf Floor(TSelf a);

    static abstract TSelf Ceiling(TSelf a);

    /// <summary>The nearest integer, half to even.</summary>
    static abstract TSelf Round(TSelf a);

    static abstract TSelf Truncate(TSelf a);

    /// <summary>IEEE maximum: NaN if either is NaN, +0 over -0.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>IEEE minimum: NaN if either is NaN, -0 under +0.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The larger of x and a bound; NaN stays NaN.</summary>
    static abstract TSelf AtLeast(TSelf x, TSelf low);

    /// <summary>x brought into [low, high]; NaN stays NaN.</summary>
    static abstract TSelf Clamp(TSelf x, TSelf low, TSelf high);

    /// <summary>The sum of the bit patterns, as integers of the lane's width.</summary>
    static abstract TSelf AddBits(TSelf a, TSelf b);

    /// <summary>The difference of the bit patterns, as integers of the lane's width.</summary>
    static abstract TSelf SubtractBits(TSelf a, TSelf b);

    static abstract TSelf ShiftLeft(TSelf a, int count);

    /// <summary>The bit pattern shifted to the right, zeros shifted in.</summary>
    static abstract TSelf ShiftRight(TSelf a, int count);

    /// <summary>Of lanes of float: 2^(j/8), rounded, where j is the last three bits of the pattern.</summary>
    static abstract TSelf EighthPower(TSelf a);

    /// <summary>a 2^n, n a multiple of 1/8 rounded down to an integer; rounded once where the result is subnormal.</summary>
    static abstract TSelf Scale(TSelf a, TSelf n);
}
