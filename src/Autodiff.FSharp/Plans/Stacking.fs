/// Many small operations of one form become one over stacked operands: the products of all steps of a recurrence with the
/// same weights one product of more rows, their weight gradients, which are summed, one product of a deeper sum, and what is
/// computed of each step on its own one loop over all. Values keep their meaning; sums over stacked terms are added in
/// another order.
module internal Autodiff.FSharp.Stacking

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal
open Autodiff.FSharp.Stacks

// A sum of fewer terms is added up as it stands.
let private leastTerms = 3

let private wholeRange size = { Start = 0; Step = 1; Count = size }

/// Some of the elements along the first axis.
let private part start count (x: Node) =
    if start = 0 && count = x.Shape[0] then
        x
    else
        let others = x.Shape |> Seq.skip 1 |> Seq.map wholeRange
        let ranges = Array.ofSeq (Seq.append [ { Start = start; Step = 1; Count = count } ] others)
        Node.Make(Op.Slice(ranges, x))

/// The graph on its way to one with stacks.
[<NoEquality; NoComparison>]
type private Building =
    {
        Tape: Tape
        /// What each node reads, in the order in which nodes of one form are compared.
        Operands: int[][]
        Sums: Sums.Sums
        /// The stack that each node is made in by a group, or null.
        Made: Stack[]
        Values: (Node | null)[]
    }

let rec private valueOf (building: Building) i : Node =
    match building.Values[i] with
    | null ->
        let stack = building.Made[i]
        let slot = System.Array.IndexOf(stack.Members, i)
        let value = Node.Reshape(building.Tape.Nodes[i].Shape, part slot 1 (arrayOf building stack))
        building.Values[i] <- value
        value
    | value -> value

/// The array of a stack: of one that is not made, its members joined.
and private arrayOf (building: Building) (stack: Stack) : Node =
    match stack.Node with
    | null ->
        let row i =
            let value = valueOf building i
            Node.Reshape(Shapes.prepend 1 value.Shape, value)

        let joined = Node.Make(Op.Concat(0, Array.map row stack.Members))
        stack.Node <- joined
        joined
    | array -> array

/// The operands of a group: one with a leading axis for each that its members do not share.
let private stackedOp (building: Building) (group: Group) : Op<Batching.Batched> =
    let first = group.Members[0]
    let operands = building.Operands[first]

    building.Tape.Nodes[first].Op
    |> Op.mapi (fun position _ ->
        match group.Sources[position] with
        | null -> { Batching.Node = valueOf building operands[position]; HasBatch = false }
        | stack ->
            let start = System.Array.IndexOf(stack.Members, operands[position])
            { Node = part start group.Members.Length (arrayOf building stack); HasBatch = true })

let private noRules _ = invalidOp "an operation with a rule of its own is not stacked"

let private stacked (building: Building) (group: Group) : Node =
    Batching.rule group.Members.Length noRules (stackedOp building group)

/// The sum of what the members of a group give: that of an einsum's is the einsum with one label more that is summed.
let private summed (building: Building) (group: Group) : Node =
    match stackedOp building group with
    | Op.Einsum(subscripts, operands) ->
        let sizes = Array.append (Labels.sizes subscripts) [| group.Members.Length |]

        let labels position (x: Batching.Batched) =
            let own = Labels.operand position subscripts
            if x.HasBatch then Array.append [| sizes.Length - 1 |] own else own

        contract (Array.mapi labels operands) (Labels.result subscripts) sizes (operands |> Array.map _.Node)
    | op -> sum [ 0 ] (Batching.rule group.Members.Length noRules op)

/// A sum: the terms that follow each other in a stack together, the others one by one.
let private total (building: Building) (groupOf: Dictionary<int, Group>) i : Node =
    let isWhole term =
        match groupOf.TryGetValue term with
        | true, group -> group.Sum = i
        | false, _ -> false

    let whole, single = building.Sums.Terms[i] |> Array.partition isWhole
    let groups = whole |> Array.map (fun term -> groupOf[term]) |> Array.distinct

    // A term may be a node of which another part of the graph reads the array.
    let stacks, rest =
        single
        |> Array.groupBy (fun term -> building.Made[term])
        |> Array.partition (fun (stack, terms) ->
            not (isNull stack) && terms.Length >= leastTerms && Array.sort terms = Array.sort stack.Members)

    let rest = rest |> Array.collect snd |> Array.sort

    Seq.concat
        [
            groups |> Seq.map (summed building)
            stacks |> Seq.map (fun (stack, _) -> sum [ 0 ] (arrayOf building stack))
            rest |> Seq.map (valueOf building)
        ]
    |> Seq.reduce (fun x y -> Node.Make(Op.Binary(Binary.Add, x, y)))

