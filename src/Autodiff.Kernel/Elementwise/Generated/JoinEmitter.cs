using System.Reflection.Emit;

namespace Autodiff.Kernel;

/// <summary>
/// Writes how a result that begins anywhere is stored past the caches, in whole vectors between boundaries of their size: each is put
/// together from two neighbours. The first of them goes to a block of memory, since it reaches before the result, and what
/// the last neighbour leaves does so too.
/// </summary>
/// <param name="il">Where the code goes.</param>
/// <param name="instructions">The instructions for the result's type.</param>
/// <param name="pointer">The address of the result, where the code begins.</param>
/// <param name="index">The index of a vector's first element.</param>
/// <param name="size">The bytes of an element.</param>
/// <param name="entry">Where the address of all blocks stands in the table, in bytes.</param>
/// <param name="offset">Where the block of this result is behind that address.</param>
internal sealed class JoinEmitter(
    ILGenerator il, VectorInstructions instructions, LocalBuilder pointer, LocalBuilder index, int size, int entry, int offset)
{
    private readonly LocalBuilder before = il.DeclareLocal(instructions.Vector);
    private readonly LocalBuilder places = il.DeclareLocal(instructions.Vector);

    private JoinInstructions Join =>
        instructions.Join ?? throw new InvalidOperationException("vectors this narrow are not joined");

    /// <summary>What comes before the first vector.</summary>
    public void Begin()
    {
        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Call, Join.PlacesAt);
        il.Emit(OpCodes.Stloc, places);
        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Ldc_I4, -instructions.Lanes * size);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.And);
        il.Emit(OpCodes.Stloc, pointer);
    }

    /// <summary>Stores what reaches before the result, in the first turn.</summary>
    public void StoreFirst(Action pushValue)
    {
        Take(pushValue);
        StoreInBlock(0);
    }

    /// <summary>Stores the vector between the boundaries, in the other turns.</summary>
    public void StoreNext(Action pushValue)
    {
        Take(pushValue);
        il.Emit(OpCodes.Ldloc, pointer);
        il.Emit(OpCodes.Ldloc, index);
        il.Emit(OpCodes.Ldc_I4, size);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Call, instructions.Stream);
    }

    /// <summary>Keeps a turn's value for the next.</summary>
    public void Keep(Action pushValue)
    {
        pushValue();
        il.Emit(OpCodes.Stloc, before);
    }

    /// <summary>What comes behind the last vector.</summary>
    public void End()
    {
        il.Emit(OpCodes.Ldloc, before);
        StoreInBlock(instructions.Lanes);
    }

    private void Take(Action pushValue)
    {
        il.Emit(OpCodes.Ldloc, before);
        pushValue();
        il.Emit(OpCodes.Ldloc, places);
        il.Emit(OpCodes.Call, Join.Take);
    }

    /// <summary>The address is looked up where it is needed: in the loop it would take a register.</summary>
    private void StoreInBlock(int element)
    {
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldc_I4, entry);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_I);
        il.Emit(OpCodes.Ldc_I4, offset);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldc_I4, element);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Call, instructions.Store);
    }
}
