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

    /// <summary>The elementwise angle of the point (x, y) from the first axis, in (-pi, pi].</summary>
    /// <param name="y">The second coordinate.</param>
    /// <param name="x">The first coordinate.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node Atan2(Node y, Node x) => Node.Atan2(y, x);

    /// <summary>The elementwise sqrt (x^2 + y^2), without overflow on the way. At the origin its derivative is 0.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Hypot(Node x, Node y) => FSharp.Elementwise.hypot(x, y);

    /// <summary>The elementwise log (exp x + exp y), stable over the whole range.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node LogAddExp(Node x, Node y) => FSharp.Elementwise.logAddExp(x, y);

    /// <summary>The elementwise remainder of floored division: it has the sign of y.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Remainder(Node x, Node y) => FSharp.Elementwise.remainder(x, y);

    /// <summary>The elementwise remainder of truncated division: it has the sign of x.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Fmod(Node x, Node y) => FSharp.Elementwise.fmod(x, y);

    /// <summary>The elementwise derivative of the digamma function of an order; of order 1 it is the trigamma function.</summary>
    /// <param name="order">0, 1, 2, ...; the result is NaN for other orders. It counts as a constant.</param>
    /// <param name="x">The argument.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node Polygamma(Node order, Node x) => FSharp.Elementwise.polygamma(order, x);

    /// <summary>The elementwise x log y, which is 0 for x = 0 whatever number y is.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Xlogy(Node x, Node y) => FSharp.Compositions.xlogy(x, y);

    /// <summary>The elementwise x log (1 + y), which is 0 for x = 0 whatever number y is.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node Xlog1py(Node x, Node y) => FSharp.Compositions.xlog1py(x, y);

    /// <summary>The elementwise quotient rounded down; whole numbers stay whole. Its derivative is 0.</summary>
    /// <inheritdoc cref="Maximum"/>
    public static Node FloorDivide(Node x, Node y) => FSharp.Compositions.floorDivide(x, y);

    /// <summary>The elementwise conjunction of truth values.</summary>
    /// <param name="x">The one operand, Bool.</param>
    /// <param name="y">The other operand, Bool.</param>
    /// <exception cref="DTypeException">An operand is not Bool.</exception>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Node LogicalAnd(Node x, Node y) => FSharp.Elementwise.logicalAnd(x, y);

    /// <summary>The elementwise disjunction of truth values.</summary>
    /// <inheritdoc cref="LogicalAnd"/>
    public static Node LogicalOr(Node x, Node y) => FSharp.Elementwise.logicalOr(x, y);

    /// <summary>The elementwise exclusive disjunction of truth values.</summary>
    /// <inheritdoc cref="LogicalAnd"/>
    public static Node LogicalXor(Node x, Node y) => FSharp.Elementwise.logicalXor(x, y);

    /// <summary>The elementwise negation of truth values.</summary>
    /// <param name="x">Truth values.</param>
    /// <exception cref="DTypeException">The operand is not Bool.</exception>
    public static Node LogicalNot(Node x) => FSharp.Elementwise.logicalNot(x);

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
