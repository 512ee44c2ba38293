namespace Autodiff.Kernel;

/// <summary>
/// Work in numbered items that write to different places and may run in any order, on any threads. Where an item begins
/// and ends depends on shapes alone, so that results are the same bits for any number of threads.
/// </summary>
internal interface IWork
{
    /// <summary>Runs one item.</summary>
    void Run(long item);
}
