namespace Autodiff.CSharp;

/// <summary>
/// Elementwise comparisons, as Bool; the shapes broadcast, and a plain number takes the other operand's element type. The
/// operators == and != stay those of references; see <see cref="Ad.Equal"/> and <see cref="Ad.NotEqual"/>.
/// </summary>
public static class Comparisons
{
    extension(Node)
    {
        /// <summary>The elementwise x &gt; y.</summary>
        /// <param name="x">The left operand.</param>
        /// <param name="y">The right operand.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Node operator >(Node x, Node y) => FSharp.Elementwise.op_DotGreater(x, y);

        /// <summary>The elementwise x &lt; y.</summary>
        /// <param name="x">The left operand.</param>
        /// <param name="y">The right operand.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Node operator <(Node x, Node y) => FSharp.Elementwise.op_DotLess(x, y);

        /// <summary>The elementwise x &gt;= y.</summary>
        /// <param name="x">The left operand.</param>
        /// <param name="y">The right operand.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Node operator >=(Node x, Node y) => FSharp.Elementwise.op_DotGreaterEquals(x, y);

        /// <summary>The elementwise x &lt;= y.</summary>
        /// <param name="x">The left operand.</param>
        /// <param name="y">The right operand.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public static Node operator <=(Node x, Node y) => FSharp.Elementwise.op_DotLessEquals(x, y);
    }
}
