using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>Measures how well a model predicts a text that it reads from the beginning to the end.</summary>
internal sealed class Evaluator
{
    private const int WindowLength = 64;

    private readonly CharModel model;
    private readonly CompiledFunction window;

    public Evaluator(CharModel model)
    {
        this.model = model;
        window = Compile(WindowLength);
    }

    /// <summary>The mean loss in bits per character, over all characters but the first.</summary>
    /// <param name="parameters">The values of the model's parameters, by name.</param>
    /// <param name="text">Two characters or more.</param>
    public double BitsPerCharacter(IReadOnlyDictionary<string, NDArray> parameters, int[] text)
    {
        var values = model.InOrder(parameters);
        var state = model.Beginning(1);
        var nats = 0.0;
        for (var first = 0; first < text.Length - 1; first += WindowLength)
        {
            var length = Math.Min(WindowLength, text.Length - 1 - first);
            var function = length == WindowLength ? window : Compile(length);
            var results = function.Run([.. values, Column(text, first, length), Column(text, first + 1, length), state]);
            nats += length * (double)results[0];
            state = results[1];
        }

        return UnrolledModel.Bits(nats / (text.Length - 1));
    }

    private CompiledFunction Compile(int length)
    {
        var unrolled = new UnrolledModel(model, batch: 1, length);
        return Ad.Compile(
            [.. model.Variables, unrolled.Characters, unrolled.Successors, unrolled.State],
            [unrolled.Loss, unrolled.NextState]);
    }

    private static NDArray Column(int[] text, int first, int length) =>
        NDArray.Create(text[first..(first + length)], length, 1);
}
