using System.Globalization;
using Spectre.Console;

namespace CharRnn;

/// <summary>How training goes, at one of its steps.</summary>
/// <param name="Step">How many steps are done.</param>
/// <param name="Steps">How many there will be.</param>
/// <param name="BitsPerCharacter">The loss of late, in bits per character.</param>
/// <param name="CharactersPerSecond">The speed of late.</param>
internal readonly record struct Progress(int Step, int Steps, double BitsPerCharacter, double CharactersPerSecond)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {BitsPerCharacter:F3} bits/char  {CharactersPerSecond:N0} chars/s");
}

/// <summary>Shows how training goes: a bar on a terminal, plain lines in a pipe.</summary>
internal interface IDisplay
{
    /// <summary>Runs the work while the display stands.</summary>
    void Show(int steps, Action work);

    /// <summary>Shows where training is.</summary>
    void Report(in Progress progress);

    /// <summary>Writes a line of text that stays.</summary>
    void WriteLine(string text);
}

/// <summary>A bar with loss, speed and time left, below the lines that stay.</summary>
internal sealed class BarDisplay : IDisplay
{
    private ProgressTask? task;

    /// <inheritdoc/>
    public void Show(int steps, Action work) =>
        AnsiConsole.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                task = context.AddTask("begins", maxValue: steps);
                work();
                task.StopTask();
            });

    /// <inheritdoc/>
    public void Report(in Progress progress)
    {
        task!.Description = Markup.Escape(progress.ToString());
        task.Value = progress.Step;
    }

    /// <inheritdoc/>
    public void WriteLine(string text) => AnsiConsole.WriteLine(text);
}

/// <summary>A line for every twentieth of the work.</summary>
internal sealed class LineDisplay(TextWriter output, TimeProvider clock) : IDisplay
{
    private long begin;
    private int shown;

    /// <inheritdoc/>
    public void Show(int steps, Action work)
    {
        (begin, shown) = (clock.GetTimestamp(), 0);
        work();
    }

    /// <inheritdoc/>
    public void Report(in Progress progress)
    {
        var twentieth = (int)(20L * progress.Step / progress.Steps);
        if (twentieth == shown)
            return;
        shown = twentieth;
        var left = clock.GetElapsedTime(begin) / progress.Step * (progress.Steps - progress.Step);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {progress.Step}/{progress.Steps}  {progress}  {left.TotalSeconds:F0} s left"));
    }

    /// <inheritdoc/>
    public void WriteLine(string text) => output.WriteLine(text);
}
