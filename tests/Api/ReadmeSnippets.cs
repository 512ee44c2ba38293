// The README's C#, compiled and run. A test holds every paragraph of it against this file.
using Autodiff;
using Autodiff.CSharp;
using static Autodiff.CSharp.Ad;

namespace Snippets;

public class ReadmeSnippets
{
    [Xunit.Fact]
    public void The_tour_gives_what_it_says()
    {
        Node x = Variable(3.0, "x");
        Node y = Variable(4.0, "y");
        Node z = x * y + (x + 3).Exp();

        NDArray value = z.Eval();                   // 415.4287934927351

        Node dx = z.Grad(x);                        // a graph: y + exp(x + 3)
        NDArray slope = dx.Eval();                  // 407.4287934927351
        NDArray elsewhere = dx.Eval((x, 0.0));      // the same graph at another point

        Xunit.Assert.Equal(415.4287934927351, (double)value, 1e-12);
        Xunit.Assert.Equal(407.4287934927351, (double)slope, 1e-12);
        Xunit.Assert.Equal(4 + Math.Exp(3), (double)elsewhere, 1e-12);

        Node u = Variable(0.5, "u");
        Node f = u.Tanh();
        for (var order = 1; order <= 6; order++)
            f = f.Grad(u);
        double sixth = (double)f.Eval();            // -36.27954029179...

        Xunit.Assert.Equal(-36.27954029179137, sixth, 1e-10);

        Node a = Variable(NDArray.Arange(6).Reshape(2, 3), "a");
        Node w = Variable(NDArray.Ones(3, 5), "w");
        Node h = a.MatMul(w).Add(1).Tanh();
        Node s = Ad.Einsum("ij,ij->i", h, h);
        var (ga, gw) = s.Grad(a, w);                // shapes [2,3] and [3,5]
        Node part = h[0, 1..3];

        Xunit.Assert.Equal([2, 3], ga.Shape);
        Xunit.Assert.Equal([3, 5], gw.Shape);
        Xunit.Assert.Equal([2], part.Shape);

        Node loss = (a.MatMul(w) - 1).Square().Mean();
        var step = Ad.Compile([w], [loss, w - 0.1 * loss.Grad(w)]);
        NDArray weights = NDArray.Ones(3, 5);
        for (var i = 0; i < 100; i++)
            weights = step.Run(weights)[1];

        Xunit.Assert.True((double)step.Run(weights)[0] < 0.01 * (double)loss.Eval());
    }
}
