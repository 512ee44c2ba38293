namespace Autodiff.CSharp;

/// <summary>
/// Random values in graphs. They are pure functions of a key, which is itself a value (a whole number, Int64): the same
/// key draws the same numbers, as the <see cref="RandomSource"/> of that seed does, on every platform and each time that
/// the graph runs. For independent numbers split the key, or fold something into it, and draw once from each.
/// </summary>
/// <remarks>
/// Where there are several keys, each draws the shape that was asked for, and the axes of the keys come first. Derivatives
/// pass a draw to its parameters (reparameterisation): <c>mean + deviation * GraphRandom.Normal(key, shape)</c>.
/// </remarks>
/// <example>
/// <code>
/// var key = Ad.Input("key", [], DType.Int64);
/// Node noisy = x + 0.1 * GraphRandom.Normal(key, x.Shape);
/// var f = Ad.Compile([x, key], [noisy]);
/// f.Run(x0, source.Fold(step).Seed);
/// </code>
/// </example>
public static class GraphRandom
{
    /// <summary>The key of a seed. Inputs of type Int64 are keys too: a new one may be bound for each run.</summary>
    /// <param name="seed">The seed.</param>
    public static Node Key(long seed) => FSharp.Random.key(seed);

    /// <summary>The key with which a graph draws what the source draws.</summary>
    /// <param name="source">The source.</param>
    public static Node OfSource(RandomSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return FSharp.Random.ofSource(source);
    }

    /// <summary>
    /// So many keys that are independent of each other and of the one they come from, as an array; the first ones do not
    /// depend on how many there are.
    /// </summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static Node Split(Node keys, int count) => FSharp.Random.split(Given(keys), count);

    /// <summary>The keys that belong to whole numbers, such as the count of a training step: one for each of them.</summary>
    /// <param name="keys">A key, or several, whose axes are the first of the data's.</param>
    /// <param name="data">The whole numbers.</param>
    /// <exception cref="DTypeException">The keys or the data are no whole numbers.</exception>
    /// <exception cref="ShapeException">The first axes of the data are not those of the keys.</exception>
    public static Node FoldIn(Node keys, Node data) => FSharp.Random.foldIn(Given(keys), Given(data));

