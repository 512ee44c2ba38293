namespace Autodiff.Kernel;

/// <summary>
/// Long sums of products, as the gradient of a weight that many layers share: each product is computed as soon as its
/// factors are there, and added at once, so that neither the products nor their factors wait for the end of the sum.
/// </summary>
internal sealed class Accumulation
{
    /// <summary>Sums whose products would fit into the caches are left where they are.</summary>
    private const long LeastBytes = 4L << 20;

    private const int None = -1;

    private readonly Buffer[] buffers;
    private readonly Instruction[] instructions;
    private readonly int[] writers;
    private readonly int[] reads;
    private readonly bool[] isEager;

    private Accumulation(Buffer[] buffers, Instruction[] instructions)
    {
        (this.buffers, this.instructions) = (buffers, instructions);
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

    /// <summary>The instructions in an order in which long sums grow while their products are made.</summary>
    public static Instruction[] AsTheyCome(Buffer[] buffers, Instruction[] instructions)
    {
        var accumulation = new Accumulation(buffers, instructions);
        return Array.Exists(accumulation.isEager, eager => eager) ? accumulation.Order() : instructions;
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
            eager[i] |= bytes[i] >= LeastBytes;
            foreach (var input in eager[i] ? instructions[i].Inputs : [])
                if (IsTerm(input.Buffer))
                    eager[writers[input.Buffer]] = true;
        }

        return eager;
    }

    private bool IsAddition(int instruction) =>
        instructions[instruction] is LoopInstruction { Body: { Ops: [{ Code: Opcode.Add }] }, Inputs.Length: 2 };

    private bool IsTerm(int buffer) =>
        reads[buffer] == 1 && writers[buffer] >= 0 && instructions[writers[buffer]] is EinsumInstruction { Step.IsUnary: false };

    private long SumBefore(int buffer, long[] bytes) =>
        reads[buffer] == 1 && writers[buffer] >= 0 && IsAddition(writers[buffer]) ? bytes[writers[buffer]] : 0;

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
