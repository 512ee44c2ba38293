/// The proofs notice a wrong row. Each row of the tables of derivatives is replaced by wrong ones in turn, and one of the
/// other tests has to fail: those of the elementwise functions, of the operations, of the conventions, of duality.
module Autodiff.Properties.Derivatives.Mutants

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics
open System.Reflection
open System.Threading.Tasks
open Autodiff
open Autodiff.FSharp
open Autodiff.FSharp.Linear
open Autodiff.Proofs
open Xunit

/// The row for an operand of a node by name: the function, or the kind of operation, and the operand's place. Operands
/// beyond the third are treated as the third is.
let private rowOf (node: Node) position =
    match node.Op with
    | Op.Unary(op, _) -> $"{op}"
    | Op.Binary(op, _, _) -> $"{op} {position}"
    | Op.Custom(rule, _, _) when not (isNull rule.Formula) -> $"{(Op.name node.Op).Split ' ' |> Array.head} {position}"
    | op -> $"{op.GetType().Name} {min position 2}"

/// What is wrong with a row, and the rows that stand in its place. Nothing where the change has no meaning for the row.
type private Change =
    {
        Name: string
        Row: Node -> int -> LinearMap voption -> LinearMap voption voption
        Joint: (Node -> Node) voption
    }

let private after f (map: LinearMap) = { Apply = map.Apply >> f; Transpose = map.Transpose >> f }

let private onMaps name change =
    let onRow _ _ row =
        match row with
        | ValueSome map -> ValueSome(ValueSome(change map))
        | ValueNone -> ValueNone

    { Name = name; Row = onRow; Joint = ValueNone }

/// Both modes wrong in the same way.
let private inBoth name f = { onMaps name (after f) with Joint = ValueSome f }

/// Every element in the place of the next one.
let private shifted (x: Node) =
    let flat = flatten x
    let last = flat.Shape[0] - 1

    if last < 1 then
        2.0 * x
    else
        reshape x.Shape (concat 0 [ flat.[last..last]; flat.[0 .. last - 1] ])

let private changes =
    [
        inBoth "negated" (fun t -> -t)
        inBoth "doubled" (fun t -> 2.0 * t)
        inBoth "halved" (fun t -> 0.5 * t)
        inBoth "off by a thousandth" (fun t -> 1.001 * t)
        inBoth "zero" (fun t -> 0.0 * t)
        inBoth "shifted" shifted
        onMaps "forward mode negated" (fun map -> { map with Apply = map.Apply >> (fun t -> -t) })
        onMaps "reverse mode negated" (fun map -> { map with Transpose = map.Transpose >> (fun t -> -t) })
        onMaps "forward mode shifted" (fun map -> { map with Apply = map.Apply >> shifted })
        onMaps "reverse mode shifted" (fun map -> { map with Transpose = map.Transpose >> shifted })
    ]

/// Below the mask of a choice, as right rows are.
let private diagonal f =
    let f = Masks.elementwise f
    ValueSome(ValueSome { Apply = f; Transpose = f })

/// Changes of elementwise rows: other operands in the formula, and a tangent that passes as it is.
let private elementwise =
    let onRow name row = { Name = name; Row = row; Joint = ValueNone }

    [
        onRow "the tangent as it is" (fun node _ _ ->
            match node.Op with
            | Op.Unary _
            | Op.Binary _
            | Op.StopGradient _ -> diagonal id
            | _ -> ValueNone)
        onRow "operands exchanged" (fun node position _ ->
            match node.Op with
            | Op.Unary(op, x) ->
                match Partials.unary op with
                | Partials.Partial partial -> diagonal (partial node x)
                | Partials.Flat -> ValueNone
            | Op.Binary(op, x, y) -> diagonal (Partials.binary op position y x node)
            | _ -> ValueNone)
        onRow "the other operand's row" (fun node position _ ->
            match node.Op with
            | Op.Binary(op, x, y) -> diagonal (Partials.binary op (1 - position) x y node)
            | _ -> ValueNone)
    ]

/// Changes at the points where conventions decide: ties, kinks, the origin.
let private atEdges =
    let zero: Node = scalar 0.0

    let edge name isEdge (share: float) =
        let onRow (node: Node) _ row =
            match isEdge node, row with
            | ValueSome condition, ValueSome(map: LinearMap) ->
                diagonal (fun t -> where condition (share * t) (map.Apply t))
            | _ -> ValueNone

        { Name = name; Row = onRow; Joint = ValueNone }

    let tie (node: Node) =
        match node.Op with
        | Op.Binary((Binary.Maximum | Binary.Minimum), x, y) -> ValueSome(x .= y)
        | _ -> ValueNone

    let kink (node: Node) =
        match node.Op with
        | Op.Unary((Unary.Relu | Unary.Abs), x) -> ValueSome(x .= zero)
        | Op.Binary(Binary.Hypot, _, _) -> ValueSome(node .= zero)
        | Op.Binary(Binary.Pow, x, _) -> ValueSome(x .= zero)
        | _ -> ValueNone

    let everyWinner (node: Node) _ _ =
        match node.Op with
        | Op.Extremum(_, axes, x) ->
            let kept = keepAxes axes x
            let attained = cast x.DType (x .= reshape kept node)

            ValueSome(
                ValueSome
                    {
                        Apply = fun t -> sum axes (attained * t)
                        Transpose = fun c -> attained * reshape kept c
                    }
            )
        | _ -> ValueNone

    [
        edge "a tie passes all" tie 1.0
        edge "a tie passes nothing" tie 0.0
        edge "a kink passes all" kink 1.0
        { Name = "every winner counts whole"; Row = everyWinner; Joint = ValueNone }
    ]

