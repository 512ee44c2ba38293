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
    // One for each of five widths, three walks and twelve numbers of rows.
    private static readonly nint[] Known = new nint[5 * 3 * Block.MostRows];

    /// <summary>
    /// The kernels for blocks of up to twelve rows, the first for one row; zero where nobody has asked for one yet.
    /// </summary>
    /// <param name="vectors">How many vectors wide the blocks are, up to four; none for less than a vector.</param>
    /// <param name="steps">How the depth is walked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref nint For(int vectors, in DepthSteps steps) =>
        ref Known[((vectors * 3) + Tables(steps)) * Block.MostRows];

    /// <summary>The kernel for a block.</summary>
    /// <param name="kernels">What <see cref="For"/> gave for its vectors and steps.</param>
    /// <param name="rows">The number of its rows, up to twelve.</param>
    /// <param name="vectors">The number of its vectors.</param>
    /// <param name="steps">How the depth is walked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static delegate*<in Tile<T>, void> Find(ref nint kernels, int rows, int vectors, in DepthSteps steps)
    {
        ref var known = ref Unsafe.Add(ref kernels, rows - 1);
        return (delegate*<in Tile<T>, void>)(known != 0 ? known : Add(ref known, rows, vectors, steps));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Add(ref nint known, int rows, int vectors, in DepthSteps steps) =>
        known = (nint)Make(rows, vectors, Tables(steps));

    private static int Tables(in DepthSteps steps) => steps.OffsetsA is null ? 0 : steps.OffsetsB is null ? 1 : 2;

    private static delegate*<in Tile<T>, void> Make(int rows, int vectors, int tables) => vectors switch
    {
        0 => Make<RowPart<T, TVector, TSimd>>(rows, tables),
        1 => Make<Row1<T, TVector, TSimd>>(rows, tables),
        2 => Make<Row2<T, TVector, TSimd>>(rows, tables),
        3 => Make<Row3<T, TVector, TSimd>>(rows, tables),
        _ => Make<Row4<T, TVector, TSimd>>(rows, tables),
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
