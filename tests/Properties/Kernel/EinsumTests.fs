module Autodiff.Properties.Kernel.EinsumTests

open System
open Xunit
open FsCheck
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Strided

/// An einsum by nested loops: for all values of all labels, the product of the operands is added to its place in the
/// result. An axis of size 1 stays at 0. An operand is its labels, its shape and its elements.
let private naive
    (operands: ('label list * int list * float list) list)
    (result: 'label list)
    (sizes: Map<'label, int>)
    : float list =
    let labels = List.map fst (Map.toList sizes)

    let readers =
        [ for axes, shape, values in operands -> axes, shape, Map.ofList (List.zip (indices shape) values) ]

    let places = indices [ for label in result -> sizes[label] ]

    let sums =
        Collections.Generic.Dictionary(places |> List.map (fun place -> Collections.Generic.KeyValuePair(place, 0.0)))

    for values in indices [ for label in labels -> sizes[label] ] do
        let value = Map.ofList (List.zip labels values)

        let product =
            readers
            |> List.map (fun (axes, shape, elements) ->
                elements[[ for label, size in List.zip axes shape -> if size = 1 then 0 else value[label] ]])
            |> List.fold (*) 1.0

        let place = [ for label in result -> value[label] ]
        sums[place] <- sums[place] + product

    [ for place in places -> sums[place] ]

let private array (dtype: DType) (shape: int list) (values: float list) =
    NDArray.From(ReadOnlySpan(Array.ofList values), Shape.Create(ReadOnlySpan(Array.ofList shape))).AsType dtype

let private values (array: NDArray) = List.ofArray (array.AsType(DType.Float64).ToArray<float>())

let private filled (shape: int list) = Gen.listOfLength (List.fold (*) 1 shape) whole

/// The axes of an ellipsis are labelled "1", "2", ... from the last.
let private ellipsisLabels rank = [ for axis in rank .. -1 .. 1 -> string axis ]

/// One operand: its subscripts and its labels.
let private operand (ellipsisRank: int) =
    gen {
        let! before = lists 2 (Gen.elements [ 'a'; 'b'; 'c'; 'X'; 'z' ])
        let! after = lists 1 (Gen.elements [ 'a'; 'b'; 'd'; 'Y' ])
        let! hasEllipsis = Gen.elements [ true; false ]
        let! rank = Gen.choose (0, ellipsisRank)
        let text letters = letters |> List.map string |> String.concat ""

        return
            if hasEllipsis then
                text before + "..." + text after, List.map string before @ ellipsisLabels rank @ List.map string after
            else
                text (before @ after), List.map string (before @ after)
    }

/// Labels whose axis has size 1 in an operand, though it may be larger elsewhere: not those that it repeats.
let private squeezed (labels: string list) =
    gen {
        let! flags =
            Gen.listOfLength labels.Length (Gen.frequency [ 1, Gen.constant true; 6, Gen.constant false ])

        return
            [
                for label, flag in List.zip labels flags ->
                    flag && (labels |> List.filter ((=) label) |> List.length) = 1
            ]
    }

/// The result: implied, or some labels in any order.
let private result (operands: (string * string list) list) =
    gen {
        let all = operands |> List.collect snd
        let letters = all |> List.filter (fun label -> Char.IsLetter label[0])
        let ellipsis = all |> List.except letters |> List.distinct |> List.sortDescending
        let once = letters |> List.filter (fun label -> (letters |> List.filter ((=) label) |> List.length) = 1)
        let implied = ellipsis @ List.sortWith (fun a b -> String.CompareOrdinal(a, b)) once
        let! kept = Gen.subListOf (List.distinct letters)
        let! order = Gen.shuffle (Array.ofSeq kept)
        let! position = Gen.choose (0, order.Length)
        let before, after = order |> List.ofArray |> List.splitAt position

        let written =
            String.concat "" before + (if ellipsis.IsEmpty then "" else "...") + String.concat "" after

        let! isImplied = Gen.elements [ true; false ]
        return if isImplied then "", implied else "->" + written, before @ ellipsis @ after
    }

let private sizeMap (operands: (string list * int list) list) =
    (Map.empty, List.collect (fun (labels, shape) -> List.zip labels shape) operands)
    ||> List.fold (fun sizes (label, size) ->
        Map.change label (fun known -> if known.IsNone || known = Some 1 then Some size else known) sizes)

let private written =
    gen {
        let! count = Gen.choose (1, 4)
        let! ellipsisRank = Gen.choose (0, 2)
        let! operands = Gen.listOfLength count (operand ellipsisRank)
        let! end', resultLabels = result operands
        let labels = operands |> List.collect snd |> List.distinct

        let! sizes =
            Gen.listOfLength labels.Length (Gen.frequency [ 1, Gen.constant 0; 15, Gen.choose (1, 3) ])
            |> Gen.where (isSmall 1000L)

        let size = Map.ofList (List.zip labels sizes)
        let! squeezes = Gen.collectToList (snd >> squeezed) operands

        let shapes =
            [
                for (_, labels), squeeze in List.zip operands squeezes ->
                    [ for label, flag in List.zip labels squeeze -> if flag then 1 else size[label] ]
            ]

        let! arrays = Gen.collectToList filled shapes
        let! dtypes = Gen.listOfLength count (Gen.elements numbers)
        let text = String.concat ", " (List.map fst operands) + end'
        return text, List.zip3 (List.map snd operands) shapes arrays, resultLabels, dtypes
    }

[<Property(MaxTest = 500)>]
let ``an einsum is what nested loops compute`` () =
    forAll written (fun (text, operands, result, dtypes) ->
        let arrays = [| for (_, shape, values), dtype in List.zip operands dtypes -> array dtype shape values |]
        let sizes = sizeMap [ for labels, shape, _ in operands -> labels, shape ]
        let found = Einsum.Evaluate(text, arrays)

        List.ofSeq found.Shape = [ for label in result -> sizes[label] ]
        && found.DType = List.reduce (fun a b -> DTypes.Promote(a, b)) dtypes
        && values found = naive operands result sizes)

let private create (operands: int list list, result: int list, sizes: int list) =
    Subscripts.Create(
        [| for labels in operands -> Array.ofList labels :> Collections.Generic.IReadOnlyList<int> |],
        Array.ofList result,
        fun label -> sizes[label]
    )

/// An einsum with repeated and broadcast labels in the result, and arrays for its operands.
let private general =
    gen {
        let! operands, result, sizes = SubscriptsTests.general
        let shapeOf labels = [ for label in labels -> List.item label sizes ]
        let! arrays = Gen.collectToList (shapeOf >> filled) operands
        let! cotangent = filled (shapeOf result)
        return operands, result, sizes, List.map shapeOf operands, arrays, cotangent
    }

/// The naive result, where a label twice in the result makes a diagonal.
let private naiveGeneral operands result (sizes: int list) =
    let used = List.distinct (result @ List.collect (fun (labels, _, _) -> labels) operands)
    naive operands result (Map.ofList [ for label in used -> label, sizes[label] ])

[<Property(MaxTest = 500)>]
let ``labels may broadcast and make diagonals in the result`` () =
    forAll general (fun (operands, result, sizes, shapes, arrays, _) ->
        let found =
            Einsum.Evaluate(
                create (operands, result, sizes),
                List.map2 (array DType.Float32) shapes arrays |> Array.ofList
            )

        values found = naiveGeneral (List.zip3 operands shapes arrays) result sizes)

[<Property(MaxTest = 300)>]
let ``the transpose of an einsum is its adjoint`` () =
    forAll general (fun (operands, result, sizes, shapes, arrays, cotangent) ->
        let subscripts = create (operands, result, sizes)
        let given = List.map2 (array DType.Float64) shapes arrays |> Array.ofList
        let dot a b = List.sum (List.map2 (*) a b)
        let forward = dot cotangent (values (Einsum.Evaluate(subscripts, given)))
        let cotangent = array DType.Float64 (List.ofSeq subscripts.Result) cotangent

        given
        |> Seq.indexed
        |> Seq.forall (fun (i, operand) ->
            let inputs = Array.updateAt i cotangent given
            dot (values operand) (values (Einsum.Evaluate(subscripts.Transpose i, inputs))) = forward))

[<Property(MaxTest = 300)>]
let ``the steps of a plan run on views of any strides`` () =
    let case =
        gen {
            let! operands, result, sizes, shapes, _, _ = general
            let! dtype = Gen.elements numbers
            let! views = Gen.collectToList (repeated dtype whole) shapes
            let! target = target dtype [ for label in result -> sizes[label] ]
            return operands, result, sizes, shapes, views, target
        }

    forAll case (fun (operands, result, sizes, shapes, views, target) ->
        let plan = EinsumPlan.For(create (operands, result, sizes))
        plan.Run(ReadOnlySpan [| for view in views -> view.View |], target.View)
        elements target = naiveGeneral (List.zip3 operands shapes (List.map elements views)) result sizes)

[<Fact>]
let ``truth values are counted`` () =
    let truths = NDArray.Create([| true; false; true; true |], 4)
    let count = Einsum.Evaluate("i,i->", truths, truths)
    Assert.Equal(DType.Int64, count.DType)
    Assert.Equal(3L, count.ToArray<int64>()[0])

[<Fact>]
let ``an einsum without a sum is a view of its operand`` () =
    let plan = EinsumPlan.For(Subscripts.Parse("iji->ij", [| Shape.Create(ReadOnlySpan [| 2; 3; 2 |]) |]))
    Assert.True(plan.Steps.IsEmpty)
    Assert.True plan.Expansion.IsView
    let layout = plan.Expansion.Apply(Layout.Contiguous(plan.Subscripts.OperandShape 0))
    Assert.Equal<int>([ 7; 2 ], layout.Strides)

let private shapeOf (sizes: int list) = Shape.Create(ReadOnlySpan(Array.ofList sizes))

[<Fact>]
let ``a plan explains its steps`` () =
    let text =
        Einsum.Explain("ij,jk,kl->il", shapeOf [ 64; 100 ], shapeOf [ 100; 100 ], shapeOf [ 100; 32 ])

    let lines = text.TrimEnd().Split '\n'
    Assert.Equal("einsum ab,bc,cd->ad -> [64,32] Float32", lines[0])
    Assert.Equal("  %1 [100,100]", lines[2])
    Assert.StartsWith("  %3 [100,32] = bc,cd->bd of %1 %2, 640,000 FLOPs: blocked product 1 x (", lines[4])
    Assert.StartsWith("  %4 [64,32] = ab,bd->ad of %0 %3, 409,600 FLOPs: blocked product 1 x (", lines[5])
    Assert.Equal("FLOPs 1,049,600; in one loop over all labels 61,440,000, 58.54 times as many", lines[6])
    Assert.Equal("largest array written 3,200 elements; between steps 3,200", lines[7])
    Assert.Equal(8, lines.Length)

[<Fact>]
let ``a matrix is read row by row, whichever side its vector is on`` () =
    for rows, columns in [ 2048, 512; 32, 1000; 100, 40 ] do
        let matrix = shapeOf [ rows; columns ]
        let fromLeft = Einsum.Explain("i,ij->j", shapeOf [ rows ], matrix)
        let fromRight = Einsum.Explain("ij,j->i", matrix, shapeOf [ columns ])
        Assert.Contains($": multiply-adds of rows of {columns}, {rows} times", fromLeft)
        Assert.Contains($": dot products of {columns}, {rows} times", fromRight)

[<Fact>]
let ``a plan explains what follows the last step`` () =
    let copied = Einsum.Explain("abcd,cbef->adef", Array.create 2 (shapeOf [ 8; 8; 8; 8 ]))
    Assert.DoesNotContain("result", copied)

    let interleaved =
        Einsum.Explain("aibj,akbl->ikjl", shapeOf [ 16; 16; 16; 16 ], shapeOf [ 16; 16; 16; 2 ])

    Assert.Contains("  result [16,16,16,2] = %2 by strides; copied in cache blocks where it is stored", interleaved)

[<Property(MaxTest = 100)>]
let ``an einsum is the same along any path`` () =
    forAll general (fun (operands, result, sizes, shapes, arrays, _) ->
        let subscripts = create (operands, result, sizes)
        let given = List.map2 (array DType.Float64) shapes arrays |> Array.ofList
        let found = Einsum.Evaluate(subscripts, given)

        let pairs =
            Collections.Immutable.ImmutableArray.CreateRange
                [ for i in 1 .. operands.Length - 1 -> struct ((if i = 1 then 0 else operands.Length + i - 2), i) ]

        values (Einsum.Evaluate(ContractionPath.Along(subscripts, pairs), given)) = values found)

[<Fact>]
let ``a limit of size can be kept, and what is least is named`` () =
    let shapes = [| shapeOf [ 10; 2 ]; shapeOf [ 2; 10 ]; shapeOf [ 10; 1000 ] |]
    let free = Einsum.Path("ij,jk,kl->il", shapes)
    Assert.Equal((2000.0, 80000.0), (free.IntermediateSize, free.Flops))
    let within = Einsum.Path("ij,jk,kl->il", shapes, 500L)
    Assert.Equal((100.0, 200400.0), (within.IntermediateSize, within.Flops))
    Assert.Equal((10000.0, 600000.0), (within.PeakSize, within.NaiveFlops))

    let thrown =
        Assert.Throws<EinsumException>(fun () -> Einsum.Path("ij,jk,kl->il", shapes, 99L) |> ignore)

    Assert.Equal(
        "einsum ab,bc,cd->ad: no order of contractions keeps intermediate arrays within 99 elements; the least possible is 100",
        thrown.Message
    )
