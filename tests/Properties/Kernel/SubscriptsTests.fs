module Autodiff.Properties.Kernel.SubscriptsTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

let private shape (sizes: int list) = Shape.Create(ReadOnlySpan(Array.ofList sizes))

let private parse (text: string) (shapes: int list list) = Subscripts.Parse(text, List.map shape shapes |> Array.ofList)

/// The message of the error that subscripts give, after the subscripts themselves.
let private problem (text: string) (names: string list) (shapes: int list list) =
    let names: (string | null)[] = [| for name in names -> if name = "" then null else name |]

    let error =
        Assert.Throws<EinsumException>(fun () ->
            Subscripts.Parse(text, List.map shape shapes |> Array.ofList, names) |> ignore)

    let start = $"einsum \"%s{text}\": "
    Assert.StartsWith(start, error.Message)
    error.Message.Substring start.Length

/// Operand labels, result labels and sizes of the labels 0 to 9, with every generalisation.
let general =
    gen {
        let label = Gen.choose (0, 5)
        let! count = Gen.choose (1, 4)
        let! operands = Gen.listOfLength count (shapes 3 label)
        let! result = shapes 3 label
        let! sizes = Gen.listOfLength 6 (Gen.frequency [ 1, Gen.constant 0; 9, Gen.choose (1, 3) ])
        return operands, result, sizes
    }

let private create (operands: int list list, result: int list, sizes: int list) =
    Subscripts.Create(
        [| for labels in operands -> Array.ofList labels :> Collections.Generic.IReadOnlyList<int> |],
        Array.ofList result,
        fun label -> sizes[label]
    )

[<Property>]
let ``renaming the labels changes nothing`` () =
    let case =
        gen {
            let! operands, result, sizes = general
            let! names = Gen.shuffle [| 0..5 |]
            return operands, result, sizes, names
        }

    forAll case (fun (operands, result, sizes, names) ->
        let subscripts = create (operands, result, sizes)

        let renamed =
            create (
                List.map (List.map (fun label -> names[label])) operands,
                List.map (fun label -> names[label]) result,
                [ for name in 0..5 -> sizes[Array.IndexOf(names, name)] ]
            )

        subscripts = renamed && subscripts.GetHashCode() = renamed.GetHashCode())

[<Property>]
let ``the transpose of the transpose is the einsum itself`` () =
    forAll general (fun (operands, result, sizes) ->
        let subscripts = create (operands, result, sizes)

        Seq.forall
            (fun operand -> subscripts.Transpose(operand).Transpose(operand) = subscripts)
            (seq { 0 .. operands.Length - 1 }))

[<Property>]
let ``shapes follow the labels`` () =
    forAll general (fun (operands, result, sizes) ->
        let subscripts = create (operands, result, sizes)
        let shapeOf labels = shape [ for label in labels -> sizes[label] ]

        subscripts.Result = shapeOf result
        && operands
           |> List.indexed
           |> List.forall (fun (i, labels) -> subscripts.OperandShape i = shapeOf labels))

[<Fact>]
let ``subscripts print as letters in order of appearance`` () =
    Assert.Equal("ab,bc->ac", (parse "xk, kZ -> xZ" [ [ 2; 3 ]; [ 3; 4 ] ]).ToString())
    Assert.Equal("ab->ba", (parse "ba" [ [ 2; 3 ] ]).ToString())
    Assert.Equal("aab,b->", (parse "iij,j->" [ [ 2; 2; 3 ]; [ 3 ] ]).ToString())

[<Fact>]
let ``an axis of size 1 that is larger elsewhere gets a label of its own`` () =
    let subscripts = parse "ij,ij->ij" [ [ 1; 3 ]; [ 2; 3 ] ]
    Assert.Equal("ab,cb->cb", subscripts.ToString())
    Assert.Equal<int>([ 1; 3; 2 ], subscripts.Sizes)
    Assert.Equal("ab,ab->ab", (parse "ij,ij->ij" [ [ 1; 3 ]; [ 1; 3 ] ]).ToString())

