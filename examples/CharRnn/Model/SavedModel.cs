using System.Globalization;
using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>Models in files: the parameters as safetensors, with the vocabulary and the hidden size beside them.</summary>
internal static class SavedModel
{
    private const string Kind = "autodiff-char-rnn";

    /// <summary>Writes the model.</summary>
    public static void Save(
        string path, CharModel model, Vocabulary vocabulary, IReadOnlyDictionary<string, NDArray> parameters) =>
        Safetensors.Save(path, parameters, new Dictionary<string, string>
        {
            ["kind"] = Kind,
            ["hidden"] = model.Hidden.ToString(CultureInfo.InvariantCulture),
            ["vocabulary"] = vocabulary.ToString(),
        });

    /// <summary>Reads a model.</summary>
    /// <exception cref="UserException">The file cannot be read, or is no saved model.</exception>
    public static (CharModel Model, Vocabulary Vocabulary) Load(string path)
    {
        try
        {
            var metadata = Safetensors.LoadMetadata(path);
            if (metadata.GetValueOrDefault("kind") != Kind)
                throw new InvalidDataException("it holds no model of this program");
            var vocabulary = Vocabulary.Of(metadata.GetValueOrDefault("vocabulary", ""));
            var size = metadata.GetValueOrDefault("hidden");
            if (!int.TryParse(size, CultureInfo.InvariantCulture, out var hidden) || hidden < 1)
                throw new InvalidDataException("it does not tell the size of the hidden state");
            var model = new CharModel(vocabulary.Size, hidden);
            model.Load(Safetensors.Load(path));
            return (model, vocabulary);
        }
        catch (Exception e) when (e is InvalidDataException || FileProblem.Is(e))
        {
            throw new UserException($"--load {path}: {FileProblem.Describe(e, path)}", e);
        }
    }
}
