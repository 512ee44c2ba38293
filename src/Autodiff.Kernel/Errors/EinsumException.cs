namespace Autodiff;

/// <summary>Einsum subscripts that cannot be read, or that do not fit their operands.</summary>
public class EinsumException : ArgumentException
{
    /// <summary>An error without a message.</summary>
    public EinsumException() { }

    /// <summary>An error with a message that names the operation, its operands and the sizes that differ.</summary>
    /// <param name="message">The message.</param>
    public EinsumException(string message) : base(message) { }

    /// <summary>An error with a message and the error behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The error behind it.</param>
    public EinsumException(string message, Exception inner) : base(message, inner) { }
}
