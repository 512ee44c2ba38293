using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W10: a layer of a transformer's encoder, with gradients for its input and all its weights.</summary>
internal static class EncoderLayer
{
    private const int Batch = 8, Length = 64, Width = 128, Heads = 4, Inner = 512;
    private static readonly double Scale = 1 / Math.Sqrt(Width);

    public static void Run(Report report, DType dtype)
    {
        var values = Values(dtype);
        Node[] p = [.. values.Select((value, k) => Ad.Input($"p{k}", value.Shape, dtype))];
        var loss = (Layer(p) * Data.Signed(1002, 1, dtype, Batch, Length, Width)).Sum();
        var function = Ad.Compile(p, [loss, .. loss.Grad(p)]);
        var results = function.Run(values);
        report.Run(
            "W10", "encoder-layer", dtype, Runs.Into(function, values),
            [
                ("loss", Data.Number(results[0])),
                ("gx", Data.Check(results[1])),
                ("gp", results.Skip(2).Sum(Data.Check)),
            ]);
    }

    private static NDArray[] Values(DType dtype)
    {
        NDArray Weights(ulong seed, int rows, int columns) =>
            Data.Signed(seed, rows == Inner ? 1 / Math.Sqrt(Inner) : Scale, dtype, rows, columns);
        NDArray Bias(ulong seed, int size = Width) => Data.Signed(seed, 0.1, dtype, size);
        var one = NDArray.Ones([1], dtype);
        return
        [
            Data.Signed(1001, 1, dtype, Batch, Length, Width),
            Weights(1003, Width, Width), Bias(1004), Weights(1005, Width, Width), Bias(1006),
            Weights(1007, Width, Width), Bias(1008), Weights(1009, Width, Width), Bias(1010),
            Bias(1011) + one, Bias(1012),
            Weights(1013, Width, Inner), Bias(1014, Inner), Weights(1015, Inner, Width), Bias(1016),
            Bias(1017) + one, Bias(1018),
        ];
    }

    private static Node Layer(Node[] p)
    {
        Node Linear(Node z, int k) => z.MatMul(p[k]) + p[k + 1];
        Node Split(Node z) => z.Reshape(Batch, Length, Heads, Width / Heads).SwapAxes(1, 2);
        var (q, k, v) = (Split(Linear(p[0], 1)), Split(Linear(p[0], 3)), Split(Linear(p[0], 5)));
        var attention = (q.MatMul(k.SwapAxes(2, 3)) / Math.Sqrt(Width / Heads)).Softmax(-1).MatMul(v);
        var joined = attention.SwapAxes(1, 2).Reshape(Batch, Length, Width);
        var y = Normalised(p[0] + Linear(joined, 7), p[9], p[10]);
        return Normalised(y + Linear(Linear(y, 11).Relu(), 13), p[15], p[16]);
    }

    private static Node Normalised(Node x, Node gain, Node bias)
    {
        var centred = x - x.Mean(-1, keepDims: true);
        var variance = centred.Square().Mean(-1, keepDims: true);
        return centred / (variance + 1e-5).Sqrt() * gain + bias;
    }
}
