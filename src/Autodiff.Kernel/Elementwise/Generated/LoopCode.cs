using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// The generated loops of bodies of one structure. A body that runs once is interpreted, unless it has much to do:
/// compiling it would take longer than it saves. One of several loops is so for its first thousands of elements, since
/// compiling it takes tenths of a second.
/// </summary>
internal sealed class LoopCode
{
    private const int MaxVariants = 16, MaxLoops = 64, LongestBody = 1000;

    /// <summary>Operations on single elements that take about as long as compiling a loop does.</summary>
    private const long MuchWork = 4_000_000;

    /// <summary>
    /// The elements for which interpreting a body takes a tenth of what compiling it does, and as how many elements its
    /// steps' beginnings count: both take time in proportion to the body.
    /// </summary>
    private const long ManyElements = 10_000, ElementsOfBeginnings = 10;

    private static readonly BoundedCache<LoopBody, LoopCode> Cache = new(1000);

    private readonly LoopBody body;
    private readonly Lock gate = new();
    private Variant[] variants = [];
    private ChunkedLoop[] loops = [];
    private long interpreted;

    private LoopCode(LoopBody body)
    {
        this.body = body;
        foreach (var op in body.Ops)
            Weight += Math.Max(1, OperatorWeight.Of(op.Code, body.OperandType(op), op.Type));
    }

    /// <summary>The number of vector operations of the body, those counted as one that have no vector form.</summary>
    public long Weight { get; }

    /// <summary>Looks for the loop of a body; see <see cref="Find"/>.</summary>
    public static FindLoop FindFor { get; } =
        static (body, repeatingInputs, elements, form) => body.Code.Find(repeatingInputs, elements, form);

    /// <summary>The loops of a body; bodies that are equal share them.</summary>
    public static LoopCode Of(LoopBody body) => Cache.GetOrAdd(body, static body => new LoopCode(body));

    /// <summary>The body over views of certain layouts: the layers of a deep network, say, share what is found out once.</summary>
    public ChunkedLoop Over(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        foreach (var loop in Volatile.Read(ref loops))
            if (loop.Fits(inputs, outputs))
                return loop;
        var made = new ChunkedLoop(body, inputs, outputs);
        lock (gate)
            if (loops.Length < MaxLoops)
                Volatile.Write(ref loops, [.. loops, made]);
        return made;
    }

    /// <summary>
    /// The loop for inputs of which certain ones repeat one element, for so many elements, in a form; null where the body is to
    /// be interpreted.
    /// </summary>
    public GeneratedLoop? Find(ReadOnlySpan<bool> repeatingInputs, long elements, LoopForm form = default)
    {
        // The first test alone tells a compiler ahead of time to leave the generator out.
        if (!RuntimeFeature.IsDynamicCodeSupported || !CodeGeneration.IsEnabled)
            return null;
        if (repeatingInputs.Length > 64 || body.Ops.Length > LongestBody)
            return null;
        ulong repeats = 0;
        for (var i = 0; i < repeatingInputs.Length; i++)
            repeats |= repeatingInputs[i] ? 1UL << i : 0;
        foreach (var variant in Volatile.Read(ref variants))
            if (variant.Repeats == repeats && variant.Form == form)
                return variant.Loop;
        if (!IsWorthCompiling(elements))
            return null;
        return Generate(repeatingInputs, repeats, form);
    }

    /// <summary>Whether what has been interpreted of the body and what is to be done now are more than its compilation.</summary>
    private bool IsWorthCompiling(long elements)
    {
        var counted = elements + ElementsOfBeginnings;
        var before = Interlocked.Add(ref interpreted, counted) - counted;
        return elements * Weight >= MuchWork || before >= (Weight > OperatorWeight.Limit ? ManyElements : 1);
    }

    [RequiresDynamicCode("generates code")]
    private GeneratedLoop? Generate(ReadOnlySpan<bool> repeatingInputs, ulong repeats, LoopForm form)
    {
        lock (gate)
        {
            foreach (var variant in variants)
                if (variant.Repeats == repeats && variant.Form == form)
                    return variant.Loop;
            if (variants.Length == MaxVariants)
                return null;
            var loop = new GeneratedLoop(body, repeatingInputs, VectorWidth.Widest, form);
            Volatile.Write(ref variants, [.. variants, new Variant(repeats, form, loop)]);
            return loop;
        }
    }

    private readonly record struct Variant(ulong Repeats, LoopForm Form, GeneratedLoop Loop);
}
