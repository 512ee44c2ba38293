namespace CharRnn;

/// <summary>What the user gave does not do. The message is one line that says what is wrong.</summary>
internal sealed class UserException(string message, Exception? cause = null) : Exception(message, cause);
