using System.Diagnostics.CodeAnalysis;
using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>
/// Writes the operations of a segment: those whose value is the same for all elements of a stretch, and those of each vector.
/// </summary>
[RequiresDynamicCode("generates code")]
internal sealed class SegmentValues
{
    /// <summary>Values that are used once are written where they are used, but not deeper than this.</summary>
    private const int DeepestNesting = 6;

    private readonly LoopSegment segment;
    private readonly VectorWidth width;
    private readonly DType maskType;
    private readonly SegmentTrace trace;
    private readonly VectorEmitter vectors;
    private readonly ILGenerator il;
    private readonly LocalBuilder index;
    private readonly LocalBuilder[] pointers;
    private readonly LocalBuilder?[] locals;
    private readonly bool[] isInvariant;
    private readonly int[] uses;

    /// <param name="segment">The segment.</param>
    /// <param name="width">The vectors.</param>
    /// <param name="maskType">The type of the numbers beside truth values.</param>
    /// <param name="il">Where the code goes.</param>
    /// <param name="index">The index of a vector's first element.</param>
    /// <param name="pointers">The addresses of what is read, then others.</param>
    public SegmentValues(
        LoopSegment segment, VectorWidth width, DType maskType, ILGenerator il, LocalBuilder index, LocalBuilder[] pointers)
    {
        (this.segment, this.width, this.maskType, this.il, this.index, this.pointers) = (segment, width, maskType, il, index, pointers);
        trace = new SegmentTrace(segment, width.HasScale);
        vectors = new VectorEmitter(il, width);
        locals = new LocalBuilder?[trace.Nodes.Count];
        isInvariant = new bool[trace.Nodes.Count];
        uses = new int[trace.Nodes.Count];
        CountUses();
        FindInvariants();
        DeclareLocals();
    }

    /// <summary>Computes what is the same for all elements of a stretch.</summary>
    public void EmitInvariants() => EmitLocals(invariant: true);

    /// <summary>Computes what a vector's elements share between uses.</summary>
    public void EmitVector() => EmitLocals(invariant: false);

    /// <summary>Leaves what is written on the stack.</summary>
    public void Push(SegmentWrite write) => Push(trace[write.Value]);

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
        il.Emit(OpCodes.Call, type == DType.Bool ? width.For(maskType).LoadMask : width.For(type).Load);
    }
}
