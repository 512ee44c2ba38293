namespace Autodiff.Kernel;

/// <summary>What is done after collections, on the thread of the finalisers.</summary>
internal static class AfterCollections
{
    /// <summary>
    /// Does something after the next collections, and after every full one: at first it is young, and soon as old as
    /// objects become.
    /// </summary>
    /// <param name="action">What to do; it throws nothing, and waits for nobody who waits for a finaliser.</param>
    public static void Do(Action action) => _ = new Watch(action);

    /// <summary>An object that nothing refers to, found dead by a collection again and again.</summary>
    private sealed class Watch(Action action)
    {
        ~Watch()
        {
            action();
            if (!Environment.HasShutdownStarted)
                GC.ReRegisterForFinalize(this);
        }
    }
}
