using System.Numerics;
using System.Numerics.Tensors;

namespace Autodiff.Kernel;

/// <summary>Eager arithmetic of whole arrays, with NumPy's broadcasting and promotion.</summary>
internal static class Arithmetic
{
    public static NDArray Add(NDArray a, NDArray b) => Combine(new Operation(Kind.Add, "+"), a, b);

    public static NDArray Subtract(NDArray a, NDArray b) => Combine(new Operation(Kind.Subtract, "-"), a, b);

    public static NDArray Multiply(NDArray a, NDArray b) => Combine(new Operation(Kind.Multiply, "*"), a, b);

    /// <summary>A true division: integers and Bool meet as Float64.</summary>
    public static NDArray Divide(NDArray a, NDArray b)
    {
        CheckNull(a, b);
        return DTypes.Promote(a.DType, b.DType).IsFloat()
            ? Combine(new Operation(Kind.Divide, "/"), a, b)
            : Combine(new Operation(Kind.Divide, "/"), a.AsType(DType.Float64), b.AsType(DType.Float64));
    }

    public static NDArray Negate(NDArray a)
    {
        ArgumentNullException.ThrowIfNull(a);
        return a.DType switch
        {
            DType.Float32 => Negate<float>(a),
            DType.Float64 => Negate<double>(a),
            DType.Int32 => Negate<int>(a),
            DType.Int64 => Negate<long>(a),
            DType.Bool => throw new DTypeException($"unary -: a Bool array {a.Shape} has no negative"),
            _ => throw DTypes.Unknown(a.DType),
        };
    }

    private static NDArray Combine(Operation operation, NDArray a, NDArray b)
    {
        CheckNull(a, b);
        var dtype = DTypes.Promote(a.DType, b.DType);
        var shape = Broadcasting.Join(operation.Symbol, a.Shape, b.Shape);
        a = Broadcasting.Expand(a.AsType(dtype), shape);
        b = Broadcasting.Expand(b.AsType(dtype), shape);
        return dtype switch
        {
            DType.Float32 => Compute<float>(operation.Kind, a, b),
            DType.Float64 => Compute<double>(operation.Kind, a, b),
            DType.Int32 => Compute<int>(operation.Kind, a, b),
            DType.Int64 => Compute<long>(operation.Kind, a, b),
            DType.Bool => ComputeTruths(operation, a, b),
            _ => throw DTypes.Unknown(dtype),
        };
    }

    private static NDArray Compute<T>(Kind kind, NDArray a, NDArray b) where T : unmanaged, INumber<T>
    {
        var result = NDArray.Uninitialized<T>(a.Shape, out var elements);
        ReadOnlySpan<T> left = a.AsSpan<T>(), right = b.AsSpan<T>();
        switch (kind)
        {
            case Kind.Add:
                TensorPrimitives.Add(left, right, elements);
                break;
            case Kind.Subtract:
                TensorPrimitives.Subtract(left, right, elements);
                break;
            case Kind.Multiply:
                TensorPrimitives.Multiply(left, right, elements);
                break;
            default:
                TensorPrimitives.Divide(left, right, elements);
                break;
        }

        return result;
    }

    /// <summary>A Bool is stored as the byte 0 or 1, so that its or and its and are those of its bits.</summary>
    private static NDArray ComputeTruths(Operation operation, NDArray a, NDArray b)
    {
        var result = NDArray.Allocate(a.Shape, DType.Bool);
        ReadOnlySpan<byte> left = Storage.Of(a).Span<byte>(), right = Storage.Of(b).Span<byte>();
        if (operation.Kind == Kind.Add)
            TensorPrimitives.BitwiseOr(left, right, Storage.Of(result).Span<byte>());
        else if (operation.Kind == Kind.Multiply)
            TensorPrimitives.BitwiseAnd(left, right, Storage.Of(result).Span<byte>());
        else
            throw new DTypeException($"{operation.Symbol}: Bool arrays {a.Shape} and {b.Shape} have no difference");
        return result;
    }

    private static NDArray Negate<T>(NDArray a) where T : unmanaged, INumber<T>
    {
        var result = NDArray.Uninitialized<T>(a.Shape, out var elements);
        TensorPrimitives.Negate(a.AsSpan<T>(), elements);
        return result;
    }

    private static void CheckNull(NDArray a, NDArray b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
    }

    private enum Kind
    {
        Add,
        Subtract,
        Multiply,
        Divide,
    }

    private readonly record struct Operation(Kind Kind, string Symbol);
}
