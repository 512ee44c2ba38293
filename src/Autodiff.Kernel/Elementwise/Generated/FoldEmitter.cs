using System.Numerics;
using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>
/// Writes the end of a loop whose last value is reduced: element i of a chunk is combined with lane i mod 64. Where there are
/// registers enough, the lanes of a chunk stand in locals, which move up by one with every vector: the moves are mere renamings.
/// Else the lanes stay in memory.
/// </summary>
internal sealed class FoldEmitter
{
    // Vectors of 64 bytes come with 32 registers.
    private const int WideBytes = 64;

    private readonly ILGenerator il;
    private readonly VectorInstructions instructions;
    private readonly LocalBuilder index;
    private readonly LocalBuilder lanes;
    private readonly LocalBuilder place;
    private readonly LocalBuilder[] held;
    private readonly Label chunk;
    private readonly int size;

    /// <param name="il">Where the code goes.</param>
    /// <param name="instructions">The instructions for the type that is reduced.</param>
    /// <param name="size">The bytes of an element.</param>
    /// <param name="index">The index of a vector's first element.</param>
    /// <param name="lanes">The address of the lanes of the first chunk; those of the next ones follow.</param>
    public FoldEmitter(ILGenerator il, VectorInstructions instructions, int size, LocalBuilder index, LocalBuilder lanes)
    {
        (this.il, this.instructions, this.size, this.index, this.lanes) = (il, instructions, size, index, lanes);
        place = il.DeclareLocal(typeof(nint));
        chunk = il.DefineLabel();
        held = new LocalBuilder[instructions.Lanes * size == WideBytes ? VirtualLanes.Lanes / instructions.Lanes : 0];
        for (var i = 0; i < held.Length; i++)
            held[i] = il.DeclareLocal(instructions.Vector);
    }

    private bool Holds => held.Length > 0;

    /// <summary>What comes before the first vector of a chunk: the local that tells its end, and the lanes.</summary>
    public void Begin()
    {
        if (!Holds)
            return;
        il.MarkLabel(chunk);
        il.Emit(OpCodes.Ldloc, index);
        PushNumber(VirtualLanes.ChunkLength);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, ((Func<nint, nint, nint>)nint.Min).Method);
        il.Emit(OpCodes.Stloc, place);
        for (var i = 0; i < held.Length; i++)
        {
            PushLane(i);
            il.Emit(OpCodes.Call, instructions.Load);
            il.Emit(OpCodes.Stloc, held[i]);
        }
    }

    /// <summary>Combines a value with its lanes, and goes on to the next vector or the next chunk.</summary>
    public void End(Label turn, VectorOp combine, Action pushValue)
    {
        if (Holds)
            CombineHeld(combine, pushValue);
        else
            CombineInMemory(combine, pushValue);
        il.Emit(OpCodes.Ldloc, index);
        PushNumber(instructions.Lanes);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, index);
        il.Emit(OpCodes.Ldloc, index);
        if (Holds)
            il.Emit(OpCodes.Ldloc, place);
        else
            il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Blt, turn);
        if (Holds)
            EndChunk();
    }

    private void CombineHeld(VectorOp combine, Action pushValue)
    {
        il.Emit(OpCodes.Ldloc, held[0]);
        pushValue();
        il.Emit(OpCodes.Call, instructions.Of(combine));
        for (var i = 1; i < held.Length; i++)
        {
            il.Emit(OpCodes.Ldloc, held[i]);
            il.Emit(OpCodes.Stloc, held[i - 1]);
        }

        il.Emit(OpCodes.Stloc, held[^1]);
    }

    /// <summary>Chunks end after whole rounds, so that each lane is back in its place.</summary>
    private void EndChunk()
    {
        for (var i = 0; i < held.Length; i++)
        {
            il.Emit(OpCodes.Ldloc, held[i]);
            PushLane(i);
            il.Emit(OpCodes.Call, instructions.Store);
        }

        il.Emit(OpCodes.Ldloc, lanes);
        PushNumber(VirtualLanes.Lanes * size);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, lanes);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Blt, chunk);
    }

    private void PushLane(int vector)
    {
        il.Emit(OpCodes.Ldloc, lanes);
        PushNumber(vector * instructions.Lanes);
    }

    private void CombineInMemory(VectorOp combine, Action pushValue)
    {
        // The lanes of chunk i / 1024 begin 64 elements after those of the one before.
        il.Emit(OpCodes.Ldloc, lanes);
        PushIndexBits(-VirtualLanes.ChunkLength);
        il.Emit(OpCodes.Ldc_I4, BitOperations.Log2((uint)(VirtualLanes.ChunkLength / VirtualLanes.Lanes / size)));
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Add);
        PushIndexBits(VirtualLanes.Lanes - 1);
        il.Emit(OpCodes.Ldc_I4, size);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, place);
        PushPlace();
        il.Emit(OpCodes.Call, instructions.Load);
        pushValue();
        il.Emit(OpCodes.Call, instructions.Of(combine));
        PushPlace();
        il.Emit(OpCodes.Call, instructions.Store);
    }

    private void PushPlace()
    {
        il.Emit(OpCodes.Ldloc, place);
        PushNumber(0);
    }

    private void PushIndexBits(int mask)
    {
        il.Emit(OpCodes.Ldloc, index);
        PushNumber(mask);
        il.Emit(OpCodes.And);
    }

    private void PushNumber(int number)
    {
        il.Emit(OpCodes.Ldc_I4, number);
        il.Emit(OpCodes.Conv_I);
    }
}
