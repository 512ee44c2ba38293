using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Autodiff.Kernel;

/// <summary>
/// Vectors of one width as generated code uses them. Truth values are masks in lanes as wide as the numbers beside
/// them, and have the vector type of Float32 or of Float64.
/// </summary>
internal sealed class VectorWidth
{
    public static readonly VectorWidth Of512 = new(
        new Instructions512<float>(), new Instructions512<double>(), new Instructions512<int>(),
        new Instructions512<long>(), Avx512F.IsSupported);

    public static readonly VectorWidth Of256 = new(
        new Instructions256<float>(), new Instructions256<double>(), new Instructions256<int>(),
        new Instructions256<long>(), hasScale: false);

    public static readonly VectorWidth Of128 = new(
        new Instructions128<float>(), new Instructions128<double>(), new Instructions128<int>(),
        new Instructions128<long>(), hasScale: false);

    private readonly VectorInstructions[] instructions;

    private VectorWidth(
        VectorInstructions single, VectorInstructions @double, VectorInstructions @int, VectorInstructions @long,
        bool hasScale)
    {
        instructions = new VectorInstructions[5];
        instructions[(int)DType.Float32] = single;
        instructions[(int)DType.Float64] = @double;
        instructions[(int)DType.Int32] = @int;
        instructions[(int)DType.Int64] = @long;
        HasScale = hasScale;
    }

    /// <summary>The widest that the machine has.</summary>
    public static VectorWidth Widest => WidestBytes == 64 ? Of512 : WidestBytes == 32 ? Of256 : Of128;

    /// <summary>The bytes of the widest.</summary>
    public static int WidestBytes => Vector512.IsHardwareAccelerated ? 64 : Vector256.IsHardwareAccelerated ? 32 : 16;

    /// <summary>Whether there is an instruction for a 2^n.</summary>
    public bool HasScale { get; }

    /// <summary>The instructions for a type, Bool aside.</summary>
    public VectorInstructions For(DType type) => instructions[(int)type];
}
