using Autodiff;
using Autodiff.CSharp;

namespace CharRnn;

/// <summary>
/// The model. Of the hidden state h and a character x it makes the next state h' = tanh(h w + u_x + b), where u_x is the row
/// of u for x, and from it the logits h' v + c of the character that follows.
/// </summary>
internal sealed class CharModel : Module
{
    private readonly Parameter w, u, b, v, c;

    /// <param name="characters">How many characters there are.</param>
    /// <param name="hidden">The size of the hidden state.</param>
    public CharModel(int characters, int hidden)
    {
        (Characters, Hidden) = (characters, hidden);
        u = AddParameter("u", [characters, hidden], Initializers.GlorotUniform, DType.Float32);
        w = AddParameter("w", [hidden, hidden], Initializers.GlorotUniform, DType.Float32);
        b = AddParameter("b", [hidden], Initializers.Zeros, DType.Float32);
        v = AddParameter("v", [hidden, characters], Initializers.GlorotUniform, DType.Float32);
        c = AddParameter("c", [characters], Initializers.Zeros, DType.Float32);
    }

    /// <summary>How many characters there are.</summary>
    public int Characters { get; }

    /// <summary>The size of the hidden state.</summary>
    public int Hidden { get; }

    /// <summary>The variables, in the order of <see cref="Module.Parameters"/>.</summary>
    public IEnumerable<Node> Variables => Parameters.Values.Select(parameter => parameter.Node);

    /// <summary>The values of the variables, in their order.</summary>
    public NDArray[] InOrder(IReadOnlyDictionary<string, NDArray> parameters) =>
        [.. Parameters.Keys.Select(name => parameters[name])];

    /// <summary>The state after a character for each row of the batch.</summary>
    /// <param name="state">The state before, [batch, hidden].</param>
    /// <param name="character">The characters, [batch].</param>
    public Node Next(Node state, Node character) => (state.MatMul(w) + u.Node.Take(character) + b).Tanh();

    /// <summary>The logits of the characters that follow a state, [..., characters].</summary>
    public Node Logits(Node state) => state.MatMul(v) + c;

    /// <summary>The hidden state before any text.</summary>
    public NDArray Beginning(int batch) => NDArray.Zeros([batch, Hidden], DType.Float32);
}
