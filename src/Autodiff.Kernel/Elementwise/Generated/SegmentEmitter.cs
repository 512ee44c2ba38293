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
    /// <summary>Values that are used once are written where they are used, but not deeper than this.</summary>
    private const int DeepestNesting = 6;

    private readonly LoopSegment segment;
    private readonly VectorWidth width;
    private readonly Lookahead lookahead;
    private readonly StoreForm stores;
    private readonly SegmentTrace trace;
    private readonly VectorEmitter vectors;
    private readonly ILGenerator il;
    private readonly DynamicMethod method;
    private readonly LocalBuilder index;
    private readonly LocalBuilder[] pointers;
    private readonly LocalBuilder?[] locals;
    private readonly JoinEmitter?[] joins;
    private readonly bool[] isInvariant;
    private readonly int[] uses;

    public SegmentEmitter(LoopSegment segment, VectorWidth width, Lookahead lookahead, StoreForm stores)
    {
        this.segment = segment;
        this.width = width;
        this.lookahead = lookahead;
        this.stores = stores;
        trace = new SegmentTrace(segment, width.HasScale);
        // A delegate with a target is called directly, one without moves its arguments first.
        method = new DynamicMethod(
            "loop", typeof(void), [typeof(LoopSegment), typeof(nint*), typeof(nint)], typeof(SegmentEmitter).Module,
            skipVisibility: true);
        il = method.GetILGenerator();
        vectors = new VectorEmitter(il, width);
        index = il.DeclareLocal(typeof(nint));
        pointers = new LocalBuilder[segment.Reads.Length + segment.Writes.Length + (segment.Fold is null ? 0 : 1)];
        locals = new LocalBuilder?[trace.Nodes.Count];
        joins = new JoinEmitter?[segment.Writes.Length];
        isInvariant = new bool[trace.Nodes.Count];
        uses = new int[trace.Nodes.Count];
        CountUses();
        FindInvariants();
    }

    private int Lanes => width.For(MaskType).Lanes;

    private DType MaskType => segment.LaneBytes == sizeof(float) ? DType.Float32 : DType.Float64;

    public SegmentCode Emit()
    {
        DeclareLocals();
        LoadPointers();
        BeginJoins();
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Stloc, index);
        EmitLocals(invariant: true);
        var fold = segment.Fold is { } reduced ? FoldOf(segment.Writes[reduced.Write].Type) : null;
        var turn = il.DefineLabel();
        fold?.Begin();
        il.MarkLabel(turn);
        AskAhead();
        EmitLocals(invariant: false);
        if (stores == StoreForm.JoinedLines)
            StoreJoined();
        else
            StoreResults();
        if (fold is null)
            EmitNextTurn(turn);
        else
            fold.End(turn, segment.Fold!.Value.Combine, () => Push(trace[segment.Writes[segment.Fold!.Value.Write].Value]));
        foreach (var join in joins)
            join?.End();
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<SegmentCode>(segment);
    }

    private static ReadOnlySpan<int> Operands(VectorNode node) => new[] { node.A, node.B, node.C, node.D }.AsSpan(
        0, node.A < 0 ? 0 : node.B < 0 ? 1 : node.C < 0 ? 2 : node.D < 0 ? 3 : 4);

    /// <summary>How often each value is used by such as are used themselves. A stored value counts as used twice.</summary>
    private void CountUses()
    {
        foreach (var write in segment.Writes)
            uses[trace[write.Value]] += 2;
        for (var i = uses.Length - 1; i >= 0; i--)
            if (uses[i] > 0)
                foreach (var operand in Operands(trace.Nodes[i]))
                    uses[operand]++;
    }

    private void FindInvariants()
    {
        for (var i = 0; i < isInvariant.Length; i++)
        {
            var node = trace.Nodes[i];
            isInvariant[i] = node.Op == VectorOp.Constant || (node.Op == VectorOp.Read && segment.Reads[(int)node.Bits].Repeats)
                || (node.A >= 0 && AreInvariant(Operands(node)));
        }
    }

    private bool AreInvariant(ReadOnlySpan<int> operands)
    {
        foreach (var operand in operands)
            if (!isInvariant[operand])
                return false;
        return true;
    }

    /// <summary>Values that are used more than once, that are invariant, or that would nest too deeply get a local.</summary>
    private void DeclareLocals()
    {
        var depth = new int[trace.Nodes.Count];
        for (var i = 0; i < depth.Length; i++)
        {
            var node = trace.Nodes[i];
            if (uses[i] == 0 || node.Op == VectorOp.Constant)
                continue;
            foreach (var operand in Operands(node))
                depth[i] = Math.Max(depth[i], locals[operand] is null ? depth[operand] + 1 : 0);
            if (uses[i] > 1 || isInvariant[i] || depth[i] == DeepestNesting)
                locals[i] = il.DeclareLocal(width.For(node.Type).Vector);
        }
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
        for (var i = 0; i < segment.Writes.Length; i++)
            if (!segment.IsOnlyFolded(i))
            {
                var type = segment.Writes[i].Type;
                var join = new JoinEmitter(
                    il, width.For(type), pointers[segment.Reads.Length + i], index, type.Size(),
                    JoinedLines.PlaceOfBlocks(segment) * sizeof(nint), i * JoinedLines.BytesOfResult);
                join.Begin();
                joins[i] = join;
            }
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

    private void EmitLocals(bool invariant)
    {
        for (var i = 0; i < locals.Length; i++)
            if (locals[i] is { } local && isInvariant[i] == invariant)
            {
                Compute(i);
                il.Emit(OpCodes.Stloc, local);
            }
    }

    /// <summary>Leaves a value on the stack.</summary>
    private void Push(int value)
    {
        if (locals[value] is { } local)
            il.Emit(OpCodes.Ldloc, local);
        else
            Compute(value);
    }

    private void Compute(int value)
    {
        var node = trace.Nodes[value];
        if (node.Op == VectorOp.Read)
        {
            Load((int)node.Bits);
            return;
        }

        if (node.Op == VectorOp.Reinterpret)
        {
            Push(node.A);
            vectors.Reinterpret(trace.Nodes[node.A].Type, node.Type);
            return;
        }

        vectors.BeforeOperands(node);
        foreach (var operand in Operands(node))
        {
            Push(operand);
            vectors.AfterOperand(node);
        }

        vectors.AfterOperands(node);
    }

    private void Load(int read)
    {
        var (_, type, repeats) = segment.Reads[read];
        il.Emit(OpCodes.Ldloc, pointers[read]);
        if (repeats && type != DType.Bool)
        {
            vectors.Repeat(type);
            return;
        }

        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Call, type == DType.Bool ? width.For(MaskType).LoadMask : width.For(type).Load);
    }

    private void StoreResults()
    {
        for (var i = 0; i < segment.Writes.Length; i++)
            if (!segment.IsOnlyFolded(i))
                Store(segment.Writes[i], pointers[segment.Reads.Length + i]);
    }

    private void Store(SegmentWrite write, LocalBuilder pointer)
    {
        Push(trace[write.Value]);
        if (stores == StoreForm.Lines)
        {
            PushAddress(pointer, write.Type.Size());
            il.Emit(OpCodes.Call, width.For(write.Type).Stream);
            return;
        }

        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Call, write.Type == DType.Bool ? width.For(MaskType).StoreMask : width.For(write.Type).Store);
    }

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
                var value = trace[segment.Writes[i].Value];
                use(join, () => Push(value));
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

    /// <summary>
    /// On to the next whole vector, if there is one; where some elements are left, back to the vector that ends with
    /// them, and then out.
    /// </summary>
    private void EmitNextTurn(Label turn)
    {
        var end = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, index);
        PushLanes();
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Ldloc, index);
        PushLastStart();
        il.Emit(OpCodes.Ble, turn);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Bge, end);
        PushLastStart();
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Br, turn);
        il.MarkLabel(end);
    }

    private void PushLastStart()
    {
        il.Emit(OpCodes.Ldarg_2);
        PushLanes();
        il.Emit(OpCodes.Sub);
    }

    private void PushLanes()
    {
        il.Emit(OpCodes.Ldc_I4, Lanes);
        il.Emit(OpCodes.Conv_I);
    }
}
