namespace Autodiff.Kernel;

/// <summary>Runs programs.</summary>
internal static class Executor
{
    /// <summary>Runs the program on arguments whose shapes and types are those it was made for.</summary>
    /// <returns>The results in order; an argument or a constant that is a result is given as it is.</returns>
    public static NDArray[] Run(Program program, ReadOnlySpan<NDArray> arguments, CancellationToken cancellation = default)
    {
        var made = Array.ConvertAll(program.ResultBuffers, buffer => NDArray.Uninitialized(buffer.DType, buffer.Shape));
        var state = RunState.Rent(program);
        try
        {
            for (var i = 0; i < made.Length; i++)
                state.Memory[program.ResultNumbers[i]] = Storage.Of(made[i]);
            Run(program, arguments, state, cancellation);
        }
        finally
        {
            state.Return(program);
        }

        var results = new NDArray[program.Results.Length];
        for (var i = 0; i < results.Length; i++)
            results[i] = Find(program, program.Results[i].Buffer, arguments, made).WithShape(program.Results[i].Shape);
        return results;
    }

    /// <summary>Runs the program and writes its results to memory of the caller's, one for each.</summary>
    public static void RunInto(
        Program program, ReadOnlySpan<NDArray> arguments, ReadOnlySpan<Storage> targets, CancellationToken cancellation = default)
    {
        var state = RunState.Rent(program);
        try
        {
            for (var i = 0; i < targets.Length; i++)
                if (program.IsFirstOf(i))
                    state.Memory[program.Results[i].Buffer] = targets[i];
            Run(program, arguments, state, cancellation);
            for (var i = 0; i < targets.Length; i++)
                if (!program.IsFirstOf(i))
                    Copy(program, i, state.Memory[program.Results[i].Buffer], targets[i]);
        }
        finally
        {
            state.Return(program);
        }
    }

    private static void Run(
        Program program, ReadOnlySpan<NDArray> arguments, RunState state, CancellationToken cancellation)
    {
        var arena = program.ArenaBytes > 0 ? ArenaPool.Rent(program.ArenaBytes) : null;
        try
        {
            Bind(program, arguments, arena, state.Memory);
            Execute(program, state, cancellation);
        }
        finally
        {
            if (arena is not null)
                ArenaPool.Return(arena);
        }
    }

    /// <summary>The place of every buffer but the results, which have theirs.</summary>
    private static void Bind(Program program, ReadOnlySpan<NDArray> arguments, Arena? arena, Storage[] memory)
    {
        for (var i = 0; i < program.Buffers.Length; i++)
        {
            var buffer = program.Buffers[i];
            switch (buffer.Kind)
            {
                case BufferKind.Temporary when program.Offset(i) >= 0:
                    memory[i] = Storage.Slot(arena?.Bytes ?? [], (arena?.Start ?? 0) + program.Offset(i), buffer.Bytes);
                    break;
                case BufferKind.Argument:
                    memory[i] = Storage.Of(arguments[buffer.Index]);
                    break;
                case BufferKind.Constant:
                    memory[i] = Storage.Of(buffer.Value!);
                    break;
            }
        }
    }

    private static void Execute(Program program, RunState state, CancellationToken cancellation)
    {
        foreach (var instruction in program.Instructions)
        {
            cancellation.ThrowIfCancellationRequested();
            var inputs = Resolve(instruction.Inputs, state.Memory, state.Views.AsSpan(0, instruction.Inputs.Length));
            var outputs = Resolve(
                instruction.Outputs, state.Memory, state.Views.AsSpan(inputs.Length, instruction.Outputs.Length));
            instruction.Run(inputs, outputs);
        }
    }

    private static ReadOnlySpan<View> Resolve(BufferView[] operands, Storage[] memory, Span<View> views)
    {
        for (var i = 0; i < operands.Length; i++)
            views[i] = new View(memory[operands[i].Buffer], operands[i].Layout, operands[i].DType);
        return views;
    }

    private static NDArray Find(Program program, int number, ReadOnlySpan<NDArray> arguments, NDArray[] made)
    {
        var buffer = program.Buffers[number];
        return buffer.Kind switch
        {
            BufferKind.Argument => arguments[buffer.Index],
            BufferKind.Constant => buffer.Value!,
            _ => made[Array.IndexOf(program.ResultNumbers, number)],
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
