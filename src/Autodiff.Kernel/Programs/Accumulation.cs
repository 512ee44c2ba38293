namespace Autodiff.Kernel;

/// <summary>
/// Long sums of products, as the gradient of a weight that many layers share: each product is computed as soon as its
/// factors are there, and added at once, so that neither the products nor their factors wait for the end of the sum.
/// </summary>
internal sealed class Accumulation
{
    private const long SecondCache = 1L << 20;
    private const long Page = 1L << 12;

    private const int None = -1;

    private readonly Buffer[] buffers;
    private readonly Instruction[] instructions;
    private readonly int[] writers;
    private readonly int[] reads;
    private readonly bool[] isEager;
    private readonly long leastBytes;

    private Accumulation(Buffer[] buffers, Instruction[] instructions, long leastBytes)
    {
        (this.buffers, this.instructions, this.leastBytes) = (buffers, instructions, leastBytes);
        writers = new int[buffers.Length];
        reads = new int[buffers.Length];
        writers.AsSpan().Fill(None);
        for (var i = 0; i < instructions.Length; i++)
        {
            foreach (var input in instructions[i].Inputs)
                reads[input.Buffer]++;
            foreach (var output in instructions[i].Outputs)
                writers[output.Buffer] = i;
        }

        isEager = Eager();
    }

    /// <summary>
    /// The bytes from which on the products of a sum are not kept for its end: what fits into the second cache is fastest
    /// left where it is, unless a plan has to keep within a number of bytes.
    /// </summary>
    public static long LeastBytes(long budget) => budget == long.MaxValue ? SecondCache : Page;

    /// <summary>
    /// The instructions in an order in which long sums, those whose products have at least so many bytes, grow while their
    /// products are made, each of which is added to what there is as it is computed.
    /// </summary>
    public static Instruction[] AsTheyCome(Buffer[] buffers, Instruction[] instructions, long leastBytes)
    {
        var accumulation = new Accumulation(buffers, instructions, leastBytes);
        if (!Array.Exists(accumulation.isEager, eager => eager))
            return instructions;
        return accumulation.Added(accumulation.Order());
    }

    /// <summary>The instructions of long sums: the additions and the products that they alone read.</summary>
    private bool[] Eager()
    {
        var bytes = new long[instructions.Length];
        for (var i = 0; i < instructions.Length; i++)
            if (IsAddition(i))
                bytes[i] = instructions[i].Inputs.Sum(input =>
                    IsTerm(input.Buffer) ? buffers[input.Buffer].Bytes : SumBefore(input.Buffer, bytes));

        // The bytes of the whole sum, for each of its additions.
        for (var i = instructions.Length - 1; i >= 0; i--)
            if (bytes[i] > 0)
                foreach (var input in instructions[i].Inputs)
                    if (SumBefore(input.Buffer, bytes) > 0)
                        bytes[writers[input.Buffer]] = bytes[i];
        var eager = new bool[instructions.Length];
        for (var i = 0; i < instructions.Length; i++)
        {
            eager[i] |= bytes[i] > 0 && bytes[i] >= leastBytes;
            foreach (var input in eager[i] ? instructions[i].Inputs : [])
                if (IsTerm(input.Buffer))
                    eager[writers[input.Buffer]] = true;
        }

        return eager;
    }

    private bool IsAddition(int instruction) => IsAddition(instructions[instruction]);

    private static bool IsAddition(Instruction instruction) =>
        instruction is LoopInstruction { Body: { Ops: [{ Code: Opcode.Add }] }, Inputs.Length: 2 };

    private bool IsTerm(int buffer) =>
        reads[buffer] == 1 && writers[buffer] >= 0 && instructions[writers[buffer]] is EinsumInstruction { Step.IsUnary: false };

    private long SumBefore(int buffer, long[] bytes) =>
        reads[buffer] == 1 && writers[buffer] >= 0 && IsAddition(writers[buffer]) ? bytes[writers[buffer]] : 0;

    /// <summary>The instructions, with products that the next one adds to a sum computed into it.</summary>
    private Instruction[] Added(Instruction[] ordered)
    {
        var result = new List<Instruction>(ordered.Length);
        for (var i = 0; i < ordered.Length; i++)
            if (i + 1 < ordered.Length && Joined(ordered[i], ordered[i + 1]) is { } joined)
            {
                result.Add(joined);
                i++;
            }
            else
            {
                result.Add(ordered[i]);
            }

        return [.. result];
    }

    private ProductAdditionInstruction? Joined(Instruction first, Instruction second)
    {
        if (first is not EinsumInstruction { Step.IsUnary: false } product || !IsAddition(second))
            return null;
        var (made, total) = (product.Outputs[0], second.Outputs[0]);
        var position = Array.FindIndex(second.Inputs, view => view.Buffer == made.Buffer);
        if (position < 0 || !IsTerm(made.Buffer) || buffers[made.Buffer].Kind != BufferKind.Temporary)
            return null;
        var sum = second.Inputs[1 - position];
        return IsWhole(made) && IsWhole(second.Inputs[position]) && IsWhole(sum) && IsWhole(total) && made.Shape == total.Shape
            ? new ProductAdditionInstruction(product.Step, product.Inputs[0], product.Inputs[1], sum, total)
            : null;
    }

    private bool IsWhole(BufferView view) => view.Layout.IsContiguous && view.Shape.Size == buffers[view.Buffer].Shape.Size;

    private Instruction[] Order()
    {
        var result = new List<Instruction>(instructions.Length);
        var isEmitted = new bool[instructions.Length];
        var waiting = new Dictionary<int, List<int>>();
        var missing = Missing(waiting);
        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < instructions.Length; i++)
        {
            ready.Enqueue(i, None);
            while (ready.TryDequeue(out var next, out _))
            {
                if (isEmitted[next])
                    continue;
                isEmitted[next] = true;
                result.Add(instructions[next]);
                foreach (var output in instructions[next].Outputs)
                    if (writers[output.Buffer] == next && waiting.Remove(output.Buffer, out var readers))
                        foreach (var reader in readers)
                            if (--missing[reader] == 0)
                                ready.Enqueue(reader, reader);
            }
        }

        return [.. result];
    }

    /// <summary>How many buffers each eager instruction waits for, and which of them wait for each buffer.</summary>
    private int[] Missing(Dictionary<int, List<int>> waiting)
    {
        var missing = new int[instructions.Length];
        for (var i = 0; i < instructions.Length; i++)
        {
            foreach (var input in isEager[i] ? instructions[i].Inputs.DistinctBy(view => view.Buffer) : [])
            {
                if (writers[input.Buffer] == None)
                    continue;
                missing[i]++;
                if (!waiting.TryGetValue(input.Buffer, out var readers))
                    waiting.Add(input.Buffer, readers = []);
                readers.Add(i);
            }
        }

        return missing;
    }
}
