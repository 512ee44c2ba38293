/// The plan of memory and the choice of loops are sound for every program.
[<FsCheck.Xunit.Properties(Arbitrary = [| typeof<Autodiff.Proofs.Arbitraries> |])>]
module Autodiff.Properties.Plans.Memory

open System
open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.FSharp.Traversal
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// An instruction that does nothing with what it names.
[<Sealed>]
type internal Touch(isElementwise: bool, inputs: BufferView[], outputs: BufferView[]) =
    inherit Instruction(inputs, outputs)
    override _.IsElementwise = isElementwise
    override _.Name = "touch"
    override _.Run(_, _) = ()

/// For each buffer the first and the last instruction that names it.
let private lives (instructions: Instruction[]) =
    let lives = Dictionary<int, struct (int * int)>()

    instructions
    |> Array.iteri (fun i instruction ->
        for view in Seq.append instruction.Inputs instruction.Outputs do
            lives[view.Buffer] <-
                match lives.TryGetValue view.Buffer with
                | true, struct (first, _) -> struct (first, i)
                | false, _ -> struct (i, i))

    lives

/// Of two buffers in one memory the later is computed elementwise from the earlier, which nothing reads any more.
let private requireInPlace (program: Program) (lives: Dictionary<int, struct (int * int)>) =
    for members in lives.Keys |> Seq.groupBy program.Home |> Seq.map snd do
        let ordered =
            members
            |> Seq.sortBy (fun buffer ->
                let struct (first, last) = lives[buffer]
                first, last)

        for one, next in Seq.pairwise ordered do
            let struct (_, last), struct (first, _) = lives[one], lives[next]
            Assert.Equal(last, first)
            let instruction = program.Instructions[first]
            Assert.True instruction.IsElementwise
            let viewOf buffer (views: BufferView[]) = views |> Array.filter (fun view -> view.Buffer = buffer)
            let read, written = viewOf one instruction.Inputs, viewOf next instruction.Outputs
            Assert.NotEmpty read
            Assert.Empty(viewOf one instruction.Outputs)

            for view in Array.append read written do
                Assert.True view.Layout.IsContiguous
                Assert.Equal(program.Buffers[one].Shape.Size, view.Shape.Size)

let private requireDisjoint (program: Program) =
    let lives = lives program.Instructions
    requireInPlace program lives

    let slots =
        [
            for home, members in lives |> Seq.groupBy (fun pair -> program.Home pair.Key) do
                let buffer = program.Buffers[home]

                if buffer.Kind = BufferKind.Temporary && buffer.Bytes > 0n then
                    let first =
                        members |> Seq.map (fun pair -> (fun (struct (first, _)) -> first) pair.Value) |> Seq.min

                    let last = members |> Seq.map (fun pair -> (fun (struct (_, last)) -> last) pair.Value) |> Seq.max
                    struct (struct (first, last), program.Offset home, program.Offset home + buffer.Bytes)
        ]

    for struct (struct (first, last), start, stop) in slots do
        Assert.True(start >= 0n && stop <= program.ArenaBytes)
        Assert.Equal(0n, start % 64n)

        for struct (struct (otherFirst, otherLast), otherStart, otherStop) in slots do
            let isOther = first <> otherFirst || last <> otherLast || start <> otherStart || stop <> otherStop

            if isOther && first <= otherLast && otherFirst <= last then
                Assert.True(stop <= otherStart || otherStop <= start, "two buffers that live at once share bytes")

    let distinct = slots |> List.map (fun (struct (_, start, stop)) -> stop - start) |> List.sum
    Assert.True(program.ArenaBytes <= distinct + 64n * nativeint slots.Length)

let private simplified (graph: Graph) (nodes: Node list) =
    Simplify.run (Formula(Array.ofList graph.Variables, Array.ofList nodes))

let private program (graph: Graph) = Lower.run (simplified graph graph.Outputs)

[<Property(MaxTest = 100)>]
let ``buffers of a graph that live at once never overlap`` (graph: Graph) =
    requireDisjoint (program graph)
    requireDisjoint (program { graph with Outputs = grad graph.Outputs.Head graph.Variables })

[<Fact>]
let ``a part of an empty array is not taken for the whole`` () =
    let empty name columns = variable name (NDArray.Zeros(0, columns))
    let v, x, y = variable "v" [ 0.6; 1.6; 0.5; -2.0 ], empty "x" 12, empty "y" 4
    let wide = einsum "ab,b,c->ac" [ y; v; constant (NDArray.Ones 12) ]
    let sums = einsum "a,bc->ba" [ v; x ] + wide.[*, 0..3]
    let joined = concat 1 [ for part in [ sums; sin sums ] -> reshape [ 0; 1; 4 ] part ]
    requireDisjoint (program { Outputs = [ joined ]; Variables = [ v; x; y ] })

