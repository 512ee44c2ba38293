using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>Writes text: a character is drawn from the model's prediction, read by the model, and so on.</summary>
/// <remarks>
/// A character i with logit l_i is to be drawn with a probability proportional to exp(l_i / T) at temperature T. The index of
/// the largest l_i + T g_i has that distribution, where g_i = -log(-log u_i) is Gumbel noise and u_i uniform; at T = 0 it is
/// the most probable character. So the whole step, choice included, is one graph.
/// </remarks>
internal sealed class Sampler
{
    // The least uniform number, so that its noise is finite.
    private const double LeastUniform = 1e-300;

    private readonly CharModel model;
    private readonly CompiledFunction step;

    public Sampler(CharModel model)
    {
        this.model = model;
        var state = Ad.Input("state", [1, model.Hidden], DType.Float32);
        var character = Ad.Input("character", [1], DType.Int64);
        var temperature = Ad.Input("temperature", []);
        var uniform = Ad.Input("uniform", [1, model.Characters]);
        var next = model.Next(state, character);
        var noise = -(-uniform.Log()).Log();
        var choice = (model.Logits(next) + temperature * noise).ArgMax(1);
        step = Ad.Compile([.. model.Variables, state, character, temperature, uniform], [next, choice]);
    }

    /// <summary>The characters that follow a beginning.</summary>
    /// <param name="parameters">The values of the model's parameters, by name.</param>
    /// <param name="beginning">The indices of one character or more.</param>
    /// <param name="length">How many characters to write.</param>
    /// <param name="temperature">How freely they are drawn: 1 as predicted, 0 always the most probable.</param>
    /// <param name="random">Where chance comes from.</param>
    public IEnumerable<int> Write(
        IReadOnlyDictionary<string, NDArray> parameters,
        IReadOnlyList<int> beginning,
        int length,
        double temperature,
        RandomSource random)
    {
        var values = model.InOrder(parameters);
        var state = model.Beginning(1);
        var choice = Index(beginning[0]);
        for (var position = 1; position < beginning.Count + length; position++)
        {
            var uniform = random.Fold(position).Uniform([1, model.Characters], LeastUniform);
            var results = step.Run([.. values, state, choice, NDArray.Scalar(temperature), uniform]);
            state = results[0];
            choice = position < beginning.Count ? Index(beginning[position]) : results[1];
            if (position >= beginning.Count)
                yield return (int)choice;
        }
    }

    private static NDArray Index(int character) => NDArray.Create(new long[] { character }, 1);
}
