namespace Autodiff.CSharp;

/// <summary>What is reported after a step of training.</summary>
/// <param name="Step">The number of the step; the first is 1.</param>
/// <param name="Loss">The loss before the step, over the step's batch.</param>
/// <param name="Elapsed">The time since training began.</param>
public readonly record struct TrainingProgress(long Step, double Loss, TimeSpan Elapsed);