[<Fact>]
let ``an implied result has the ellipsis, then the labels that occur once in order`` () =
    Assert.Equal<Shape>(shape [ 7; 2; 4 ], (parse "c...a,a...b" [ [ 4; 7; 3 ]; [ 3; 1; 2 ] ]).Result)
    Assert.Equal<Shape>(shape [], (parse "ii" [ [ 3; 3 ] ]).Result)
    Assert.Equal<Shape>(shape [ 2; 3 ], (parse "aB" [ [ 3; 2 ] ]).Result)
    Assert.Equal<Shape>(shape [], (parse "" [ [] ]).Result)

[<Fact>]
let ``a misfit names the label, the operands and both sizes`` () =
    let misfit = problem "ij,jk->ik" [ "x"; "w" ] [ [ 2; 3 ]; [ 4; 5 ] ]
    Assert.Equal("label j is 3 in operand 0 'x' [2,3] but 4 in operand 1 'w' [4,5]", misfit)
    let unnamed = problem "ij,jk->ik" [ ""; "w" ] [ [ 2; 3 ]; [ 4; 5 ] ]
    Assert.Equal("label j is 3 in operand 0 [2,3] but 4 in operand 1 'w' [4,5]", unnamed)
    Assert.Equal("label i is 2 and 3 in operand 0 [2,3]", problem "ii" [] [ [ 2; 3 ] ])

    Assert.Equal(
        "the axis of '...' that is number 1 from its end is 2 in operand 0 [2] but 3 in operand 1 [3]",
        problem "...,...->..." [] [ [ 2 ]; [ 3 ] ]
    )

[<Fact>]
let ``what cannot be read is named`` () =
    let shapes = [ [ 2; 3 ] ]
    Assert.Equal("label i appears more than once in the result", problem "ij->ii" [] shapes)
    Assert.Equal("label k of the result appears in no operand", problem "ij->ik" [] shapes)
    Assert.Equal("there is more than one '->'", problem "ij->i->j" [] shapes)
    Assert.Equal("'-' in operand 0 is no label: labels are the letters a-z and A-Z", problem "ij-i" [] shapes)
    Assert.Equal("'1' in operand 0 is no label: labels are the letters a-z and A-Z", problem "i1->i" [] shapes)
    Assert.Equal("operand 0 has a '.' that is not part of its one ellipsis '...'", problem "i..j->i" [] shapes)
    Assert.Equal("operand 0 has a '.' that is not part of its one ellipsis '...'", problem "...i...->i" [] shapes)
    Assert.Equal("the result has no '...', which stands for 1 axes of the operands", problem "i...->i" [] shapes)
    Assert.Equal("there are 2 operands in the subscripts, but 1 were given", problem "i,j" [] shapes)
    Assert.Equal("operand 0 [2,3] has 2 axes, but its subscripts \"ijk\" stand for 3", problem "ijk" [] shapes)

    Assert.Equal(
        "operand 0 [2,3] has 2 axes, but its subscripts \"i...jk\" stand for at least 3",
        problem "i...jk" [] shapes
    )

[<Property>]
let ``a path has no more operations than contracting from left to right`` () =
    let case =
        gen {
            let! count = Gen.choose (2, 15)
            let! operands = Gen.listOfLength count (shapes 3 (Gen.choose (0, 7)))
            let! sizes = Gen.listOfLength 8 (Gen.choose (1, 20))
            return operands, sizes
        }

    forAll case (fun (operands, sizes) ->
        let subscripts = create (operands, [], sizes)
        let terms = ContractionTerms subscripts

        let mutable leftToRight = 0.0
        let mutable term = 0

        for next in 1 .. operands.Length - 1 do
            leftToRight <- leftToRight + 2.0 * terms.Size(ContractionTerms.Union(terms[term], terms[next]))
            term <- terms.Contract(term, next)

        let path = ContractionPath.Find subscripts
        // The greedy order, above twelve operands, promises no more than to contract everything.
        path.Pairs.Length = operands.Length - 1 && (operands.Length > 12 || path.Flops <= leftToRight))

/// The operations and the largest array between two steps of every order of contractions.
let rec private orders (sizeOf: Set<int> -> float) (result: Set<int>) (terms: Set<int> list) =
    match terms with
    | []
    | [ _ ] -> [ 0.0, 0.0 ]
    | _ ->
        [
            for i in 0 .. terms.Length - 1 do
                for j in i + 1 .. terms.Length - 1 do
                    let rest = terms |> List.indexed |> List.filter (fun (k, _) -> k <> i && k <> j) |> List.map snd
                    let both = Set.union terms[i] terms[j]
                    let product = Set.intersect both (Set.unionMany (result :: rest))
                    let size = if rest.IsEmpty then 0.0 else sizeOf product

                    for flops, peak in orders sizeOf result (product :: rest) do
                        flops + 2.0 * sizeOf both, max peak size
        ]

