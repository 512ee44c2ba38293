using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// What one call of the micro-kernel computes: C[rows, columns] (+)= A[rows, depth] B[depth, columns].
/// </summary>
/// <param name="A">The first element of A.</param>
/// <param name="RowA">The stride of A's rows, any.</param>
/// <param name="StepA">The stride of A along the depth, any.</param>
/// <param name="B">The first element of B, whose columns are contiguous.</param>
/// <param name="StepB">The stride of B along the depth.</param>
/// <param name="C">The first element of C, whose columns are contiguous.</param>
/// <param name="RowC">The stride of C's rows.</param>
/// <param name="Depth">The number of products in each sum.</param>
/// <param name="Last">Where the last vector of columns starts; it may overlap the one before.</param>
/// <param name="Accumulate">Whether the products are added to what C holds.</param>
internal readonly unsafe record struct Tile<T>(
    nint A, nint RowA, nint StepA, nint B, nint StepB, nint C, nint RowC, nint Depth, nint Last, bool Accumulate)
    where T : unmanaged;

/// <summary>
/// The innermost loop of the matrix product: a block of C is held in registers while the depth is walked, so that each
/// step takes one load for a vector of B, one broadcast for a row of A, and rows x vectors multiply-adds.
/// </summary>
/// <remarks>
/// Long on purpose: accumulators must be named locals, since arrays of vectors, inline or on the stack, live in memory
/// and run four times slower. The block's size is a pair of type arguments (<see cref="Count"/>), known to the JIT,
/// which drops the rows and vectors that a block does not have. Every element of C is one chain of multiply-adds along
/// the depth, whatever the block: its bits do not depend on where it stands or how wide a vector is.
/// </remarks>
internal static unsafe class MicroKernel<T, TVector, TSimd>
    where T : unmanaged, INumber<T>
    where TVector : struct
    where TSimd : struct, ISimd<TVector, T>
{
    /// <summary>The most rows of a block, and the most where it is three vectors wide.</summary>
    public const int MaxRows = 12, MaxRowsOfThree = 8;

    /// <summary>Runs a block of <c>sizeof(TRows)</c> rows and <c>sizeof(TVectors)</c> vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TRows, TVectors>(in Tile<T> tile)
        where TRows : unmanaged
        where TVectors : unmanaged
    {
        nint stepA = tile.StepA, row1 = tile.RowA, row2 = 2 * row1, row3 = 3 * row1;
        T* a0 = (T*)tile.A, a4 = a0 + (4 * row1), a8 = a4 + (4 * row1);
        var b = (T*)tile.B;
        nint stepB = tile.StepB, second = sizeof(TVectors) == 2 ? tile.Last : TSimd.Width, third = tile.Last;
        var c = (T*)tile.C;
        var rowC = tile.RowC;
        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        TVector c40 = default, c41 = default, c42 = default;
        TVector c50 = default, c51 = default, c52 = default;
        TVector c60 = default, c61 = default, c62 = default;
        TVector c70 = default, c71 = default, c72 = default;
        TVector c80 = default, c81 = default;
        TVector c90 = default, c91 = default;
        TVector c100 = default, c101 = default;
        TVector c110 = default, c111 = default;
        if (tile.Accumulate)
        {
            var from = c;
            c00 = TSimd.Load(from);
            if (sizeof(TVectors) > 1)
                c01 = TSimd.Load(from + second);
            if (sizeof(TVectors) > 2)
                c02 = TSimd.Load(from + third);
            if (sizeof(TRows) > 1)
            {
                from += rowC;
                c10 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c11 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c12 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 2)
            {
                from += rowC;
                c20 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c21 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c22 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 3)
            {
                from += rowC;
                c30 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c31 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c32 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 4)
            {
                from += rowC;
                c40 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c41 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c42 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 5)
            {
                from += rowC;
                c50 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c51 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c52 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 6)
            {
                from += rowC;
                c60 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c61 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c62 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 7)
            {
                from += rowC;
                c70 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c71 = TSimd.Load(from + second);
                if (sizeof(TVectors) > 2)
                    c72 = TSimd.Load(from + third);
            }

            if (sizeof(TRows) > 8)
            {
                from += rowC;
                c80 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c81 = TSimd.Load(from + second);
            }

            if (sizeof(TRows) > 9)
            {
                from += rowC;
                c90 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c91 = TSimd.Load(from + second);
            }

            if (sizeof(TRows) > 10)
            {
                from += rowC;
                c100 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c101 = TSimd.Load(from + second);
            }

            if (sizeof(TRows) > 11)
            {
                from += rowC;
                c110 = TSimd.Load(from);
                if (sizeof(TVectors) > 1)
                    c111 = TSimd.Load(from + second);
            }
        }

        for (var k = tile.Depth; k > 0; k--)
        {
            TVector b0 = TSimd.Load(b), b1 = default, b2 = default;
            if (sizeof(TVectors) > 1)
                b1 = TSimd.Load(b + second);
            if (sizeof(TVectors) > 2)
                b2 = TSimd.Load(b + third);
            b += stepB;
            var x = TSimd.Broadcast(a0[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            if (sizeof(TVectors) > 1)
                c01 = TSimd.MultiplyAdd(x, b1, c01);
            if (sizeof(TVectors) > 2)
                c02 = TSimd.MultiplyAdd(x, b2, c02);

            if (sizeof(TRows) > 1)
            {
                x = TSimd.Broadcast(a0[row1]);
                c10 = TSimd.MultiplyAdd(x, b0, c10);
                if (sizeof(TVectors) > 1)
                    c11 = TSimd.MultiplyAdd(x, b1, c11);
                if (sizeof(TVectors) > 2)
                    c12 = TSimd.MultiplyAdd(x, b2, c12);
            }

            if (sizeof(TRows) > 2)
            {
                x = TSimd.Broadcast(a0[row2]);
                c20 = TSimd.MultiplyAdd(x, b0, c20);
                if (sizeof(TVectors) > 1)
                    c21 = TSimd.MultiplyAdd(x, b1, c21);
                if (sizeof(TVectors) > 2)
                    c22 = TSimd.MultiplyAdd(x, b2, c22);
            }

            if (sizeof(TRows) > 3)
            {
                x = TSimd.Broadcast(a0[row3]);
                c30 = TSimd.MultiplyAdd(x, b0, c30);
                if (sizeof(TVectors) > 1)
                    c31 = TSimd.MultiplyAdd(x, b1, c31);
                if (sizeof(TVectors) > 2)
                    c32 = TSimd.MultiplyAdd(x, b2, c32);
            }

            if (sizeof(TRows) > 4)
            {
                x = TSimd.Broadcast(a4[0]);
                c40 = TSimd.MultiplyAdd(x, b0, c40);
                if (sizeof(TVectors) > 1)
                    c41 = TSimd.MultiplyAdd(x, b1, c41);
                if (sizeof(TVectors) > 2)
                    c42 = TSimd.MultiplyAdd(x, b2, c42);
            }

            if (sizeof(TRows) > 5)
            {
                x = TSimd.Broadcast(a4[row1]);
                c50 = TSimd.MultiplyAdd(x, b0, c50);
                if (sizeof(TVectors) > 1)
                    c51 = TSimd.MultiplyAdd(x, b1, c51);
                if (sizeof(TVectors) > 2)
                    c52 = TSimd.MultiplyAdd(x, b2, c52);
            }

            if (sizeof(TRows) > 6)
            {
                x = TSimd.Broadcast(a4[row2]);
                c60 = TSimd.MultiplyAdd(x, b0, c60);
                if (sizeof(TVectors) > 1)
                    c61 = TSimd.MultiplyAdd(x, b1, c61);
                if (sizeof(TVectors) > 2)
                    c62 = TSimd.MultiplyAdd(x, b2, c62);
            }

            if (sizeof(TRows) > 7)
            {
                x = TSimd.Broadcast(a4[row3]);
                c70 = TSimd.MultiplyAdd(x, b0, c70);
                if (sizeof(TVectors) > 1)
                    c71 = TSimd.MultiplyAdd(x, b1, c71);
                if (sizeof(TVectors) > 2)
                    c72 = TSimd.MultiplyAdd(x, b2, c72);
            }

            if (sizeof(TRows) > 8)
            {
                x = TSimd.Broadcast(a8[0]);
                c80 = TSimd.MultiplyAdd(x, b0, c80);
                if (sizeof(TVectors) > 1)
                    c81 = TSimd.MultiplyAdd(x, b1, c81);
            }

            if (sizeof(TRows) > 9)
            {
                x = TSimd.Broadcast(a8[row1]);
                c90 = TSimd.MultiplyAdd(x, b0, c90);
                if (sizeof(TVectors) > 1)
                    c91 = TSimd.MultiplyAdd(x, b1, c91);
            }

            if (sizeof(TRows) > 10)
            {
                x = TSimd.Broadcast(a8[row2]);
                c100 = TSimd.MultiplyAdd(x, b0, c100);
                if (sizeof(TVectors) > 1)
                    c101 = TSimd.MultiplyAdd(x, b1, c101);
            }

            if (sizeof(TRows) > 11)
            {
                x = TSimd.Broadcast(a8[row3]);
                c110 = TSimd.MultiplyAdd(x, b0, c110);
                if (sizeof(TVectors) > 1)
                    c111 = TSimd.MultiplyAdd(x, b1, c111);
            }

            a0 += stepA;
            a4 += stepA;
            a8 += stepA;
        }

        // Vectors that overlap hold the same values where they do.
        TSimd.Store(c00, c);
        if (sizeof(TVectors) > 1)
            TSimd.Store(c01, c + second);
        if (sizeof(TVectors) > 2)
            TSimd.Store(c02, c + third);

        if (sizeof(TRows) > 1)
        {
            c += rowC;
            TSimd.Store(c10, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c11, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c12, c + third);
        }

        if (sizeof(TRows) > 2)
        {
            c += rowC;
            TSimd.Store(c20, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c21, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c22, c + third);
        }

        if (sizeof(TRows) > 3)
        {
            c += rowC;
            TSimd.Store(c30, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c31, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c32, c + third);
        }

        if (sizeof(TRows) > 4)
        {
            c += rowC;
            TSimd.Store(c40, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c41, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c42, c + third);
        }

        if (sizeof(TRows) > 5)
        {
            c += rowC;
            TSimd.Store(c50, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c51, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c52, c + third);
        }

        if (sizeof(TRows) > 6)
        {
            c += rowC;
            TSimd.Store(c60, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c61, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c62, c + third);
        }

        if (sizeof(TRows) > 7)
        {
            c += rowC;
            TSimd.Store(c70, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c71, c + second);
            if (sizeof(TVectors) > 2)
                TSimd.Store(c72, c + third);
        }

        if (sizeof(TRows) > 8)
        {
            c += rowC;
            TSimd.Store(c80, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c81, c + second);
        }

        if (sizeof(TRows) > 9)
        {
            c += rowC;
            TSimd.Store(c90, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c91, c + second);
        }

        if (sizeof(TRows) > 10)
        {
            c += rowC;
            TSimd.Store(c100, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c101, c + second);
        }

        if (sizeof(TRows) > 11)
        {
            c += rowC;
            TSimd.Store(c110, c);
            if (sizeof(TVectors) > 1)
                TSimd.Store(c111, c + second);
        }
    }
}
