using System.Numerics;

namespace Autodiff.Kernel;

/// <summary>Scans: along an axis every element of the result is made from the one before it.</summary>
internal static class Scan
{
    /// <summary>
    /// y_0 = b_0 and y_i = a_i y_(i-1) + b_i along an axis, from its end on where <paramref name="reverse"/> says so; a
    /// has no say in the first element. Shapes are equal, strides are any; truth values have no recurrence.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The element types differ or are Bool.</exception>
    public static void Recurrence(View a, View b, int axis, bool reverse, View result)
    {
        Check("recurrence", a, result);
        Check("recurrence", b, result);
        Recurrence(ScanLoop.Plan(a.Layout, b.Layout, result.Layout, axis, reverse), a, b, result);
    }

    /// <summary>The same, planned before; without a plan there is no element.</summary>
    public static void Recurrence(ScanLoop? loop, View a, View b, View result)
    {
        if (loop is null)
            return;
        switch (result.DType)
        {
            case DType.Float32:
                loop.Run<float, LinearScan<float>>(a, b, result);
                break;
            case DType.Float64:
                loop.Run<double, LinearScan<double>>(a, b, result);
                break;
            case DType.Int32:
                loop.Run<int, LinearScan<int>>(a, b, result);
                break;
            case DType.Int64:
                loop.Run<long, LinearScan<long>>(a, b, result);
                break;
            default:
                throw new DTypeException("recurrence: truth values have none; convert them to Int64 first");
        }
    }

    /// <summary>
    /// Along an axis the largest (Max) or smallest (Min) of the elements so far, from its end on where
    /// <paramref name="reverse"/> says so; NaN where one of them is NaN.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="DTypeException">The element types differ.</exception>
    public static void Running(ReductionKind kind, View source, int axis, bool reverse, View result)
    {
        Check($"running {kind}", source, result);
        Running(kind, ScanLoop.Plan(source.Layout, source.Layout, result.Layout, axis, reverse), source, result);
    }

    /// <summary>The same, planned before; without a plan there is no element.</summary>
    public static void Running(ReductionKind kind, ScanLoop? loop, View source, View result)
    {
        if (loop is null)
            return;
        switch (result.DType)
        {
            case DType.Float32:
                Running<float>(kind, loop, source, result);
                break;
            case DType.Float64:
                Running<double>(kind, loop, source, result);
                break;
            case DType.Int32:
                Running<int>(kind, loop, source, result);
                break;
            case DType.Int64:
                Running<long>(kind, loop, source, result);
                break;
            default:
                // Truth values are the bytes 0 and 1.
                Running<byte>(kind, loop, source, result);
                break;
        }
    }

    private static void Running<T>(ReductionKind kind, ScanLoop loop, View source, View result)
        where T : unmanaged, INumber<T>
    {
        if (kind == ReductionKind.Max)
            loop.Run<T, RunningScan<T, MaxReduction<T>>>(source, source, result);
        else
            loop.Run<T, RunningScan<T, MinReduction<T>>>(source, source, result);
    }

    private static void Check(string operation, View operand, View result)
    {
        if (operand.Shape != result.Shape)
            throw new ShapeException($"{operation}: an operand of shape {operand.Shape} does not give {result.Shape}");
        if (operand.DType != result.DType)
            throw new DTypeException($"{operation}: {operand.DType} elements do not give {result.DType} elements");
    }
}
