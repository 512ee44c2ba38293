/// Patterns of axes fitted to a shape: what becomes of which axis, and how large it is.
module internal Autodiff.FSharp.PatternFit

open System.Collections.Generic
open Autodiff
open Autodiff.FSharp.Pattern

/// A pattern for one shape. Axes are numbers: first those of the left, then those that only the right has.
type Fit =
    {
        /// The size of each axis.
        Sizes: int[]
        /// The axes of the left, in order: together they are the value's own axes.
        Left: int[]
        /// For each axis of the result, those that it is composed of.
        Right: int[][]
    }

/// What is known while a pattern is fitted.
[<NoEquality; NoComparison>]
type private Fitting =
    {
        Operation: string
        Text: string
        X: Node
        Given: Dictionary<string, int>
        Numbers: Dictionary<string, int>
        Sizes: List<int>
    }

    member fitting.Fail problem : 'a = fail fitting.Operation fitting.Text problem

    /// The number of a new axis.
    member fitting.Add size =
        fitting.Sizes.Add size
        fitting.Sizes.Count - 1

/// How many axes of the value the ellipsis stands for.
let private ellipsisRank (fitting: Fitting) (left: Side) =
    let x = fitting.X

    match left |> List.tryFindIndex _.IsEllipsis with
    | None when left.Length <> x.Rank ->
        fitting.Fail $"the left stands for {left.Length} axes, {Axes.describe x} has {x.Rank}"
    | Some _ when left.Length - 1 > x.Rank ->
        fitting.Fail $"the left stands for at least {left.Length - 1} axes, {Axes.describe x} has {x.Rank}"
    | None -> 0
    | Some _ -> x.Rank - left.Length + 1

/// The size of an axis where the pattern or the caller says it.
let private saidSize (fitting: Fitting) (axis: Axis) =
    match axis with
    | Axis.Sized size -> ValueSome size
    | Axis.Named name ->
        match fitting.Given.TryGetValue name with
        | true, size -> ValueSome size
        | false, _ -> ValueNone
    | Axis.Ellipsis -> ValueNone

let private compose (axes: Axis list) =
    match axes with
    | [] -> "1"
    | [ axis ] -> show axis
    | _ -> axes |> Seq.map show |> String.concat " " |> sprintf "(%s)"

/// The sizes of the axes that one axis of the value is composed of: all but one are said.
let private decompose (fitting: Fitting) (place: int) (axes: Axis list) : int list =
    let whole = fitting.X.Shape[place]
    let said = axes |> List.map (saidSize fitting)

    let known =
        said
        |> Seq.choose (function
            | ValueSome size -> Some(int64 size)
            | ValueNone -> None)
        |> Seq.fold (*) 1L

    let operand = $"axis {place} of {Axes.describe fitting.X}"

    match said |> List.filter _.IsNone |> List.length with
    | 0 when known <> int64 whole -> fitting.Fail $"{compose axes} is {known}, but {operand} is {whole}"
    | 1 when axes.Length > 1 && whole = -1 && known <> 1L ->
        fitting.Fail $"the size of {operand} is not known yet, so that {compose axes} cannot divide it"
    | 1 when whole <> -1 && (known = 0L || int64 whole % known <> 0L) ->
        fitting.Fail $"{compose axes}: {operand} is {whole}, which {known} does not divide"
    | 0 -> said |> List.map _.Value
    | 1 ->
        said
        |> List.map (function
            | ValueSome size -> size
            | ValueNone -> if whole = -1 then -1 else int (int64 whole / known))
    | _ ->
        let missing =
            axes
            |> List.filter (fun axis -> (saidSize fitting axis).IsNone)
            |> List.map show
            |> String.concat ", "

        fitting.Fail $"{compose axes}: all but one of the sizes of {missing} must be given; {operand} is {whole}"

let private number (fitting: Fitting) (axis: Axis) size =
    let number = fitting.Add size

    match axis with
    | Axis.Named name -> fitting.Numbers[name] <- number
    | Axis.Sized _
    | Axis.Ellipsis -> ()

    number

/// The numbers of the axes of the left, and of those that the ellipsis stands for.
let private fitLeft (fitting: Fitting) (left: Side) : struct (int list * int list) =
    let spare = ellipsisRank fitting left
    let mutable place = 0
    let mutable ellipsis = []

    let numbers =
        [
            for part in left do
                match part with
                | Part.Ellipsis ->
                    ellipsis <- [ for k in 0 .. spare - 1 -> fitting.Add fitting.X.Shape[place + k] ]
                    place <- place + spare
                    yield! ellipsis
                | Part.Composed axes ->
                    let sizes = decompose fitting place axes
                    place <- place + 1
                    yield! List.map2 (number fitting) axes sizes
        ]

    struct (numbers, ellipsis)

/// The numbers of one axis of the right; one that the left has not is new.
let private fitRight (fitting: Fitting) (ellipsis: int list) (axis: Axis) : int list =
    match axis with
    | Axis.Ellipsis -> ellipsis
    | Axis.Sized size -> [ fitting.Add size ]
    | Axis.Named name ->
        match fitting.Numbers.TryGetValue name with
        | true, number -> [ number ]
        | false, _ ->
            match fitting.Given.TryGetValue name with
            | true, size -> [ number fitting axis size ]
            | false, _ -> fitting.Fail $"{name} is new on the right; its size must be given"

let private given (fail: string -> unit) (pattern: Pattern) (sizes: seq<struct (string * int)>) =
    System.ArgumentNullException.ThrowIfNull(sizes, "sizes")
    let known = Dictionary<string, int>()
    let names = axesOf (pattern.Left @ pattern.Right)

    for struct (name, size) in sizes do
        if not (List.contains (Axis.Named name) names) then
            fail $"a size is given for {name}, which is no axis of the pattern"

        if size < 0 then
            fail $"the size given for {name} is {size}; it is 0 or more"

        if not (known.TryAdd(name, size)) then
            fail $"there are two sizes for {name}"

    known

/// Fits a pattern to a value. Throws EinsumException where they do not fit.
let fit (operation: string) (text: string) (pattern: Pattern) (sizes: seq<struct (string * int)>) (x: Node) : Fit =
    let fitting =
        {
            Operation = operation
            Text = text
            X = Node.Given x
            Given = given (fail operation text) pattern sizes
            Numbers = Dictionary<string, int>()
            Sizes = List<int>()
        }

    let struct (left, ellipsis) = fitLeft fitting pattern.Left

    let composed part =
        match part with
        | Part.Ellipsis -> ellipsis |> List.map Array.singleton
        | Part.Composed axes -> [ axes |> List.collect (fitRight fitting ellipsis) |> Array.ofList ]

    let right = List.collect composed pattern.Right

    { Sizes = fitting.Sizes.ToArray(); Left = Array.ofList left; Right = Array.ofList right }
