namespace Autodiff.Benchmarks.Limits;

/// <summary>In what a rate is written.</summary>
/// <param name="Name">The unit's name.</param>
/// <param name="Of">The rate from an amount per millisecond.</param>
internal sealed record Unit(string Name, Func<double, double> Of)
{
    /// <summary>The amount is in floating-point operations.</summary>
    public static Unit Flops { get; } = new("GF/s", rate => rate / 1e6);

    /// <summary>The amount is in bytes read and written.</summary>
    public static Unit Bytes { get; } = new("GB/s", rate => rate / 1e6);

    /// <summary>The amount is in elements.</summary>
    public static Unit Elements { get; } = new("ns/element", rate => 1e6 / rate);

    /// <summary>The amount is in calls.</summary>
    public static Unit Calls { get; } = new("us/call", rate => 1e3 / rate);
}
