namespace Autodiff.Kernel;

/// <summary>The memory that each result of a run is written to.</summary>
internal interface ITargets
{
    Storage this[int result] { get; }
}
