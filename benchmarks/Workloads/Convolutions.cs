using Autodiff.CSharp;

namespace Autodiff.Benchmarks.Workloads;

/// <summary>W9: a convolution of images, and its gradients for images and filters.</summary>
internal static class Convolutions
{
    private static readonly (int Batch, int Channels, int Size, int Filters, int Kernel)[] Items =
        [(16, 3, 28, 15, 5), (16, 3, 28, 16, 5), (16, 16, 32, 32, 3)];

    public static void Run(Report report, DType dtype)
    {
        foreach (var (batch, channels, size, filters, kernel) in Items)
        {
            var name = $"{size}x{size}x{channels}-{kernel}x{kernel}x{filters}";
            var images = Data.Signed(901, 1, dtype, batch, channels, size, size);
            var weights = Data.Signed(902, 0.1, dtype, filters, channels, kernel, kernel);
            Node x = Ad.Input("x", images.Shape, dtype), w = Ad.Input("w", weights.Shape, dtype);
            var y = x.Conv2d(w);
            var loss = y.Square().Sum() * 0.5;
            var forward = Ad.Compile([x, w], [y]);
            var gradient = Ad.Compile([x, w], [loss, .. loss.Grad([x, w])]);
            report.Run(
                "W9", $"forward-{name}", dtype, Runs.Into(forward, images, weights),
                [("y", Data.Check(forward.Run(images, weights)[0]))]);
            var values = gradient.Run(images, weights);
            report.Run(
                "W9", $"grad-{name}", dtype, Runs.Into(gradient, images, weights),
                [("loss", Data.Number(values[0])), ("gx", Data.Check(values[1])), ("gw", Data.Check(values[2]))]);
        }
    }
}
