namespace Autodiff.Benchmarks.Limits;

/// <summary>Something that is timed.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Run">A call.</param>
/// <param name="Amount">What a call does, in the unit that the rivals count too: FLOPs, bytes, elements or calls.</param>
internal sealed record Contestant(string Name, Action Run, double Amount);
