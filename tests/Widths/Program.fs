module Autodiff.Widths.Program

/// Writes what this process can do and what it computes for so many seeds from the first one on.
[<EntryPoint>]
let main args =
    printfn "%s" (Answers.machine ())
    Answers.lines (int args[0]) (int args[1]) |> List.iter (printfn "%s")
    0
