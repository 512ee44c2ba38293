namespace Autodiff.Kernel;

/// <summary>An operation on elements. The groups follow each other, and <see cref="Opcodes"/> knows where each begins.</summary>
internal enum Opcode : byte
{
    // Any type to itself, to another, or by a condition.
    Copy,
    Cast,
    Select,

    // Truth values.
    Not,
    And,
    Or,
    Xor,

    // Two of any type to a truth value.
    Less,
    LessEqual,
    Equal,
    NotEqual,

    // One number: float or integer, which wraps around.
    Neg,
    Abs,
    Sign,
    Square,

    // Two numbers: float or integer.
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Maximum,
    Minimum,
    Remainder,
    Fmod,

    // Two floats.
    Atan2,
    Hypot,
    LogAddExp,
    Polygamma,

    // One float to a truth value.
    IsNaN,
    IsFinite,

    // One float.
    Reciprocal,
    Sqrt,
    Rsqrt,
    Cbrt,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Erf,
    Erfc,
    ErfInv,
    Lgamma,
    Digamma,
    Trigamma,
    Log1mExp,
    Sigmoid,
    Softplus,
    Relu,
    Floor,
    Ceil,
    Round,
    Trunc,
}
