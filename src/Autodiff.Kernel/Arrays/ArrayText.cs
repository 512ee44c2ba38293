using System.Text;

namespace Autodiff.Kernel;

/// <summary>
/// An array in nested brackets, as NumPy's <c>str</c> prints it. The text is bounded: long axes are cut to their edges, and
/// where so many axes are left that even this is much, the edges narrow down to nothing.
/// </summary>
internal sealed class ArrayText
{
    private const int LineWidth = 75;
    private const int LargestWhole = 1000;
    private const int LargestCut = 2000;
    private const int Gap = -1;

    private readonly Shape shape;
    private readonly int edge;
    private readonly StringBuilder text = new();
    private readonly Queue<string> words;

    private ArrayText(NDArray array)
    {
        shape = array.Shape;
        edge = ChooseEdge(shape);
        var positions = new List<int>();
        Collect(0, 0, positions);
        words = new Queue<string>(ElementText.Column(array, [.. positions]));
    }

    public static string Of(NDArray array)
    {
        if (array.Length == 0)
            return "[]";
        if (array.Rank == 0)
            return ElementText.Scalar(array);
        var writer = new ArrayText(array);
        writer.Write(0);
        return writer.text.ToString();
    }

    /// <summary>How many entries stay at each end of an axis.</summary>
    private static int ChooseEdge(Shape shape)
    {
        if (shape.Size <= LargestWhole)
            return int.MaxValue;
        var edge = 3;
        while (edge > 0 && CountShown(shape, edge) > LargestCut)
            edge--;
        return edge;
    }

    private static double CountShown(Shape shape, int edge)
    {
        var count = 1.0;
        foreach (var size in shape)
            count *= Math.Min(size, 2.0 * edge);
        return count;
    }

    /// <summary>The indices that show along an axis, with a gap where some are left out.</summary>
    private IEnumerable<int> Entries(int axis)
    {
        var size = shape[axis];
        var isCut = 2L * edge < size;
        for (var i = 0; i < (isCut ? edge : size); i++)
            yield return i;
        if (!isCut)
            yield break;
        yield return Gap;
        for (var i = size - edge; i < size; i++)
            yield return i;
    }

    /// <summary>
    /// Row-major positions of the elements that show; <paramref name="block"/> counts blocks of the axes before.
    /// </summary>
    private void Collect(int axis, int block, List<int> positions)
    {
        if (axis == shape.Rank)
        {
            positions.Add(block);
            return;
        }

        foreach (var entry in Entries(axis))
        {
            if (entry != Gap)
                Collect(axis + 1, block * shape[axis] + entry, positions);
        }
    }

    private void Write(int axis)
    {
        text.Append('[');
        if (axis == shape.Rank - 1)
            WriteRow(axis);
        else
            WriteBlocks(axis);
        text.Append(']');
    }

    private void WriteBlocks(int axis)
    {
        var isFirst = true;
        foreach (var entry in Entries(axis))
        {
            if (!isFirst)
                text.Append('\n', shape.Rank - 1 - axis).Append(' ', axis + 1);
            isFirst = false;
            if (entry == Gap)
                text.Append("...");
            else
                Write(axis + 1);
        }
    }

    /// <summary>The innermost axis, wrapped so that the brackets that close around it would fit after any word.</summary>
    private void WriteRow(int axis)
    {
        var indent = axis + 1;
        var width = LineWidth - (axis + 1);
        var column = indent;
        var row = Entries(axis).Select(entry => entry == Gap ? "..." : words.Dequeue()).ToArray();
        for (var i = 0; i < row.Length; i++)
        {
            if (column > indent && column + row[i].Length > width)
            {
                TrimLine();
                text.Append('\n').Append(' ', indent);
                column = indent;
            }

            text.Append(row[i]).Append(i < row.Length - 1 ? " " : "");
            column += row[i].Length + 1;
        }
    }

    private void TrimLine()
    {
        while (text[^1] == ' ')
            text.Length--;
    }
}
