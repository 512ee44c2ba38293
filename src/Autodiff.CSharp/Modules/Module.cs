using Microsoft.FSharp.Core;

namespace Autodiff.CSharp;

/// <summary>
/// A part of a model: parameters, and modules inside it, to any depth. A constructor registers them by
/// <see cref="AddParameter"/> and <see cref="AddModule"/>; their paths, such as <c>encoder/dense/w</c>, are known when
/// the outermost module is initialized, and name the variables.
/// </summary>
/// <example>
/// <code>
/// sealed class Classifier : Layer
/// {
///     private readonly Layer hidden, output;
///
///     public Classifier()
///     {
///         hidden = AddModule("hidden", new Dense(784, 32));
///         output = AddModule("output", new Dense(32, 10));
///     }
///
///     protected override Node Forward(Node x) => output.Apply(hidden.Apply(x).Tanh());
/// }
///
/// var model = new Classifier().Initialize(new RandomSource(42));
/// Node logits = model.Apply(images);
/// </code>
/// </example>
public abstract class Module
{
    private readonly List<(string Name, Parameter? Parameter, Module? Module)> members = [];
    private string? name;

    /// <summary>
    /// The parameters of this module and of all inside it, by their paths from here, in the order of registration.
    /// </summary>
    public IReadOnlyDictionary<string, Parameter> Parameters
    {
        get
        {
            var parameters = new OrderedDictionary<string, Parameter>();
            Collect("", parameters);
            return parameters;
        }
    }

    /// <inheritdoc cref="Modules.Initialize"/>
    internal void Start(RandomSource source)
    {
        RequireOutermost();
        foreach (var (path, parameter) in Parameters)
            parameter.Initialize(path, source);
    }

    /// <summary>Starts every parameter at a given value. Graphs that were made before keep the variables they have.</summary>
    /// <param name="values">A value for each parameter, by its path.</param>
    /// <exception cref="InvalidOperationException">This is not the outermost module.</exception>
    /// <exception cref="ArgumentException">A parameter has no value, or a value has no parameter.</exception>
    /// <exception cref="ShapeException">A value has another shape than its parameter.</exception>
    /// <exception cref="DTypeException">A value has another element type than its parameter.</exception>
    public void Load(IReadOnlyDictionary<string, NDArray> values)
    {
        RequireOutermost();
        var parameters = Parameters;
        NamedArrays.RequireFit(parameters.Select(pair => (pair.Key, pair.Value.Shape, pair.Value.DType)), values);
        foreach (var (path, parameter) in parameters)
            parameter.Start(path, values[path]);
    }

    /// <summary>Registers a parameter.</summary>
    /// <param name="name">Its name in this module.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="initializer">How it begins.</param>
    /// <param name="dtype">Its element type, Float32 or Float64.</param>
    /// <exception cref="ArgumentException">The name is taken, or is none.</exception>
    /// <exception cref="DTypeException">The element type is not floating, so that there would be no gradient.</exception>
    protected Parameter AddParameter(
        string name, Shape shape, Initializer initializer, DType dtype = DType.Float64)
    {
        RequireFree(name);
        if (!Kernel.DTypes.IsFloat(dtype))
            throw new DTypeException($"parameter '{name}' is {dtype}; only floating values have derivatives");
        var parameter = new Parameter(name, shape, dtype, initializer);
        members.Add((name, parameter, null));
        return parameter;
    }

    /// <summary>Registers a module inside this one. (To share its weights, use it twice, but register it once.)</summary>
    /// <typeparam name="T">The type of the module.</typeparam>
    /// <param name="name">Its name in this module.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="ArgumentException">The name is taken, or is none, or the module has its place already.</exception>
    protected T AddModule<T>(string name, T module) where T : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        RequireFree(name);
        if (module.name is not null || ReferenceEquals(module, this))
            throw new ArgumentException(
                $"module '{name}' has its place already: register a module once, and use it as often as you like",
                nameof(module));
        module.name = name;
        members.Add((name, null, module));
        return module;
    }

    /// <summary>Makes nodes in the scope that bears the module's name, so that pictures show them as one part.</summary>
    /// <typeparam name="T">What is made.</typeparam>
    /// <param name="make">Makes it.</param>
    protected T InScope<T>(Func<T> make) =>
        name is null ? make() : FSharp.Scope.Within(name, FuncConvert.FromFunc(make));

    private void Collect(string prefix, OrderedDictionary<string, Parameter> parameters)
    {
        foreach (var (name, parameter, module) in members)
        {
            if (parameter is not null)
                parameters.Add(prefix + name, parameter);
            module?.Collect($"{prefix}{name}/", parameters);
        }
    }

    private void RequireFree(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' is no name: '/' joins the names of a path", nameof(name));
        if (members.Any(member => member.Name == name))
            throw new ArgumentException($"the module has a member named '{name}' already", nameof(name));
    }

    private void RequireOutermost()
    {
        if (name is not null)
            throw new InvalidOperationException(
                $"module '{name}' is a part of another: initialize the outermost one, which knows the paths of all");
    }
}

/// <summary>Starting modules.</summary>
public static class Modules
{
    /// <summary>
    /// Starts every parameter of the outermost module, with random numbers that depend on the source and on the
    /// parameter's path alone: a new layer changes no other's start. Graphs that were made before keep the variables they
    /// have.
    /// </summary>
    /// <typeparam name="T">The type of the module.</typeparam>
    /// <param name="module">The outermost module.</param>
    /// <param name="source">Where random numbers come from.</param>
    /// <returns>The module.</returns>
    /// <exception cref="InvalidOperationException">The module is a part of another.</exception>
    public static T Initialize<T>(this T module, RandomSource source) where T : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(source);
        module.Start(source);
        return module;
    }
}
