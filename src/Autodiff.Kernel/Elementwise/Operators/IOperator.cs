namespace Autodiff.Kernel;

/// <summary>An operation on one vector. A test gives a mask.</summary>
internal interface IUnaryOperator
{
    static abstract V Apply<V, T>(V x)
        where V : struct, IVector<V, T>
        where T : unmanaged;
}

/// <summary>An operation on two vectors. A comparison gives a mask.</summary>
internal interface IBinaryOperator
{
    static abstract V Apply<V, T>(V a, V b)
        where V : struct, IVector<V, T>
        where T : unmanaged;
}

/// <summary>What a function does for rare arguments a and b, where y is its value for the others.</summary>
internal interface IRareOperator
{
    static abstract V Apply<V, T>(V a, V b, V y)
        where V : struct, IVector<V, T>
        where T : unmanaged;
}
