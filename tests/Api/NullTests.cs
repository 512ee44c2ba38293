using System.Reflection;
using System.Runtime.CompilerServices;
using Autodiff.CSharp;
using Xunit;

namespace Autodiff.Api;

/// <summary>Callers without nullable reference types pass null without a warning: no function may fail on it by accident.</summary>
public class NullTests
{
    private static readonly Node Matrix = Ad.Variable(NDArray.Eye(2), "m");

    /// <summary>What a function's first node is, and its others: each function accepts one of these, or looks at null first.</summary>
    private static readonly (Node First, Node Others)[] Examples =
    [
        (Matrix, Matrix),
        (Matrix, Ones(2)),
        (Matrix > 0, Matrix > 0),
        .. new[] { Ones(2, 2).Cast(DType.Int64), Ones(), Ones(2, 3), Ones(2, 2, 2), Ones(2, 2, 2, 2), Ones(2, 2, 2, 2, 2) }
            .Select(node => (node, node)),
    ];

    private static Node Ones(params int[] shape) => Ad.Constant(NDArray.Ones(shape));

    private static IEnumerable<MethodInfo> Functions => typeof(Ad).Assembly.GetExportedTypes()
        .Where(type => type is { IsAbstract: true, IsSealed: true, IsNested: false })
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName && !method.GetParameters().Any(p => p.ParameterType.IsByRefLike));

    /// <summary>Each function with each of its parameters that cannot be left out.</summary>
    public static TheoryData<string, int> Parameters()
    {
        var data = new TheoryData<string, int>();
        foreach (var (method, number) in Functions.Select((method, number) => (method, number)))
            foreach (var parameter in method.GetParameters())
                if (!parameter.ParameterType.IsValueType && !parameter.HasDefaultValue && MayNotBeNull(parameter))
                    data.Add($"{number} {method.DeclaringType!.Name}.{method.Name}", parameter.Position);
        return data;
    }

    private static bool MayNotBeNull(ParameterInfo parameter) =>
        new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.NotNull;

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Null_is_refused_as_an_argument(string function, int position)
    {
        var method = Functions.ElementAt(int.Parse(function.Split(' ')[0]));
        if (method.IsGenericMethodDefinition)
            method = method.MakeGenericMethod(Array.ConvertAll(method.GetGenericArguments(), ExampleOf));
        var errors = Array.ConvertAll(Examples, example => ErrorOf(method, position, example.First, example.Others));
        Assert.All(errors, error => Assert.IsAssignableFrom<ArgumentException>(error));
        Assert.Contains(errors, error => error is ArgumentNullException);
    }

    private static Exception? ErrorOf(MethodInfo method, int position, Node first, Node others)
    {
        object? Argument(ParameterInfo parameter) =>
            parameter.Position == position ? null : Example(parameter, parameter.Position == 0 ? first : others);
        var arguments = Array.ConvertAll(method.GetParameters(), Argument);
        return Record.Exception(() => method.Invoke(null, arguments))?.InnerException;
    }

    private static Type ExampleOf(Type argument) =>
        argument.GetGenericParameterConstraints().Contains(typeof(CSharp.Module)) ? typeof(Dense) : typeof(double);

    private static object? Example(ParameterInfo parameter, Node node)
    {
        if (parameter.HasDefaultValue)
            return parameter.DefaultValue;
        var type = parameter.ParameterType;
        if (type == typeof(Node))
            return node;
        if (type == typeof(long))
            return (long)parameter.Position;
        if (type.IsAssignableFrom(typeof(Node[])))
            return new[] { node };
        if (type.IsAssignableFrom(typeof(int[])))
            return new[] { 0 };
        if (type.IsAssignableFrom(typeof((string, int)[])))
            return Array.Empty<(string, int)>();
        if (type == typeof(string))
            return "a b -> b a";
        if (type == typeof(NDArray))
            return NDArray.Eye(2);
        if (type == typeof(Dense))
            return new Dense(2, 2);
        if (type == typeof(Func<Node, Node>))
            return new Func<Node, Node>(x => x.Square());
        if (type == typeof(Func<Node, IEnumerable<int>, Node>))
            return new Func<Node, IEnumerable<int>, Node>((x, axes) => x.Sum(axes));
        return type.IsValueType ? RuntimeHelpers.GetUninitializedObject(type) : null;
    }
}
