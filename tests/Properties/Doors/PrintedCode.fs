/// The code that a failing graph is printed as: pasted into a script, or into a program, it computes the graph's values.
module Autodiff.Properties.Doors.PrintedCode

open System
open System.Diagnostics
open System.IO
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

/// Every elementwise function of arguments in its domain.
let private everyFunction: Node list =
    let inside name low high = variable name [ low + 0.37 * (high - low); low + 0.61 * (high - low) ]
    let x, y = inside "a" -1.0 2.0, inside "b" -2.0 3.0

    [
        for op in Functions.cases<Unary> do
            let row = Scalars.unary op
            Functions.unary op (inside "x" row.Lower row.Upper)

        for op in Functions.cases<Binary> do
            let row = Scalars.binary op
            let struct (low0, high0), struct (low1, high1) = row.First, row.Second
            Functions.binary op (inside "x" low0 high0) (inside "y" low1 high1)

        for op in Functions.cases<Comparison> do
            Functions.compare op x y

        for op in Functions.cases<Test> do
            Functions.test op x

        for op in Functions.cases<Logical> do
            Functions.logical op (x .> y) (logicalNot (y .> scalar 0.0))
    ]

/// Graphs with their gradients, in which the transposes of operations stand too.
let private graphs: Node list list =
    [
        everyFunction

        for seed in 1..24 do
            let dtype = if seed % 2 = 0 then DType.Float32 else DType.Float64
            let graph = Graphs.ofSeed dtype (3 + seed) seed
            graph.Outputs @ grad graph.Outputs.Head graph.Variables
    ]

let private assembly name = Path.Combine(AppContext.BaseDirectory, $"{name}.dll")

let private run folder (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    arguments |> List.iter info.ArgumentList.Add

    match Process.Start info with
    | null -> failwith "no process was started"
    | started ->
        use child = started
        let errors = child.StandardError.ReadToEndAsync()
        let output = child.StandardOutput.ReadToEnd()
        child.WaitForExit()
        Assert.True((child.ExitCode = 0), output + errors.Result)
        output.TrimEnd().Split('\n')

/// The lines of a graph, and the list of its results in the same language.
let private parts language nodes =
    let code = Code.write language nodes
    let mark = "// results: "
    let split = code.LastIndexOf(mark, StringComparison.Ordinal)
    struct (code[.. split - 1].TrimEnd().Split('\n'), code[split + mark.Length ..])

let private indented (lines: string[]) = lines |> Seq.map (fun line -> "    " + line) |> String.concat "\n"

let private script =
    let functionOf i nodes =
        let struct (lines, results) = parts FSharp nodes
        $"let graph{i} () =\n{indented lines}\n    evalMany {results}\n"

    let calls = graphs |> List.mapi (fun i _ -> $"graph{i} () |> Seq.iter write") |> String.concat "\n"

    String.concat
        "\n"
        [
            for name in [ "Autodiff.Kernel"; "Autodiff.FSharp" ] do
                $"#r @\"{assembly name}\""

            "open System"
            "open Autodiff"
            "open Autodiff.FSharp"
            yield! List.mapi functionOf graphs
            "let write (value: NDArray) ="
            "    let numbers = (value.AsType DType.Float64).ToArray<float>()"
            "    printfn \"%s\" (numbers |> Seq.map (fun x -> string (BitConverter.DoubleToInt64Bits x)) |> String.concat \" \")"
            calls
        ]

let private program =
    let functionOf i nodes =
        let struct (lines, results) = parts CSharp nodes
        $"static NDArray[] Graph{i}()\n{{\n{indented lines}\n    return Eval({results});\n}}\n"

    String.concat
        "\n"
        [
            "using Autodiff;"
            "using Autodiff.CSharp;"
            "using static Autodiff.CSharp.Ad;"
            for i in 0 .. graphs.Length - 1 do
                $"Write(Graph{i}());"
            "static void Write(NDArray[] values)"
            "{"
            "    foreach (var value in values)"
            "        System.Console.WriteLine(string.Join(\" \", System.Array.ConvertAll("
            "            value.AsType(DType.Float64).ToArray<double>(), System.BitConverter.DoubleToInt64Bits)));"
            "}"
            yield! List.mapi functionOf graphs
        ]

let private project =
    let references =
        [
            "Autodiff.Kernel"
            "Autodiff.FSharp"
            "Autodiff.CSharp"
            "FSharp.Core"
            "System.Numerics.Tensors"
        ]
        |> List.map (fun name -> $"<Reference Include=\"{assembly name}\" />")
        |> String.concat ""

    "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType>"
    + "<TargetFramework>net10.0</TargetFramework><LangVersion>14</LangVersion><Nullable>enable</Nullable>"
    + "<DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>"
    + $"</PropertyGroup><ItemGroup>{references}</ItemGroup></Project>"

let private inFolder (work: string -> 'a) : 'a =
    let folder = Directory.CreateTempSubdirectory("autodiff-code-").FullName

    try
        work folder
    finally
        Directory.Delete(folder, true)

let private requireValues (lines: string[]) =
    let nodes = List.concat graphs
    Assert.Equal(nodes.Length, lines.Length)

    List.zip (graphs |> List.collect (Close.expect [])) (List.ofArray lines)
    |> List.iteri (fun i (expected, line) ->
        if Close.isWellConditioned expected then
            let numbers =
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries)
                |> Array.map (Int64.Parse >> BitConverter.Int64BitsToDouble)

            let value = expected.Value
            Assert.Equal(Tensor.size value, numbers.Length)
            let actual = Tensor.cast value.Type (Tensor.floats DType.Float64 value.Sizes numbers)
            Close.require $"value {i}" expected (Tensor.toArray actual))

[<Fact>]
let ``as a script it computes the graph's values`` () =
    inFolder (fun folder ->
        File.WriteAllText(Path.Combine(folder, "graphs.fsx"), script)
        requireValues (run folder [ "fsi"; "--quiet"; "--exec"; "graphs.fsx" ]))

[<Fact>]
let ``as a program it computes the graph's values`` () =
    inFolder (fun folder ->
        File.WriteAllText(Path.Combine(folder, "Graphs.csproj"), project)
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program)
        requireValues (run folder [ "run"; "--verbosity"; "quiet" ]))
