using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// What the hardware's vectors can do. The JIT knows each answer, so that a branch on one costs nothing.
/// </summary>
internal static class SimdWidths
{
    /// <summary>
    /// Whether a b + c is one instruction, for scalars and for vectors; then every kernel rounds it once.
    /// </summary>
    public static bool HasFusedMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    /// <summary>Whether there are 32 vector registers; 16 otherwise.</summary>
    public static bool HasManyRegisters
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated || AdvSimd.IsSupported;
    }

    /// <summary>a b + c as the vectors compute it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd<T>(T a, T b, T c) where T : unmanaged, INumber<T>
    {
        if (HasFusedMultiplyAdd && typeof(T) == typeof(float))
            return Unsafe.BitCast<float, T>(MathF.FusedMultiplyAdd(
                Unsafe.BitCast<T, float>(a), Unsafe.BitCast<T, float>(b), Unsafe.BitCast<T, float>(c)));
        if (HasFusedMultiplyAdd && typeof(T) == typeof(double))
            return Unsafe.BitCast<double, T>(Math.FusedMultiplyAdd(
                Unsafe.BitCast<T, double>(a), Unsafe.BitCast<T, double>(b), Unsafe.BitCast<T, double>(c)));
        return (a * b) + c;
    }
}
