using Autodiff.Kernel;

namespace Autodiff;

public sealed partial class NDArray
{
    /// <summary>One line for the debugger, however large the array is.</summary>
    private string DebuggerText
    {
        get
        {
            const int Most = 80;
            var text = string.Join(' ', ToString().Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries));
            return $"{DType} {Shape} {(text.Length <= Most ? text : text[..Most] + " ...")}";
        }
    }

    /// <summary>
    /// The elements as NumPy prints them: at most 8 digits after the point, in columns, lines of 75 characters, and beyond
    /// 1000 elements only the first and last three along each axis. A scalar prints with all its digits.
    /// </summary>
    public override string ToString() => ArrayText.Of(this);
}
