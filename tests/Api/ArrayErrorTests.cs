using System.Numerics.Tensors;
using Xunit;

namespace Autodiff.Api;

/// <summary>What arrays refuse, and what they tell apart.</summary>
public class ArrayErrorTests
{
    private static readonly NDArray Matrix = NDArray.Arange(6).Reshape(2, 3);

    private static readonly (string Name, Type Exception, string[] Words, Func<object> Call)[] Errors =
    [
        ("Create too few", typeof(ShapeException), ["3 elements", "[2,2]"], () => NDArray.Create([1.0, 2, 3], 2, 2)),
        ("Create too many", typeof(ShapeException), ["5 elements", "[2,2]"], () => NDArray.Create([1f, 2, 3, 4, 5], 2, 2)),
        ("Create of rank 0", typeof(ShapeException), ["2 elements", "[]"], () => NDArray.Create([1, 2], [])),
        ("Create of nothing as rank 0", typeof(ShapeException), ["0 elements", "[]"], () => NDArray.Create(Array.Empty<long>(), [])),
        ("Create negative", typeof(ShapeException), ["-2"], () => NDArray.Create([true, false], -2, -1)),
        ("Create null", typeof(ArgumentNullException), [], () => NDArray.Create((float[])null!)),
        ("Create null with a shape", typeof(ArgumentNullException), [], () => NDArray.Create((float[])null!, 2)),
        ("Create null shape", typeof(ArgumentNullException), [], () => NDArray.Create([1.0], null!)),
        ("Wrap too few", typeof(ShapeException), ["3 elements", "[2,2]"], () => NDArray.Wrap([1L, 2, 3], 2, 2)),
        ("Wrap two unknown", typeof(ShapeException), ["-1"], () => NDArray.Wrap([1L, 2, 3], -1, -1)),
        ("Wrap null", typeof(ArgumentNullException), [], () => NDArray.Wrap<double>(null!)),
        ("Wrap of another type", typeof(DTypeException), ["Byte"], () => NDArray.Wrap(new byte[] { 1 })),
        ("Scalar of another type", typeof(DTypeException), ["Int16"], () => NDArray.Scalar((short)1)),
        ("From jagged", typeof(DTypeException), ["jagged"], () => NDArray.From(new[] { new[] { 1.0 } })),
        ("From another type", typeof(DTypeException), ["String"], () => NDArray.From(new[,] { { "a" } })),
        ("From null", typeof(ArgumentNullException), [], () => NDArray.From((Array)null!)),
        ("From a tensor of another type", typeof(DTypeException), ["Byte"], () => NDArray.From(Tensor.Create(new byte[] { 1 }))),
        ("From a null tensor", typeof(ArgumentNullException), [], () => NDArray.From((Tensor<double>)null!)),
        ("Zeros negative", typeof(ShapeException), ["-1"], () => NDArray.Zeros(2, -1)),
        ("Zeros too large", typeof(ShapeException), ["100000"], () => NDArray.Zeros(100000, 100000)),
        ("Ones negative", typeof(ShapeException), ["-3"], () => NDArray.Ones([-3], DType.Int32)),
        ("Full negative", typeof(ShapeException), ["-3"], () => NDArray.Full([-3], 1.0)),
        ("Full of another type", typeof(DTypeException), ["Decimal"], () => NDArray.Full([3], 1m)),
        ("Eye negative", typeof(ShapeException), ["-3"], () => NDArray.Eye(-3)),
        ("Zeros of no type", typeof(DTypeException), ["77"], () => NDArray.Zeros([1], (DType)77)),
        ("Arange without a step", typeof(ArgumentException), ["step"], () => NDArray.Arange(0, 1, 0)),
        ("Arange to infinity", typeof(ArgumentException), ["finite"], () => NDArray.Arange(0, double.PositiveInfinity)),
        ("Arange of fractions as integers", typeof(ArgumentException), ["integers"], () => NDArray.Arange(0.5, 3, 1, DType.Int64)),
        ("Linspace negative", typeof(ArgumentException), ["Linspace"], () => NDArray.Linspace(0, 1, -2)),
        ("index out of range", typeof(ShapeException), ["index 2", "axis 0", "[2,3]"], () => Matrix[2]),
        ("negative index out of range", typeof(ShapeException), ["index -4", "axis 1", "[2,3]"], () => Matrix[0, -4]),
        ("too many indices", typeof(ShapeException), ["[0,0,0]", "[2,3]"], () => Matrix[0, 0, 0]),
        ("too few for an element", typeof(ShapeException), ["[2,3]"], () => Matrix.Item<double>(0)),
        ("element of another type", typeof(DTypeException), ["Float64", "Single"], () => Matrix.Item<float>(0, 0)),
        ("many elements as one", typeof(ShapeException), ["[2,3]", "6"], () => Matrix.Item<double>()),
        ("many elements as a number", typeof(ShapeException), ["[2,3]", "6"], () => (int)Matrix),
        ("no element as a number", typeof(ShapeException), ["[0]", "0"], () => (double)NDArray.Zeros(0)),
        ("array of another type", typeof(DTypeException), ["Float64", "Int32"], () => Matrix.ToArray<int>()),
        ("span of another type", typeof(DTypeException), ["Float64", "Int64"], () => Matrix.AsSpan<long>().Length),
        ("tensor of another type", typeof(DTypeException), ["Float64", "Single"], () => Matrix.ToTensor<float>()),
        ("tensor span of another type", typeof(DTypeException), ["Float64", "Single"], () => Matrix.AsTensorSpan<float>().Rank),
        ("Reshape", typeof(ShapeException), ["[2,3]", "6"], () => Matrix.Reshape(4, 2)),
        ("Reshape two unknown", typeof(ShapeException), ["-1"], () => Matrix.Reshape(-1, -1)),
        ("Slice out of range", typeof(ShapeException), ["index 5"], () => Matrix.Slice(5)),
        ("+", typeof(ShapeException), ["+", "[2,3]", "[4]"], () => Matrix + NDArray.Zeros(4)),
        ("-", typeof(ShapeException), ["-", "[2,3]", "[4]"], () => Matrix - NDArray.Zeros(4)),
        ("*", typeof(ShapeException), ["*", "[2,3]", "[4]"], () => Matrix * NDArray.Zeros(4)),
        ("/", typeof(ShapeException), ["/", "[2,3]", "[4]"], () => Matrix / NDArray.Zeros(4)),
        ("- of truth values", typeof(DTypeException), ["Bool"], () => -NDArray.Create([true])),
        ("+ null", typeof(ArgumentNullException), [], () => Matrix + (NDArray)null!),
        ("AllClose", typeof(ShapeException), ["[2,3]", "[4]"], () => Matrix.AllClose(NDArray.Zeros(4))),
        ("AllClose null", typeof(ArgumentNullException), [], () => Matrix.AllClose(null!)),
    ];

    public static TheoryData<string> Names => [.. Errors.Select(error => error.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_does_not_fit_is_refused(string name)
    {
        var (_, exception, words, call) = Errors.Single(error => error.Name == name);
        var thrown = Assert.Throws(exception, () => call());
        Assert.All(words, word => Assert.Contains(word, thrown.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_shape_is_that_of_a_scalar_and_no_shape_that_of_a_list()
    {
        Assert.Equal([1], NDArray.Create([2.5]).Shape);
        Assert.Equal(0, NDArray.Create([2.5], []).Rank);
        Assert.Equal(0, NDArray.Create([2f], Array.Empty<int>()).Rank);
        Assert.Equal(0, NDArray.Create([2], []).Rank);
        Assert.Equal(0, NDArray.Create([2L], []).Rank);
        Assert.Equal(0, NDArray.Create([true], []).Rank);
        Assert.Equal(0, NDArray.Wrap([2.5], []).Rank);
        Assert.Equal([2], NDArray.Wrap([2.5, 1]).Shape);
        Assert.Equal([0], NDArray.Create(Array.Empty<double>()).Shape);
    }
}
