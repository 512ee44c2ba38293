using System.Diagnostics.CodeAnalysis;

namespace Autodiff.Kernel;

/// <summary>What a segment reads: value number i of the segment is read i.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Repeats">Whether it is one element, which the segment reads once; of truth values, a block of copies.</param>
internal readonly record struct SegmentRead(int Cell, DType Type, bool Repeats);

/// <summary>An operation on values of a segment; value n + i, of n reads, is the result of step i.</summary>
/// <param name="Code">The operation.</param>
/// <param name="Type">The type of the operands; of Select, that of the two to choose from.</param>
/// <param name="Result">The type of the result.</param>
/// <param name="A">The first operand.</param>
/// <param name="B">The second operand; the first where there is none.</param>
/// <param name="C">The third operand; the first where there is none.</param>
internal readonly record struct SegmentStep(Opcode Code, DType Type, DType Result, int A, int B, int C);

/// <summary>What a segment writes.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Value">The value.</param>
/// <param name="Output">The output that the elements may be written to at once, or -1.</param>
internal readonly record struct SegmentWrite(int Cell, DType Type, int Value, int Output);

/// <summary>
/// The end of a segment whose last output is reduced: each element is combined with the lane of
/// <see cref="VirtualLanes"/> that it belongs to. The lanes of one chunk after the other stand at a last address, behind
/// those of what is written.
/// </summary>
/// <param name="Combine">The operation.</param>
/// <param name="Write">The position, among the writes, of what is reduced.</param>
/// <param name="IsStored">Whether it is stored too, as another output.</param>
internal readonly record struct SegmentFold(VectorOp Combine, int Write, bool IsStored);

/// <summary>
/// Consecutive steps of a loop body that run in one generated loop: their numbers all have the same width, and every
/// step has a vector operator.
/// </summary>
internal sealed class LoopSegment(int laneBytes, SegmentRead[] reads, SegmentStep[] steps, SegmentWrite[] writes)
{
    private StretchCode? code;
    private SegmentCode? foldingCode;

    /// <summary>The width of the numbers.</summary>
    public int LaneBytes => laneBytes;

    public ReadOnlySpan<SegmentRead> Reads => reads;

    public ReadOnlySpan<SegmentStep> Steps => steps;

    public ReadOnlySpan<SegmentWrite> Writes => writes;

    /// <summary>What the last output is folded with, of a loop that ends in a reduction.</summary>
    public SegmentFold? Fold { get; private set; }

    /// <summary>The elements that one turn of the loop takes.</summary>
    public int Lanes { get; private set; }

    /// <summary>The loop of a segment that folds nothing.</summary>
    public StretchCode Code => code ?? throw new InvalidOperationException("a segment is run before it is compiled");

    /// <summary>The loop of a segment that folds its last output, for some elements.</summary>
    public SegmentCode FoldingCode => foldingCode ?? throw new InvalidOperationException("a segment folds nothing");

    /// <summary>
    /// The loop that writes past the caches, if it was asked for: for a number of elements that is a multiple of
    /// <see cref="Lanes"/>, and results that begin on boundaries of cache lines.
    /// </summary>
    public SegmentCode? StreamingCode { get; private set; }

    /// <summary>The same for results that begin anywhere; <see cref="JoinedLines"/> runs it.</summary>
    public SegmentCode? JoiningCode { get; private set; }

    /// <summary>Whether there is code that writes past the caches.</summary>
    public bool Streams => StreamingCode is not null || JoiningCode is not null;

    /// <summary>Whether a result is reduced and not written.</summary>
    public bool IsOnlyFolded(int write) => Fold is { IsStored: false } fold && fold.Write == write;

    /// <summary>Generates the loop for vectors of a width, and for a reduction of what it computes.</summary>
    [RequiresDynamicCode("generates code")]
    public void Compile(VectorWidth width, Lookahead lookahead, SegmentFold? fold = null)
    {
        Fold = fold;
        Lanes = width.For(laneBytes == sizeof(float) ? DType.Float32 : DType.Float64).Lanes;
        if (fold is null)
            code = SegmentEmitter.Stretches(this, width, lookahead);
        else
            foldingCode = SegmentEmitter.Stretch(this, width, lookahead, StoreForm.Cached);
    }

    /// <summary>
    /// Generates the loops that write past the caches in a form, or in lines alone where vectors are too narrow to join them;
    /// none where truth values are written. Several results that nothing follows may begin apart: they get both.
    /// </summary>
    [RequiresDynamicCode("generates code")]
    public void CompileStreaming(VectorWidth width, Lookahead lookahead, StoreForm stores)
    {
        if (stores == StoreForm.Cached || Array.Exists(writes, write => write.Type == DType.Bool))
            return;
        var joins = width.For(writes[0].Type).Join is not null;
        if (stores == StoreForm.Lines || !joins)
            StreamingCode = SegmentEmitter.Stretch(this, width, lookahead, StoreForm.Lines);
        if (joins && (stores == StoreForm.JoinedLines || (Fold is null && writes.Length > 1)))
            JoiningCode = SegmentEmitter.Stretch(this, width, lookahead, StoreForm.JoinedLines);
    }
}

/// <summary>How a generated loop stores its results.</summary>
internal enum StoreForm
{
    /// <summary>As usual.</summary>
    Cached,

    /// <summary>Past the caches: each begins on a line.</summary>
    Lines,

    /// <summary>Past the caches, wherever it begins.</summary>
    JoinedLines,
}

/// <summary>The generated loop of a segment over stretches.</summary>
/// <param name="places">The addresses of what is read, then of what is written.</param>
/// <param name="count">
/// The number of elements of a stretch, at least those of a vector. Where it is no multiple of that, a last vector overlaps the
/// one before it: that may be even where results go where operands are.
/// </param>
/// <param name="steps">How far each address moves from one stretch to the next; not read where there is only one.</param>
/// <param name="stretches">The number of stretches.</param>
internal unsafe delegate void StretchCode(nint* places, nint count, nint* steps, nint stretches);

/// <summary>The generated loop of a segment that folds, or writes past the caches.</summary>
/// <param name="places">The addresses of what is read, then of what is written; of a fold, last, that of the lanes.</param>
/// <param name="count">
/// The number of elements, a multiple of those of a vector, and of a fold of <see cref="VirtualLanes.Lanes"/>.
/// </param>
internal unsafe delegate void SegmentCode(nint* places, nint count);
