namespace Autodiff.CSharp;

public static partial class Ad
{
    /// <summary>
    /// The nodes at which a branch that <c>Where</c> has not taken can make the gradient of y NaN. Most branches cannot:
    /// a derivative stays masked as long as elements keep apart. What is named lies beyond a sum over elements, a product
    /// of matrices or a place where differently masked derivatives meet.
    /// </summary>
    /// <param name="y">The result of the graph.</param>
    public static IReadOnlyList<LintRisk> Lint(Node y) => [.. FSharp.Lint.risks(Node.Given(y))];
}
