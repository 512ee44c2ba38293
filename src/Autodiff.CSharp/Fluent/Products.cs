namespace Autodiff.CSharp;

/// <summary>Products, transposes and broadcasts.</summary>
public static class Products
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>The axes in reverse order; a matrix transposed.</summary>
        public Node T => FSharp.Products.transpose(x);

        /// <summary>The matrix product, with NumPy's rules for every rank: leading axes are batches that broadcast.</summary>
        /// <param name="y">The right factor.</param>
        /// <exception cref="ShapeException">The shapes do not fit, or a factor is a scalar.</exception>
        public Node MatMul(Node y) => FSharp.Products.matmul(x, y);

        /// <summary>The product of every element of x with every element of y: the axes of x, then those of y.</summary>
        /// <param name="y">The other factor.</param>
        public Node Outer(Node y) => FSharp.Products.outer(x, y);

        /// <summary>The axes in another order, or in reverse order if none is given.</summary>
        /// <param name="order">For each axis of the result, the axis of x that it is.</param>
        /// <exception cref="ShapeException">The order does not name each axis once.</exception>
        public Node Transpose(params IEnumerable<int> order)
        {
            int[] axes = [.. order];
            return axes.Length == 0 ? FSharp.Products.transpose(x) : FSharp.Products.permute(axes, x);
        }

        /// <summary>The axes in another order.</summary>
        /// <param name="order">For each axis of the result, the axis of x that it is.</param>
        /// <exception cref="ShapeException">The order does not name each axis once.</exception>
        public Node Permute(params IEnumerable<int> order) => FSharp.Products.permute(order, x);

        /// <summary>Two axes exchanged.</summary>
        /// <param name="axis0">The one axis.</param>
        /// <param name="axis1">The other axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node SwapAxes(int axis0, int axis1) => FSharp.Products.swapAxes(axis0, axis1, x);

        /// <summary>The value repeated along new axes and axes of size 1 to a shape, as NumPy broadcasts.</summary>
        /// <param name="shape">The sizes of the axes.</param>
        /// <exception cref="ShapeException">x does not broadcast to the shape.</exception>
        public Node BroadcastTo(params IEnumerable<int> shape) => FSharp.Products.broadcastTo(shape, x);
    }
}
