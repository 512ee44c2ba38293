using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Finds the micro-kernel for a number of rows and vectors; each is compiled when it is first used.</summary>
internal static class MicroKernels<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>The most rows of a block with so many vectors that the accumulators stay in registers.</summary>
    public static int MaxRows(int vectors) => (SimdWidths.HasManyRegisters, vectors) switch
    {
        (_, 1) => 12,
        (true, 2) => 12,
        (true, _) => 8,
        (false, 2) => 6,
        (false, _) => 4,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int rows, int vectors, in Tile<T> tile)
    {
        switch (vectors)
        {
            case 1:
                Run<Count.One>(rows, tile);
                break;
            case 2:
                Run<Count.Two>(rows, tile);
                break;
            default:
                Run<Count.Three>(rows, tile);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TVectors>(int rows, in Tile<T> tile) where TVectors : unmanaged
    {
        switch (rows)
        {
            case 1:
                MicroKernel<T, TVector, TSimd>.Run<Count.One, TVectors>(tile);
                break;
            case 2:
                MicroKernel<T, TVector, TSimd>.Run<Count.Two, TVectors>(tile);
                break;
            case 3:
                MicroKernel<T, TVector, TSimd>.Run<Count.Three, TVectors>(tile);
                break;
            case 4:
                MicroKernel<T, TVector, TSimd>.Run<Count.Four, TVectors>(tile);
                break;
            case 5:
                MicroKernel<T, TVector, TSimd>.Run<Count.Five, TVectors>(tile);
                break;
            case 6:
                MicroKernel<T, TVector, TSimd>.Run<Count.Six, TVectors>(tile);
                break;
            case 7:
                MicroKernel<T, TVector, TSimd>.Run<Count.Seven, TVectors>(tile);
                break;
            case 8:
                MicroKernel<T, TVector, TSimd>.Run<Count.Eight, TVectors>(tile);
                break;
            case 9:
                MicroKernel<T, TVector, TSimd>.Run<Count.Nine, TVectors>(tile);
                break;
            case 10:
                MicroKernel<T, TVector, TSimd>.Run<Count.Ten, TVectors>(tile);
                break;
            case 11:
                MicroKernel<T, TVector, TSimd>.Run<Count.Eleven, TVectors>(tile);
                break;
            default:
                MicroKernel<T, TVector, TSimd>.Run<Count.Twelve, TVectors>(tile);
                break;
        }
    }
}
