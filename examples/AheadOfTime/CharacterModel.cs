using Autodiff;
using Autodiff.CSharp;

namespace AheadOfTime;

/// <summary>
/// A recurrent network that learns to continue a text, unrolled over 20 characters of a batch of 8 lines, trained with
/// Adam on one batch.
/// </summary>
internal sealed class CharacterModel
{
    private const int Width = 100, Vocabulary = 65, Batch = 8, Length = 20;
    private const string Text = "the quick brown fox jumps over the lazy dog; ";

    private readonly Node[] parameters =
    [
        Uniform([Width, Width], 1, "recurrent"),
        Uniform([Vocabulary, Width], 2, "embedding"),
        Ad.Variable(NDArray.Zeros([Width], DType.Float32), "hidden bias"),
        Uniform([Width, Vocabulary], 3, "readout"),
        Ad.Variable(NDArray.Zeros([Vocabulary], DType.Float32), "bias"),
    ];

    private readonly TrainingState state;

    public CharacterModel() => state = new TrainingState(Loss(), parameters, new Adam(0.01));

    /// <summary>The values of the parameters by name.</summary>
    public IReadOnlyDictionary<string, NDArray> Parameters => state.Parameters;

    /// <summary>A step of training: the loss before it.</summary>
    public double Step() => state.Step();

    private Node Loss()
    {
        Node h = NDArray.Zeros([1, Width], DType.Float32);
        List<Node> losses = [];
        for (var t = 0; t < Length; t++)
        {
            h = (h.MatMul(parameters[0]) + Characters(t).MatMul(parameters[1]) + parameters[2]).Tanh();
            losses.Add((h.MatMul(parameters[3]) + parameters[4]).SoftmaxCrossEntropy(Characters(t + 1)).Sum());
        }

        return losses.Aggregate((sum, loss) => sum + loss) / Length;
    }

    /// <summary>The character at a place of each line, as rows of zeros and a one.</summary>
    private static Node Characters(int place)
    {
        var rows = new float[Batch * Vocabulary];
        for (var line = 0; line < Batch; line++)
            rows[line * Vocabulary + Text[(7 * line + place) % Text.Length] % Vocabulary] = 1;
        return NDArray.Create(rows, Batch, Vocabulary);
    }

    private static Node Uniform(Shape shape, long seed, string name) =>
        Ad.Variable(new RandomSource(seed).Uniform(shape, -0.05, 0.05, DType.Float32), name);
}