/// The groups that are of use: products, and what other groups, sums or operations that are no loops read of. A loop that
/// only loops read which stay single is better a part of those.
let private useful (tape: Tape) (sums: Sums.Sums) (readers: int[][]) (isResult: bool[]) (groups: Group[]) =
    let kept = Dictionary<int, Group>()

    for group in Seq.rev groups do
        let op = tape.Nodes[group.Members[0]].Op
        let isLoop = Regions.isElementwise op

        let isReason reader =
            sums.Terms[reader].Length > 0 || (isLoop && not (Regions.isElementwise tape.Nodes[reader].Op))

        let isOfUse i =
            Array.exists kept.ContainsKey readers[i]
            || (group.Stack.IsRooted && (isResult[i] || Array.exists isReason readers[i]))

        if isProduct op || Array.exists isOfUse group.Members then
            group.Members |> Array.iter (fun i -> kept[i] <- group)

    kept

let private readersOf (operands: int[][]) =
    let readers = Array.init operands.Length (fun _ -> List<int>())

    operands
    |> Array.iteri (fun i own -> own |> Seq.distinct |> Seq.iter (fun operand -> readers[operand].Add i))

    readers |> Array.map _.ToArray()

/// Whether there are products enough that anything could be gained.
let private hasProducts (tape: Tape) =
    let mutable products, i = 0, 0

    while products < 3 && i < tape.Length do
        if isProduct tape.Nodes[i].Op then
            products <- products + 1

        i <- i + 1

    products = 3

let private rebuild
    (tape: Tape)
    (operands: int[][])
    (sums: Sums.Sums)
    (agenda: int[][])
    (groupOf: Dictionary<int, Group>)
    =
    let count = tape.Nodes.Length

    let made i =
        match groupOf.TryGetValue i with
        | true, group -> group.Stack
        | false, _ -> null

    let building =
        {
            Tape = tape
            Operands = operands
            Sums = sums
            Made = Array.init count made
            Values = Array.create count null
        }

    let single i =
        let node = tape.Nodes[i]

        if tape.IsLeaf i || (tape.Children i).Length = 0 then
            node
        elif sums.Terms[i].Length > 0 then
            total building groupOf i
        else
            let operands = tape.Children i

            let operand position (known: Node) =
                let value = valueOf building operands[position]
                if obj.ReferenceEquals(value, known) then known else value

            let op = Op.mapi operand node.Op
            let isSame = Seq.forall2 (fun x y -> obj.ReferenceEquals(x, y)) (Op.children op) (Op.children node.Op)
            if isSame then node else Node.Annotated(op, node.Annotation)

    for i in Seq.concat agenda do
        match groupOf.TryGetValue i with
        | true, group when group.Sum < 0 && isNull group.Stack.Node -> group.Stack.Node <- stacked building group
        | true, _ -> ()
        | false, _ -> building.Values[i] <- single i

    building

/// The formula with stacks wherever they save more than they cost. In which order they are stacked, and so added up, follows
/// from what they compute and not from how the formula was written.
let run (leaves: Lazy<Ranks.Leaf[]>) (formula: Formula) : Formula =
    if not (hasProducts formula.Tape) then
        formula
    else
        let ordered = Ranks.ordered leaves.Value formula
        let tape = ordered.Tape
        let isResult = Array.zeroCreate tape.Nodes.Length
        ordered.Roots |> Array.iter (fun root -> isResult[root] <- true)
        let sums = Sums.find leastTerms tape (Sums.uses tape isResult)

        let operandsOf i =
            if sums.IsPart[i] then [||]
            elif sums.Terms[i].Length > 0 then sums.Terms[i]
            else tape.Children i

        let operands = Array.init tape.Nodes.Length operandsOf
        let mayStack i = not (sums.IsPart[i] || tape.IsLeaf i) && sums.Terms[i].Length = 0
        let struct (forms, count) = Forms.assign tape operands sums.IsPart mayStack
        let agenda = Agenda.run operands forms count
        let times = Array.zeroCreate tape.Nodes.Length
        agenda |> Array.iteri (fun time members -> members |> Array.iter (fun i -> times[i] <- time))
        let readers = readersOf operands
        let planner = Planner(tape, operands, readers, isResult, forms, times)
        let isSum i = sums.Terms[i].Length > 0
        agenda |> Array.iteri (fun time members -> planner.Decide(isSum, time, members))
        let groupOf = useful tape sums readers isResult planner.Groups

        if groupOf.Count = 0 then
            formula
        else
            let building = rebuild tape operands sums agenda groupOf
            ordered.With(Array.map (valueOf building) ordered.Roots)