let private allChanges = changes @ elementwise @ atEdges

/// One row changed in one way.
[<Sealed>]
type private OneWrongRow(row: string, change: Change) =
    inherit Mutant()

    /// Whether the change had a meaning where the row was met.
    member val IsReal = false with get, set

    override mutant.Row(node, position, right) =
        if rowOf node position <> row then
            right
        else
            match change.Row node position right with
            | ValueSome wrong ->
                mutant.IsReal <- true
                wrong
            | ValueNone -> right

    override mutant.Joint(node, tangent) =
        match change.Joint with
        | ValueSome f when $"joint {node.Op.GetType().Name}" = row ->
            mutant.IsReal <- true
            f tangent
        | _ -> tangent

/// Notes which rows are read.
[<Sealed>]
type private Recorder() =
    inherit Mutant()
    member val Rows = HashSet<string>()

    override recorder.Row(node, position, row) =
        // Of the rows through which nothing passes, those of floats could let something pass.
        if row.IsSome || carries node ((Op.children node.Op).[position]) then
            recorder.Rows.Add(rowOf node position) |> ignore

        row

    override recorder.Joint(node, tangent) =
        recorder.Rows.Add $"joint {node.Op.GetType().Name}" |> ignore
        tangent

let private under (mutant: Mutant) (run: unit -> unit) =
    Mutant.Current <- mutant

    try
        run ()
    finally
        Mutant.Current <- null

/// A test that may fail, the rows it reads, and the time it takes.
type private Proof = { Test: string; Run: unit -> unit; Rows: HashSet<string>; Ticks: int64 }

/// The rows of a theory, in Float64 where they are of both types.
let private argumentsOf (test: MethodInfo) : obj[] list =
    let isSingle (row: (obj | null)[]) = row |> Array.exists (fun argument -> Object.Equals(argument, DType.Float32))

    match test.GetCustomAttribute<MemberDataAttribute>(), test.DeclaringType with
    | null, _
    | _, null ->
        match [ for inlined in test.GetCustomAttributes<InlineDataAttribute>() -> inlined.Data ] with
        | [] -> if test.GetParameters().Length = 0 then [ [||] ] else []
        | rows -> rows |> List.map (Array.map Unchecked.nonNull)
    | data, home ->
        match home.GetProperty(data.MemberName) with
        | null -> []
        | property ->
            [
                for row in property.GetValue null |> Unchecked.nonNull :?> seq<ITheoryDataRow> do
                    if not (isSingle (row.GetData())) then
                        row.GetData() |> Array.map Unchecked.nonNull
            ]

/// Every test of one point or of one theory, in the modules about derivatives.
let private namedTests: (string * (unit -> unit)) list =
    let isProved (home: Type) =
        match home.FullName with
        | null -> false
        | name ->
            name <> "Autodiff.Properties.Derivatives.Mutants"
            && name.StartsWith("Autodiff.Properties.Derivatives.", StringComparison.Ordinal)

    let isTest (test: MethodInfo) =
        match test.GetCustomAttribute<FactAttribute>() with
        | null -> false
        | attribute -> not (attribute :? FsCheck.Xunit.PropertyAttribute)

    [
        for home in typeof<Duality.LinearCase>.Assembly.GetTypes() |> Array.filter isProved do
            for test in home.GetMethods(BindingFlags.Public ||| BindingFlags.Static) |> Array.filter isTest do
                for arguments in argumentsOf test do
                    let shown = arguments |> Seq.map string |> String.concat " "
                    $"{home.Name}: {test.Name} {shown}", (fun () -> test.Invoke(null, arguments) |> ignore)
    ]

let private candidates: (string * (unit -> unit)) list =
    let throwing (test: unit -> FsCheck.Property) () =
        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess true, test ())

    namedTests
    @ [
        "adjoints", throwing Duality.``a linear primitive and its transpose are adjoint``
        "tangents", throwing Duality.``the tangent of a linear primitive is the primitive``
    ]

/// The tests that pass, with what they read. This first run also makes all that modules hold, with right rows.
let private proofs =
    lazy
        (candidates
         |> List.map (fun (name, run) ->
             let recorder = Recorder()
             let watch = Stopwatch.StartNew()
             under recorder run
             { Test = name; Run = run; Rows = recorder.Rows; Ticks = watch.ElapsedTicks })
         |> List.filter (fun proof -> proof.Rows.Count > 0)
         |> List.sortBy _.Ticks)

