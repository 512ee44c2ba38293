namespace Autodiff.Kernel;

/// <summary>Axes cut into pieces: how much an item of work takes.</summary>
internal static class Pieces
{
    /// <summary>The number of pieces of at most some size.</summary>
    public static int Of(int size, int most) => (size / most) + (size % most == 0 ? 0 : 1);
}
