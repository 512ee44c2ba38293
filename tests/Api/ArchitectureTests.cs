using System.Reflection;
using Autodiff.CSharp;
using Microsoft.FSharp.Core;
using Xunit;

namespace Autodiff.Api;

/// <summary>Three storeys, one direction; and two doors that lead to the same rooms.</summary>
public class ArchitectureTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Kernel = typeof(NDArray).Assembly;
    private static readonly Assembly Core = typeof(Node).Assembly;
    private static readonly Assembly Facade = typeof(Ad).Assembly;

    /// <summary>Functions of F# whose counterpart in C# has another name than theirs with a capital.</summary>
    private static readonly Dictionary<string, string> OtherNames = new()
    {
        ["nd"] = "From",
        ["scalar"] = "op_Implicit",
        ["signum"] = "Sign",
        ["power"] = "Pow",
        ["op_DotGreater"] = "op_GreaterThan",
        ["op_DotLess"] = "op_LessThan",
        ["op_DotGreaterEquals"] = "op_GreaterThanOrEqual",
        ["op_DotLessEquals"] = "op_LessThanOrEqual",
        ["op_DotEquals"] = "Equal",
        ["op_DotLessGreater"] = "NotEqual",
        ["geluApproximate"] = "Gelu",
        ["op_MultiplyAt"] = "MatMul",
        ["matmul"] = "MatMul",
        ["permute"] = "Transpose",
        ["amax"] = "Max",
        ["amin"] = "Min",
        ["argmax"] = "ArgMax",
        ["argmin"] = "ArgMin",
        ["argsort"] = "ArgSort",
        ["cumsum"] = "CumSum",
        ["cumprod"] = "CumProd",
        ["cummax"] = "CumMax",
        ["cummin"] = "CumMin",
        ["moveAxes"] = "MoveAxis",
        ["splitAt"] = "Split",
        ["padWith"] = "Pad",
        ["padMode"] = "Pad",
        ["eyeWith"] = "Eye",
        ["tensordotOver"] = "Tensordot",
        ["einsumPathWithin"] = "EinsumPath",
        ["derivative"] = "Grad",
        ["gradWith"] = "Vjp",
        ["evalMany"] = "Eval",
        ["checkpointMany"] = "Checkpoint",
        ["compileWith"] = "Compile",
        ["evalWith"] = "Eval",
        ["triangularSolveWith"] = "TriangularSolve",
        ["pinvWith"] = "Pinv",
        // The indexer takes the place of F#'s slices, and modules that of the computation expression.
        ["GetSlice"] = "get_Item",
        ["GetReverseIndex"] = "get_Item",
        ["get_model"] = "Module",
        ["scope"] = "Module",
    };

    [Fact]
    public void Arrows_point_down_only()
    {
        Assert.DoesNotContain(Uses(Kernel), name => name is "FSharp.Core" or "Autodiff.FSharp" or "Autodiff.CSharp");
        Assert.DoesNotContain("Autodiff.CSharp", Uses(Core));
        Assert.Contains("Autodiff.Kernel", Uses(Core));
        Assert.Contains("Autodiff.FSharp", Uses(Facade));
    }

    [Fact]
    public void No_type_of_FSharp_shows_in_what_CSharp_sees()
    {
        var shown =
            from assembly in (Assembly[])[Kernel, Core, Facade]
            from type in assembly.GetExportedTypes()
            where type.Namespace is "Autodiff" or "Autodiff.CSharp"
            from member in type.GetMembers(Declared)
            where IsVisible(member) && !(type == typeof(Node) && member.Name is "Op" or "get_Op")
            from used in Signature(member).SelectMany(Parts)
            where IsForeign(used)
            select $"{type.Name}.{member.Name}: {used}";
        Assert.Empty(shown);
    }

    [Fact]
    public void Every_function_of_FSharp_has_a_counterpart()
    {
        // The compiler's own twins of inline functions have a $ in their names, and a member that F# adds to Node is
        // compiled under the names of both.
        var known = Names();
        var functions =
            from module in Core.GetExportedTypes()
            where module.IsDefined(typeof(AutoOpenAttribute)) || module.FullName is "Autodiff.FSharp.Fn" or "Autodiff.FSharp.Einops"
            from method in module.GetMethods(Declared)
            where method.IsPublic && !method.Name.Contains('$', StringComparison.Ordinal)
            select method.Name[(method.Name.LastIndexOf('.') + 1)..];
        string[] missing = [.. functions.Distinct().Where(name => !known.Contains(Counterpart(name)))];
        Assert.Empty(missing);
    }

    /// <summary>F# reaches exp, tanh and their kin by static members of Node; C# has each as a method.</summary>
    [Fact]
    public void Every_function_of_a_node_is_a_method_of_it()
    {
        var known = Names();
        var functions =
            from method in typeof(Node).GetMethods(BindingFlags.Public | BindingFlags.Static)
            where !method.IsSpecialName && method.ReturnType == typeof(Node)
            select method.Name;
        Assert.Contains("Tanh", functions);
        Assert.Subset(known, functions.ToHashSet());
    }

    private static HashSet<string> Names() =>
    [
        .. Facade.GetExportedTypes().Where(type => type.IsAbstract && type.IsSealed)
            .SelectMany(type => type.GetMethods(Declared)).Where(method => method.IsPublic).Select(method => method.Name),
        .. Facade.GetExportedTypes().Select(type => type.Name),
        .. typeof(Node).GetMethods().Where(method => method.IsSpecialName || !method.IsStatic).Select(method => method.Name),
        .. typeof(NDArray).GetMethods().Where(method => method.Name == "From").Select(method => method.Name),
    ];

    private static string Counterpart(string name) =>
        OtherNames.TryGetValue(name, out var other) ? other
        : name.StartsWith("get_", StringComparison.Ordinal) ? name
        : $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    private static IEnumerable<string?> Uses(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(name => name.Name);

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors().Length > 0,
        _ => false,
    };

    private static IEnumerable<Type> Signature(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : [type, .. type.GetGenericArguments().SelectMany(Parts)];

    private static bool IsForeign(Type type) =>
        type.Namespace is { } space
        && (space.StartsWith("Microsoft.FSharp", StringComparison.Ordinal)
            || space.StartsWith("Autodiff.FSharp", StringComparison.Ordinal)
            || (space == "System" && type.Name.StartsWith("Tuple", StringComparison.Ordinal)));
}
