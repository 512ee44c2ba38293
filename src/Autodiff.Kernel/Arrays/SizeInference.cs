namespace Autodiff.Kernel;

/// <summary>Shapes as a caller writes them, where one size may be -1: as many as the elements fill.</summary>
internal static class SizeInference
{
    /// <summary>The shape that <paramref name="length"/> elements take.</summary>
    /// <exception cref="ShapeException">They do not fill it, or it has more than one unknown size.</exception>
    public static Shape Resolve(string operation, ReadOnlySpan<int> sizes, int length)
    {
        var unknown = sizes.IndexOf(-1);
        var shape = unknown < 0 ? Shape.Create(sizes) : Infer(operation, sizes, unknown, length);
        return shape.Size == length
            ? shape
            : throw new ShapeException(
                $"{operation}: {length} elements do not fill shape {Text(sizes)}, which has {shape.Size}");
    }

    private static Shape Infer(string operation, ReadOnlySpan<int> sizes, int unknown, int length)
    {
        if (sizes[(unknown + 1)..].Contains(-1))
            throw new ShapeException($"{operation}: shape {Text(sizes)} has more than one unknown size (-1)");
        var filled = sizes.ToArray();
        filled[unknown] = 1;
        var others = Shape.Create(filled).Size;
        if (others == 0 || length % others != 0)
            throw new ShapeException(
                $"{operation}: no size for the -1 in shape {Text(sizes)} makes {length} elements");
        filled[unknown] = length / others;
        return Shape.Create(filled);
    }

    private static string Text(ReadOnlySpan<int> sizes) => $"[{string.Join(',', sizes.ToArray())}]";
}
