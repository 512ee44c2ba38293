namespace Autodiff.Kernel;

/// <summary>One operation of a <see cref="LoopBody"/>.</summary>
/// <param name="Code">The operation.</param>
/// <param name="Type">The type of its result.</param>
/// <param name="A">The register of the first operand (of Select, the condition).</param>
/// <param name="B">The register of the second operand, if there is one.</param>
/// <param name="C">The register of the third operand, if there is one.</param>
internal readonly record struct LoopOp(Opcode Code, DType Type, int A, int B = 0, int C = 0);
