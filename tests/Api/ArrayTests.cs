using System.Numerics.Tensors;
using FsCheck.Xunit;
using Xunit;

namespace Autodiff.Api;

public class ArrayTests
{
    [Fact]
    public void Create_copies_and_Wrap_aliases()
    {
        double[] data = [1, 2, 3, 4];
        var (copy, alias) = (NDArray.Create(data, 2, 2), NDArray.Wrap(data, -1, 2));
        data[0] = 9;
        Assert.Equal([1, 2, 3, 4], copy.ToArray<double>());
        Assert.Equal([9, 2, 3, 4], alias.ToArray<double>());
        Assert.Equal([2, 2], alias.Shape);
    }

    [Fact]
    public void Element_types_are_those_of_the_data()
    {
        Assert.Equal(DType.Float64, NDArray.Create([1.5]).DType);
        Assert.Equal(DType.Float32, NDArray.Create([1.5f]).DType);
        Assert.Equal(DType.Int32, NDArray.Create([1, 2]).DType);
        Assert.Equal(DType.Int64, NDArray.Create([1L, 2]).DType);
        Assert.Equal(DType.Bool, NDArray.Create([true]).DType);
        Assert.Equal(DType.Int32, NDArray.Scalar(3).DType);
    }

    [Fact]
    public void Data_that_do_not_fill_the_shape_are_refused()
    {
        Fails<ShapeException>("NDArray.Create: 3 elements do not fill shape [2,2], which has 4", () => NDArray.Create([1, 2, 3], 2, 2));
        Fails<ShapeException>("NDArray.Create: no size for the -1 in shape [2,-1] makes 3 elements", () => NDArray.Create([1, 2, 3], 2, -1));
        Fails<ShapeException>("NDArray.Wrap: shape [-1,-1] has more than one unknown size (-1)", () => NDArray.Wrap([1, 2], -1, -1));
        Fails<ShapeException>("Reshape of [0]: no size for the -1 in shape [0,-1] makes 0 elements", () => NDArray.Zeros(0).Reshape(0, -1));
        Assert.Throws<ArgumentNullException>(() => NDArray.Create((double[])null!));
    }

    [Fact]
    public void Arrays_of_any_rank_come_and_go()
    {
        var cube = NDArray.From(new[, ,] { { { 1f, 2 }, { 3, 4 } } });
        Assert.Equal([1, 2, 2], cube.Shape);
        Assert.Equal([1, 2, 3, 4], cube.ToArray<float>());
        NDArray matrix = new[,] { { 1, 2 }, { 3, 4 } };
        Assert.Equal([3, 4], matrix[1].ToArray<int>());
        Assert.Equal([0, 3], NDArray.From(new double[0, 3]).Shape);
        Assert.Contains("jagged", Assert.Throws<DTypeException>(() => NDArray.From(new[] { new[] { 1.0 } })).Message, StringComparison.Ordinal);
        Assert.Throws<DTypeException>(() => NDArray.From(new[] { "a" }));
        Assert.Throws<DTypeException>(() => NDArray.Scalar(1m));
    }

    [Fact]
    public void Tensors_come_and_go_with_any_strides()
    {
        var array = NDArray.Arange(6).Reshape(2, 3);
        var tensor = array.ToTensor<double>();
        Assert.True(array.IsSameAs(NDArray.From(tensor)));
        Assert.Equal([0, 3, 1, 4, 2, 5], NDArray.From(Tensor.PermuteDimensions(tensor, [1, 0])).ToArray<double>());
        Assert.Equal([1, 2, 4, 5], NDArray.From(tensor.AsReadOnlyTensorSpan().Slice(.., 1..)).ToArray<double>());
        Assert.Equal(5, array.AsTensorSpan<double>()[1, 2]);
        Assert.Equal([0, 3], NDArray.From(NDArray.Zeros(0, 3).ToTensor<double>()).Shape);
        Assert.Equal([1], NDArray.From(NDArray.Scalar(1.0).ToTensor<double>()).Shape);
    }

    [Fact]
    public void Fills_have_their_element_type()
    {
        Assert.Equal([0, 0], NDArray.Zeros(2).ToArray<double>());
        Assert.Equal([1L, 1], NDArray.Ones([2], DType.Int64).ToArray<long>());
        Assert.Equal([true], NDArray.Ones([1], DType.Bool).ToArray<bool>());
        Assert.Equal([7, 7], NDArray.Full([2, 1], 7).ToArray<int>());
        Assert.Equal(0, NDArray.Zeros().Rank);
        Assert.Equal(DType.Float32, NDArray.Zeros([2, 3], DType.Float32).DType);
        Assert.Equal([0, 3], NDArray.Ones(0, 3).Shape);
        Assert.Equal([1, 0, 0, 1], NDArray.Eye(2).ToArray<double>());
        Assert.Equal([0, 1, 0, 0, 0, 1], NDArray.Eye(2, 3, 1).ToArray<double>());
        Assert.Equal([0, 0, 1, 0, 0, 1], NDArray.Eye(3, 2, -1, DType.Int32).ToArray<int>());
        Assert.Equal([0, 0], NDArray.Eye(1, 2, int.MinValue).ToArray<double>());
    }

