using System.Numerics;
using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>Which elements make up a row.</summary>
internal interface IRowStep
{
    /// <summary>How far apart they are.</summary>
    static abstract nint Step { get; }

    /// <summary>A vector of them.</summary>
    static abstract unsafe TVector Load<T, TVector, TSimd>(T* source)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T>;
}

/// <summary>Consecutive elements.</summary>
internal readonly struct EveryOne : IRowStep
{
    public static nint Step => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe TVector Load<T, TVector, TSimd>(T* source)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.Load(source);
}

/// <summary>Every other element.</summary>
internal readonly struct EveryOther : IRowStep
{
    public static nint Step => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe TVector Load<T, TVector, TSimd>(T* source)
        where T : unmanaged, INumber<T>
        where TVector : struct
        where TSimd : struct, ISimd<TVector, T> => TSimd.LoadEven(source);
}
