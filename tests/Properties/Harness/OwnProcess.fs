/// Tests in a process of their own: with other settings of the runtime, or where nothing else holds memory.
module Autodiff.Properties.OwnProcess

open System
open System.Diagnostics
open System.IO
open Xunit

/// Runs the tests that a filter of the runner names in a process with a variable set, and fails where they do.
let passes (filter: string list) (name: string) (value: string) =
    let file =
        if OperatingSystem.IsWindows() then
            "Autodiff.Properties.exe"
        else
            "Autodiff.Properties"

    let start = ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, file), filter)
    start.Environment[name] <- value
    start.RedirectStandardOutput <- true

    match Process.Start start with
    | null -> failwith "no process was started"
    | started ->
        use tests = started
        let output = tests.StandardOutput.ReadToEnd()
        tests.WaitForExit()
        Assert.True((tests.ExitCode = 0), $"{name}={value}: {output}")
        Assert.Matches("Total: [1-9]", output)

let private variable = "AUTODIFF_TEST_ALONE"

/// Runs a part of a test in a process that runs nothing beside it.
let alone (test: string) (part: unit -> unit) =
    match Environment.GetEnvironmentVariable variable with
    | null -> passes [ "-method"; test ] variable "1"
    | _ -> part ()
