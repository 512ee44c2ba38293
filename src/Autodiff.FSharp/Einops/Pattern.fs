/// Patterns of axes, such as "b (h w) c -> b h w c", read once into an immutable form that knows no shape.
module internal Autodiff.FSharp.Pattern

open System
open Autodiff
open Autodiff.Kernel

/// An axis in a pattern.
[<RequireQualifiedAccess>]
type Axis =
    /// An axis with a name.
    | Named of name: string
    /// An axis that is only a size, greater than 1; it equals no other.
    | Sized of size: int
    /// All the axes that no other part of a side stands for.
    | Ellipsis

/// What stands between spaces on a side.
[<RequireQualifiedAccess>]
type Part =
    /// One axis of the value, composed of others, the first moving slowest; of none where its size is 1.
    | Composed of axes: Axis list
    /// All the axes that no other part of a side stands for, each for itself.
    | Ellipsis

/// One side of a pattern.
type Side = Part list

/// The axes of a side, one by one.
let axesOf (side: Side) : Axis list =
    side
    |> List.collect (fun part ->
        match part with
        | Part.Composed axes -> axes
        | Part.Ellipsis -> [ Axis.Ellipsis ])

/// A pattern.
type Pattern = { Left: Side; Right: Side }

/// An error that names operation and pattern.
let fail (operation: string) (text: string) (problem: string) : 'a =
    raise (EinsumException $"{operation} \"{text}\": {problem}")

/// What a pattern is made of, with the position of its first character, counted from 0.
[<RequireQualifiedAccess>]
type private Token =
    | Open
    | Close
    | Arrow
    | Axis of Axis
    | One

let private isPart (c: char) = Char.IsAsciiLetterOrDigit c || c = '_'

let private sized fail (digits: string) position =
    match Int32.TryParse digits with
    | true, 0 -> fail $"the 0 at position {position} is no size: a size is 1 or more"
    | true, 1 -> Token.One
    | true, size -> Token.Axis(Axis.Sized size)
    | false, _ -> fail $"the size {digits} at position {position} is too large"

/// The run of characters from a position on that belong together.
let private run (isPart: char -> bool) (text: string) position =
    let mutable stop = position + 1

    while stop < text.Length && isPart text[stop] do
        stop <- stop + 1

    text.Substring(position, stop - position)

let private tokens (operation: string) (text: string) : struct (Token * int) list =
    let fail problem = fail operation text problem

    let rec read position found =
        let add token (length: int) = read (position + length) (struct (token, position) :: found)

        if position >= text.Length then
            List.rev found
        else
            match text[position] with
            | ' ' -> read (position + 1) found
            | '(' -> add Token.Open 1
            | ')' -> add Token.Close 1
            | '-' when text.Substring(position).StartsWith "->" -> add Token.Arrow 2
            | '.' when text.Substring(position).StartsWith "..." -> add (Token.Axis Axis.Ellipsis) 3
            | c when Char.IsAsciiLetter c ->
                let name = run isPart text position
                add (Token.Axis(Axis.Named name)) name.Length
            | c when Char.IsAsciiDigit c ->
                let digits = run isPart text position

                if Seq.forall Char.IsAsciiDigit digits then
                    add (sized fail digits position) digits.Length
                else
                    fail $"\"{digits}\" at position {position} is neither a name nor a size"
            | c ->
                fail
                    $"'{c}' at position {position} has no meaning; a pattern has names, sizes, '( )', '...' and one '->'"

    read 0 []

/// The axes of one side.
let private side (operation: string) (text: string) (tokens: struct (Token * int) list) : Side =
    let fail problem = fail operation text problem

    /// The composition that is open, with the position where it began.
    let rec read (tokens: struct (Token * int) list) group (found: Side) : Side =
        match tokens, group with
        | [], ValueNone -> List.rev found
        | [], ValueSome struct (_, start) -> fail $"the '(' at position {start} is not closed"
        | struct (Token.Open, at) :: _, ValueSome struct (_, start) ->
            fail $"the '(' at position {at} stands inside the one at {start}"
        | struct (Token.Open, at) :: rest, ValueNone -> read rest (ValueSome(struct ([], at))) found
        | struct (Token.Close, at) :: _, ValueNone -> fail $"the ')' at position {at} closes nothing"
        | struct (Token.Close, _) :: rest, ValueSome struct (axes, _) ->
            read rest ValueNone (Part.Composed(List.rev axes) :: found)
        | struct (Token.One, _) :: rest, ValueNone -> read rest ValueNone (Part.Composed [] :: found)
        | struct (Token.One, _) :: rest, group -> read rest group found
        | struct (Token.Axis Axis.Ellipsis, _) :: rest, ValueNone -> read rest ValueNone (Part.Ellipsis :: found)
        | struct (Token.Axis axis, _) :: rest, ValueNone -> read rest ValueNone (Part.Composed [ axis ] :: found)
        | struct (Token.Axis axis, _) :: rest, ValueSome struct (axes, start) ->
            read rest (ValueSome(struct (axis :: axes, start))) found
        | struct (Token.Arrow, _) :: _, _ -> invalidOp "an arrow belongs to no side"

    read tokens ValueNone []

/// The text of an axis.
let show (axis: Axis) =
    match axis with
    | Axis.Named name -> name
    | Axis.Sized size -> string size
    | Axis.Ellipsis -> "..."

let private checkTwice (operation: string) (text: string) (where: string) (side: Side) =
    let once (axis: Axis) =
        match axis with
        | Axis.Named _
        | Axis.Ellipsis -> true
        | Axis.Sized _ -> false

    match axesOf side |> List.filter once |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
    | Some(axis, _) -> fail operation text $"{show axis} appears more than once on the {where}"
    | None -> ()

let private read (operation: string) (text: string) : Pattern =
    let tokens = tokens operation text
    let isArrow (struct (token, _)) = token = Token.Arrow

    match tokens |> List.filter isArrow with
    | [] -> fail operation text "there is no '->'"
    | [ _ ] ->
        let left, right =
            List.takeWhile (isArrow >> not) tokens, List.skipWhile (isArrow >> not) tokens |> List.tail

        let pattern = { Left = side operation text left; Right = side operation text right }
        checkTwice operation text "left" pattern.Left
        checkTwice operation text "right" pattern.Right

        let hides part =
            match part with
            | Part.Composed axes -> List.contains Axis.Ellipsis axes
            | Part.Ellipsis -> false

        if List.exists hides pattern.Left then
            fail operation text "the '...' of the left stands in parentheses; only that of the right may"

        pattern
    | _ :: struct (_, at) :: _ -> fail operation text $"there is a second '->' at position {at}"

let private cache = BoundedCache<struct (string * string), Pattern>(1024)

/// Reads a pattern; each is read once. Throws EinsumException where it is malformed.
let parse (operation: string) (text: string) : Pattern =
    ArgumentNullException.ThrowIfNull text
    cache.GetOrAdd(struct (operation, text), (fun (struct (operation, text)) -> read operation text))
