namespace Autodiff.Kernel;

/// <summary>Instructions in order over numbered buffers.</summary>
internal sealed record Sequence(Buffer[] Buffers, Instruction[] Instructions)
{
    /// <summary>The arena that the instructions need.</summary>
    public nint ArenaBytes => MemoryPlan.Create(Buffers, Instructions).Bytes;

    /// <summary>Arithmetic operations of all instructions.</summary>
    public long Flops => Instructions.Sum(instruction => instruction.Flops);
}

/// <summary>
/// What a sequence keeps over the instruction at which most memory is in use, cut into segments of nearly equal bytes in
/// the order in which it is computed. A segment is computed anew where it is first read after that instruction, from what
/// earlier segments have left; what later segments read is kept. With one segment for the square root of the number of
/// layers, memory grows with that root, and every instruction runs at most twice (Griewank and Walther, Evaluating
/// Derivatives, chapter 12).
/// </summary>
internal sealed class Recomputation
{
    private const int None = -1;

    private readonly Sequence sequence;
    private readonly int turn;
    private readonly Lives lives;
    private readonly int[] firstWrites;
    private readonly int[] lastWrites;
    private readonly int[] kept;
    private readonly long[] bytesBefore;

    public Recomputation(Sequence sequence)
    {
        this.sequence = sequence;
        lives = new Lives(sequence.Buffers.Length, sequence.Instructions);
        (firstWrites, lastWrites) = Writes();
        turn = Turn();
        var buffers = Enumerable.Range(0, sequence.Buffers.Length);
        kept = [.. buffers.Where(IsKeptOverTurn).OrderBy(buffer => firstWrites[buffer])];
        bytesBefore = new long[kept.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            bytesBefore[i] = Total;
            Total += sequence.Buffers[kept[i]].Bytes;
        }
    }

    /// <summary>The most segments that there can be.</summary>
    public int MostSegments => kept.Length;

    private long Total { get; }

    /// <summary>The sequence cut into so many segments, of which the first few are computed anew.</summary>
    public Sequence Cut(int segments, int anew) => new Rewriting(this, segments, anew).Run();

    private bool IsKeptOverTurn(int buffer) =>
        sequence.Buffers[buffer].Kind == BufferKind.Temporary && sequence.Buffers[buffer].Bytes > 0
        && firstWrites[buffer] >= 0 && lastWrites[buffer] < turn && lives.Last(buffer) > turn;

    /// <summary>For each buffer the first and the last instruction that writes it or a part of it, or none.</summary>
    private (int[] First, int[] Last) Writes()
    {
        var first = new int[sequence.Buffers.Length];
        var last = new int[sequence.Buffers.Length];
        first.AsSpan().Fill(None);
        last.AsSpan().Fill(None);
        for (var i = 0; i < sequence.Instructions.Length; i++)
            foreach (var output in sequence.Instructions[i].Outputs)
            {
                if (first[output.Buffer] == None)
                    first[output.Buffer] = i;
                last[output.Buffer] = i;
            }

        return (first, last);
    }

    /// <summary>The instruction at which most bytes are in use.</summary>
    private int Turn()
    {
        var change = new long[sequence.Instructions.Length + 1];
        for (var buffer = 0; buffer < sequence.Buffers.Length; buffer++)
        {
            if (sequence.Buffers[buffer].Kind != BufferKind.Temporary || lives.Last(buffer) < 0)
                continue;
            change[lives.First(buffer)] += sequence.Buffers[buffer].Bytes;
            change[lives.Last(buffer) + 1] -= sequence.Buffers[buffer].Bytes;
        }

        var (most, at, live) = (0L, 0, 0L);
        for (var i = 0; i < sequence.Instructions.Length; i++)
        {
            live += change[i];
            if (live > most)
                (most, at) = (live, i);
        }

        return at;
    }

    /// <summary>One way to cut: what is read after the turn of the first segments is read from copies.</summary>
    private sealed class Rewriting
    {
        private readonly Recomputation whole;
        private readonly int anew;
        private readonly int[] segmentOf;
        private readonly int[] firstInstruction;
        private readonly bool[] isDropped;
        private readonly bool[] isDone;
        private readonly List<Buffer> buffers;
        private readonly List<Instruction> instructions = [];
        private readonly Dictionary<int, int> copies = [];