/// Up to five operands with the labels 0 to 5, their sizes, and a result.
let private contraction =
    gen {
        let! count = Gen.choose (2, 5)
        let! operands = Gen.listOfLength count (shapes 3 (Gen.choose (0, 5)))
        let! sizes = Gen.listOfLength 6 (Gen.choose (1, 9))
        let! result = Gen.subListOf (operands |> List.concat |> List.distinct)
        return operands, List.ofSeq result, sizes
    }

[<Property(MaxTest = 100)>]
let ``no order has fewer operations, and none within a limit where none is found`` () =
    let case = Gen.zip contraction (Gen.choose (1, 200))

    forAll case (fun ((operands, result, sizes), limit) ->
        let subscripts = create (operands, result, sizes)
        let sizeOf labels = Set.fold (fun size label -> size * float (List.item label sizes)) 1.0 labels

        let alone =
            [
                for i, labels in List.indexed operands ->
                    let others = operands |> List.indexed |> List.filter (fun (k, _) -> k <> i) |> List.collect snd
                    Set.intersect (Set.ofList labels) (Set.ofList (result @ others))
            ]

        let all = orders sizeOf (Set.ofList result) alone
        let within = all |> List.filter (fun (_, peak) -> peak <= float limit)
        let free = ContractionPath.Find subscripts

        let isBest =
            try
                let path = ContractionPath.Find(subscripts, float limit)
                path.IntermediateSize <= float limit && path.Flops = List.min (List.map fst within)
            with :? EinsumException as problem ->
                within.IsEmpty && problem.Message.EndsWith $"the least possible is {List.min (List.map snd all)}"

        free.Flops = List.min (List.map fst all) && isBest)

[<Property(MaxTest = 20)>]
let ``the order of many operands is the same each time it is looked for`` () =
    let case =
        gen {
            let! count = Gen.choose (13, 30)
            let! operands = Gen.listOfLength count (shapes 3 (Gen.choose (0, 20)))
            let! sizes = Gen.listOfLength 21 (Gen.choose (1, 4))
            return operands, sizes
        }

    forAll case (fun (operands, sizes) ->
        let subscripts = create (operands, [], sizes)
        let path = ContractionPath.Find subscripts
        let limited = ContractionPath.Find(subscripts, path.IntermediateSize)

        Seq.forall2 (=) path.Pairs (ContractionPath.Find subscripts).Pairs
        && limited.IntermediateSize <= path.IntermediateSize)

[<Fact>]
let ``the cheaper order of a matrix chain is taken`` () =
    let path = ContractionPath.Find(parse "ij,jk,kl->il" [ [ 2; 100 ]; [ 100; 100 ]; [ 100; 3 ] ])
    Assert.Equal(2.0 * (2.0 * 100.0 * 100.0 + 2.0 * 100.0 * 3.0), path.Flops)
    Assert.Equal(200.0, path.PeakSize)

[<Fact>]
let ``an einsum of a thousand operands is planned and evaluated`` () =
    let link = NDArray.Create([| 1.0; 1.0; 0.0; 1.0 |], 2, 2)
    let labels = [ for i in 0..999 -> [| i; i + 1 |] :> Collections.Generic.IReadOnlyList<int> ]
    let chain = Subscripts.Create(Array.ofList labels, [| 0; 1000 |], fun _ -> 2)
    let result = Einsum.Evaluate(chain, Array.create 1000 link)
    Assert.Equal<float>([| 1.0; 1000.0; 0.0; 1.0 |], result.ToArray<float>())

    let shared =
        Subscripts.Create(Array.create 1000 ([| 0 |] :> Collections.Generic.IReadOnlyList<int>), [||], fun _ -> 2)

    let sum = Einsum.Evaluate(shared, Array.create 1000 (NDArray.Create([| 1.0; -1.0 |], 2)))
    Assert.Equal(2.0, sum.ToArray<float>()[0])
