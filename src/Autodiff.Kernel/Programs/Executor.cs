namespace Autodiff.Kernel;

/// <summary>Runs programs.</summary>
internal static class Executor
{
    /// <summary>Runs the program on arguments whose shapes and types are those it was made for.</summary>
    /// <returns>The results in order; an argument or a constant that is a result is given as it is.</returns>
    public static NDArray[] Run(Program program, ReadOnlySpan<NDArray> arguments, CancellationToken cancellation = default)
    {
        var arena = program.ArenaBytes > 0 ? ArenaPool.Rent(program.ArenaBytes) : null;
        try
        {
            var arrays = new NDArray?[program.Buffers.Length];
            var memory = Bind(program, arguments, arena, arrays);
            Execute(program, memory, cancellation);
            return Array.ConvertAll(program.Results, r => arrays[r.Buffer]!.WithShape(r.Shape));
        }
        finally
        {
            if (arena is not null)
                ArenaPool.Return(arena);
        }
    }

    private static Storage[] Bind(
        Program program, ReadOnlySpan<NDArray> arguments, Arena? arena, NDArray?[] arrays)
    {
        var memory = new Storage[program.Buffers.Length];
        for (var i = 0; i < memory.Length; i++)
        {
            var buffer = program.Buffers[i];
            if (buffer.Kind == BufferKind.Temporary)
            {
                memory[i] = Storage.Slot(arena?.Bytes ?? [], (arena?.Start ?? 0) + program.Offset(i), buffer.Bytes);
                continue;
            }

            var array = buffer.Kind switch
            {
                BufferKind.Argument => arguments[buffer.Index],
                BufferKind.Result => NDArray.Uninitialized(buffer.DType, buffer.Shape),
                _ => buffer.Value!,
            };
            arrays[i] = array;
            memory[i] = Storage.Of(array);
        }

        return memory;
    }

    private static void Execute(Program program, Storage[] memory, CancellationToken cancellation)
    {
        var views = new View[program.MaxOperands];
        foreach (var instruction in program.Instructions)
        {
            cancellation.ThrowIfCancellationRequested();
            var inputs = Resolve(instruction.Inputs, memory, views.AsSpan(0, instruction.Inputs.Length));
            var outputs = Resolve(
                instruction.Outputs, memory, views.AsSpan(inputs.Length, instruction.Outputs.Length));
            instruction.Run(inputs, outputs);
        }
    }

    private static ReadOnlySpan<View> Resolve(BufferView[] operands, Storage[] memory, Span<View> views)
    {
        for (var i = 0; i < operands.Length; i++)
            views[i] = new View(memory[operands[i].Buffer], operands[i].Layout, operands[i].DType);
        return views;
    }
}
