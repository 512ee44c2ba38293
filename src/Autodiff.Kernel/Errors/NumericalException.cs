namespace Autodiff;

/// <summary>A failure that depends on the data: a singular matrix, an iteration that does not converge, a NaN that was looked for.</summary>
public class NumericalException : ArithmeticException
{
    /// <summary>An error without a message.</summary>
    public NumericalException() { }

    /// <summary>An error with a message that names the operation and what was found.</summary>
    /// <param name="message">The message.</param>
    public NumericalException(string message) : base(message) { }

    /// <summary>An error with a message and the error behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The error behind it.</param>
    public NumericalException(string message, Exception inner) : base(message, inner) { }
}