    /// <summary>The key that belongs to a text, such as the path of a layer.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    public static Node FoldInText(Node keys, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FSharp.Random.foldInText(Given(keys), text);
    }

    /// <summary>Whole numbers (Int32) of which every bit is random.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="shape">The sizes of the axes that each key draws.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">A size is negative.</exception>
    public static Node Bits(Node keys, IEnumerable<int> shape) => FSharp.Random.bits(Given(keys), shape);

    /// <summary>Numbers spread evenly from 0 up to 1, which is left out.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="shape">The sizes of the axes that each key draws.</param>
    /// <param name="dtype">Float64 or Float32.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers, or the element type is no float.</exception>
    /// <exception cref="ShapeException">A size is negative.</exception>
    public static Node Uniform(Node keys, IEnumerable<int> shape, DType dtype = DType.Float64) =>
        FSharp.Random.uniformOf(dtype, Given(keys), shape);

    /// <summary>Numbers of the normal distribution with mean 0 and deviation 1.</summary>
    /// <inheritdoc cref="Uniform"/>
    public static Node Normal(Node keys, IEnumerable<int> shape, DType dtype = DType.Float64) =>
        FSharp.Random.normalOf(dtype, Given(keys), shape);

    /// <summary>Numbers of the exponential distribution with mean 1.</summary>
    /// <inheritdoc cref="Uniform"/>
    public static Node Exponential(Node keys, IEnumerable<int> shape, DType dtype = DType.Float64) =>
        FSharp.Random.exponentialOf(dtype, Given(keys), shape);

    /// <summary>Numbers of the Laplace distribution with mean 0 and scale 1.</summary>
    /// <inheritdoc cref="Uniform"/>
    public static Node Laplace(Node keys, IEnumerable<int> shape, DType dtype = DType.Float64) =>
        FSharp.Random.laplaceOf(dtype, Given(keys), shape);

    /// <summary>Numbers of the Gumbel distribution: -log(-log u).</summary>
    /// <inheritdoc cref="Uniform"/>
    public static Node Gumbel(Node keys, IEnumerable<int> shape, DType dtype = DType.Float64) =>
        FSharp.Random.gumbelOf(dtype, Given(keys), shape);

    /// <summary>Whole numbers (Int64), all equally probable.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="low">The least number.</param>
    /// <param name="high">The end, which is left out.</param>
    /// <param name="shape">The sizes of the axes that each key draws.</param>
    /// <exception cref="ArgumentException">There are no whole numbers from low up to high.</exception>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">A size is negative.</exception>
    public static Node Integers(Node keys, long low, long high, IEnumerable<int> shape) =>
        FSharp.Random.integers(Given(keys), low, high, shape);

    /// <summary>The whole numbers (Int64) from 0 to count - 1 in random order, all orders equally probable.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="count">How many numbers.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static Node Permutation(Node keys, int count) => FSharp.Random.permutation(Given(keys), count);

    /// <summary>The slices of x along an axis in random order.</summary>
    /// <param name="key">One key.</param>
    /// <param name="x">The value.</param>
    /// <param name="axis">The axis.</param>
    /// <exception cref="DTypeException">The key is no whole number.</exception>
    /// <exception cref="ShapeException">There is no such axis, its size is not known yet, or there are several keys.</exception>
    public static Node Shuffle(Node key, Node x, int axis = 0) => FSharp.Random.shuffle(Given(key), axis, Given(x));

    /// <summary>
    /// Numbers of the normal distribution with mean 0 and deviation 1 under the condition that they lie between bounds,
    /// to which derivatives pass. Farther than 8 from 0 (in Float32: 5) the nearer bound is given.
    /// </summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="low">The lower bound, which broadcasts to the shape.</param>
    /// <param name="high">The upper bound, which broadcasts to the shape.</param>
    /// <param name="shape">The sizes of the axes that each key draws.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">A size is negative, or a bound does not broadcast.</exception>
    public static Node TruncatedNormal(Node keys, Node low, Node high, IEnumerable<int> shape) =>
        FSharp.Random.truncatedNormal(Given(keys), Given(low), Given(high), shape);

    /// <summary>Truth values, each true with probability p.</summary>
    /// <param name="keys">A key, or several.</param>
    /// <param name="p">The probability, which broadcasts to the shape.</param>
    /// <param name="shape">The sizes of the axes that each key draws.</param>
    /// <exception cref="ArgumentException">p is a number that is no probability.</exception>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">A size is negative, or p does not broadcast.</exception>
    public static Node Bernoulli(Node keys, Node p, IEnumerable<int> shape) =>
        FSharp.Random.bernoulli(Given(keys), Given(p), shape);

    /// <summary>
    /// For each row of logits the position (Int64) of a choice, which is k with a probability proportional to
    /// exp(logit k). The rows lie along the last axis.
    /// </summary>
    /// <param name="keys">A key, or several, whose axes are the first of the logits'.</param>
    /// <param name="logits">Logarithms of probabilities, up to a number added to a row.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">There is nothing to choose from, or the first axes are not those of the keys.</exception>
    public static Node Categorical(Node keys, Node logits) => FSharp.Random.categorical(Given(keys), Given(logits));

    /// <summary>
    /// The logarithms of numbers of gamma distributions, one for each element of alpha: right also where the numbers
    /// themselves are less than any float. The derivative in alpha is that of the quantile whose probability stays as it is.
    /// </summary>
    /// <param name="keys">A key, or several, whose axes are the first of alpha's.</param>
    /// <param name="alpha">The shapes of the distributions, above 0.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">The first axes of alpha are not those of the keys.</exception>
    public static Node LogGamma(Node keys, Node alpha) => FSharp.Random.logGamma(Given(keys), Given(alpha));

    /// <summary>
    /// Numbers of gamma distributions of scale 1, one for each element of alpha. The derivative in alpha is that of the
    /// quantile whose probability stays as it is.
    /// </summary>
    /// <inheritdoc cref="LogGamma"/>
    public static Node Gamma(Node keys, Node alpha) => FSharp.Random.gamma(Given(keys), Given(alpha));

    /// <summary>Numbers of beta distributions, one for each pair of shapes.</summary>
    /// <param name="keys">A key, or several, whose axes are the first of the shapes'.</param>
    /// <param name="a">The one shape, above 0.</param>
    /// <param name="b">The other shape, above 0, which broadcasts with the first.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">The shapes do not broadcast, or their first axes are not those of the keys.</exception>
    public static Node Beta(Node keys, Node a, Node b) => FSharp.Random.beta(Given(keys), Given(a), Given(b));

    /// <summary>Points of Dirichlet distributions: positive elements along the last axis, with the sum 1.</summary>
    /// <param name="keys">A key, or several, whose axes are the first of alpha's.</param>
    /// <param name="alpha">The shapes, above 0.</param>
    /// <exception cref="DTypeException">The keys are no whole numbers.</exception>
    /// <exception cref="ShapeException">alpha has no last axis, or its first axes are not those of the keys.</exception>
    public static Node Dirichlet(Node keys, Node alpha) => FSharp.Random.dirichlet(Given(keys), Given(alpha));

    private static Node Given(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node;
    }
}
