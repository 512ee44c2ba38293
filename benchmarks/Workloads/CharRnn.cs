using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W5: a step of training a recurrent network over 20 characters of a batch of 8.</summary>
internal static class CharRnn
{
    private const int Width = 100, Vocabulary = 65, Batch = 8, Length = 20;

    public static void Run(Report report, DType dtype)
    {
        var tokens = Data.Whole(501, Vocabulary, Batch * (Length + 1));
        NDArray[] characters =
        [
            .. Enumerable.Range(0, Length + 1).Select(s => OneHot.Of(
                [.. Enumerable.Range(0, Batch).Select(b => tokens[b * (Length + 1) + s])], Vocabulary, dtype)),
        ];
        NDArray[] initial =
        [
            Data.Signed(502, 0.05, dtype, Width, Width),
            Data.Signed(503, 0.05, dtype, Vocabulary, Width),
            NDArray.Zeros([Width], dtype),
            Data.Signed(504, 0.05, dtype, Width, Vocabulary),
            NDArray.Zeros([Vocabulary], dtype),
        ];
        Training.Run(report, "W5", "char-rnn", initial, 0.01, p => Loss(p, characters));
        Training.RunRebuilt(report, "W5", "char-rnn-rebuilt", initial, 0.01, p => Loss(p, characters));
    }

    private static Node Loss(Node[] p, NDArray[] characters)
    {
        Node h = NDArray.Zeros([1, Width], p[0].DType);
        Node? total = null;
        for (var s = 0; s < Length; s++)
        {
            h = (h.MatMul(p[0]) + characters[s].Node().MatMul(p[1]) + p[2]).Tanh();
            var loss = (h.MatMul(p[3]) + p[4]).SoftmaxCrossEntropy(characters[s + 1]).Sum();
            total = total is null ? loss : total + loss;
        }

        return total! / Length;
    }
}
