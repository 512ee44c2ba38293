using System.Collections.Concurrent;

namespace Autodiff.Kernel;

/// <summary>
/// Values by their keys, made when they are first asked for. When there are more than a number of them, all are
/// forgotten: what is still in use is soon made again. Safe to use from many threads.
/// </summary>
/// <param name="capacity">The number of values that it keeps.</param>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> values = new();
    private int count;

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        if (values.TryGetValue(key, out var value))
            return value;
        if (Interlocked.Increment(ref count) > capacity)
        {
            values.Clear();
            count = 1;
        }

        return values.GetOrAdd(key, make);
    }
}
