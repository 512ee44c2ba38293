namespace Autodiff;

/// <summary>Shapes, axes or sizes that do not fit the operation they were given to.</summary>
public class ShapeException : ArgumentException
{
    /// <summary>An error without a message.</summary>
    public ShapeException() { }

    /// <summary>An error with a message that names the operation, its operands and the sizes that differ.</summary>
    /// <param name="message">The message.</param>
    public ShapeException(string message) : base(message) { }

    /// <summary>An error with a message and the error behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The error behind it.</param>
    public ShapeException(string message, Exception inner) : base(message, inner) { }
}
