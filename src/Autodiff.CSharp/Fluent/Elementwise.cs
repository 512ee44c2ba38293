namespace Autodiff.CSharp;

/// <summary>Elementwise functions of nodes, and arithmetic as methods.</summary>
public static class Elementwise
{
    /// <param name="x">The argument; whole numbers count as Float64 where the function is one of real numbers.</param>
    extension(Node x)
    {
        /// <summary>The elementwise exponential.</summary>
        public Node Exp() => Node.Exp(x);

        /// <summary>The elementwise exp x - 1, accurate near zero.</summary>
        public Node Expm1() => FSharp.Elementwise.expm1(x);

        /// <summary>The elementwise natural logarithm.</summary>
        public Node Log() => Node.Log(x);

        /// <summary>The elementwise log (1 + x), accurate near zero.</summary>
        public Node Log1p() => FSharp.Elementwise.log1p(x);

        /// <summary>The elementwise log (1 - exp -x) for x at least 0, accurate near zero and far out.</summary>
        public Node Log1mExp() => FSharp.Elementwise.log1mExp(x);

        /// <summary>The elementwise square root.</summary>
        public Node Sqrt() => Node.Sqrt(x);

        /// <summary>The elementwise 1 / sqrt x.</summary>
        public Node Rsqrt() => FSharp.Elementwise.rsqrt(x);

        /// <summary>The elementwise 1 / x.</summary>
        public Node Reciprocal() => FSharp.Elementwise.reciprocal(x);

        /// <summary>The elementwise x squared.</summary>
        public Node Square() => FSharp.Elementwise.square(x);

        /// <summary>The elementwise sine.</summary>
        public Node Sin() => Node.Sin(x);

        /// <summary>The elementwise cosine.</summary>
        public Node Cos() => Node.Cos(x);

        /// <summary>The elementwise tangent.</summary>
        public Node Tan() => Node.Tan(x);

        /// <summary>The elementwise inverse sine.</summary>
        public Node Asin() => Node.Asin(x);

        /// <summary>The elementwise inverse cosine.</summary>
        public Node Acos() => Node.Acos(x);

        /// <summary>The elementwise inverse tangent.</summary>
        public Node Atan() => Node.Atan(x);

        /// <summary>The elementwise hyperbolic sine.</summary>
        public Node Sinh() => Node.Sinh(x);

        /// <summary>The elementwise hyperbolic cosine.</summary>
        public Node Cosh() => Node.Cosh(x);

        /// <summary>The elementwise hyperbolic tangent.</summary>
        public Node Tanh() => Node.Tanh(x);

        /// <summary>The elementwise cube root, of negative numbers too.</summary>
        public Node Cbrt() => FSharp.Elementwise.cbrt(x);

        /// <summary>The elementwise 2 to the power of x.</summary>
        public Node Exp2() => FSharp.Elementwise.exp2(x);

        /// <summary>The elementwise logarithm to base 2.</summary>
        public Node Log2() => FSharp.Elementwise.log2(x);

        /// <summary>The elementwise logarithm to base 10.</summary>
        public Node Log10() => Node.Log10(x);

        /// <summary>The elementwise inverse hyperbolic sine.</summary>
        public Node Asinh() => FSharp.Elementwise.asinh(x);

        /// <summary>The elementwise inverse hyperbolic cosine, for x at least 1.</summary>
        public Node Acosh() => FSharp.Elementwise.acosh(x);

        /// <summary>The elementwise inverse hyperbolic tangent, between -1 and 1.</summary>
        public Node Atanh() => FSharp.Elementwise.atanh(x);

        /// <summary>The elementwise error function.</summary>
        public Node Erf() => FSharp.Elementwise.erf(x);

        /// <summary>The elementwise complementary error function 1 - erf x, accurate far out.</summary>
        public Node Erfc() => FSharp.Elementwise.erfc(x);

        /// <summary>The elementwise inverse of the error function.</summary>
        public Node ErfInv() => FSharp.Elementwise.erfInv(x);

        /// <summary>The elementwise logarithm of |gamma x|, for negative x too; at 0, -1, -2, ... it is +infinity.</summary>
        public Node Lgamma() => FSharp.Elementwise.lgamma(x);

        /// <summary>The elementwise derivative of lgamma; NaN at its poles -1, -2, ..., infinite at zero.</summary>
        public Node Digamma() => FSharp.Elementwise.digamma(x);

