using System.Reflection;

namespace Autodiff.Kernel;

/// <summary>
/// The methods that generated code calls for lanes of one type in vectors of one width: nearly all of them single
/// instructions. They are found by making delegates of them, so that nothing is looked up by name.
/// </summary>
internal abstract class VectorInstructions
{
    /// <summary>The vector's type.</summary>
    public abstract Type Vector { get; }

    /// <summary>The number of lanes.</summary>
    public abstract int Lanes { get; }

    /// <summary>From a reference and an index to a vector.</summary>
    public abstract MethodInfo Load { get; }

    /// <summary>From a vector, a reference and an index.</summary>
    public abstract MethodInfo Store { get; }

    /// <summary>From a vector and an address on a boundary of the vector's size: stores past the caches.</summary>
    public abstract MethodInfo Stream { get; }

    /// <summary>What puts whole lines together from neighbouring vectors; null where a vector is no line.</summary>
    public virtual JoinInstructions? Join => null;

    /// <summary>From a reference to truth values and an index to a mask.</summary>
    public abstract MethodInfo LoadMask { get; }

    /// <summary>From a mask, a reference to truth values and an index.</summary>
    public abstract MethodInfo StoreMask { get; }

    /// <summary>From a number to a vector full of it.</summary>
    public abstract MethodInfo Fill { get; }

    /// <summary>The reinterpretation of a vector of another type's lanes.</summary>
    public abstract MethodInfo From<TOther>() where TOther : unmanaged;

    /// <summary>The shift of integers to the left.</summary>
    public abstract MethodInfo ShiftLeft { get; }

    /// <summary>The shift of integers to the right, zeros shifted in.</summary>
    public abstract MethodInfo ShiftRight { get; }

    /// <summary>From a mask and three vectors to a vector.</summary>
    public abstract MethodInfo Rarely<TOperator>() where TOperator : struct, IRareOperator;

    /// <summary>The method of an operation on vectors alone.</summary>
    public abstract MethodInfo Of(VectorOp op);
}

/// <summary>
/// What puts a vector together that begins on a boundary of its size, of two neighbours that do not.
/// </summary>
/// <param name="PlacesAt">From the address of a neighbour to the places, in both, of the vector's lanes.</param>
/// <param name="Take">From the neighbour before the boundary, the one that straddles it, and the places to the vector.</param>
internal sealed record JoinInstructions(MethodInfo PlacesAt, MethodInfo Take);

/// <summary>An operator for rare arguments, as a value.</summary>
internal abstract class RareOperator
{
    /// <summary>The method that applies it where a mask says so.</summary>
    public abstract MethodInfo In(VectorInstructions instructions);
}

/// <inheritdoc/>
internal sealed class RareOperator<TOperator> : RareOperator where TOperator : struct, IRareOperator
{
    public static readonly RareOperator<TOperator> Instance = new();

    public override MethodInfo In(VectorInstructions instructions) => instructions.Rarely<TOperator>();
}
