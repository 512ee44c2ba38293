namespace Autodiff;

/// <summary>A graph was evaluated while an input in it had no value.</summary>
public class UnboundInputException : InvalidOperationException
{
    /// <summary>An error without a message.</summary>
    public UnboundInputException() { }

    /// <summary>An error with a message that names the input.</summary>
    /// <param name="message">The message.</param>
    public UnboundInputException(string message) : base(message) { }

    /// <summary>An error with a message and the error behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="inner">The error behind it.</param>
    public UnboundInputException(string message, Exception inner) : base(message, inner) { }
}
