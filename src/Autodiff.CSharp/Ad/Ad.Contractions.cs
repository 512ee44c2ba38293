namespace Autodiff.CSharp;

public static partial class Ad
{
    /// <summary>
    /// NumPy's dot: the product summed over the last axis of x and the last but one of y, or the only one of a vector. A
    /// number multiplies.
    /// </summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    /// <exception cref="ShapeException">The two axes differ in size.</exception>
    public static Node Dot(Node x, Node y) => FSharp.Contractions.dot(x, y);

    /// <summary>The sum of the products of all elements, in row-major order, of two values of as many elements.</summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    /// <exception cref="ShapeException">They have not as many elements.</exception>
    public static Node Vdot(Node x, Node y) => FSharp.Contractions.vdot(x, y);

    /// <summary>The product summed over the last axis of both. A number multiplies.</summary>
    /// <inheritdoc cref="Dot"/>
    public static Node Inner(Node x, Node y) => FSharp.Contractions.inner(x, y);

    /// <summary>The Kronecker product: each element of x times the whole of y, in its place.</summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    public static Node Kron(Node x, Node y) => FSharp.Contractions.kron(x, y);

    /// <summary>The product summed over the last axes of x and the first of y: the other axes of x, then those of y.</summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    /// <param name="axes">How many axes of each are summed over.</param>
    /// <exception cref="ShapeException">There are not so many axes, or two of them differ in size.</exception>
    public static Node Tensordot(Node x, Node y, int axes = 2) => FSharp.Contractions.tensordot(axes, x, y);

    /// <summary>The product summed over pairs of axes: the other axes of x, then those of y.</summary>
    /// <param name="x">The one factor.</param>
    /// <param name="y">The other factor.</param>
    /// <param name="axesX">The axes of x.</param>
    /// <param name="axesY">The axes of y that they meet, as many.</param>
    /// <exception cref="ShapeException">There is no such axis, or two of them differ in size.</exception>
    public static Node Tensordot(Node x, Node y, IEnumerable<int> axesX, IEnumerable<int> axesY) =>
        FSharp.Contractions.tensordotOver(axesX, axesY, x, y);

    /// <summary>The matrices of the last two axes multiplied by themselves, by repeated squaring.</summary>
    /// <param name="x">The matrices.</param>
    /// <param name="exponent">How many factors; 0 gives identity matrices.</param>
    /// <exception cref="ShapeException">The matrices are not square.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is negative.</exception>
    public static Node MatrixPower(Node x, int exponent) => FSharp.Contractions.matrixPower(exponent, x);

    /// <summary>
    /// For each k the sum over i and j of <c>x1[i] weight[k, i, j] x2[j]</c>, along the last axes, plus <c>bias[k]</c>; the
    /// other axes broadcast.
    /// </summary>
    /// <param name="x1">The first argument.</param>
    /// <param name="x2">The second argument.</param>
    /// <param name="weight">The coefficients, of three axes.</param>
    /// <param name="bias">What is added, if it is given.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Node Bilinear(Node x1, Node x2, Node weight, Node? bias = null)
    {
        var product = FSharp.Contractions.bilinear(x1, x2, weight);
        return bias is null ? product : product + bias;
    }

    /// <summary>The cross product of vectors of size 3 along an axis; the other axes broadcast.</summary>
    /// <param name="x">The left factor.</param>
    /// <param name="y">The right factor.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="ShapeException">An axis has not size 3, or the others do not broadcast.</exception>
    public static Node Cross(Node x, Node y, int axis = -1) => FSharp.Contractions.cross(axis, x, y);

    /// <summary>A matrix with ones on a diagonal and zeros elsewhere.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns; as many as rows if not given.</param>
    /// <param name="offset">Which diagonal: a positive number moves it to the right, a negative one down.</param>
    /// <param name="dtype">The element type.</param>
    /// <exception cref="ShapeException">A number is negative.</exception>
    public static Node Eye(int rows, int? columns = null, int offset = 0, DType dtype = DType.Float64) =>
        FSharp.Diagonals.eyeWith(rows, columns ?? rows, offset, dtype);

    /// <summary>A number in the shape and the element type of x.</summary>
    /// <param name="x">The node to be like.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ShapeException">The value is no single number.</exception>
    /// <exception cref="DTypeException">The value is floating and x is not.</exception>
    public static Node FullLike(Node x, Node value) => FSharp.Diagonals.fullLike(value, x);

    /// <summary>Each vector repeated along the axes of all the others: the coordinates of the points of a mesh.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="indexing">The order of the first two axes.</param>
    /// <exception cref="ShapeException">One is no vector.</exception>
    public static Node[] Meshgrid(IEnumerable<Node> vectors, MeshIndexing indexing = MeshIndexing.XY) =>
        [.. FSharp.Diagonals.meshgrid(indexing, vectors)];
}
