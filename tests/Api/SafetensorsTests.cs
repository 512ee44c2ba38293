using System.Buffers.Binary;
using System.Text;
using Autodiff.CSharp;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace Autodiff.Api;

public class SafetensorsTests
{
    private static readonly RandomSource Source = new(1);

    /// <summary>Arrays of random types and shapes, empty axes and scalars among them, under random names.</summary>
    public static Arbitrary<Dictionary<string, NDArray>> Files() => (
        from count in Gen.Choose(0, 6)
        from names in ArbMap.Default.GeneratorFor<NonNull<string>>().ArrayOf(count)
        from arrays in Arrays.ArrayOf(count)
        select names.Select(name => name.Get).Zip(arrays)
            .Where(pair => pair.First != "__metadata__" && IsText(pair.First))
            .DistinctBy(pair => pair.First)
            .ToDictionary(pair => pair.First, pair => pair.Second)).ToArbitrary();

    private static Gen<NDArray> Arrays =>
        from rank in Gen.Choose(0, 3)
        from sizes in Gen.Choose(0, 5).ArrayOf(rank)
        from dtype in Gen.Elements(DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.Bool)
        from seed in Gen.Choose(0, 1000)
        select Source.Fold(seed).Normal(sizes, std: 1000).AsType(dtype);

    [Property(Arbitrary = [typeof(SafetensorsTests)])]
    public void What_is_read_is_what_was_written(Dictionary<string, NDArray> arrays)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, arrays);
        stream.Position = 0;
        var read = Safetensors.Read(stream);
        Assert.Equal(arrays.Keys.Order(), read.Keys.Order());
        foreach (var (name, array) in arrays)
        {
            Assert.Equal(array.DType, read[name].DType);
            Assert.True(array.IsSameAs(read[name]), name);
        }
    }

    /// <summary>Large arrays go through the stream in pieces, the last of which is shorter.</summary>
    [Fact]
    public void A_large_array_is_read_in_pieces()
    {
        var large = Source.Normal([3, 70_001]);
        using var stream = new MemoryStream();
        Safetensors.Write(stream, new Dictionary<string, NDArray> { ["large"] = large });
        stream.Position = 0;
        Assert.True(Safetensors.Read(stream)["large"].IsSameAs(large));
    }

    [Fact]
    public void A_file_holds_arrays_and_texts()
    {
        var directory = Directory.CreateTempSubdirectory("autodiff");
        try
        {
            var path = Path.Combine(directory.FullName, "model.safetensors");
            Safetensors.Save(path, new Dictionary<string, NDArray> { ["old"] = 1.0 });
            Safetensors.Save(path, new Dictionary<string, NDArray> { ["a/w"] = 2f }, new Dictionary<string, string> { ["format"] = "ä" });
            Assert.Equal(2f, Safetensors.Load(path)["a/w"].Item<float>());
            Assert.Equal("ä", Safetensors.LoadMetadata(path)["format"]);
            var reserved = new Dictionary<string, NDArray> { ["__metadata__"] = 1.0 };
            Assert.Throws<ArgumentException>(() => Safetensors.Save(path, reserved));
            Assert.Equal(2f, Safetensors.Load(path)["a/w"].Item<float>());
            Assert.Single(directory.GetFiles());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>A file as the format's description gives it, byte for byte: another program would read it.</summary>
    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, new Dictionary<string, NDArray> { ["b"] = true, ["x"] = new[] { 1.0, -2.0 } });
        var bytes = stream.ToArray();
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(
            """{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[16,17]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal("000000000000F03F00000000000000C001", Convert.ToHexString(bytes.AsSpan(8 + length)));
    }

    [Theory]
    [InlineData("no JSON", "the header is no JSON")]
    [InlineData("{", "the header is no JSON")]
    [InlineData("[]", "the header is of the kind Array")]
    [InlineData("""{"x":1}""", "'x' is of the kind Number")]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,4]}}""", "'x' has no dtype")]
    [InlineData("""{"x":{"dtype":"F32","data_offsets":[0,4]}}""", "'x' has no shape")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", "'x' has no data_offsets")]
    [InlineData("""{"x":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", "dtype of 'x' is of the kind Number")]
    [InlineData("""{"x":{"dtype":"F17","shape":[1],"data_offsets":[0,4]}}""", "'x' has the dtype F17")]
    [InlineData("""{"x":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", "shape of 'x' is of the kind Number")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "'x' has a size -1")]
    [InlineData("""{"x":{"dtype":"F32","shape":[0.5],"data_offsets":[0,4]}}""", "'x' has a size 0.5")]
    [InlineData("""{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", "'x' has a size 1")]
    [InlineData("""{"x":{"dtype":"F32","shape":[99999,99999],"data_offsets":[0,4]}}""", "more elements than an array can hold")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "takes 8 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "'x' has the data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", "'x' has the data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "'x' has the data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}""", "'x' has the data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "leave a gap")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "overlap")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "the header is no JSON")]
    [InlineData("""{"x":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}""", "speaks of 36 bytes of data, there are 4")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ is of the kind Array")]
    [InlineData("""{"__metadata__":{"n":1}}""", "__metadata__ 'n' is of the kind Number")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "the header is no JSON")]
    [InlineData("{}", "bytes after the last array")]
    public void A_broken_header_is_refused(string header, string problem) =>
        Refused(File(Encoding.UTF8.GetBytes(header), [0, 0, 0, 0]), problem);

    [Fact]
    public void Broken_bytes_are_refused()
    {
        Refused([1, 2, 3], "end within the length of the header");
        Refused([], "end within the length of the header");
        Refused([255, 255, 255, 255, 255, 255, 255, 255, 1], "the length of the header is 18446744073709551615");
        Refused([100, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}'], "the length of the header is 100");
        Refused(File([0xFF, 0xFE], []), "no UTF-8");
        var truth = Encoding.UTF8.GetBytes("""{"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""");
        Refused(File(truth, [1, 2]), "neither 0 nor 1");
    }

    /// <summary>Every file that is cut off anywhere is refused, also where its length is not known beforehand.</summary>
    [Fact]
    public void A_file_that_was_cut_off_is_refused()
    {
        using var whole = new MemoryStream();
        Safetensors.Write(whole, new Dictionary<string, NDArray> { ["x"] = new[] { 1f, 2f }, ["n"] = 3 });
        for (var length = 0; length < whole.Length; length++)
        {
            var bytes = whole.ToArray()[..length];
            Refused(bytes, "safetensors:");
            using var pipe = new Pipe(bytes);
            Assert.Throws<InvalidDataException>(() => Safetensors.Read(pipe));
        }
    }

    private static bool IsText(string name) => !name.Any(char.IsSurrogate);

    private static byte[] File(byte[] header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. data];
    }

    private static void Refused(byte[] file, string problem)
    {
        using var stream = new MemoryStream(file);
        var error = Assert.Throws<InvalidDataException>(() => Safetensors.Read(stream));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Bytes that come one after the other, as through a network.</summary>
    private sealed class Pipe(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
