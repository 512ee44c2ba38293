/// Sums of many terms, which a graph holds as trees of additions.
module internal Autodiff.FSharp.Sums

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// The sums of a graph.
[<NoEquality; NoComparison>]
type Sums =
    {
        /// The terms of each node that is a sum, from left to right; empty for other nodes.
        Terms: int[][]
        /// Whether a node is a part of a sum that nothing else reads.
        IsPart: bool[]
    }

/// How often each node is read; a result counts as read once more.
let uses (tape: Tape) (isResult: bool[]) : int[] =
    let uses = isResult |> Array.map (fun isResult -> if isResult then 1 else 0)

    for i in 0 .. tape.Length - 1 do
        for position in 0 .. tape.Arity i - 1 do
            let operand = tape.Child(i, position)
            uses[operand] <- uses[operand] + 1

    uses

/// The same where the outputs are the results.
let usesFor (tape: Tape) (outputs: Node[]) : int[] =
    let isResult = Array.zeroCreate tape.Length
    outputs |> Array.iter (fun output -> isResult[tape.Position output] <- true)
    uses tape isResult

let private isAddition (tape: Tape) i =
    match tape.Nodes[i].Op with
    | Op.Binary(Binary.Add, x, _) -> x.DType.IsFloat() && not (tape.IsLeaf i)
    | _ -> false

/// The sums of at least so many terms. An addition that only one other addition reads is a part of the sum that is that one.
let find (atLeast: int) (tape: Tape) (uses: int[]) : Sums =
    let count = tape.Nodes.Length
    let terms = Array.create count [||]
    let isPart = Array.zeroCreate count
    let seen = Array.zeroCreate count

    for root in count - 1 .. -1 .. 0 do
        if isAddition tape root && not seen[root] then
            let found, parts, stack = List<int>(), List<int>(), Stack<int>([ root ])

            while stack.Count > 0 do
                let i = stack.Pop()

                if i = root || (isAddition tape i && uses[i] = 1) then
                    seen[i] <- true
                    parts.Add i
                    Seq.rev (tape.Children i) |> Seq.iter stack.Push
                else
                    found.Add i

            if found.Count >= atLeast then
                terms[root] <- found.ToArray()
                parts |> Seq.filter (fun i -> i <> root) |> Seq.iter (fun i -> isPart[i] <- true)

    { Terms = terms; IsPart = isPart }
