namespace Autodiff.Kernel;

/// <summary>Runs programs.</summary>
internal static class Executor
{
    /// <summary>Runs the program on arguments whose shapes and types are those it was made for.</summary>
    /// <returns>The results in order; an argument or a constant that is a result is given as it is.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the last instruction began.</exception>
    public static NDArray[] Run(Program program, ReadOnlySpan<NDArray> arguments, CancellationToken cancellation = default)
    {
        var results = new NDArray[program.Results.Length];
        var state = program.States.Rent();
        try
        {
            for (var i = 0; i < results.Length; i++)
            {
                var (number, shape) = program.Results[i];
                if (!program.IsFirstOf(i))
                    continue;
                results[i] = NDArray.Uninitialized(program.Buffers[number].DType, shape);
                state.Place(number, Storage.Of(results[i]));
            }

            Execute(program, arguments, state, cancellation);
        }
        finally
        {
            program.States.Return(state);
        }

        for (var i = 0; i < results.Length; i++)
            if (!program.IsFirstOf(i))
                results[i] = Find(program, i, arguments, results).WithShape(program.Results[i].Shape);
        return results;
    }

    /// <summary>Runs the program and writes its results to memory of the caller's, one for each.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the last instruction began.</exception>
    public static void RunInto<TTargets>(
        Program program, ReadOnlySpan<NDArray> arguments, TTargets targets, CancellationToken cancellation = default)
        where TTargets : ITargets, allows ref struct
    {
        var state = program.States.Rent();
        try
        {
            for (var i = 0; i < program.Results.Length; i++)
                if (program.IsFirstOf(i))
                    state.Place(program.Results[i].Buffer, targets[i]);
            Execute(program, arguments, state, cancellation);
            for (var i = 0; i < program.Results.Length; i++)
                if (!program.IsFirstOf(i))
                    Copy(program, i, Source(program, i, arguments, targets), targets[i]);
        }
        finally
        {
            program.States.Return(state);
        }
    }

    private static void Execute(
        Program program, ReadOnlySpan<NDArray> arguments, RunState state, CancellationToken cancellation)
    {
        foreach (var (buffer, argument) in program.Arguments)
            state.Place(buffer, Storage.Of(arguments[argument]));
        if (program.ArenaBytes == 0)
        {
            Execute(program, state, cancellation);
            return;
        }

        var arena = ArenaPool.Rent(program.ArenaBytes);
        try
        {
            state.PlaceTemporaries(arena.Address);
            Execute(program, state, cancellation);
        }
        finally
        {
            ArenaPool.Return(arena);
        }
    }

    private static void Execute(Program program, RunState state, CancellationToken cancellation)
    {
        var next = 0;
        foreach (var instruction in program.Instructions)
        {
            cancellation.ThrowIfCancellationRequested();
            var inputs = instruction.Inputs.Length;
            var outputs = instruction.Outputs.Length;
            instruction.Run(state.Views(next, inputs), state.Views(next + inputs, outputs));
            next += inputs + outputs;
        }
    }

    private static NDArray Find(Program program, int result, ReadOnlySpan<NDArray> arguments, NDArray[] results)
    {
        var number = program.Results[result].Buffer;
        var buffer = program.Buffers[number];
        return buffer.Kind switch
        {
            BufferKind.Argument => arguments[buffer.Index],
            BufferKind.Constant => buffer.Value!,
            _ => results[program.FirstOf(result)],
        };
    }

    private static Storage Source<TTargets>(
        Program program, int result, ReadOnlySpan<NDArray> arguments, TTargets targets)
        where TTargets : ITargets, allows ref struct
    {
        var buffer = program.Buffers[program.Results[result].Buffer];
        return buffer.Kind switch
        {
            BufferKind.Argument => Storage.Of(arguments[buffer.Index]),
            BufferKind.Constant => Storage.Of(buffer.Value!),
            _ => targets[program.FirstOf(result)],
        };
    }

    private static void Copy(Program program, int result, Storage source, Storage target)
    {
        var (number, shape) = program.Results[result];
        var layout = Layout.Contiguous(shape);
        var dtype = program.Buffers[number].DType;
        Copying.Copy(new View(source, layout, dtype), new View(target, layout, dtype));
    }
}
