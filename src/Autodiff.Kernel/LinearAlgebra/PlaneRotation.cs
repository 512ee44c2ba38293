using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Rotations of a plane.</summary>
internal static class PlaneRotation
{
    /// <summary>
    /// The rotation that turns (f, g) to (r, 0): r = c f + s g and 0 = c g - s f. Gives r, which is not negative unless
    /// there is nothing to turn.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Find<T>(T f, T g, out T c, out T s) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (g == T.Zero)
        {
            (c, s) = (T.One, T.Zero);
            return f;
        }

        var r = Length(f, g);
        (c, s) = (f / r, g / r);
        return r;
    }

    /// <summary>The length of a vector of two numbers that are not large; squares of small ones do not vanish.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Length<T>(T f, T g) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var square = (f * f) + (g * g);
        return square > Least<T>() && T.IsFinite(square) ? T.Sqrt(square) : T.Hypot(f, g);
    }

    /// <summary>A sum of squares from which on none that counts is subnormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Least<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Unsafe.SizeOf<T>() == sizeof(float) ? T.CreateTruncating(1e-30f) : T.CreateTruncating(1e-280);
}
