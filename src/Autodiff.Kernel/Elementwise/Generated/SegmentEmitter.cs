using System.Diagnostics.CodeAnalysis;
using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>
/// Writes the loop of a segment: what is the same for all elements first, then for each vector of elements the
/// operations, and at last the stores, so that results may be written over what was read.
/// </summary>
[RequiresDynamicCode("generates code")]
internal sealed unsafe class SegmentEmitter
{
    private readonly LoopSegment segment;
    private readonly VectorWidth width;
    private readonly Lookahead lookahead;
    private readonly StoreForm stores;
    private readonly SegmentValues values;
    private readonly ILGenerator il;
    private readonly DynamicMethod method;
    private readonly LocalBuilder index;
    private readonly LocalBuilder[] pointers;
    private readonly JoinEmitter?[] joins;

    private SegmentEmitter(LoopSegment segment, VectorWidth width, Lookahead lookahead, StoreForm stores, params Type[] parameters)
    {
        (this.segment, this.width, this.lookahead, this.stores) = (segment, width, lookahead, stores);
        // A delegate with a target is called directly, one without moves its arguments first.
        method = new DynamicMethod(
            "loop", typeof(void), [typeof(LoopSegment), .. parameters], typeof(SegmentEmitter).Module, skipVisibility: true);
        il = method.GetILGenerator();
        index = il.DeclareLocal(typeof(nint));
        pointers = new LocalBuilder[segment.Reads.Length + segment.Writes.Length + (segment.Fold is null ? 0 : 1)];
        joins = new JoinEmitter?[segment.Writes.Length];
        values = new SegmentValues(segment, width, MaskType, il, index, pointers);
    }

    private int Lanes => width.For(MaskType).Lanes;

    private DType MaskType => segment.LaneBytes == sizeof(float) ? DType.Float32 : DType.Float64;

    /// <summary>The loop over stretches.</summary>
    public static StretchCode Stretches(LoopSegment segment, VectorWidth width, Lookahead lookahead) =>
        new SegmentEmitter(
            segment, width, lookahead, StoreForm.Cached, typeof(nint*), typeof(nint), typeof(nint*), typeof(nint))
            .EmitStretches();

    /// <summary>The loop that folds the last output, or writes past the caches, or both.</summary>
    public static SegmentCode Stretch(LoopSegment segment, VectorWidth width, Lookahead lookahead, StoreForm stores) =>
        new SegmentEmitter(segment, width, lookahead, stores, typeof(nint*), typeof(nint)).EmitStretch();

    private StretchCode EmitStretches()
    {
        LoadPointers();
        var loops = new StretchEmitter(il, Lanes, index, pointers);
        var held = segment.Writes.ToArray().Select(write => il.DeclareLocal(InstructionsOf(write).Vector)).ToArray();
        var overlapping = il.DefineLabel();
        loops.Begin(values.EmitInvariants);
        AskAhead();
        values.EmitVector();
        loops.BranchIfOverlapping(overlapping);
        StoreResults();
        loops.End(() => ForWrites((i, write) => Store(write, pointers[segment.Reads.Length + i], () => il.Emit(OpCodes.Ldloc, held[i]))));
        il.Emit(OpCodes.Ret);
        il.MarkLabel(overlapping);
        ForWrites((i, write) =>
        {
            values.Push(write);
            il.Emit(OpCodes.Stloc, held[i]);
        });
        loops.BranchToFirstWhole();
        return method.CreateDelegate<StretchCode>(segment);
    }

