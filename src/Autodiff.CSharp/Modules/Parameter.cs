namespace Autodiff.CSharp;

/// <summary>
/// A parameter of a <see cref="Module"/>: what it will be, and, once the outermost module was initialized, the variable
/// that stands for it in graphs. It converts to that node.
/// </summary>
public sealed class Parameter
{
    private readonly Initializer initializer;
    private Node? node;

    internal Parameter(string name, Shape shape, DType dtype, Initializer initializer)
    {
        (Name, Shape, DType) = (name, shape, dtype);
        this.initializer = initializer;
    }

    /// <summary>The name in its module; that of <see cref="Node"/> is the whole path.</summary>
    public string Name { get; }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The variable.</summary>
    /// <exception cref="InvalidOperationException">The module was not initialized.</exception>
    public Node Node => node ?? throw new InvalidOperationException(
        $"parameter '{Name}' {Shape} has no value yet: call Initialize or Load on the outermost module first");

    /// <summary>The variable.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="InvalidOperationException">The module was not initialized.</exception>
    public static implicit operator Node(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Node;
    }

    /// <summary>The name, the element type and the shape.</summary>
    public override string ToString() => $"{Name} : {DType}{Shape}";

    internal void Initialize(string path, RandomSource source) =>
        Start(path, initializer(source.Fold(path), Shape, DType));

    internal void Start(string path, NDArray value) => node = Ad.Variable(value, path);
}
