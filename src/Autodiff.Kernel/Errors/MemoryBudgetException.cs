namespace Autodiff;

/// <summary>A computation needs more memory than it was given, however much of it is computed anew.</summary>
public sealed class MemoryBudgetException : InvalidOperationException
{
    /// <summary>A budget that cannot be met.</summary>
    /// <param name="budget">The bytes that were given.</param>
    /// <param name="least">The least bytes for which a plan was found.</param>
    public MemoryBudgetException(long budget, long least)
        : base($"the memory budget is {budget:N0} bytes, and the least that a plan was found for is {least:N0}") =>
        (Budget, Least) = (budget, least);

    /// <summary>The bytes that were given.</summary>
    public long Budget { get; }

    /// <summary>The least bytes for which a plan was found.</summary>
    public long Least { get; }
}
