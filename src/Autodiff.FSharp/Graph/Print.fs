/// Graphs as short formulas, for echoes and debuggers: bounded in depth and length, whatever the graph's size.
module internal Autodiff.FSharp.Print

open System.Text
open Autodiff

/// How deep and how long a formula may become before the rest of it is left out.
let private maxDepth = 8

let private maxLength = 120

let private infix (op: Binary) =
    match op with
    | Binary.Add -> ValueSome struct (" + ", 1)
    | Binary.Sub -> ValueSome struct (" - ", 1)
    | Binary.Mul -> ValueSome struct (" * ", 2)
    | Binary.Div -> ValueSome struct (" / ", 2)
    | Binary.Pow -> ValueSome struct (" ** ", 3)
    | Binary.Maximum
    | Binary.Minimum
    | Binary.Atan2
    | Binary.Hypot
    | Binary.LogAddExp
    | Binary.Remainder
    | Binary.Fmod
    | Binary.Polygamma -> ValueNone

let private constant (value: NDArray) = if value.Rank = 0 then value.ToString() else $"{value.DType}{value.Shape}"

/// The formula of a node. A named node below the root is shown by its name.
let formula (view: 'n -> struct (Op<'n> * (string | null))) (root: 'n) : string =
    let text = StringBuilder()
    let full () = text.Length > maxLength

    let rec write depth precedence (node: 'n) =
        let struct (op, name) = view node

        match op, name with
        | _ when full () -> ()
        | Op.Constant(value, _), _ -> text.Append(constant value) |> ignore
        | _, NonNull name when depth > 0 || Array.isEmpty (Op.children op) -> text.Append name |> ignore
        | _ when depth = maxDepth -> text.Append '…' |> ignore
        | Op.Binary(op, x, y), _ -> writeBinary depth precedence op x y
        | _ -> writeCall depth (Op.name op) (Op.children op)

    and writeBinary depth precedence op x y =
        match infix op with
        | ValueSome(symbol, own) ->
            if own < precedence then
                text.Append '(' |> ignore

            write (depth + 1) own x
            text.Append symbol |> ignore
            write (depth + 1) (own + 1) y

            if own < precedence then
                text.Append ')' |> ignore
        | ValueNone -> writeCall depth (string op) [| x; y |]

    and writeCall depth name children =
        text.Append(name).Append('(') |> ignore

        children
        |> Array.iteri (fun i child ->
            if not (full ()) then
                if i > 0 then
                    text.Append ", " |> ignore

                write (depth + 1) 0 child)

        text.Append ')' |> ignore

    write 0 0 root
    if full () then text.ToString(0, maxLength) + "…" else text.ToString()
