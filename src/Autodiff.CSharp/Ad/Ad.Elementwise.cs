namespace Autodiff.CSharp;

// A plain number converts to a Node that takes the element type of the other operand, so that one method serves nodes
// and numbers of every type.
public static partial class Ad
{
    /// <summary>Where the condition holds the elements of x, elsewhere those of y, all three broadcast to one shape.</summary>
    /// <param name="condition">Truth values, such as <c>x &gt; 0</c>.</param>
    /// <param name="x">The value where it holds.</param>
    /// <param name="y">The value where it does not.</param>
    /// <exception cref="DTypeException">The condition is not Bool.</exception>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node Where(Node condition, Node x, Node y) => FSharp.Elementwise.where(condition, x, y);

    /// <summary>The elementwise larger value; NaN wins. At a tie each operand gets half of the derivative.</summary>
    /// <param name="x">The one operand.</param>
    /// <param name="y">The other operand.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node Maximum(Node x, Node y) => FSharp.Elementwise.maximum(x, y);

    /// <summary>The elementwise smaller value; NaN wins. At a tie each operand gets half of the derivative.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Minimum(Node x, Node y) => FSharp.Elementwise.minimum(x, y);

    /// <summary>The elementwise power: exact in value and derivative for whole exponents of negative numbers too.</summary>
    /// <param name="x">The base.</param>
    /// <param name="y">The exponent.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node Pow(Node x, Node y) => FSharp.Elementwise.power(x, y);

    /// <summary>The elementwise (x - y) squared.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node SquaredDifference(Node x, Node y) => FSharp.Elementwise.squaredDifference(x, y);

    /// <summary>The elementwise x = y, as Bool. (The operator == compares nodes by reference.)</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Equal(Node x, Node y) => FSharp.Elementwise.op_DotEquals(x, y);

    /// <summary>The elementwise x != y, as Bool. (The operator != compares nodes by reference.)</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node NotEqual(Node x, Node y) => FSharp.Elementwise.op_DotLessGreater(x, y);

    /// <summary>The same value with no derivative: it counts as a constant.</summary>
    /// <param name="x">The value.</param>
    public static Node StopGradient(Node x) => FSharp.Elementwise.stopGradient(x);
}
