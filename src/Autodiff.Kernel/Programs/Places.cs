namespace Autodiff.Kernel;

/// <summary>What runs on operands by the addresses where their storages begin: those of the inputs, then those of the outputs.</summary>
internal interface IPlaced
{
    /// <summary>Runs on storages that are pinned.</summary>
    void Run(nint[] places);
}

/// <summary>Finds the addresses of views, and holds them.</summary>
internal static class Places
{
    /// <summary>Runs on views, whose storages are pinned as long as it lasts.</summary>
    public static void Run(IPlaced target, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs)
    {
        var state = RowState.Rent(inputs.Length + outputs.Length, 0, 0);
        Pin(target, 0, inputs, outputs, state.Places);
        state.Return();
    }

    /// <summary>Pins the storage of one view after the other, and then runs.</summary>
    private static unsafe void Pin(
        IPlaced target, int view, ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, nint[] places)
    {
        if (view == inputs.Length + outputs.Length)
        {
            target.Run(places);
            return;
        }

        ref readonly var current = ref view < inputs.Length ? ref inputs[view] : ref outputs[view - inputs.Length];
        fixed (byte* start = &current.Storage.Reference<byte>())
        {
            places[view] = (nint)start;
            Pin(target, view + 1, inputs, outputs, places);
        }
    }
}
