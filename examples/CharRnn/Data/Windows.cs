using Autodiff;

namespace CharRnn;

/// <summary>
/// Cuts a text into windows for truncated back-propagation through time. The text is laid in <c>batch</c> rows of equal
/// length; a window is the next <c>unroll</c> columns of all rows, so that the hidden state after one window is the right one
/// before the next.
/// </summary>
internal sealed class Windows
{
    private readonly int[] text;
    private readonly int batch;
    private readonly int unroll;
    private readonly int rowLength;

    public Windows(int[] text, int batch, int unroll)
    {
        (this.text, this.batch, this.unroll) = (text, batch, unroll);
        rowLength = text.Length / batch;
        Count = (rowLength - 1) / unroll;
    }

    /// <summary>How many windows there are before the text begins anew.</summary>
    public int Count { get; }

    /// <summary>The least number of characters that makes a window: the last one of each row has no successor to predict.</summary>
    public static int Least(int batch, int unroll) => checked(batch * (unroll + 1));

    /// <summary>The characters of a window and their successors, both [unroll, batch].</summary>
    public (NDArray Characters, NDArray Successors) this[int window] =>
        (Columns(window * unroll), Columns(window * unroll + 1));

    private NDArray Columns(int first)
    {
        var columns = new int[unroll * batch];
        for (var step = 0; step < unroll; step++)
        {
            for (var row = 0; row < batch; row++)
                columns[step * batch + row] = text[row * rowLength + first + step];
        }

        return NDArray.Wrap(columns, unroll, batch);
    }
}