/// What became of a wrong row: nothing, where the change has no meaning for it, or the test that failed, if one did.
type private Outcome =
    | Meaningless
    | Caught of by: string
    | Survived

let private tryMutant (most: int) row change =
    let mutable isReal = false

    let catches (proof: Proof) =
        let mutant = OneWrongRow(row, change)

        let caught =
            try
                under mutant proof.Run
                false
            with _ ->
                true

        isReal <- isReal || mutant.IsReal
        caught

    let readers = proofs.Value |> Seq.filter (fun proof -> proof.Rows.Contains row)

    // A change that has no meaning for the row has none in any test: three tell.
    let isWorthwhile (tried: int, _) = tried < 3 || (isReal && tried < most)

    match readers |> Seq.indexed |> Seq.takeWhile isWorthwhile |> Seq.map snd |> Seq.tryFind catches with
    | Some proof -> Caught proof.Test
    | None when isReal -> Survived
    | None -> Meaningless

/// Changes that change nothing, and why.
let private equivalents: (string * string * string) list =
    let passes = "its row is the tangent as it is"

    [
        for row in
            [
                "Concat 0"
                "Concat 1"
                "Concat 2"
                "Select 1"
                "Select 2"
                "Custom 1"
                "Custom 2"
                "softmax 1"
                "logSoftmax 1"
                "logSumExp 1"
                "batched 1"
                "Recurrence 0"
                "Recurrence 1"
            ] do
            for change in [ "negated"; "shifted" ] do
                row, $"forward mode {change}", "forward mode takes all operands together: the row 'joint' is proved"

        for row in [ "add 0"; "add 1"; "sub 0"; "remainder 0"; "fmod 0" ] do
            row, "the tangent as it is", passes
            row, "operands exchanged", passes

        "add 0", "the other operand's row", passes
        "add 1", "the other operand's row", passes
        "sub 1", "operands exchanged", "its row reads no operand"
        "neg", "operands exchanged", "its row reads neither argument nor result"
        "relu", "operands exchanged", "relu x > 0 where x > 0"

        for name in "operands exchanged" :: List.map _.Name changes do
            "polygamma 0", name, "its row is zero, whatever it reads"
    ]

[<Fact>]
let ``every wrong row is noticed`` () =
    let rows = proofs.Value |> Seq.collect _.Rows |> Seq.distinct |> Array.ofSeq
    let outcomes = ConcurrentBag<struct (string * string * Outcome)>()

    let known = equivalents |> List.map (fun (row, change, _) -> row, change) |> HashSet

    Parallel.ForEach(
        Array.allPairs rows (Array.ofList allChanges),
        ParallelOptions(MaxDegreeOfParallelism = Environment.ProcessorCount),
        fun (row: string, change: Change) ->
            // What no test can notice is not tried with all of them.
            let most = if known.Contains((row, change.Name)) then 12 else Int32.MaxValue
            outcomes.Add(struct (row, change.Name, tryMutant most row change))
    )
    |> ignore

    let survivors =
        [
            for struct (row, change, outcome) in outcomes do
                if outcome = Survived then
                    row, change
        ]

    let real = outcomes |> Seq.filter (fun (struct (_, _, outcome)) -> outcome <> Meaningless) |> Seq.length
    let summary = $"{rows.Length} rows, {real} wrong ones, {real - survivors.Length} noticed"

    TestContext.Current.TestOutputHelper
    |> Option.ofObj
    |> Option.iter (fun output -> output.WriteLine summary)

    let unnoticed =
        survivors
        |> List.filter (known.Contains >> not)
        |> List.sort
        |> List.map string
        |> String.concat "\n"

    Assert.True((unnoticed = ""), $"{summary}; unnoticed:\n{unnoticed}")

    let stale =
        known
        |> Seq.filter (fun change -> not (List.contains change survivors))
        |> Seq.map string
        |> String.concat "\n"

    Assert.True((stale = ""), $"noticed after all:\n{stale}")

[<Fact>]
let ``every operation through which tangents pass has a row that is proved`` () =
    let read = proofs.Value |> Seq.collect _.Rows |> HashSet

    let silent =
        [
            "Constant"
            "Variable"
            "Input"
            "Compare"
            "Test"
            "Logical"
            "Not"
            "ArgExtremum"
            "ArgSort"
            "Draw"
            "KeyedMap"
            "Opaque"
        ]

    for case in FSharp.Reflection.FSharpType.GetUnionCases typeof<Op<Node>> do
        match case.Name with
        | "Unary" ->
            for op in Functions.cases<Unary> do
                Assert.Contains($"{op}", read)
        | "Binary" ->
            for op in Functions.cases<Binary> do
                Assert.Contains($"{op} 0", read)
                Assert.Contains($"{op} 1", read)
        // Derivatives pass the rows of what is inside.
        | "Checkpoint" -> ()
        | name when List.contains name silent -> ()
        | name -> Assert.Contains(read, fun row -> row.StartsWith(name + " ", StringComparison.Ordinal))
