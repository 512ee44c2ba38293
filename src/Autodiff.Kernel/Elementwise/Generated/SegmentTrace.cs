namespace Autodiff.Kernel;

/// <summary>The vector operations of a segment.</summary>
internal sealed class SegmentTrace
{
    private readonly VectorTrace trace;
    private readonly DType maskType;
    private readonly int[] values;

    public SegmentTrace(LoopSegment segment, bool hasScale)
    {
        trace = new VectorTrace(hasScale);
        maskType = segment.LaneBytes == sizeof(float) ? DType.Float32 : DType.Float64;
        values = new int[segment.Reads.Length + segment.Steps.Length];
        for (var i = 0; i < segment.Reads.Length; i++)
        {
            var type = segment.Reads[i].Type;
            values[i] = trace.Add(new VectorNode(VectorOp.Read, type == DType.Bool ? maskType : type, Bits: i));
        }

        VectorTrace.Current = trace;
        try
        {
            for (var i = 0; i < segment.Steps.Length; i++)
                values[segment.Reads.Length + i] = Apply(segment.Steps[i]);
        }
        finally
        {
            VectorTrace.Current = null;
        }
    }

    public IReadOnlyList<VectorNode> Nodes => trace.Nodes;

    /// <summary>The number in the trace of a value of the segment.</summary>
    public int this[int value] => values[value];

    private int Apply(SegmentStep step)
    {
        var (a, b, c) = (values[step.A], values[step.B], values[step.C]);
        if (step.Code == Opcode.Cast && step.Type != step.Result)
            return step.Type == DType.Bool ? FromMask(step.Result, a) : ToMask(step.Type, a);
        if (step.Type == DType.Bool)
            return maskType == DType.Float32 ? OnMasks<float>(step, a, b, c) : OnMasks<double>(step, a, b, c);
        if (step.Code == Opcode.Select)
            a = Reinterpret(step.Type, a);
        return step.Type switch
        {
            DType.Float32 => OnNumbers<float>(step, a, b, c),
            DType.Float64 => OnNumbers<double>(step, a, b, c),
            DType.Int32 => OnNumbers<int>(step, a, b, c),
            _ => OnNumbers<long>(step, a, b, c),
        };
    }

    private int FromMask(DType type, int mask)
    {
        mask = Reinterpret(type, mask);
        return type switch
        {
            DType.Float32 => OneWhere<float>(mask),
            DType.Float64 => OneWhere<double>(mask),
            DType.Int32 => OneWhere<int>(mask),
            _ => OneWhere<long>(mask),
        };
    }

    private int ToMask(DType type, int number) => Reinterpret(maskType, type switch
    {
        DType.Float32 => Nonzero<float>(number),
        DType.Float64 => Nonzero<double>(number),
        DType.Int32 => Nonzero<int>(number),
        _ => Nonzero<long>(number),
    });

    private static int OneWhere<T>(int mask) where T : unmanaged =>
        OneWhereOperator.Apply<TracedVector<T>, T>(new TracedVector<T>(mask)).Number;

    private static int Nonzero<T>(int number) where T : unmanaged =>
        NonzeroOperator.Apply<TracedVector<T>, T>(new TracedVector<T>(number)).Number;

    private int Reinterpret(DType type, int number) =>
        trace.Nodes[number].Type == type ? number : trace.Add(new VectorNode(VectorOp.Reinterpret, type, number));

    private static int OnMasks<T>(SegmentStep step, int a, int b, int c) where T : unmanaged
    {
        var use = new Use<T>(a, b, c);
        return OperatorTable.TryUseMask(step.Code, ref use) ? use.Result : throw HasNoVectorForm(step);
    }

    private int OnNumbers<T>(SegmentStep step, int a, int b, int c) where T : unmanaged
    {
        var use = new Use<T>(a, b, c);
        if (!OperatorTable.TryUse(step.Code, step.Type, ref use))
            throw HasNoVectorForm(step);
        return use.GivesMask ? Reinterpret(maskType, use.Result) : use.Result;
    }

    private static InvalidOperationException HasNoVectorForm(SegmentStep step) =>
        new($"{step.Code} of {step.Type} has no vector form");

    /// <summary>Records the operator that the table finds.</summary>
    private struct Use<T>(int a, int b, int c) : IOperatorUse where T : unmanaged
    {
        public int Result { get; private set; }

        public bool GivesMask { get; private set; }

        public void Unary<TOperator>() where TOperator : struct, IUnaryOperator =>
            Result = TOperator.Apply<TracedVector<T>, T>(new TracedVector<T>(a)).Number;

        public void Binary<TOperator>() where TOperator : struct, IBinaryOperator =>
            Result = TOperator.Apply<TracedVector<T>, T>(new TracedVector<T>(a), new TracedVector<T>(b)).Number;

        public void Test<TOperator>() where TOperator : struct, IUnaryOperator
        {
            Unary<TOperator>();
            GivesMask = true;
        }

        public void Compare<TOperator>() where TOperator : struct, IBinaryOperator
        {
            Binary<TOperator>();
            GivesMask = true;
        }

        public void Select() => Result = TracedVector<T>.Select(
            new TracedVector<T>(a), new TracedVector<T>(b), new TracedVector<T>(c)).Number;
    }
}
