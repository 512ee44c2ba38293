namespace Autodiff.CSharp;

/// <summary>Pictures of graphs.</summary>
public static class Drawing
{
    /// <param name="z">The result whose graph is drawn.</param>
    extension(Node z)
    {
        /// <summary>The graph in DOT, the language of Graphviz.</summary>
        public string ToDot() => FSharp.Drawing.toDot([Node.Given(z)]);
    }
}
