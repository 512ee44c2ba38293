using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

public class ModuleTests
{
    private sealed class Encoder : Layer
    {
        private readonly Layer body;

        public Encoder(params Layer[] layers) => body = AddModule("body", new Sequential(layers));

        protected override Node Forward(Node x) => body.Apply(x);
    }

    private sealed class Model : Layer
    {
        private readonly Layer encoder, output;

        public Model(params Layer[] more)
        {
            encoder = AddModule("encoder", new Encoder([new Dense(3, 4), new Lambda(x => x.Tanh()), .. more]));
            output = AddModule("output", new Dense(4, 2, hasBias: false, Initializers.HeNormal));
        }

        protected override Node Forward(Node x) => output.Apply(encoder.Apply(x));
    }

    private sealed class Twice : Module
    {
        public Twice(Module part)
        {
            AddModule("a", part);
            AddModule("b", part);
        }
    }

    private sealed class Named : Module
    {
        public Named(params string[] names)
        {
            foreach (var name in names)
                AddParameter(name, [2], Initializers.Ones);
        }
    }

    [Fact]
    public void Names_are_paths()
    {
        var model = new Model().Initialize(new RandomSource(7));
        Assert.Equal(["encoder/body/0/w", "encoder/body/0/b", "output/w"], model.Parameters.Keys);
        Assert.All(model.Parameters, pair => Assert.Equal(pair.Key, pair.Value.Node.Name));
    }

    [Fact]
    public void A_new_layer_changes_no_others_start()
    {
        var small = new Model().Initialize(new RandomSource(7)).Parameters;
        var large = new Model(new Dense(4, 4)).Initialize(new RandomSource(7)).Parameters;
        foreach (var (name, parameter) in small)
            Assert.True(parameter.Node.Eval().IsSameAs(large[name].Node.Eval()), name);
        var other = new Model().Initialize(new RandomSource(8)).Parameters;
        Assert.False(small["output/w"].Node.Eval().IsSameAs(other["output/w"].Node.Eval()));
    }

    [Fact]
    public void A_model_is_its_formula()
    {
        var model = new Model().Initialize(new RandomSource(7));
        var p = model.Parameters;
        Node x = Ad.Constant(new RandomSource(1).Normal([5, 3]));
        Node formula = (x.MatMul(p["encoder/body/0/w"]) + p["encoder/body/0/b"]).Tanh().MatMul(p["output/w"]);
        Assert.True(model.Apply(x).Eval().AllClose(formula.Eval(), rtol: 1e-14));
    }

    [Fact]
    public void Nodes_stand_in_the_scope_of_their_module()
    {
        Node inside = 0.0;
        var model = new Model(new Lambda(x => inside = x.Tanh())).Initialize(new RandomSource(1));
        var result = model.Apply(Ad.Constant([1.0, 2.0, 3.0]));
        Assert.Equal("encoder/body/2", inside.Scope);
        Assert.Equal("output", result.Scope);
        Assert.Equal("", (result + 1).Scope);
    }

    [Fact]
    public void An_embedding_picks_rows()
    {
        var embedding = new Embedding(10, 4).Initialize(new RandomSource(3));
        var rows = embedding.Apply(Ad.Constant(new int[,] { { 1, 2 }, { 9, 1 } }));
        Assert.Equal([2, 2, 4], rows.Shape);
        Assert.True(rows[1, 0].Eval().IsSameAs(embedding.Parameters["table"].Node[9].Eval()));
    }

    [Fact]
    public void A_recurrent_cell_unrolls_to_its_steps()
    {
        var cell = new RnnCell(3, 4).Initialize(new RandomSource(3));
        Node sequence = Ad.Variable(new RandomSource(4).Normal([2, 5, 3]), "sequence");
        Node state = Ad.Constant(NDArray.Zeros(2, 4));
        for (var step = 0; step < 5; step++)
            state = cell.Apply(sequence[.., step], state);
        var states = cell.Unroll(sequence);
        Assert.Equal([2, 5, 4], states.Shape);
        Assert.True(states[.., ^1].Eval().AllClose(state.Eval(), rtol: 1e-13));
        Assert.True(states.Sum().CheckGradients([sequence, cell.Parameters["u"]])[0].Passed);
        Assert.Throws<ShapeException>(() => cell.Unroll(sequence[0]));
    }

    [Fact]
    public void Parameters_can_be_given()
    {
        var first = new Model().Initialize(new RandomSource(7));
        var values = first.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.Node.Eval());
        var second = new Model();
        second.Load(values);
        Node x = Ad.Constant(NDArray.Ones(1, 3));
        Assert.True(first.Apply(x).Eval().IsSameAs(second.Apply(x).Eval()));
        values.Remove("output/w");
        Assert.Contains("no value for 'output/w'", Assert.Throws<ArgumentException>(() => second.Load(values)).Message, StringComparison.Ordinal);
        values["output/w"] = NDArray.Zeros(4, 3);
        Assert.Throws<ShapeException>(() => second.Load(values));
        values["output/w"] = NDArray.Zeros([4, 2], DType.Float32);
        Assert.Throws<DTypeException>(() => second.Load(values));
    }

    [Fact]
    public void A_module_is_started_from_the_outside_and_used_after_it()
    {
        var inner = new Dense(2, 2);
        Assert.Contains("call Initialize", Assert.Throws<InvalidOperationException>(() => inner.Apply(Ad.Constant([1.0, 2.0]))).Message, StringComparison.Ordinal);
        _ = new Sequential(inner).Initialize(new RandomSource(1));
        Assert.Throws<InvalidOperationException>(() => inner.Initialize(new RandomSource(1)));
        Assert.Throws<ArgumentException>(() => new Twice(new Dense(1, 1)));
        Assert.Throws<ArgumentException>(() => new Named("w", "w"));
        Assert.Throws<ArgumentException>(() => new Named("a/b"));
        Assert.Throws<ArgumentException>(() => new Named(" "));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Starts_have_the_variance_they_promise(DType dtype)
    {
        var source = new RandomSource(5);
        double Variance(Initializer initializer) =>
            Ad.Constant(initializer(source, [200, 300], dtype).AsType(DType.Float64)).Variance().Eval<double>();
        Assert.Equal(2.0 / 500, Variance(Initializers.GlorotUniform), 2e-4);
        Assert.Equal(2.0 / 500, Variance(Initializers.GlorotNormal), 2e-4);
        Assert.Equal(2.0 / 200, Variance(Initializers.HeUniform), 4e-4);
        Assert.Equal(2.0 / 200, Variance(Initializers.HeNormal), 4e-4);
        Assert.Equal(dtype, Initializers.Constant(3)(source, [2], dtype).DType);
        Assert.Equal(0, Initializers.GlorotUniform(source, [0, 0], dtype).Length);
        Assert.Equal(0, Initializers.HeUniform(source, [0], dtype).Length);
    }
}