        /// <summary>Whether an element is NaN, as Bool.</summary>
        public Node IsNaN() => FSharp.Elementwise.isNaN(x);

        /// <summary>Whether an element is neither infinite nor NaN, as Bool.</summary>
        public Node IsFinite() => FSharp.Elementwise.isFinite(x);

        /// <summary>Whether an element is infinite, as Bool.</summary>
        public Node IsInf() => FSharp.Compositions.isInf(x);

        /// <summary>A number where the mask holds, elsewhere the elements of x, whose shape and element type stay.</summary>
        /// <param name="mask">Truth values; their shape broadcasts to that of x.</param>
        /// <param name="value">A single number.</param>
        /// <exception cref="DTypeException">The mask is not Bool, or x cannot hold the value.</exception>
        /// <exception cref="ShapeException">The mask does not broadcast to x, or the value is no single number.</exception>
        public Node MaskedFill(Node mask, Node value) => FSharp.Compositions.maskedFill(mask, value, x);

        /// <summary>The elementwise 1 / (1 + exp -x).</summary>
        public Node Sigmoid() => FSharp.Elementwise.sigmoid(x);

        /// <summary>The elementwise log (1 + exp x), stable over the whole range.</summary>
        public Node Softplus() => FSharp.Elementwise.softplus(x);

        /// <summary>The elementwise maximum of x and 0; its derivative at 0 is 0.</summary>
        public Node Relu() => FSharp.Elementwise.relu(x);

        /// <summary>The elementwise absolute value; its derivative at 0 is 0.</summary>
        public Node Abs() => Node.Abs(x);

        /// <summary>The elementwise sign: -1, 0 or 1 (NaN stays).</summary>
        public Node Sign() => FSharp.Elementwise.signum(x);

        /// <summary>The elementwise largest whole number not above.</summary>
        public Node Floor() => Node.Floor(x);

        /// <summary>The elementwise least whole number not below.</summary>
        public Node Ceiling() => Node.Ceiling(x);

        /// <summary>The elementwise nearest whole number, halves to the even one.</summary>
        public Node Round() => Node.Round(x);

        /// <summary>The elementwise whole part.</summary>
        public Node Truncate() => Node.Truncate(x);

        /// <summary>The elementwise sum; the shapes broadcast.</summary>
        /// <param name="y">The other operand.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node Add(Node y) => x + y;

        /// <summary>The elementwise difference; the shapes broadcast.</summary>
        /// <inheritdoc cref="Add"/>
        public Node Subtract(Node y) => x - y;

        /// <summary>The elementwise product; the shapes broadcast.</summary>
        /// <inheritdoc cref="Add"/>
        public Node Multiply(Node y) => x * y;

        /// <summary>The elementwise quotient; the shapes broadcast, and whole numbers are divided as Float64.</summary>
        /// <inheritdoc cref="Add"/>
        public Node Divide(Node y) => x / y;

        /// <summary>The elementwise negative.</summary>
        public Node Negate() => -x;

        /// <summary>The elementwise power: exact in value and derivative for whole exponents of negative numbers too.</summary>
        /// <param name="y">The exponent.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node Pow(Node y) => Ad.Pow(x, y);

        /// <summary>The elementwise larger value; NaN wins. At a tie each operand gets half of the derivative.</summary>
        /// <inheritdoc cref="Add"/>
        public Node Maximum(Node y) => Ad.Maximum(x, y);

        /// <summary>The elementwise smaller value; NaN wins. At a tie each operand gets half of the derivative.</summary>
        /// <inheritdoc cref="Add"/>
        public Node Minimum(Node y) => Ad.Minimum(x, y);

        /// <summary>The values held between two bounds, which belong to the inside: there the derivative is 1.</summary>
        /// <param name="low">The lower bound.</param>
        /// <param name="high">The upper bound, which wins where it is below the other.</param>
        /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
        public Node Clip(Node low, Node high) => FSharp.Elementwise.clip(low, high, x);

        /// <summary>The values converted to another element type.</summary>
        /// <param name="dtype">The element type.</param>
        public Node Cast(DType dtype) => FSharp.Elementwise.cast(dtype, x);

        /// <summary>The same value as a node of its own.</summary>
        public Node Identity() => FSharp.Elementwise.identity(x);

        /// <summary>The same value with no derivative: it counts as a constant.</summary>
        public Node StopGradient() => FSharp.Elementwise.stopGradient(x);
    }
}