    [Fact]
    public void Ranges_count_as_NumPy_does()
    {
        Assert.Equal([0, 1, 2], NDArray.Arange(3).ToArray<double>());
        Assert.Equal([5, 3, 1], NDArray.Arange(5, 0, -2, DType.Int32).ToArray<int>());
        Assert.Equal(0, NDArray.Arange(2, 1).Length);
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], NDArray.Linspace(0, 1, 5).ToArray<double>());
        Assert.Equal([0, 0.25, 0.5, 0.75], NDArray.Linspace(0, 1, 4, endpoint: false).ToArray<double>());
        Assert.Equal([3], NDArray.Linspace(3, 9, 1).ToArray<double>());
        Assert.Equal(0, NDArray.Linspace(3, 9, 0).Length);
        Assert.Equal([-2, -1, 0], NDArray.Linspace(-1.5, 0.5, 3, dtype: DType.Int32).ToArray<int>());
        Assert.Throws<ArgumentException>(() => NDArray.Arange(0, 1, 0));
        Assert.Throws<ArgumentException>(() => NDArray.Arange(0, 2, 0.5, DType.Int32));
        Assert.Throws<ArgumentException>(() => NDArray.Arange(0, 1e300));
        Assert.Throws<ArgumentException>(() => NDArray.Linspace(0, 1, -1));
    }

    [Fact]
    public void Indices_lower_the_rank_without_a_copy()
    {
        var cube = NDArray.Arange(24).Reshape(2, 3, 4);
        Assert.Equal([3, 4], cube[1].Shape);
        Assert.Equal([20, 21, 22, 23], cube[-1, 2].ToArray<double>());
        Assert.Equal(23, cube[1][2][-1].Item<double>());
        Assert.Equal(23, cube.Item<double>(1, -1, 3));
        Assert.True(cube.AsSpan<double>()[12..] == cube[1].AsSpan<double>());
        Assert.Equal([4], NDArray.Zeros(2, 0, 4).Reshape(2, 4, 0)[0].Shape.ToArray()[..1]);
        Fails<ShapeException>("index 3 is out of range on axis 1 of shape [2,3,4], which has size 3", () => cube[0, 3]);
        Fails<ShapeException>("index [0,0,0,0] has more entries than shape [2,3,4] has axes", () => cube[0, 0, 0, 0]);
        Fails<ShapeException>("Item: 1 indices for an array of shape [2,3,4], which needs 3 to name one element", () => cube.Item<double>(0));
        Fails<ShapeException>("Item: an array of shape [2,3,4] has 24 elements, not one", () => cube.Item<double>());
        Assert.Throws<DTypeException>(() => cube.Item<float>(0, 0, 0));
    }

    [Fact]
    public void Numbers_convert_to_scalars_and_back()
    {
        NDArray a = 2.5, b = 2.5f, c = 3, d = 3L, e = true;
        Assert.Equal([2.5, 2.5, 3, 3, 1], new[] { (double)a, (double)b, (double)c, (double)d, (double)e });
        Assert.Equal(2, (int)a);
        Assert.Equal(2L, (long)b);
        Assert.Equal(3f, (float)c);
        Assert.True((bool)d);
        Assert.Equal(4.0, (double)NDArray.Full([1, 1], 4));
        Assert.Throws<ShapeException>(() => (double)NDArray.Zeros(2));
    }

    [Fact]
    public void Conversions_cut_off_saturate_and_wrap()
    {
        var doubles = NDArray.Create([1.9, -1.9, 1e300, double.NegativeInfinity, double.NaN, 0, 3e9, -0.5, 2147483647.5]);
        Assert.Equal([1, -1, int.MaxValue, int.MinValue, 0, 0, int.MaxValue, 0, int.MaxValue], doubles.AsType(DType.Int32).ToArray<int>());
        Assert.Equal([1, -1, long.MaxValue, long.MinValue, 0, 0, 3000000000, 0, 2147483647], doubles.AsType(DType.Int64).ToArray<long>());
        Assert.Equal([true, true, true, true, true, false, true, true, true], doubles.AsType(DType.Bool).ToArray<bool>());
        Assert.Equal([1, int.MinValue], NDArray.Create([(1L << 32) + 1, 1L << 31]).AsType(DType.Int32).ToArray<int>());
        Assert.Equal([1f, 0], NDArray.Create([true, false]).AsType(DType.Float32).ToArray<float>());
        Assert.Same(doubles, doubles.AsType(DType.Float64));
    }

    [Property]
    public bool Conversions_of_a_whole_array_are_those_of_its_elements(double[] doubles, long[] longs, float[] floats) =>
        NDArray.Create(doubles).AsType(DType.Float32).ToArray<float>().SequenceEqual(doubles.Select(x => (float)x))
        && NDArray.Create(doubles).AsType(DType.Int32).ToArray<int>().SequenceEqual(doubles.Select(int.CreateTruncating))
        && NDArray.Create(floats).AsType(DType.Int64).ToArray<long>().SequenceEqual(floats.Select(long.CreateTruncating))
        && NDArray.Create(longs).AsType(DType.Float32).ToArray<float>().SequenceEqual(longs.Select(x => (float)x))
        && NDArray.Create(longs).AsType(DType.Int32).ToArray<int>().SequenceEqual(longs.Select(x => unchecked((int)x)));

    [Fact]
    public void Shapes_broadcast_as_in_NumPy()
    {
        var column = NDArray.Create([10.0, 20], 2, 1);
        var row = NDArray.Create([1.0, 2, 3]);
        Assert.Equal([11, 12, 13, 21, 22, 23], (column + row).ToArray<double>());
        Assert.Equal([9, 8, 7, 19, 18, 17], (column - row).ToArray<double>());
        Assert.Equal([2, 0, 3], (NDArray.Zeros(2, 0, 1) * row).Shape.ToArray());
        Assert.Equal([-1, -2, -3], (-row).ToArray<double>());
        Fails<ShapeException>(
            "+: shapes [2,3] and [2,2] do not broadcast: axis -1 has size 3 in the one and 2 in the other",
            () => NDArray.Zeros(2, 3) + NDArray.Zeros(2, 2));
    }

    [Fact]
    public void Arrays_promote()
    {
        NDArray f32 = new[] { 1f }, f64 = new[] { 1.0 }, i32 = new[] { 3 }, i64 = new[] { 2L }, b = new[] { true };
        Assert.Equal(DType.Float64, (f32 + f64).DType);
        Assert.Equal(DType.Float32, (f32 * i64).DType);
        Assert.Equal(DType.Int64, (i32 - i64).DType);
        Assert.Equal(DType.Int32, (i32 + b).DType);
        Assert.Equal([1.5], (i32 / i64).ToArray<double>());
        Assert.Equal([true], (b + b).ToArray<bool>());
        Assert.Equal([true], (b * b).ToArray<bool>());
        Assert.Equal([1.0], (b / b).ToArray<double>());
        Assert.Throws<DTypeException>(() => b - b);
        Assert.Throws<DTypeException>(() => -b);
    }

    [Fact]
    public void Scalars_of_the_language_are_weak()
    {
        NDArray f32 = new[] { 1f }, i32 = new[] { 3 }, i64 = new[] { 3L }, b = new[] { true };
        Assert.Equal(DType.Float32, (f32 * 0.1).DType);
        Assert.Equal(DType.Float32, (2 - f32).DType);
        Assert.Equal(DType.Float64, (1.5f * i32).DType);
        Assert.Equal(DType.Int32, (i32 + 5L).DType);
        Assert.Equal(DType.Int64, (5 - i64).DType);
        Assert.Equal(DType.Int32, (b + 1).DType);
        Assert.Equal([0.5], (1 / (i32 - 1)).ToArray<double>());
        Assert.Equal([16777218.0], (NDArray.Ones(1) + 16777217).ToArray<double>());
        Assert.Equal([9007199254740996], (i64 + 9007199254740993).ToArray<long>());
        Assert.Throws<DTypeException>(() => i32 + 5_000_000_000);
    }

    [Fact]
    public void Arrays_are_compared_by_value_on_request_only()
    {
        NDArray a = new[] { 1.0, double.NaN }, b = new[] { 1.0, double.NaN };
        Assert.False(a.Equals(b));
        Assert.False(a.IsSameAs(b));
        Assert.True(a.IsSameAs(b, equalNaN: true));
        Assert.True(NDArray.Create([1, 0]).IsSameAs(NDArray.Create([1.0, -0.0])));
        Assert.False(NDArray.Create([16777217L]).IsSameAs(NDArray.Create([16777216f])));
        Assert.False(NDArray.Zeros(2).IsSameAs(NDArray.Zeros(2, 1)));
        Assert.True(NDArray.Zeros(2, 0).IsSameAs(NDArray.Zeros(2, 0)));
    }

    [Fact]
    public void AllClose_is_relative_to_the_other()
    {
        Assert.True(NDArray.Create([1.0, 1.000001]).AllClose(1));
        Assert.False(NDArray.Create([1.0, 1.001]).AllClose(1));
        Assert.True(NDArray.Scalar(0.0).AllClose(10, rtol: 1));
        Assert.False(NDArray.Scalar(10.0).AllClose(0, rtol: 1));
        NDArray infinity = double.PositiveInfinity;
        Assert.True(infinity.AllClose(infinity));
        Assert.False(infinity.AllClose(-infinity));
        Assert.False(NDArray.Scalar(1.0).AllClose(infinity));
        Assert.False(NDArray.Scalar(double.NaN).AllClose(double.NaN));
        Assert.True(NDArray.Scalar(double.NaN).AllClose(double.NaN, equalNaN: true));
    }

    private static void Fails<TException>(string message, Func<object> action) where TException : Exception =>
        Assert.Equal(message, Assert.Throws<TException>(action).Message);
}
