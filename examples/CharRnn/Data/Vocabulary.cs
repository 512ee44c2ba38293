using System.Text;

namespace CharRnn;

/// <summary>
/// The characters (Unicode scalar values) of a text in ascending order, each with its index. A model reads and predicts
/// indices.
/// </summary>
internal sealed class Vocabulary
{
    private readonly Rune[] characters;
    private readonly Dictionary<Rune, int> indices = [];

    private Vocabulary(IEnumerable<Rune> distinct)
    {
        characters = [.. distinct];
        for (var i = 0; i < characters.Length; i++)
            indices[characters[i]] = i;
    }

    /// <summary>How many characters there are.</summary>
    public int Size => characters.Length;

    /// <summary>The index to begin a text after: that of the new line, or of the first character if there is none.</summary>
    public int LineStart => indices.GetValueOrDefault(new Rune('\n'));

    /// <summary>The vocabulary of a text.</summary>
    public static Vocabulary Of(string text) => new(text.EnumerateRunes().Distinct().Order());

    /// <summary>All characters in order, as <see cref="Of"/> takes them back.</summary>
    public override string ToString() => string.Concat(characters);

    /// <summary>The index of each character.</summary>
    /// <param name="text">A text.</param>
    /// <param name="name">What a message calls the text.</param>
    /// <exception cref="UserException">The text has a character that the vocabulary lacks.</exception>
    public int[] Encode(string text, string name) =>
        [.. text.EnumerateRunes().Select(c => indices.TryGetValue(c, out var index) ? index : throw Unknown(c, name))];

    /// <summary>The characters of the indices.</summary>
    public string Decode(IEnumerable<int> text)
    {
        var builder = new StringBuilder();
        foreach (var index in text)
            builder.Append(characters[index]);
        return builder.ToString();
    }

    /// <summary>
    /// The entropy of the character frequencies, -sum p log2 p, in bits: the loss of a model that knows how frequent each
    /// character is and nothing else.
    /// </summary>
    public static double Entropy(IReadOnlyList<int> text) =>
        -text.CountBy(index => index)
            .Select(pair => (double)pair.Value / text.Count)
            .Sum(p => p * Math.Log2(p));

    private static UserException Unknown(Rune c, string name) =>
        new($"{name} has the character {Show(c)}, which the model does not know: its text had none");

    private static string Show(Rune c) => Rune.IsControl(c) || Rune.IsWhiteSpace(c) ? $"U+{c.Value:X4}" : $"'{c}'";
}
