namespace Autodiff.Kernel;

/// <summary>What an operation takes and gives.</summary>
internal static class Opcodes
{
    /// <summary>The number of operands.</summary>
    public static int Arity(this Opcode code) => code switch
    {
        Opcode.Select => 3,
        >= Opcode.And and <= Opcode.NotEqual => 2,
        >= Opcode.Add and <= Opcode.Polygamma => 2,
        _ => 1,
    };

    /// <summary>Whether the result is a truth value, whatever the operands are.</summary>
    public static bool IsTest(this Opcode code) =>
        code is >= Opcode.Less and <= Opcode.NotEqual or Opcode.IsNaN or Opcode.IsFinite;

    /// <summary>
    /// Whether operands of a type are taken. (Of Select, these are the two to choose from; the condition is Bool.)
    /// </summary>
    public static bool Takes(this Opcode code, DType type) => code switch
    {
        Opcode.Copy or Opcode.Cast or Opcode.Select => true,
        >= Opcode.Not and <= Opcode.Xor => type == DType.Bool,
        >= Opcode.Less and <= Opcode.NotEqual => true,
        >= Opcode.Neg and <= Opcode.Fmod => type != DType.Bool,
        _ => type.IsFloat(),
    };

    /// <summary>The type of the result of operands of a type; Cast alone may give any.</summary>
    public static DType Result(this Opcode code, DType operands) => code.IsTest() ? DType.Bool : operands;
}
