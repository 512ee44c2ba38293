using System.Text;
using CharRnn;
using Xunit;

namespace Autodiff.Api;

/// <summary>The parts of the example CharRnn, at tiny sizes.</summary>
public sealed class CharRnnTests : IDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("the cat sat on the mat.\n", 20));

    private static readonly Options Tiny = new()
    {
        Steps = 6,
        Hidden = 8,
        Batch = 4,
        Unroll = 5,
        Length = 40,
        Temperature = 1,
    };

    private readonly string folder = Directory.CreateTempSubdirectory("char-rnn-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Keeps the lines, and does something at each step.</summary>
    private sealed class Record(Action<int> atStep) : IDisplay
    {
        public List<string> Lines { get; } = [];

        /// <summary>What the run wrote: the lines that tell no time and no file.</summary>
        public IEnumerable<string> Written =>
            Lines.Where(line => !line.StartsWith("trained ") && !line.StartsWith("wrote "));

        public void Show(int steps, Action work) => work();

        public void Report(in Progress progress) => atStep(progress.Step);

        public void WriteLine(string text) => Lines.Add(text);
    }

    private string InFile(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private Options OnText => Tiny with { Text = InFile("text.txt", Text) };

    private static Record Run(Options options, int stopAfter = int.MaxValue)
    {
        using var stop = new CancellationTokenSource();
        var record = new Record(step =>
        {
            if (step == stopAfter)
                stop.Cancel();
        });
        new Job(options, record).Run(stop.Token);
        return record;
    }

    [Fact]
    public void A_vocabulary_gives_a_text_back()
    {
        const string text = "Zoë\r\nsaid \"\U0001F600\"\t\0 to 東京";
        var vocabulary = Vocabulary.Of(text);
        Assert.Equal(text, vocabulary.Decode(vocabulary.Encode(text, "the text")));
        Assert.Equal(text.EnumerateRunes().Distinct().Count(), vocabulary.Size);
        Assert.Equal(vocabulary.ToString(), Vocabulary.Of(vocabulary.ToString()).ToString());
    }

    [Fact]
    public void A_character_that_is_not_known_is_named()
    {
        var error = Assert.Throws<UserException>(() => Vocabulary.Of("abc").Encode("ab\nx", "--prompt"));
        Assert.Equal("--prompt has the character U+000A, which the model does not know: its text had none", error.Message);
    }

    [Theory]
    [InlineData("aaaa", 0)]
    [InlineData("abab", 1)]
    [InlineData("abcdabcd", 2)]
    [InlineData("aabc", 1.5)]
    public void Entropy_is_that_of_the_character_frequencies(string text, double bits) =>
        Assert.Equal(bits, Vocabulary.Entropy(Vocabulary.Of(text).Encode(text, "the text")), 12);

    [Fact]
    public void Windows_follow_each_other_in_every_row()
    {
        // Rows 0..10 and 11..21; one character is left over.
        var windows = new Windows([.. Enumerable.Range(0, 23)], batch: 2, unroll: 5);
        Assert.Equal(2, windows.Count);
        var (characters, successors) = windows[1];
        Assert.Equal([5, 16, 6, 17, 7, 18, 8, 19, 9, 20], characters.ToArray<int>());
        Assert.Equal([6, 17, 7, 18, 8, 19, 9, 20, 10, 21], successors.ToArray<int>());
        Assert.Equal([5, 2], characters.Shape);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 5)]
    [InlineData(32, 32)]
    public void A_text_may_be_as_short_as_the_message_says(int batch, int unroll)
    {
        var error = Assert.Throws<UserException>(() => Corpus.Create(new int[3], batch, unroll));
        var needed = int.Parse(error.Message.Split("need ")[1].Split(',')[0]);
        var corpus = Corpus.Create(new int[needed], batch, unroll);
        Assert.Equal(1, new Windows(corpus.Training, batch, unroll).Count);
        Assert.Throws<UserException>(() => Corpus.Create(new int[needed - 1], batch, unroll));
    }

    [Fact]
    public void Training_learns_what_repeats()
    {
        var lines = Run(OnText with { Steps = 150, LearningRate = 0.03, Hidden = 24, Length = 60, Temperature = 0 }).Lines;
        Assert.Contains("the cat sat on the mat.\nthe cat sat", lines[^1]);
        var heldOut = double.Parse(lines.Single(line => line.Contains("frequencies")).Split(' ')[2]);
        Assert.InRange(heldOut, 0, 0.5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_text()
    {
        var options = OnText;
        Assert.Equal(Run(options).Written, Run(options).Written);
        Assert.NotEqual(Run(options).Written.Last(), Run(options with { Seed = 2 }).Written.Last());
    }

    [Fact]
    public void A_saved_model_is_restored_exactly()
    {
        var file = Path.Combine(folder, "model.safetensors");
        var written = Run(OnText with { Save = file }).Written.ToArray();
        var (model, vocabulary) = SavedModel.Load(file);
        Assert.Equal((8, Vocabulary.Of(Text).ToString()), (model.Hidden, vocabulary.ToString()));
        var loaded = OnText with { Load = file, Steps = 0, Hidden = null };
        Assert.Equal(written[^3], Run(loaded).Written.ToArray()[^3]);
        // Without a text it samples; with steps it goes on.
        Assert.Equal(3, Run(loaded with { Text = null }).Lines.Count);
        Assert.Contains("trained 2 of 2", string.Concat(Run(loaded with { Steps = 2 }).Lines));
    }

    [Fact]
    public void A_model_of_another_size_is_refused()
    {
        var file = Path.Combine(folder, "model.safetensors");
        Run(OnText with { Save = file });
        var error = Assert.Throws<UserException>(() => Run(OnText with { Load = file, Hidden = 9 }));
        Assert.Contains("has 8", error.Message);
    }

    [Fact]
    public void Stopping_ends_with_what_there_is()
    {
        var file = Path.Combine(folder, "model.safetensors");
        var lines = Run(OnText with { Save = file }, stopAfter: 3).Lines;
        Assert.Contains(lines, line => line.StartsWith("trained 3 of 6 steps"));
        Assert.Equal($"wrote {file}", lines[^1]);
        Assert.Equal(8, SavedModel.Load(file).Model.Hidden);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_sample_begins_with_the_prompt_and_has_its_length(int length)
    {
        var sample = Run(OnText with { Prompt = "the mat", Length = length }).Lines[^1];
        Assert.StartsWith("the mat", sample);
        Assert.Equal("the mat".Length + length, sample.Length);
    }

    [Fact]
    public void A_snapshot_is_the_sources_in_an_order_of_their_own()
    {
        Directory.CreateDirectory(Path.Combine(folder, "src", "obj"));
        InFile("src/A.cs", "class A;\r\n");
        InFile("src/B.fs", "module B\n");
        InFile("src/obj/C.cs", "made");
        InFile("src/D.png", "picture");
        InFile("README.md", "# Read\n");
        var file = Path.Combine(folder, "snapshot.txt");
        Assert.Equal(3, Snapshot.Write(folder, file));
        var text = File.ReadAllText(file);
        Assert.DoesNotContain('\r', text);
        Assert.Equal(["# Read", "class A;", "module B"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        Snapshot.Write(folder, file);
        Assert.Equal(text, File.ReadAllText(file));
    }

    [Fact]
    public void The_snapshot_of_the_build_is_text_enough_to_learn_from()
    {
        var text = TextFile.Snapshot();
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 100_000, 300_000);
        Assert.DoesNotContain('\r', text);
    }
}
