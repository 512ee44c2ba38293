namespace Autodiff.CSharp;

/// <summary>Activation functions, right over the whole range in value and derivatives.</summary>
public static class Activations
{
    /// <param name="x">The argument; whole numbers count as Float64.</param>
    extension(Node x)
    {
        /// <summary>The elementwise logarithm of sigmoid x, stable over the whole range.</summary>
        public Node LogSigmoid() => FSharp.Activations.logSigmoid(x);

        /// <summary>The elementwise x where it is above 0, elsewhere a multiple of it.</summary>
        /// <param name="slope">The factor below 0.</param>
        public Node LeakyRelu(double slope = 0.01) => FSharp.Activations.leakyRelu(slope, x);

        /// <summary>The elementwise x where it is above 0, elsewhere alpha (exp x - 1).</summary>
        /// <param name="alpha">Minus the limit far below 0.</param>
        public Node Elu(double alpha = 1) => FSharp.Activations.elu(alpha, x);

        /// <summary>The scaled exponential linear unit of self-normalizing networks.</summary>
        public Node Selu() => FSharp.Activations.selu(x);

        /// <summary>The elementwise x times the probability that a normal variable is below x.</summary>
        /// <param name="approximate">Whether tanh of a cubic takes the place of the error function.</param>
        public Node Gelu(bool approximate = false) =>
            approximate ? FSharp.Activations.geluApproximate(x) : FSharp.Activations.gelu(x);

        /// <summary>The elementwise x times sigmoid x, also known as swish.</summary>
        public Node Silu() => FSharp.Activations.silu(x);

        /// <summary>The elementwise x tanh (softplus x).</summary>
        public Node Mish() => FSharp.Activations.mish(x);

        /// <summary>The elementwise x / (1 + |x|).</summary>
        public Node Softsign() => FSharp.Activations.softsign(x);

        /// <summary>The first half along an axis times sigmoid of the second half.</summary>
        /// <param name="axis">The axis, of even size.</param>
        /// <exception cref="ShapeException">There is no such axis, or its size is odd or not known yet.</exception>
        public Node Glu(int axis = -1) => FSharp.Activations.glu(axis, x);
    }
}