        public Rewriting(Recomputation whole, int segments, int anew)
        {
            this.whole = whole;
            this.anew = anew;
            buffers = [.. whole.sequence.Buffers];
            isDone = new bool[segments];
            isDropped = new bool[buffers.Count];
            segmentOf = new int[buffers.Count];
            segmentOf.AsSpan().Fill(None);
            firstInstruction = new int[segments + 1];
            firstInstruction.AsSpan().Fill(whole.turn + 1);
            firstInstruction[0] = 0;
            for (var i = whole.kept.Length - 1; i >= 0; i--)
            {
                var segment = (int)(whole.bytesBefore[i] * segments / Math.Max(1, whole.Total));
                segmentOf[whole.kept[i]] = segment;
                if (segment > 0)
                    firstInstruction[segment] = whole.firstWrites[whole.kept[i]];
            }

            for (var segment = segments - 1; segment > 0; segment--)
                firstInstruction[segment] = Math.Min(firstInstruction[segment], firstInstruction[segment + 1]);
            Drop();
        }

        private Instruction[] Old => whole.sequence.Instructions;

        public Sequence Run()
        {
            for (var i = 0; i < Old.Length; i++)
            {
                if (i <= whole.turn)
                {
                    instructions.Add(Old[i]);
                    continue;
                }

                foreach (var input in Old[i].Inputs)
                    if (isDropped[input.Buffer])
                        ComputeAnew(segmentOf[input.Buffer]);
                instructions.Add(Old[i].Over(Array.ConvertAll(Old[i].Inputs, Copied), Old[i].Outputs));
            }

            return new Sequence([.. buffers], [.. instructions]);
        }

        private BufferView Copied(BufferView view) =>
            isDropped[view.Buffer] && copies.TryGetValue(view.Buffer, out var copy) ? view with { Buffer = copy } : view;

        /// <summary>
        /// Drops what the first segments hold and make alone, but for what later ones are computed from.
        /// </summary>
        private void Drop()
        {
            foreach (var buffer in whole.kept)
                isDropped[buffer] =
                    segmentOf[buffer] < anew && whole.lastWrites[buffer] < firstInstruction[segmentOf[buffer] + 1];
            for (var i = 0; i <= whole.turn; i++)
                foreach (var input in Old[i].Inputs)
                    if (isDropped[input.Buffer] && i >= firstInstruction[segmentOf[input.Buffer] + 1])
                        isDropped[input.Buffer] = false;
            for (var segment = 0; segment < anew; segment++)
                if (!CanComputeAnew(segment))
                    foreach (var buffer in whole.kept)
                        isDropped[buffer] &= segmentOf[buffer] != segment;
        }

        /// <summary>Whether all that the segment reads still has its value after the turn.</summary>
        private bool CanComputeAnew(int segment)
        {
            for (var i = firstInstruction[segment]; i < firstInstruction[segment + 1]; i++)
                foreach (var input in Old[i].Inputs)
                    if (whole.lastWrites[input.Buffer] >= i)
                        return false;
            return true;
        }

        private void ComputeAnew(int segment)
        {
            if (isDone[segment])
                return;
            isDone[segment] = true;
            var (start, end) = (firstInstruction[segment], firstInstruction[segment + 1]);
            var needed = new HashSet<int>(whole.kept.Where(buffer => segmentOf[buffer] == segment && isDropped[buffer]));
            var chosen = new Stack<int>();
            for (var i = end - 1; i >= start; i--)
            {
                if (!Array.Exists(Old[i].Outputs, output => needed.Contains(output.Buffer)))
                    continue;
                chosen.Push(i);
                foreach (var input in Old[i].Inputs)
                    if (IsMadeWithin(input.Buffer, start, end))
                        needed.Add(input.Buffer);
            }

            foreach (var i in chosen)
                instructions.Add(Old[i].Over(
                    Array.ConvertAll(Old[i].Inputs, view => needed.Contains(view.Buffer) ? Fresh(view) : view),
                    Array.ConvertAll(Old[i].Outputs, Fresh)));
        }

        /// <summary>Whether a buffer is made in the segment, all of it, and gone after it.</summary>
        private bool IsMadeWithin(int buffer, int start, int end) =>
            buffers[buffer].Kind == BufferKind.Temporary
            && whole.firstWrites[buffer] >= start && whole.lastWrites[buffer] < end
            && (isDropped[buffer] || whole.lives.Last(buffer) <= whole.turn);

        /// <summary>The view of the buffer that stands for one where it is computed anew.</summary>
        private BufferView Fresh(BufferView view)
        {
            if (!copies.TryGetValue(view.Buffer, out var copy))
            {
                copy = buffers.Count;
                copies.Add(view.Buffer, copy);
                buffers.Add(buffers[view.Buffer] with { Kind = BufferKind.Temporary });
            }

            return view with { Buffer = copy };
        }
    }
}