    private SegmentCode EmitStretch()
    {
        LoadPointers();
        BeginJoins();
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Stloc, index);
        values.EmitInvariants();
        var fold = segment.Fold is { } reduced ? FoldOf(segment.Writes[reduced.Write].Type) : null;
        var turn = il.DefineLabel();
        fold?.Begin();
        il.MarkLabel(turn);
        AskAhead();
        values.EmitVector();
        if (stores == StoreForm.JoinedLines)
            StoreJoined();
        else
            StoreResults();
        if (fold is null)
            EmitNextTurn(turn);
        else
            fold.End(turn, segment.Fold!.Value.Combine, () => values.Push(segment.Writes[segment.Fold!.Value.Write]));
        foreach (var join in joins)
            join?.End();
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<SegmentCode>(segment);
    }

    private void LoadPointers()
    {
        for (var i = 0; i < pointers.Length; i++)
        {
            pointers[i] = il.DeclareLocal(typeof(nint));
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, i * sizeof(nint));
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Ldind_I);
            il.Emit(OpCodes.Stloc, pointers[i]);
        }
    }

    private void BeginJoins()
    {
        if (stores != StoreForm.JoinedLines)
            return;
        ForWrites((i, write) =>
        {
            var join = new JoinEmitter(
                il, width.For(write.Type), pointers[segment.Reads.Length + i], index, write.Type.Size(),
                JoinedLines.PlaceOfBlocks(segment) * sizeof(nint), i * JoinedLines.BytesOfResult);
            join.Begin();
            joins[i] = join;
        });
    }

    /// <summary>
    /// Asks for what will be read, some turns later or more, also beyond the end: there the next stretch begins, and pages end,
    /// where the hardware does not look ahead.
    /// </summary>
    private void AskAhead()
    {
        if (Prefetching.Method(lookahead) is not { } ask)
            return;
        for (var i = 0; i < segment.Reads.Length; i++)
        {
            if (segment.Reads[i].Repeats)
                continue;
            PushAddress(pointers[i], segment.Reads[i].Type.Size());
            il.Emit(OpCodes.Call, ask);
        }
    }

    private void StoreResults() =>
        ForWrites((i, write) => Store(write, pointers[segment.Reads.Length + i], () => values.Push(write)));

    private void ForWrites(Action<int, SegmentWrite> use)
    {
        for (var i = 0; i < segment.Writes.Length; i++)
            if (!segment.IsOnlyFolded(i))
                use(i, segment.Writes[i]);
    }

    private void Store(SegmentWrite write, LocalBuilder pointer, Action pushValue)
    {
        pushValue();
        if (stores == StoreForm.Lines)
        {
            PushAddress(pointer, write.Type.Size());
            il.Emit(OpCodes.Call, InstructionsOf(write).Stream);
            return;
        }

        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Call, write.Type == DType.Bool ? InstructionsOf(write).StoreMask : InstructionsOf(write).Store);
    }

    private VectorInstructions InstructionsOf(SegmentWrite write) => width.For(write.Type == DType.Bool ? MaskType : write.Type);

    private void StoreJoined()
    {
        var isFirst = il.DefineLabel();
        var isStored = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Brfalse, isFirst);
        ForJoins((join, pushValue) => join.StoreNext(pushValue));
        il.Emit(OpCodes.Br, isStored);
        il.MarkLabel(isFirst);
        ForJoins((join, pushValue) => join.StoreFirst(pushValue));
        il.MarkLabel(isStored);
        ForJoins((join, pushValue) => join.Keep(pushValue));
    }

    private void ForJoins(Action<JoinEmitter, Action> use)
    {
        for (var i = 0; i < joins.Length; i++)
            if (joins[i] is { } join)
            {
                var write = segment.Writes[i];
                use(join, () => values.Push(write));
            }
    }

    /// <summary>The address of the element at the index.</summary>
    private void PushAddress(LocalBuilder pointer, int size)
    {
        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldc_I4, size);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
    }

    private FoldEmitter FoldOf(DType type) => new(il, width.For(type), type.Size(), index, pointers[^1]);

    /// <summary>On to the next vector, if there is one: all are whole.</summary>
    private void EmitNextTurn(Label turn)
    {
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldc_I4, Lanes);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Blt, turn);
    }
}
