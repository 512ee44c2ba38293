using Autodiff.CSharp;
using Xunit;
using static Autodiff.CSharp.Ad;

namespace Autodiff.Api;

/// <summary>Losses reached from C#, at known points and with every option.</summary>
public class LossTests
{
    private static readonly Node X = Variable(new double[,] { { 0, Math.Log(3) }, { Math.Log(3), 0 } }, "x");
    private static readonly Node Y = Constant(new double[,] { { 0, 1 }, { 1, 0 } });

    public static TheoryData<string, double> Values => new()
    {
        { "cross entropy", (Math.Log(4) - Math.Log(3) + Math.Log(4)) / 2 },
        { "weighted", (3 * (Math.Log(4) - Math.Log(3)) + 3 * Math.Log(4)) / 6 },
        { "ignoring", Math.Log(4) - Math.Log(3) },
        { "smoothed", Math.Log(4) - Math.Log(3) / 2 },
        { "axis 0", (Math.Log(4) - Math.Log(3) + Math.Log(4)) / 2 },
        { "probabilities", 2 * (Math.Log(4) - Math.Log(3)) },
        { "nll", -Math.Log(3) / 2 },
        { "mse", (2 * Math.Pow(1 - Math.Log(3), 2)) / 4 },
        { "l1", 2 * (Math.Log(3) - 1) },
        { "huber", 2 * Math.Pow(1 - Math.Log(3), 2) / 2 },
        { "huber 0.01", 2 * 0.01 * (Math.Log(3) - 1 - 0.005) },
        { "smooth l1", 2 * Math.Pow(1 - Math.Log(3), 2) / 2 },
        { "hinge", 0.5 },
        { "kl", 2 * -Math.Log(3) },
        { "bce", 2 * (Math.Log(4) - Math.Log(3) + Math.Log(4)) },
        { "bce with logits", 2 * Math.Log(4.0 / 3) + 2 * Math.Log(2) },
        { "bce with logits, weighted", 2 * 5 * Math.Log(4.0 / 3) + 2 * Math.Log(2) },
        { "cosine", 1 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_loss_has_its_value(string name, double expected)
    {
        Node classes = Constant([1, 1]);
        const LossReduction sum = LossReduction.Sum;
        var loss = name switch
        {
            "cross entropy" => X.CrossEntropy(classes),
            "weighted" => X.CrossEntropy(classes, weight: Constant([1.0, 3.0])),
            "ignoring" => X.CrossEntropy(Constant([1, 7]), ignoreIndex: 7),
            "smoothed" => X.CrossEntropy(classes, labelSmoothing: 1),
            "axis 0" => X.CrossEntropy(classes, axis: 0),
            "probabilities" => X.CrossEntropy(Y, reduction: sum),
            "nll" => X.NllLoss(classes),
            "mse" => X.MseLoss(Y),
            "l1" => X.L1Loss(Y, sum),
            "huber" => X.HuberLoss(Y, reduction: sum),
            "huber 0.01" => X.HuberLoss(Y, delta: 0.01, sum),
            "smooth l1" => X.SmoothL1Loss(Y, reduction: sum),
            "hinge" => X.HingeLoss(Y),
            "kl" => X.KlDivergence(Y, sum),
            "bce" => (0.5 * Y + 0.25).BinaryCrossEntropy(0.5, sum),
            "bce with logits" => X.BinaryCrossEntropyWithLogits(Y, reduction: sum),
            "bce with logits, weighted" => X.BinaryCrossEntropyWithLogits(Y, positiveWeight: 5, sum),
            _ => X[0].CosineSimilarity(2 * X[0]),
        };
        Assert.Equal(expected, loss.Eval<double>(), 1e-14);
    }

    [Fact]
    public void Every_loss_stays_where_none_is_reduced()
    {
        Assert.Equal([2, 2], X.MseLoss(Y, LossReduction.None).Shape);
        Assert.Equal([2], X.CrossEntropy(Constant([1, 0]), reduction: LossReduction.None).Shape);
        Assert.Throws<ShapeException>(() => X.CrossEntropy(Constant([1, 0, 1])));
        Assert.Throws<ShapeException>(() => X[0].MseLoss(Y));
        Assert.Throws<DTypeException>(() => X.NllLoss(Y));
        Assert.Throws<ArgumentOutOfRangeException>(() => X.HuberLoss(Y, delta: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => X.MseLoss(Y, (LossReduction)9));
    }
}
