namespace Autodiff.Kernel;

/// <summary>
/// Which results of a program can be written to the memory of an argument: those that are computed from it elementwise, by
/// the last instruction that reads it.
/// </summary>
internal sealed class ReplacedArguments
{
    private const int Unread = -1;

    private readonly Program program;
    private readonly Lives lives;
    private readonly LastReads reads;
    private readonly Dictionary<int, int> numbers = [];
    private readonly HashSet<int> given;
    private readonly int[] firstOfHome;

    private ReplacedArguments(Program program)
    {
        this.program = program;
        lives = new Lives(program.Buffers.Length, program.Instructions);
        reads = new LastReads(program.Buffers, lives);
        given = [.. program.Results.Select(result => result.Buffer)];
        firstOfHome = new int[program.Buffers.Length];
        firstOfHome.AsSpan().Fill(int.MaxValue);
        for (var i = 0; i < firstOfHome.Length; i++)
        {
            firstOfHome[program.Home(i)] = Math.Min(firstOfHome[program.Home(i)], lives.First(i));
            if (program.Buffers[i].Kind == BufferKind.Argument)
                numbers.TryAdd(program.Buffers[i].Index, i);
        }
    }

    /// <summary>For pairs of an argument and a result whether the result can be written to the argument's memory.</summary>
    public static bool[] Of(Program program, (int Argument, int Result)[] pairs)
    {
        var search = new ReplacedArguments(program);
        var may = new bool[pairs.Length];
        var candidates = Enumerable.Range(0, pairs.Length).Where(i => search.IsCandidate(pairs[i]));
        foreach (var ofOneReader in candidates.GroupBy(i => search.LastReader(pairs[i].Argument)))
        {
            search.Visit(ofOneReader.Key);
            foreach (var i in ofOneReader)
                may[i] = search.IsReplaced(ofOneReader.Key, pairs[i]);
        }

        return may;
    }

    private bool IsCandidate((int Argument, int Result) pair) =>
        program.IsFirstOf(pair.Result) && !(numbers.TryGetValue(pair.Argument, out var number) && given.Contains(number));

    private int LastReader(int argument) =>
        numbers.TryGetValue(argument, out var number) ? lives.Last(number) : Unread;

    private void Visit(int reader)
    {
        if (reader != Unread)
            reads.Visit(program.Instructions[reader], reader);
    }

    private bool IsReplaced(int reader, (int Argument, int Result) pair) =>
        reader == Unread || IsReplaced(reader, numbers[pair.Argument], program.Results[pair.Result].Buffer);

    private bool IsReplaced(int reader, int argument, int target) =>
        firstOfHome[target] == reader
        && lives.First(target) == reader
        && program.Instructions[reader].IsElementwise
        && reads.Includes(argument)
        && program.Buffers[target].DType == program.Buffers[argument].DType
        && program.Buffers[target].Bytes == program.Buffers[argument].Bytes;
}
