using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>
/// Writes the loops around the operations of a segment: over the vectors of a stretch, and over the stretches. Where a stretch does
/// not end with a whole vector, one that overlaps the last whole vector is computed first and stored last, so that results may
/// be written over what is read.
/// </summary>
/// <param name="il">Where the code goes, that of a <see cref="StretchCode"/>.</param>
/// <param name="lanes">The elements of a vector.</param>
/// <param name="index">The index of a vector's first element.</param>
/// <param name="pointers">The addresses of what is read and written.</param>
internal sealed class StretchEmitter(ILGenerator il, int lanes, LocalBuilder index, LocalBuilder[] pointers)
{
    private readonly LocalBuilder first = il.DeclareLocal(typeof(nint));
    private readonly LocalBuilder lastWhole = il.DeclareLocal(typeof(nint));
    private readonly Label stretch = il.DefineLabel();
    private readonly Label turn = il.DefineLabel();

    /// <summary>What comes before a stretch's first vector.</summary>
    public void Begin(Action emitInvariants)
    {
        EmitFirst();
        il.MarkLabel(stretch);
        // Truth values that repeat are read at this index.
        PushNumber(0);
        il.Emit(OpCodes.Stloc, index);
        emitInvariants();
        il.Emit(OpCodes.Ldloc, first);
        il.Emit(OpCodes.Stloc, index);
        il.MarkLabel(turn);
    }

    /// <summary>From the operations on, elsewhere where a vector is the overlapping one.</summary>
    public void BranchIfOverlapping(Label target)
    {
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldloc, lastWhole);
        il.Emit(OpCodes.Bgt, target);
    }

    /// <summary>On to the first whole vector.</summary>
    public void BranchToFirstWhole()
    {
        PushNumber(0);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Br, turn);
    }

    /// <summary>On to the next vector, if there is one, then to the next stretch, and then out.</summary>
    public void End(Action storeOverlapping)
    {
        var ends = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, index);
        PushNumber(lanes);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldloc, lastWhole);
        il.Emit(OpCodes.Ble, turn);
        il.Emit(OpCodes.Ldloc, first);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Ldloc, first);
        il.Emit(OpCodes.Brfalse, ends);
        storeOverlapping();
        il.MarkLabel(ends);
        EmitNextStretch();
    }

    /// <summary>The beginning of the overlapping vector, or else 0, and that of the last whole one.</summary>
    private void EmitFirst()
    {
        var isWhole = il.DefineLabel();
        PushNumber(0);
        il.Emit(OpCodes.Stloc, first);
        il.Emit(OpCodes.Ldarg_2);
        PushNumber(-lanes);
        il.Emit(OpCodes.And);
        PushNumber(lanes);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, lastWhole);
        il.Emit(OpCodes.Ldarg_2);
        PushNumber(lanes - 1);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Brfalse, isWhole);
        il.Emit(OpCodes.Ldarg_2);
        PushNumber(lanes);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, first);
        il.MarkLabel(isWhole);
    }

    private void EmitNextStretch()
    {
        var isLast = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_S, (byte)4);
        PushNumber(1);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Starg_S, (byte)4);
        il.Emit(OpCodes.Ldarg_S, (byte)4);
        PushNumber(0);
        il.Emit(OpCodes.Ble, isLast);
        for (var i = 0; i < pointers.Length; i++)
        {
            il.Emit(OpCodes.Ldloc, pointers[i]);
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(OpCodes.Ldc_I4, i * nint.Size);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Ldind_I);
            il.Emit(OpCodes.Add);
            il.Emit(OpCodes.Stloc, pointers[i]);
        }

        il.Emit(OpCodes.Br, stretch);
        il.MarkLabel(isLast);
    }

    private void PushNumber(int number)
    {
        il.Emit(OpCodes.Ldc_I4, number);
        il.Emit(OpCodes.Conv_I);
    }
}
