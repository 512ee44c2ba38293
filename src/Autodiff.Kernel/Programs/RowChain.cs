namespace Autodiff.Kernel;

/// <summary>
/// Consecutive instructions that work row by row over the same rows. What one writes and the others read is then computed
/// some rows at a time, which stay in the cache, and never stands in memory as a whole if nothing else reads it: so a softmax
/// or a normalisation passes over memory once.
/// </summary>
internal sealed class RowChain
{
    /// <summary>The bytes of a block of rows, of all that the chain touches: about half of a second cache.</summary>
    private const int BlockBytes = 640 * 1024;

    /// <summary>Chains that touch less memory have it in the cache anyway.</summary>
    private const long LeastBytes = 2 << 20;

    // A block of rows costs a call of each instruction: rows must not be so long that few fit, nor blocks so few.
    private const int FewestBlocks = 4;

    private readonly Buffer[] buffers;
    private readonly long blockBytes;
    private readonly List<Instruction> members = [];
    private readonly Dictionary<int, long> rowBytes = [];
    private readonly HashSet<int> shared = [];
    private readonly HashSet<int> written = [];

    private RowChain(Buffer[] buffers, int rows, long blockBytes) =>
        (this.buffers, Rows, this.blockBytes) = (buffers, rows, blockBytes);

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The instructions.</summary>
    public IReadOnlyList<Instruction> Members => members;

    /// <summary>The rows that are computed at a time.</summary>
    public int BlockRows => (int)Math.Clamp(blockBytes / Math.Max(rowBytes.Values.Sum(), 1), 1, Rows);

    /// <summary>The buffers that are written.</summary>
    public IReadOnlySet<int> Written => written;

    /// <summary>The instructions, with every chain that gains by it made one.</summary>
    public static Instruction[] Join(Instruction[] instructions, Buffer[] buffers) =>
        Join(instructions, buffers, LeastBytes, BlockBytes);

    /// <summary>The same for chains that share at least so many bytes, in blocks of so many.</summary>
    internal static Instruction[] Join(Instruction[] instructions, Buffer[] buffers, long leastBytes, long blockBytes)
    {
        var result = new List<Instruction>();
        var touches = Touches(instructions, buffers.Length);
        RowChain? chain = null;
        foreach (var instruction in instructions)
        {
            var rows = RowWise.RowsOf(instruction);
            if (chain is not null && chain.TryAdd(instruction, rows))
                continue;
            chain?.AddTo(result, touches, leastBytes);
            chain = rows == 0 ? null : new RowChain(buffers, rows, blockBytes);
            if (chain is null || !chain.TryAdd(instruction, rows))
            {
                chain = null;
                result.Add(instruction);
            }
        }

        chain?.AddTo(result, touches, leastBytes);
        return [.. result];
    }

    private static int[] Touches(Instruction[] instructions, int buffers)
    {
        var touches = new int[buffers];
        foreach (var instruction in instructions)
            foreach (var view in instruction.Inputs.Concat(instruction.Outputs))
                touches[view.Buffer]++;
        return touches;
    }

    /// <summary>Adds an instruction over the same rows, if all that is written within the chain is seen as the same rows.</summary>
    private bool TryAdd(Instruction instruction, int rows)
    {
        instruction = RowWise.Simplified(instruction);
        if (rows != Rows || !Array.TrueForAll(instruction.Outputs, view => HasWholeRows(view) && !rowBytes.ContainsKey(view.Buffer)))
            return false;
        if (!Array.TrueForAll(instruction.Inputs, view => !written.Contains(view.Buffer) || HasWholeRows(view)))
            return false;
        members.Add(instruction);
        foreach (var view in instruction.Inputs.Concat(instruction.Outputs))
        {
            if (rowBytes.ContainsKey(view.Buffer))
                shared.Add(view.Buffer);
            rowBytes[view.Buffer] = (long)view.Layout.Strides[0] * view.DType.Size();
        }

        foreach (var view in instruction.Outputs)
            written.Add(view.Buffer);
        return true;
    }

    /// <summary>Whether each row of a view lies within the same row of its buffer.</summary>
    private bool HasWholeRows(BufferView view)
    {
        var (strides, sizes) = (view.Layout.Strides, view.Shape);
        var elements = buffers[view.Buffer].Shape.Size;
        if (view.Layout.Offset != 0 || elements % Rows != 0 || strides[0] != elements / Rows)
            return false;
        long last = 0;
        for (var axis = 1; axis < strides.Length; axis++)
        {
            if (strides[axis] < 0)
                return false;
            last += (long)strides[axis] * (sizes[axis] - 1);
        }

        return last < strides[0];
    }

    private bool Pays(long leastBytes) =>
        members.Count > 1 && Rows >= FewestBlocks * BlockRows && rowBytes.Values.Sum() <= blockBytes
        && shared.Sum(buffer => rowBytes[buffer]) * Rows >= leastBytes;

    private void AddTo(List<Instruction> result, int[] touches, long leastBytes)
    {
        if (Pays(leastBytes))
            result.Add(new RowChainInstruction(this, Locals(touches)));
        else
            result.AddRange(members);
    }

    /// <summary>The temporaries that nothing outside the chain touches, with the bytes of a row.</summary>
    private Dictionary<int, long> Locals(int[] touches)
    {
        foreach (var view in members.SelectMany(member => member.Inputs.Concat(member.Outputs)))
            touches[view.Buffer]--;
        return written.Where(buffer => touches[buffer] == 0 && buffers[buffer].Kind == BufferKind.Temporary)
            .ToDictionary(buffer => buffer, buffer => rowBytes[buffer]);
    }
}
