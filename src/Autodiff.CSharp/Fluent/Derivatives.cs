namespace Autodiff.CSharp;

/// <summary>Derivatives of a node, as nodes. The variables may be any nodes, inner ones too.</summary>
public static class Derivatives
{
    /// <param name="z">The result to differentiate.</param>
    extension(Node z)
    {
        /// <summary>The gradient of the sum of the elements; a zero where the node does not depend on x.</summary>
        /// <param name="x">The variable.</param>
        /// <exception cref="DTypeException">The node or the variable is not floating.</exception>
        public Node Grad(Node x) => Ad.Grad(z, x);

        /// <summary>The gradients of the sum of the elements: <c>var (gx, gy) = z.Grad(x, y);</c>.</summary>
        /// <param name="x0">The first variable.</param>
        /// <param name="x1">The second variable.</param>
        /// <exception cref="DTypeException">The node or a variable is not floating.</exception>
        public (Node, Node) Grad(Node x0, Node x1)
        {
            var g = Ad.Grad(z, [x0, x1]);
            return (g[0], g[1]);
        }

        /// <summary>The gradients of the sum of the elements: <c>var (gx, gy, gu) = z.Grad(x, y, u);</c>.</summary>
        /// <param name="x0">The first variable.</param>
        /// <param name="x1">The second variable.</param>
        /// <param name="x2">The third variable.</param>
        /// <exception cref="DTypeException">The node or a variable is not floating.</exception>
        public (Node, Node, Node) Grad(Node x0, Node x1, Node x2)
        {
            var g = Ad.Grad(z, [x0, x1, x2]);
            return (g[0], g[1], g[2]);
        }

        /// <summary>The gradients of the sum of the elements: <c>var (gx, gy, gu, gv) = z.Grad(x, y, u, v);</c>.</summary>
        /// <param name="x0">The first variable.</param>
        /// <param name="x1">The second variable.</param>
        /// <param name="x2">The third variable.</param>
        /// <param name="x3">The fourth variable.</param>
        /// <exception cref="DTypeException">The node or a variable is not floating.</exception>
        public (Node, Node, Node, Node) Grad(Node x0, Node x1, Node x2, Node x3)
        {
            var g = Ad.Grad(z, [x0, x1, x2, x3]);
            return (g[0], g[1], g[2], g[3]);
        }

        /// <summary>The gradients of the sum of the elements: <c>var (gx, gy, gu, gv, gw) = z.Grad(x, y, u, v, w);</c>.</summary>
        /// <param name="x0">The first variable.</param>
        /// <param name="x1">The second variable.</param>
        /// <param name="x2">The third variable.</param>
        /// <param name="x3">The fourth variable.</param>
        /// <param name="x4">The fifth variable.</param>
        /// <exception cref="DTypeException">The node or a variable is not floating.</exception>
        public (Node, Node, Node, Node, Node) Grad(Node x0, Node x1, Node x2, Node x3, Node x4)
        {
            var g = Ad.Grad(z, [x0, x1, x2, x3, x4]);
            return (g[0], g[1], g[2], g[3], g[4]);
        }

        /// <summary>The gradients of the sum of the elements for each of the variables.</summary>
        /// <param name="xs">The variables.</param>
        /// <exception cref="DTypeException">The node or a variable is not floating.</exception>
        public Node[] Grad(IEnumerable<Node> xs) => Ad.Grad(z, xs);

        /// <summary>The derivative of every element for every element of x: the axes of the node, then those of x.</summary>
        /// <param name="x">The variable.</param>
        /// <exception cref="DTypeException">The node or the variable is not floating.</exception>
        public Node Jacobian(Node x) => Ad.Jacobian(z, x);

        /// <summary>The second derivatives of the sum of the elements: the axes of x, twice.</summary>
        /// <param name="x">The variable.</param>
        /// <exception cref="DTypeException">The node or the variable is not floating.</exception>
        public Node Hessian(Node x) => Ad.Hessian(z, x);

        /// <summary>Compares the derivatives with central differences at the variables' starting values.</summary>
        /// <param name="xs">Variables.</param>
        /// <param name="order">The highest order to check, 1 or more.</param>
        /// <exception cref="ArgumentException">The order is below 1, or a node is no variable.</exception>
        public GradientReport CheckGradients(IEnumerable<Node> xs, int order = 1) =>
            Ad.CheckGradients(z, xs, order);
    }
}
