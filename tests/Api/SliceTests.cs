using FsCheck;
using FsCheck.Xunit;
using Xunit;

namespace Autodiff.Api;

public class SliceTests
{
    private static readonly NDArray Matrix = NDArray.Arange(0, 12, 1, DType.Int32).Reshape(3, 4);

    [Fact]
    public void Indices_drop_their_axes()
    {
        Gives(Matrix.Slice(1), [4], 4, 5, 6, 7);
        Gives(Matrix.Slice(-1, ^1), [], 11);
        Gives(Matrix.Slice(.., 2), [3], 2, 6, 10);
    }

    [Fact]
    public void Ranges_keep_their_axes()
    {
        Gives(Matrix.Slice(1..), [2, 4], 4, 5, 6, 7, 8, 9, 10, 11);
        Gives(Matrix.Slice(..1, 1..^1), [1, 2], 1, 2);
        Gives(Matrix.Slice(2..2), [0, 4]);
    }

    [Fact]
    public void Ranges_are_cut_off_at_the_ends_of_the_axis()
    {
        Gives(Matrix.Slice(^9..1, 2..99), [1, 2], 2, 3);
        Gives(Matrix.Slice(7..9), [0, 4]);
    }

    [Fact]
    public void Steps_may_go_backwards_to_the_very_end()
    {
        var line = NDArray.Create([0, 1, 2, 3, 4]);
        Gives(line.Slice(Slice.Step(^1, 0, -1)), [4], 4, 3, 2, 1);
        Gives(line.Slice(Slice.Step(-1, null, -2)), [3], 4, 2, 0);
        Gives(line.Slice(Slice.Step(null, null, -1)), [5], 4, 3, 2, 1, 0);
        Gives(line.Slice(Slice.Step(2)), [3], 0, 2, 4);
        Gives(line.Slice(Slice.Step(1, -1, 2)), [2], 1, 3);
        Gives(line.Slice(Slice.Step(int.MinValue)), [1], 4);
        Assert.Throws<ArgumentException>(() => Slice.Step(0));
    }

    [Fact]
    public void New_axes_and_ellipses_stand_where_they_are_put()
    {
        Gives(Matrix.Slice(Slice.Ellipsis, Slice.NewAxis, 0), [3, 1], 0, 4, 8);
        Gives(Matrix.Slice(Slice.NewAxis, 2, Slice.Ellipsis), [1, 4], 8, 9, 10, 11);
        Gives(Matrix.Slice(0, 1, Slice.Ellipsis), [], 1);
        Gives(NDArray.Scalar(5).Slice(Slice.NewAxis, Slice.Ellipsis, Slice.NewAxis), [1, 1], 5);
        Gives(Matrix.Slice(default, 0), [3], 0, 4, 8);
    }

    [Fact]
    public void Rows_are_not_copied() =>
        Assert.True(Matrix.AsSpan<int>()[4..8] == Matrix.Slice(1).AsSpan<int>());

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Fails("slice of [3,4]: index 4 is out of range on axis 1, which has size 4", 0, 4);
        Fails("slice of [3,4]: index -4 is out of range on axis 0, which has size 3", ^4);
        Fails("slice of [3,4]: [0, 1:, 2] names 3 axes, but there are 2", 0, 1.., 2);
        Fails("slice of [3,4]: there is more than one ellipsis in [..., 1, ...]", Slice.Ellipsis, 1, Slice.Ellipsis);
    }

    [Fact]
    public void Slices_print_as_NumPy_writes_them() => Assert.Equal(
        "0 -1 : 1:-2 -1:0:-1 ::2 newaxis ...",
        string.Join(' ', (Slice[])[0, ^1, Range.All, 1..^2, Slice.Step(^1, 0, -1), Slice.Step(2), Slice.NewAxis, Slice.Ellipsis]));

    [Fact]
    public void Slices_that_take_the_same_are_equal()
    {
        Assert.Equal(Slice.All, Range.All);
        Assert.Equal(default, Slice.All);
        Assert.Equal(Slice.Step(1, null, 1), 1..);
        Assert.True((Slice)(-1) == ^1);
        Assert.True((Slice)0 != 0..1);
    }

    /// <summary>The definition: start clamped, then a step at a time, as long as it is before stop.</summary>
    [Property]
    public bool A_range_takes_what_a_walk_from_start_to_stop_meets(byte length, int? start, int? stop, NonZeroInt step)
    {
        var size = length % 12;
        var part = NDArray.Arange(0, size, 1, DType.Int32).Slice(Slice.Step(start, stop, step.Get));
        return part.ToArray<int>().SequenceEqual(Walk(size, start, stop, step.Get));
    }

    private static IEnumerable<int> Walk(int size, int? start, int? stop, int step)
    {
        int Place(int? end, int none) => end is { } given ? given < 0 ? given + size : given : none;
        if (step > 0)
        {
            for (var i = Math.Max(Place(start, 0), 0); i < Math.Min(Place(stop, size), size); i += step)
                yield return i;
        }
        else
        {
            for (var i = Math.Min(Place(start, size - 1), size - 1); i > Math.Max(Place(stop, -1), -1); i += step)
                yield return i;
        }
    }

    private static void Gives(NDArray part, int[] shape, params int[] elements)
    {
        Assert.Equal(shape, part.Shape);
        Assert.Equal(elements, part.ToArray<int>());
    }

    private static void Fails(string message, params Slice[] slices) =>
        Assert.Equal(message, Assert.Throws<ShapeException>(() => Matrix.Slice(slices)).Message);
}
