namespace Autodiff;

/// <summary>An element type that an operation does not take, or a value that an element type cannot hold.</summary>
public class DTypeException : ArgumentException
{
    /// <summary>An error without a message.</summary>
    public DTypeException() { }

    /// <summary>An error with a message that names the operation, its operands and the sizes that differ.</summary>
    /// <param name="message">The message.</param>
    public DTypeException(string message) : base(message) { }

    /// <summary>An error with a message and the error behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The error behind it.</param>
    public DTypeException(string message, Exception inner) : base(message, inner) { }
}
