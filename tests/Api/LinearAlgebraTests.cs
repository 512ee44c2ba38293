using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Linear algebra as C# has it: named results, optional arguments, both spellings.</summary>
public class LinearAlgebraTests
{
    private static readonly Node A = Ad.Constant(NDArray.From(new[,] { { 4.0, 1.0 }, { 1.0, 3.0 } }));
    private static readonly Node B = Ad.Constant(NDArray.Create([1.0, 2.0]));

    private static void Near(NDArray expected, Node actual) =>
        Assert.True(actual.Eval().AllClose(expected, 1e-12, 1e-12), $"{actual.Eval()} instead of {expected}");

    [Fact]
    public void Factors_multiply_to_the_matrix()
    {
        var (q, r) = A.Qr();
        Near(A.Eval(), q.MatMul(r));
        var (u, s, vt) = A.Svd();
        Near(A.Eval(), (u * s).MatMul(vt));
        var (values, vectors) = A.Eigh();
        Near(A.Eval(), (vectors * values).MatMul(vectors.T));
        Near(A.Eval(), A.Cholesky().MatMul(A.Cholesky().T));
        Near(A.Eigvalsh().Eval(), values);
        Near(A.Svdvals().Eval(), s);
        Near(A.NuclearNorm().Eval(), s.Sum());
    }

    [Fact]
    public void Named_results_are_the_same_in_both_spellings()
    {
        Near(Ad.Qr(A).Q.Eval(), A.Qr().Q);
        Near(Ad.Eigh(A).Vectors.Eval(), A.Eigh().Vectors);
        Near(Ad.Svd(A).Vt.Eval(), A.Svd().Vt);
        Near(Math.Log(11), Ad.Slogdet(A).LogAbsDet);
        Near(1.0, A.Slogdet().Sign);
        Near(11.0, Ad.Det(A));
    }

    [Fact]
    public void Systems_are_solved()
    {
        var x = A.Solve(B);
        Near(B.Eval(), A.MatMul(x));
        Near(x.Eval(), A.Inv().MatMul(B));
        Near(x.Eval(), A.Pinv().MatMul(B));
        Near(x.Eval(), Ad.Lstsq(A, B));
        Near(NDArray.Zeros(2, 2), A.Pinv(2.0));
        Near(NDArray.Create([0.25, (2 - 0.25) / 3]), Ad.TriangularSolve(A, B));
        Near(NDArray.Create([1.0, 1.0]), A.TriangularSolve(B, unitDiagonal: true));
        Near(NDArray.Create([(1 - (2.0 / 3)) / 4, 2.0 / 3]), A.TriangularSolve(B, lower: false));
        Near(NDArray.Create([(1 - (2.0 / 3)) / 4, 2.0 / 3]), A.TriangularSolve(B, transposed: true));
    }

    [Fact]
    public void Derivatives_pass_them()
    {
        var x = Ad.Variable(A.Eval(), "x");
        Near(NDArray.From(new[,] { { 3.0, -1.0 }, { -1.0, 4.0 } }), x.Det().Grad(x));
        Near(NDArray.From(new[,] { { 3.0, -1.0 }, { -1.0, 4.0 } }) / NDArray.Scalar(11.0), x.Slogdet().LogAbsDet.Grad(x));
        Near(NDArray.Eye(2), x.NuclearNorm().Grad(x));
        Near(x.Expm().Eval(), Ad.Jvp(x.Expm(), x, Ad.Constant(NDArray.Eye(2))));
    }

    [Fact]
    public void Errors_name_what_is_wrong()
    {
        var oblong = Ad.Variable(NDArray.Zeros(2, 3), "x");
        Assert.Contains("inv: 'x' [2,3] is not square", Assert.Throws<ShapeException>(() => oblong.Inv()).Message);
        Assert.Contains("rcond", Assert.Throws<ArgumentException>(() => oblong.Pinv(-1)).Message);
        var singular = Ad.Constant(NDArray.Ones(2, 2));
        Assert.Equal(
            "solve: the matrix is singular: pivot 1 is zero",
            Assert.Throws<NumericalException>(() => singular.Inv().Eval()).Message);
    }
}
