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

    // Products, for each byte that stays in the cache instead: those that do more gain less by it than they lose by working
    // on blocks of rows, for each of which they arrange their operands.
    private const int MostFlops = 30;

    private readonly RowFootprint footprint;
    private readonly List<Instruction> members = [];
    private readonly HashSet<int> written = [];

    private RowChain(Buffer[] buffers, int rows, long blockBytes) =>
        (Buffers, Rows, footprint) = (buffers, rows, new RowFootprint(rows, blockBytes));

    /// <summary>The buffers of the program.</summary>
    public Buffer[] Buffers { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The instructions.</summary>
    public IReadOnlyList<Instruction> Members => members;

    /// <summary>The rows that are computed at a time.</summary>
    public int BlockRows => footprint.BlockRows;

    /// <summary>The buffers that are written.</summary>
    public IReadOnlySet<int> Written => written;

    /// <summary>The instructions, with every chain that gains by it made one.</summary>
    public static Instruction[] Join(Instruction[] instructions, Buffer[] buffers) =>
        Join(instructions, buffers, LeastBytes, BlockBytes);

    /// <summary>The same for chains that share at least so many bytes, in blocks of so many.</summary>
    internal static Instruction[] Join(Instruction[] instructions, Buffer[] buffers, long leastBytes, long blockBytes)
    {
        var result = new List<Instruction>();
        new Joining(buffers, Touches(instructions, buffers.Length), leastBytes, blockBytes, result).Join(instructions, true);
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
        if (rows != Rows || !Array.TrueForAll(instruction.Outputs, view => HasWholeRows(view) && !footprint.HasRowsOf(view.Buffer)))
            return false;
        for (var i = 0; i < instruction.Inputs.Length; i++)
            if (written.Contains(instruction.Inputs[i].Buffer)
                && (RowWise.IsWhole(instruction, i) || !HasWholeRows(instruction.Inputs[i])))
                return false;
        if (!footprint.TryAdd(instruction))
            return false;
        members.Add(instruction);
        foreach (var view in instruction.Outputs)
            written.Add(view.Buffer);
        return true;
    }

    /// <summary>Whether each row of a view lies within the same row of its buffer.</summary>
    private bool HasWholeRows(BufferView view)
    {
        var (strides, sizes) = (view.Layout.Strides, view.Shape);
        var elements = Buffers[view.Buffer].Shape.Size;
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
        members.Count > 1 && Rows >= FewestBlocks * BlockRows && footprint.FitsRow && footprint.SharedBytes >= leastBytes
        && members.Where(IsProduct).Sum(member => member.Flops) <= MostFlops * footprint.SharedBytes
        && members.TrueForAll(KeepsBits);

    private static bool IsProduct(Instruction instruction) => instruction is EinsumInstruction { Contraction: not null };

    /// <summary>Whether a product of the rows of a block, and of the last one, is summed as that of all rows.</summary>
    private bool KeepsBits(Instruction member)
    {
        var last = Rows - ((Rows - 1) / BlockRows * BlockRows);
        return !IsProduct(member)
            || (RowWise.WithRows(member, last) is not null && RowWise.WithRows(member, BlockRows) is not null);
    }

    /// <summary>The temporaries that nothing outside the chain touches, with the bytes of a row.</summary>
    private Dictionary<int, long> Locals(int[] touches)
    {
        foreach (var view in members.SelectMany(member => member.Inputs.Concat(member.Outputs)))
            touches[view.Buffer]--;
        return written.Where(buffer => touches[buffer] == 0 && Buffers[buffer].Kind == BufferKind.Temporary)
            .ToDictionary(buffer => buffer, buffer => footprint[buffer]);
    }

    /// <summary>Instructions on their way into chains.</summary>
    /// <param name="buffers">The buffers of the program.</param>
    /// <param name="touches">How often instructions that are not yet in a chain touch each buffer.</param>
    /// <param name="leastBytes">The bytes that a chain shares at least.</param>
    /// <param name="blockBytes">The bytes of a block of rows.</param>
    /// <param name="result">What has become of the instructions.</param>
    private sealed class Joining(
        Buffer[] buffers, int[] touches, long leastBytes, long blockBytes, List<Instruction> result)
    {
        private readonly Lazy<InPlace> inPlace = new(() => new InPlace(buffers));

        /// <summary>Adds the instructions to the result, in chains with or without products.</summary>
        public void Join(IReadOnlyList<Instruction> instructions, bool withProducts)
        {
            RowChain? chain = null;
            foreach (var instruction in instructions)
            {
                var rows = withProducts || !IsProduct(instruction) ? RowWise.RowsOf(instruction) : 0;
                if (chain is not null && chain.TryAdd(instruction, rows))
                    continue;
                Add(chain);
                chain = rows == 0 ? null : new RowChain(buffers, rows, blockBytes);
                if (chain is null || !chain.TryAdd(instruction, rows))
                {
                    chain = null;
                    result.Add(instruction);
                }
            }

            Add(chain);
        }

        private void Add(RowChain? chain)
        {
            if (chain is null)
                return;
            if (chain.Pays(leastBytes))
                result.Add(new RowChainInstruction(chain, chain.Locals(touches), inPlace.Value));
            else if (chain.members.Exists(IsProduct))
                Join(chain.members, false);
            else
                result.AddRange(chain.members);
        }
    }
}
