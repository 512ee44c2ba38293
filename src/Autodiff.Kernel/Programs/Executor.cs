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
        for (var i = 0; i < results.Length; i++)
            if (program.IsFirstOf(i))
                results[i] = NDArray.Uninitialized(program.Buffers[program.Results[i].Buffer].DType, program.Results[i].Shape);
        Execute(program, arguments, new ResultArrays(results), cancellation);
        foreach (var i in program.SharedResults)
            results[i] = Find(program, i, arguments, results).WithShape(program.Results[i].Shape);
        return results;
    }

    /// <summary>Runs the program and writes its results to memory of the caller's, one for each.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the last instruction began.</exception>
    public static void RunInto<TTargets>(
        Program program, ReadOnlySpan<NDArray> arguments, TTargets targets, CancellationToken cancellation = default)
        where TTargets : ITargets, allows ref struct
    {
        Execute(program, arguments, targets, cancellation);
        foreach (var i in program.SharedResults)
            Copy(program, i, Source(program, i, arguments, targets), targets[i]);
    }

    private static void Execute<TTargets>(
        Program program, ReadOnlySpan<NDArray> arguments, TTargets targets, CancellationToken cancellation)
        where TTargets : ITargets, allows ref struct
    {
        var state = program.States.Rent();
        try
        {
            state.PlaceArguments(arguments);
            state.PlaceResults(targets);
            if (program.ArenaBytes == 0)
                Execute(program, state, cancellation);
            else
                ExecuteInArena(program, state, cancellation);
        }
        finally
        {
            program.States.Return(state);
        }
    }

    private static void ExecuteInArena(Program program, RunState state, CancellationToken cancellation)
    {
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

    /// <summary>New arrays.</summary>
    private readonly struct ResultArrays(NDArray[] results) : ITargets
    {
        public Storage this[int result] => Storage.Of(results[result]);
    }
}
