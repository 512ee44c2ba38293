namespace Autodiff.CSharp;

/// <summary>Products over chosen axes, as methods.</summary>
public static class Contractions
{
    /// <param name="x">The left factor.</param>
    extension(Node x)
    {
        /// <inheritdoc cref="Ad.Dot"/>
        public Node Dot(Node y) => Ad.Dot(x, y);

        /// <inheritdoc cref="Ad.Inner"/>
        public Node Inner(Node y) => Ad.Inner(x, y);

        /// <inheritdoc cref="Ad.Vdot"/>
        public Node Vdot(Node y) => Ad.Vdot(x, y);

        /// <inheritdoc cref="Ad.Kron"/>
        public Node Kron(Node y) => Ad.Kron(x, y);

        /// <inheritdoc cref="Ad.Tensordot(Node, Node, int)"/>
        public Node Tensordot(Node y, int axes = 2) => Ad.Tensordot(x, y, axes);

        /// <inheritdoc cref="Ad.Tensordot(Node, Node, IEnumerable{int}, IEnumerable{int})"/>
        public Node Tensordot(Node y, IEnumerable<int> axesX, IEnumerable<int> axesY) =>
            Ad.Tensordot(x, y, axesX, axesY);

        /// <inheritdoc cref="Ad.MatrixPower"/>
        public Node MatrixPower(int exponent) => Ad.MatrixPower(x, exponent);

        /// <inheritdoc cref="Ad.Cross"/>
        public Node Cross(Node y, int axis = -1) => Ad.Cross(x, y, axis);
    }
}