/// A program whose instructions read buffers that were written before and write new ones, or old ones again.
let private synthetic seed =
    let random = Random(seed: int)
    let count = 1 + random.Next 40

    let results = Array.init count id |> Array.filter (fun _ -> random.Next 6 = 0)

    let buffer i =
        let result = Array.IndexOf(results, i)
        let kind = if result >= 0 then BufferKind.Result else BufferKind.Temporary
        let size = if random.Next 2 = 0 then 50 else random.Next 5 * random.Next 60
        Buffer(kind, DType.Float64, Shape.op_Implicit [| size |], result, null)

    let buffers = Array.init count buffer
    let view i = BufferView(i, Layout.Contiguous buffers[i].Shape, DType.Float64)

    let instruction i =
        let inputs =
            if i = 0 then
                [||]
            else
                Array.init (random.Next 4) (fun _ -> view (random.Next i))

        let again = if i > 0 && random.Next 5 = 0 then [| view (random.Next i) |] else [||]
        Touch(random.Next 2 = 0, inputs, Array.append [| view i |] again) :> Instruction

    let outputs = results |> Array.map (fun i -> struct (i, buffers[i].Shape))
    Program(buffers, Array.init count instruction, outputs)

[<Property(MaxTest = 300)>]
let ``buffers of any program that live at once never overlap`` () =
    Prop.forAll (Arb.fromGen (Gen.choose (0, Int32.MaxValue - 1))) (fun seed -> requireDisjoint (synthetic seed))

[<Property(MaxTest = 100)>]
let ``no buffer is read before it is written`` (graph: Graph) =
    let program = program graph
    let written = HashSet<int>()

    for instruction in program.Instructions do
        for view in instruction.Inputs do
            let kind = program.Buffers[view.Buffer].Kind
            Assert.True(kind = BufferKind.Argument || kind = BufferKind.Constant || written.Contains view.Buffer)

        for view in instruction.Outputs do
            written.Add view.Buffer |> ignore
            let kind = program.Buffers[view.Buffer].Kind
            Assert.True(kind = BufferKind.Temporary || kind = BufferKind.Result)

/// Whether the units of a tape can be ordered: no path leaves a unit and comes back.
let private isAcyclic (tape: Tape) (unitOf: int -> int) =
    let edges = Dictionary<int, HashSet<int>>()
    let waiting = Dictionary<int, int>()

    for i in 0 .. tape.Nodes.Length - 1 do
        waiting.TryAdd(unitOf i, 0) |> ignore
        edges.TryAdd(unitOf i, HashSet()) |> ignore

    for i in 0 .. tape.Nodes.Length - 1 do
        for child in tape.Children i do
            if unitOf child <> unitOf i && edges[unitOf child].Add(unitOf i) then
                waiting[unitOf i] <- waiting[unitOf i] + 1

    let ready = Queue<int>(waiting |> Seq.filter (fun pair -> pair.Value = 0) |> Seq.map _.Key)
    let mutable ordered = 0

    while ready.Count > 0 do
        let unit = ready.Dequeue()
        ordered <- ordered + 1

        for next in edges[unit] do
            waiting[next] <- waiting[next] - 1

            if waiting[next] = 0 then
                ready.Enqueue next

    ordered = edges.Count

[<Property(MaxTest = 200)>]
let ``no path leaves a loop and comes back`` (graph: Graph) =
    let nodes = graph.Outputs @ grad graph.Outputs.Head graph.Variables
    let tape = (simplified graph nodes).Tape
    let regions = Regions.assign tape
    Assert.True(isAcyclic tape (fun i -> if regions[i] < 0 then i else regions[i]))

    for i in 0 .. tape.Nodes.Length - 1 do
        if regions[i] >= 0 then
            Assert.True(Regions.isElementwise tape.Nodes[i].Op)
            Assert.Equal<Shape>(tape.Nodes[regions[i]].Shape, tape.Nodes[i].Shape)

[<Property(MaxTest = 100)>]
let ``every node is computed once, after what it reads`` (graph: Graph) =
    let tape = (simplified graph graph.Outputs).Tape
    let roots = [| 0 .. tape.Nodes.Length - 1 |]
    let steps = Schedule.steps tape (Regions.assign tape) roots
    let computed = steps |> Array.collect _.Members
    Assert.Equal(tape.Nodes.Length, computed.Length)
    let place = Dictionary<int, int>()
    computed |> Array.iteri (fun order i -> place.Add(i, order))

    for i in computed do
        for child in tape.Children i do
            Assert.True(place[child] < place[i])

[<Fact>]
let ``an arena may have more than 2 GiB`` () =
    // Nothing but its ends is touched, and it is not given back to the pool.
    let bytes = nativeint (5L <<< 29)
    let arena = ArenaPool.Rent bytes
    Assert.True(arena.Capacity >= bytes)
    System.Runtime.InteropServices.Marshal.WriteByte(arena.Address, 0, 5uy)
    System.Runtime.InteropServices.Marshal.WriteByte(arena.Address + bytes, -1, 7uy)
    Assert.Equal(7uy, System.Runtime.InteropServices.Marshal.ReadByte(arena.Address + bytes, -1))
    Assert.Equal(0n, arena.Address % 64n)
    GC.KeepAlive arena
