using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The micro-kernels by their number of rows and vectors, and by how the depth is walked; each is made when it is first
/// asked for.
/// </summary>
internal static unsafe class MicroKernels<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    // One for each of four widths, three walks and twelve numbers of rows.
    private static readonly nint[] Known = new nint[4 * 3 * Block.MostRows];

    /// <summary>
    /// The kernel for a block, up to twelve rows and three vectors; none for less than a vector.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static delegate*<in Tile<T>, void> Find(int rows, int vectors, in DepthSteps steps)
    {
        var tables = steps.OffsetsA is null ? 0 : steps.OffsetsB is null ? 1 : 2;
        ref var known = ref Known[((vectors * 3) + tables) * Block.MostRows + rows - 1];
        if (known == 0)
            known = (nint)Make(rows, vectors, tables);
        return (delegate*<in Tile<T>, void>)known;
    }

    private static delegate*<in Tile<T>, void> Make(int rows, int vectors, int tables) => vectors switch
    {
        0 => Make<RowPart<T, TVector, TSimd>>(rows, tables),
        1 => Make<Row1<T, TVector, TSimd>>(rows, tables),
        2 => Make<Row2<T, TVector, TSimd>>(rows, tables),
        _ => Make<Row3<T, TVector, TSimd>>(rows, tables),
    };

    private static delegate*<in Tile<T>, void> Make<TRow>(int rows, int tables) where TRow : struct, IRow<TRow, T> =>
        tables switch
        {
            0 => Make<TRow, Count.One>(rows),
            1 => Make<TRow, Count.Two>(rows),
            _ => Make<TRow, Count.Three>(rows),
        };

    private static delegate*<in Tile<T>, void> Make<TRow, TTables>(int rows)
        where TRow : struct, IRow<TRow, T>
        where TTables : unmanaged => rows switch
        {
            1 => &MicroKernel<T, TRow>.Run<Count.One, TTables>,
            2 => &MicroKernel<T, TRow>.Run<Count.Two, TTables>,
            3 => &MicroKernel<T, TRow>.Run<Count.Three, TTables>,
            4 => &MicroKernel<T, TRow>.Run<Count.Four, TTables>,
            5 => &MicroKernel<T, TRow>.Run<Count.Five, TTables>,
            6 => &MicroKernel<T, TRow>.Run<Count.Six, TTables>,
            7 => &MicroKernel<T, TRow>.Run<Count.Seven, TTables>,
            8 => &MicroKernel<T, TRow>.Run<Count.Eight, TTables>,
            9 => &MicroKernel<T, TRow>.Run<Count.Nine, TTables>,
            10 => &MicroKernel<T, TRow>.Run<Count.Ten, TTables>,
            11 => &MicroKernel<T, TRow>.Run<Count.Eleven, TTables>,
            _ => &MicroKernel<T, TRow>.Run<Count.Twelve, TTables>,
        };
}
