using System.Runtime.CompilerServices;

namespace Autodiff.Kernel;

/// <summary>
/// Whether loops are compiled at run time. They are wherever .NET can compile, unless the AppContext switch
/// <c>Autodiff.CodeGeneration</c> is false or the environment variable <c>AUTODIFF_CODE_GENERATION</c> is 0; the
/// interpreter, which gives the same bits, runs them otherwise.
/// </summary>
internal static class CodeGeneration
{
    private const string Switch = "Autodiff.CodeGeneration", Variable = "AUTODIFF_CODE_GENERATION";

    private static readonly bool IsWanted =
        !(AppContext.TryGetSwitch(Switch, out var isOn) && !isOn) && Environment.GetEnvironmentVariable(Variable) != "0";

    public static bool IsEnabled => RuntimeFeature.IsDynamicCodeCompiled && IsWanted;
}
