namespace CharRnn;

/// <summary>What the user gave does not do. The message is one line that says what is wrong and, where it helps, what would do.</summary>
internal sealed class UserException(string message, Exception? cause = null) : Exception(message, cause);
