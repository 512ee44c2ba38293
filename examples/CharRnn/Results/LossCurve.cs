using ScottPlot;

namespace CharRnn;

/// <summary>The losses of a run in bits per character, as a picture.</summary>
/// <param name="training">The loss of each training step.</param>
/// <param name="heldOut">The losses on the held-out text, with the number of steps before them.</param>
/// <param name="entropy">The entropy of the character frequencies, if there was a text.</param>
internal sealed class LossCurve(
    IReadOnlyList<double> training, IReadOnlyList<(int Step, double Bits)> heldOut, double? entropy)
{
    /// <summary>The picture as PNG.</summary>
    public byte[] ToPng()
    {
        using var plot = new Plot();
        plot.Title("Loss of the character RNN");
        plot.XLabel("training step");
        plot.YLabel("bits per character");
        Draw(plot, Smooth(), "training", markers: false);
        Draw(plot, heldOut, "held out", markers: true);
        if (entropy is { } bits)
            plot.Add.HorizontalLine(bits, pattern: LinePattern.Dashed).LegendText = $"character frequencies ({bits:F2})";
        plot.ShowLegend(Alignment.UpperRight);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, training.Append(entropy ?? 0).Append(1).Max() * 1.05);
        return plot.GetImageBytes(900, 560, ImageFormat.Png);
    }

    private static void Draw(Plot plot, IReadOnlyList<(int Step, double Bits)> points, string name, bool markers)
    {
        if (points.Count == 0)
            return;
        var curve = plot.Add.Scatter(
            points.Select(point => (double)point.Step).ToArray(), points.Select(point => point.Bits).ToArray());
        curve.LegendText = name;
        curve.LineWidth = 2;
        curve.MarkerSize = markers || points.Count == 1 ? 7 : 0;
    }

    /// <summary>The means of consecutive losses, about two hundred of them, since single ones are noisy.</summary>
    private List<(int Step, double Bits)> Smooth() =>
        [.. training
            .Select((bits, i) => (Step: i + 1, Bits: bits))
            .Chunk(Math.Max(1, training.Count / 200))
            .Select(run => (run[^1].Step, run.Average(point => point.Bits)))];
}
