using Autodiff.Kernel;

namespace Autodiff.Benchmarks.Accuracy;

/// <summary>
/// A function of float at all 2^32 of them, against the same function of double, which the tests hold against arithmetic
/// in twice its digits. So that no mistake of both goes unseen, some of the doubles are held against the scalar function.
/// </summary>
internal sealed class EveryFloat
{
    private const int BlockLength = 1 << 14;
    private const int ScalarStride = 251;

    /// <summary>The most that the references may differ by, relatively; a float's ulp is a million times more.</summary>
    private const double ReferenceTolerance = 1e-13;

    private readonly Opcode code;
    private readonly LoopBody ours;
    private readonly LoopBody reference;
    private readonly float[] arguments = new float[BlockLength];
    private readonly float[] results = new float[BlockLength];
    private readonly double[] exact = new double[BlockLength];

    private EveryFloat(Opcode code)
    {
        this.code = code;
        ours = new LoopBody([DType.Float32], [new LoopOp(code, DType.Float32, 0)], [1]);
        reference = new LoopBody(
            [DType.Float32], [new LoopOp(Opcode.Cast, DType.Float64, 0), new LoopOp(code, DType.Float64, 1)], [2]);
    }

    /// <summary>The deviation from one bit pattern to another, the second excluded.</summary>
    public static Deviation Measure(Opcode code, long first = 0, long end = 1L << 32)
    {
        var every = new EveryFloat(code);
        var total = new Deviation();
        for (var start = first; start < end; start += BlockLength)
            every.Add(total, (uint)start);
        return total;
    }

    private void Add(Deviation total, uint start)
    {
        for (var i = 0; i < BlockLength; i++)
            arguments[i] = BitConverter.UInt32BitsToSingle(start + (uint)i);
        var from = View.Of(NDArray.Wrap(arguments));
        FusedLoop.Run(ours, [from], [View.Of(NDArray.Wrap(results))]);
        FusedLoop.Run(reference, [from], [View.Of(NDArray.Wrap(exact))]);
        CheckReference();
        total.Add(arguments, results, exact);
    }

    private void CheckReference()
    {
        for (var i = 0; i < BlockLength; i += ScalarStride)
        {
            var scalar = ScalarMath.Evaluate(code, arguments[i]);
            var agrees = scalar.Equals(exact[i]) || Math.Abs(scalar - exact[i]) <= ReferenceTolerance * Math.Abs(scalar);
            if (!agrees)
                throw new InvalidOperationException(
                    $"the references differ: {code} of {arguments[i]:R} is {scalar:R} or {exact[i]:R}");
        }
    }
}
