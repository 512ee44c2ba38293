/// The width of the machine's vectors changes no bit; only whether multiply-add is rounded once or twice does. Processes
/// that may not use some of the instructions compute the same graphs as this one.
module Autodiff.Properties.Plans.Widths

open System
open System.Diagnostics
open System.IO
open System.Threading.Tasks
open Autodiff.Proofs
open Autodiff.Widths
open Xunit

let private first = 1
let private count = 150

let private run (settings: (string * string) list) =
    let info = ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)

    info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Autodiff.Widths.dll"))
    info.ArgumentList.Add(string first)
    info.ArgumentList.Add(string count)
    settings |> List.iter (fun (name, value) -> info.Environment[name] <- value)

    match Process.Start info with
    | null -> failwith "no process was started"
    | started ->
        use child = started
        let errors = child.StandardError.ReadToEndAsync()
        let output = child.StandardOutput.ReadToEnd()
        child.WaitForExit()
        Assert.True((child.ExitCode = 0), errors.Result)
        let lines = output.TrimEnd('\n').Split('\n') |> List.ofArray
        struct (lines.Head.Split(' '), lines.Tail)

let private settings =
    [
        "no AVX-512", [ "DOTNET_EnableAVX512", "0"; "DOTNET_EnableAVX512F", "0" ]
        "no AVX2", [ "DOTNET_EnableAVX2", "0" ]
        "no AVX", [ "DOTNET_EnableAVX", "0" ]
        "no intrinsics at all", [ "DOTNET_EnableHWIntrinsic", "0" ]
    ]

let private children =
    lazy
        (settings
         |> List.map (fun (name, variables) -> Task.Run(fun () -> struct (name, run variables)))
         |> List.map _.Result)

let private here = lazy (struct (Answers.machine().Split(' '), Answers.lines first count))

let private requireSame what (expected: string list) (actual: string list) =
    Assert.Equal(expected.Length, actual.Length)

    List.zip expected actual
    |> List.iteri (fun i (e, a) -> Assert.True((e = a), $"{what}: value {i} is\n{a}\ninstead of\n{e}"))

[<Fact>]
let ``the settings reach the children`` () =
    let width (machine: string[]) = int machine[0]
    let struct (machine, _) = here.Value

    for struct (name, struct (child, _)) in children.Value do
        let limit =
            match name with
            | "no AVX-512" -> 256
            | "no AVX2" -> 128
            | _ -> 128

        Assert.True(width child <= min limit (width machine), $"{name}: {width child} bits")

[<Fact>]
let ``processes with the same multiply-add compute the same bits`` () =
    let struct (machine, values) = here.Value

    let all =
        struct ("this process", struct (machine, values)) :: children.Value
        |> List.map (fun (struct (name, struct (machine, values))) -> machine[1], (name, values))

    for _, group in List.groupBy fst all do
        let _, (first, expected) = group.Head

        for _, (name, actual) in group.Tail do
            requireSame $"{name} beside {first}" expected actual

[<Fact>]
let ``processes with another multiply-add compute the same numbers within its rounding`` () =
    let seeds = [ first .. first + count - 1 ]
    let expected = seeds |> List.collect (fun seed -> Close.expect [] (Answers.question seed))

    for struct (name, struct (_, lines)) in children.Value do
        Assert.Equal(expected.Length, lines.Length)

        List.zip expected lines
        |> List.iteri (fun i (e, line) ->
            if Close.isWellConditioned e then
                let value = { e.Value with Elements = Elements.Floats(Answers.numbers line) }
                Close.require $"{name}, value {i}" e (Tensor.toArray value))
