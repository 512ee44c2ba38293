namespace CharRnn;

/// <summary>A text as indices: its first nine tenths to train on, its last tenth held out to measure on.</summary>
internal sealed class Corpus
{
    private Corpus(int[] training, int[] heldOut, double entropy) =>
        (Training, HeldOut, Entropy) = (training, heldOut, entropy);

    /// <summary>The part to train on.</summary>
    public int[] Training { get; }

    /// <summary>The part to measure on, which training never sees.</summary>
    public int[] HeldOut { get; }

    /// <summary>How many characters the whole text has.</summary>
    public int Length => Training.Length + HeldOut.Length;

    /// <summary>The entropy of the character frequencies of the whole text, in bits per character.</summary>
    public double Entropy { get; }

    /// <summary>Splits a text.</summary>
    /// <param name="text">The indices of its characters.</param>
    /// <param name="batch">How many places of the text a training step reads at once.</param>
    /// <param name="unroll">How many characters it reads at each place.</param>
    /// <exception cref="UserException">The text is too short for a single step.</exception>
    public static Corpus Create(int[] text, int batch, int unroll)
    {
        var heldOut = Math.Max(2, text.Length / 10);
        if (text.Length - heldOut < Windows.Least(batch, unroll))
            throw TooShort(text.Length, batch, unroll);
        return new(text[..^heldOut], text[^heldOut..], Vocabulary.Entropy(text));
    }

    private static UserException TooShort(int length, int batch, int unroll)
    {
        var least = Windows.Least(batch, unroll);
        var needed = least + Math.Max(2, (least - 1) / 9);
        return new(
            $"the text has {length} characters, too few: --batch {batch} and --unroll {unroll} need {needed}, "
            + "a tenth of them held out");
    }
}
