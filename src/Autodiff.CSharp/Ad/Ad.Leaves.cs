namespace Autodiff.CSharp;

/// <summary>
/// The entry points that are no method of a node: leaves, functions of several nodes, derivatives, and evaluation. For
/// short names write <c>using static Autodiff.CSharp.Ad;</c>.
/// </summary>
public static partial class Ad
{
    /// <summary>
    /// A named value with a start that can be differentiated for and replaced. A whole number becomes Float64, because a
    /// variable has derivatives.
    /// </summary>
    /// <param name="start">The value that it is read as where nothing replaces it: a number or an array.</param>
    /// <param name="name">The name that pictures, messages and files show.</param>
    /// <exception cref="DTypeException">The start is an array of whole numbers, or of truth values.</exception>
    public static Node Variable(NDArray start, string name = "variable") => FSharp.Leaf.variable(name, start);

    /// <inheritdoc cref="Variable(NDArray, string)"/>
    /// <typeparam name="T">float or double.</typeparam>
    public static Node Variable<T>(T[] start, string name = "variable") where T : unmanaged =>
        Variable(NDArray.From(start), name);

    /// <summary>A constant that keeps its element type. (A plain number beside a node takes that node's type.)</summary>
    /// <param name="value">A number or an array.</param>
    public static Node Constant(NDArray value) => FSharp.Leaf.constant(value);

    /// <inheritdoc cref="Constant(NDArray)"/>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    public static Node Constant<T>(T[] value) where T : unmanaged => Constant(NDArray.From(value));

    /// <summary>A named value that is given when the graph is evaluated.</summary>
    /// <param name="name">The name that pictures and messages show.</param>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="dtype">The element type.</param>
    public static Node Input(string name, IEnumerable<int> shape, DType dtype = DType.Float64)
    {
        ArgumentNullException.ThrowIfNull(name);
        return FSharp.Leaves.input(name, shape, dtype);
    }

    /// <summary>Zeros of the shape and element type of x.</summary>
    /// <param name="x">The node to be like.</param>
    public static Node ZerosLike(Node x) => FSharp.Leaves.zerosLike(x);

    /// <summary>Ones of the shape and element type of x.</summary>
    /// <param name="x">The node to be like.</param>
    public static Node OnesLike(Node x) => FSharp.Leaves.onesLike(x);
}
