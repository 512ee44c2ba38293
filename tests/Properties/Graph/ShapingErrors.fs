/// What shape functions and products refuse, where the node is built, and the words that say what does not fit.
module Autodiff.Properties.Graph.ShapingErrors

open System
open Autodiff
open Autodiff.FSharp
open Xunit

let private x = variable "x" (NDArray.Zeros(2, 3))
let private w = variable "w" (NDArray.Zeros(4, 5))
let private v = variable "v" (NDArray.Zeros 3)
let private s = variable "s" 1.0
let private none = variable "none" (NDArray.Zeros(2, 0))
let private whole = constant [ 1; 2; 3 ]
let private pairs = constant [ [ 0; 1 ]; [ 1; 0 ] ]
let private truths = constant [| true; false; true |]
let private later = input "later" [ -1; 3 ] DType.Float64
let private discard (nodes: Node list) = List.head nodes

/// What is called, the call, the exception, and words of its message.
let private calls: (string * (unit -> Node) * Type * string list) list =
    let shape, dtype = typeof<ShapeException>, typeof<DTypeException>
    let range = [ "axis 5"; "'x' [2,3]"; "2 axes" ]
    let unknown = [ "axis 0"; "'later' [-1,3]"; "not known yet" ]

    [
        "reshape: too few", (fun () -> reshape [ 4 ] x), shape, [ "reshape"; "'x' [2,3]"; "6 elements"; "[4]" ]
        "reshape: two -1", (fun () -> reshape [ -1; -1 ] x), shape, [ "reshape"; "[-1,-1]" ]
        "reshape: no divisor", (fun () -> reshape [ 4; -1 ] x), shape, [ "reshape"; "[4,-1]" ]
        "reshape: negative", (fun () -> reshape [ -2; -3 ] x), shape, [ "reshape"; "[-2,-3]" ]
        "reshape: -1 beside 0", (fun () -> reshape [ 0; -1 ] none), shape, [ "reshape"; "'none' [2,0]"; "[0,-1]" ]
        "unsqueeze: axis", (fun () -> unsqueeze 5 x), shape, "unsqueeze" :: range
        "squeeze: axis", (fun () -> squeeze [ 5 ] x), shape, "squeeze" :: range
        "squeeze: size", (fun () -> squeeze [ 1 ] x), shape, [ "squeeze"; "axis 1"; "'x' [2,3]"; "size 3" ]
        "squeeze: twice", (fun () -> squeeze [ 0; -2 ] x), shape, [ "squeeze"; "axis 0"; "twice" ]
        "expandDims: axis", (fun () -> expandDims [ 5 ] x), shape, "expandDims" :: range
        "expandDims: twice", (fun () -> expandDims [ 0; -4 ] x), shape, [ "expandDims"; "axis 0"; "twice"; "'x' [2,3]" ]
        "permute: too few", (fun () -> permute [ 0 ] x), shape, [ "permute"; "[0]"; "'x' [2,3]" ]
        "permute: twice", (fun () -> permute [ 1; -1 ] x), shape, [ "permute"; "[1,1]"; "'x' [2,3]" ]
        "permute: axis", (fun () -> permute [ 0; 5 ] x), shape, "permute" :: range
        "swapAxes: axis", (fun () -> swapAxes 0 5 x), shape, "swapAxes" :: range
        "moveAxis: axis", (fun () -> moveAxis 5 0 x), shape, "moveAxis" :: range
        "moveAxis: place", (fun () -> moveAxis 0 5 x), shape, "moveAxis" :: range
        "moveAxes: twice", (fun () -> moveAxes [ 0; 0 ] [ 0; 1 ] x), shape, [ "moveAxis"; "axis 0"; "twice" ]
        "moveAxes: counts", (fun () -> moveAxes [ 0; 1 ] [ 0 ] x), shape, [ "moveAxis"; "2 axes"; "1 places" ]
        "broadcastTo: size", (fun () -> broadcastTo [ 2; 4 ] x), shape, [ "broadcastTo"; "'x' [2,3]"; "[2,4]" ]
        "broadcastTo: rank", (fun () -> broadcastTo [ 3 ] x), shape, [ "broadcastTo"; "'x' [2,3]"; "[3]" ]
        "broadcastTo: negative", (fun () -> broadcastTo [ -2; 3 ] v), shape, [ "broadcastTo"; "[-2,3]"; "'v' [3]" ]
        "pad: too many",
        (fun () -> pad [ struct (2000000000, 2000000000) ] v),
        shape,
        [ "pad"; "4000000003"; "'v' [3]" ]
        "padMode: too many",
        (fun () -> padMode PadMode.Wrap [ struct (2000000000, 2000000000) ] v),
        shape,
        [ "pad"; "4000000003"; "'v' [3]" ]
        "diagEmbed: too far", (fun () -> v.DiagEmbed Int32.MinValue), shape, [ "diagEmbed"; "2147483651"; "'v' [3]" ]
        "tile: too many", (fun () -> tile [ 100000; 100000 ] v), shape, [ "100000"; "more elements" ]
        "meshgrid: order",
        (fun () -> meshgrid (enum<MeshIndexing> 7) [ v ] |> discard),
        typeof<ArgumentOutOfRangeException>,
        [ "meshgrid"; "7" ]
        "concat: nothing", (fun () -> concat 0 []), shape, [ "concat"; "nothing" ]
        "concat: sizes", (fun () -> concat 0 [ x; w ]), shape, [ "concat"; "'x' [2,3]"; "'w' [4,5]"; "axis 0" ]
        "concat: ranks", (fun () -> concat 0 [ x; v ]), shape, [ "concat"; "'x' [2,3]"; "'v' [3]" ]
        "concat: axis", (fun () -> concat 5 [ x; x ]), shape, "concat" :: range
        "concat: numbers", (fun () -> concat 0 [ s; s ]), shape, [ "concat"; "axis 0"; "'s' []" ]
        "concat: unknown", (fun () -> concat 0 [ later; later ]), shape, "concat" :: unknown
        "stack: shapes", (fun () -> stack 0 [ x; w ]), shape, [ "stack"; "'x' [2,3]"; "'w' [4,5]" ]
        "stack: axis", (fun () -> stack 5 [ x; x ]), shape, "stack" :: range
        "stack: nothing", (fun () -> stack 0 []), shape, [ "stack"; "nothing" ]
        "split: remainder", (fun () -> split 2 1 x |> discard), shape, [ "split"; "axis 1"; "'x' [2,3]"; "size 3"; "2" ]
        "split: none", (fun () -> split 0 1 x |> discard), shape, [ "split"; "0 parts"; "'x' [2,3]" ]
        "split: axis", (fun () -> split 2 5 x |> discard), shape, "split" :: range
        "split: unknown", (fun () -> split 2 0 later |> discard), shape, "split" :: unknown
        "splitAt: axis", (fun () -> splitAt [ 1 ] 5 x |> discard), shape, "split" :: range
        "chunk: none", (fun () -> chunk -1 1 x |> discard), shape, [ "chunk"; "-1 parts"; "'x' [2,3]" ]
        "chunk: axis", (fun () -> chunk 2 5 x |> discard), shape, "chunk" :: range
        "slice: index", (fun () -> x.[0, 3]), shape, [ "slice"; "'x' [2,3]"; "index 3"; "axis 1"; "size 3" ]
        "slice: too many", (fun () -> x.[0, 0, 0]), shape, [ "slice"; "'x' [2,3]"; "3 axes" ]
        "slice: two ellipses",
        (fun () -> slice [ Slice.Ellipsis; Slice.Ellipsis ] x),
        shape,
        [ "slice"; "'x' [2,3]"; "ellipsis" ]
        "slice: step 0", (fun () -> slice [ Slice.Step 0 ] x), typeof<ArgumentException>, [ "step" ]
        "take: axis", (fun () -> take 5 whole x), shape, "take" :: range
        "take: type", (fun () -> take 0 v x), dtype, [ "take"; "Float64"; "Int32" ]
        "take: index", (fun () -> take 1 whole x), shape, [ "take"; "index 3"; "axis 1"; "'x' [2,3]"; "size 3" ]
        "take: from the end", (fun () -> take 0 (constant [ -3 ]) x), shape, [ "take"; "index -3"; "axis 0"; "size 2" ]
        "takeAlongAxis: axis", (fun () -> takeAlongAxis 5 pairs x), shape, "takeAlongAxis" :: range
        "takeAlongAxis: rank",
        (fun () -> takeAlongAxis 0 whole x),
        shape,
        [ "takeAlongAxis"; "[3]"; "1 axes"; "'x' [2,3]"; "2" ]
        "takeAlongAxis: type", (fun () -> takeAlongAxis 0 x x), dtype, [ "takeAlongAxis"; "Float64" ]
        "takeAlongAxis: sizes",
        (fun () -> takeAlongAxis 0 pairs x),
        shape,
        [ "takeAlongAxis"; "axis 1"; "[2,2]"; "'x' [2,3]"; "is 2"; "3" ]
        "takeAlongAxis: index",
        (fun () -> takeAlongAxis 1 (constant [ [ 3 ]; [ 0 ] ]) x),
        shape,
        [ "takeAlongAxis"; "index 3"; "axis 1"; "size 3" ]
        "gather: type", (fun () -> gather 0 x x), dtype, [ "gather"; "Float64" ]
        "gather: axis", (fun () -> gather 5 pairs x), shape, "gather" :: range
        "gather: rank", (fun () -> gather 0 whole x), shape, [ "gather"; "1 axes"; "'x' [2,3]" ]
        "gather: longer",
        (fun () -> gather 1 (constant [ [ 0 ]; [ 0 ]; [ 0 ] ]) x),
        shape,
        [ "gather"; "axis 0"; "[3,1]"; "'x' [2,3]"; "is 3"; "2" ]
        "gather: index", (fun () -> gather 0 (constant [ [ 2 ] ]) x), shape, [ "gather"; "index 2"; "size 2" ]
        "scatterAdd: type", (fun () -> scatterAdd 0 x x x), dtype, [ "scatterAdd"; "Float64" ]
        "scatterAdd: rank of updates", (fun () -> scatterAdd 0 pairs v x), shape, [ "scatterAdd"; "'v' [3]"; "1" ]
        "scatterAdd: short updates",
        (fun () -> scatterAdd 1 (constant [ [ 0; 1 ]; [ 1; 0 ] ]) (variable "u" (NDArray.Zeros(2, 1))) x),
        shape,
        [ "scatterAdd"; "axis 1"; "[2,2]"; "'u' [2,1]" ]
        "scatterAdd: longer", (fun () -> scatterAdd 0 pairs w v), shape, [ "scatterAdd"; "'v' [3]" ]
        "scatterAdd: index", (fun () -> scatterAdd 0 (constant [ [ 7 ] ]) x x), shape, [ "scatterAdd"; "index 7" ]
        "oneHot: type", (fun () -> oneHot 3 DType.Float64 v), dtype, [ "oneHot"; "Float64"; "Int32" ]
        "oneHot: size", (fun () -> oneHot -1 DType.Float64 whole), shape, [ "oneHot"; "-1"; "[3]" ]
        "maskedFill: type", (fun () -> maskedFill v s x), dtype, [ "maskedFill"; "'v' [3]"; "Float64"; "Bool" ]
        "maskedFill: shape", (fun () -> maskedFill (w .> s) s x), shape, [ "maskedFill"; "[4,5]"; "'x' [2,3]" ]
        "maskedFill: value", (fun () -> maskedFill truths v x), shape, [ "maskedFill"; "'v' [3]"; "single number" ]
        "pad: count", (fun () -> pad [ struct (1, 1) ] x), shape, [ "pad"; "1 pairs"; "'x' [2,3]"; "2 axes" ]
        "pad: negative", (fun () -> pad [ struct (0, 0); struct (0, -1) ] x), shape, [ "pad"; "axis 1"; "-1" ]
        "pad: unknown", (fun () -> pad [ struct (1, 0); struct (0, 0) ] later), shape, "pad" :: unknown
        "padWith: value",
        (fun () -> padWith v [ struct (0, 0); struct (0, 1) ] x),
        shape,
        [ "pad"; "'v' [3]"; "single number" ]
        "padWith: count", (fun () -> padWith s [ struct (1, 1) ] x), shape, [ "pad"; "1 pairs"; "2 axes" ]
        "padMode: count", (fun () -> padMode PadMode.Edge [ struct (1, 1) ] x), shape, [ "pad"; "1 pairs"; "2 axes" ]
        "padMode: negative",
        (fun () -> padMode PadMode.Wrap [ struct (-1, 0); struct (0, 0) ] x),
        shape,
        [ "pad"; "axis 0"; "-1" ]
        "padMode: empty",
        (fun () -> padMode PadMode.Reflect [ struct (0, 0); struct (1, 0) ] none),
        shape,
        [ "pad"; "axis 1"; "'none' [2,0]"; "empty" ]
        "padMode: unknown mode",
        (fun () -> padMode (enum<PadMode> 9) [ struct (0, 0); struct (1, 0) ] x),
        typeof<ArgumentOutOfRangeException>,
        [ "pad"; "9" ]
        "padMode: unknown size",
        (fun () -> padMode PadMode.Edge [ struct (1, 0); struct (0, 0) ] later),
        shape,
        "pad" :: unknown
        "flip: axis", (fun () -> flip [ 5 ] x), shape, "flip" :: range
        "flip: twice", (fun () -> flip [ 0; 0 ] x), shape, [ "flip"; "axis 0"; "twice" ]
        "flip: unknown", (fun () -> flip [ 0 ] later), shape, "flip" :: unknown
        "roll: axis", (fun () -> roll [ 1 ] [ 5 ] x), shape, "roll" :: range
        "roll: counts", (fun () -> roll [ 1; 2 ] [ 0 ] x), shape, [ "roll"; "2 shifts"; "1 axes"; "'x' [2,3]" ]
        "roll: no shift", (fun () -> roll [] [ 0 ] x), shape, [ "roll"; "0 shifts"; "'x' [2,3]" ]
        "roll: unknown", (fun () -> roll [ 1 ] [ 0 ] later), shape, "roll" :: unknown
        "rot90: rank", (fun () -> rot90 v), shape, [ "rot90"; "'v' [3]"; "1 axes"; "2" ]
        "rot90: one axis", (fun () -> x.Rot90(1, 0, -2)), shape, [ "rot90"; "axis 0"; "twice" ]
        "tile: negative", (fun () -> tile [ 2; -1 ] x), shape, [ "tile"; "-1"; "'x' [2,3]" ]
        "tile: unknown", (fun () -> tile [ 2; 1 ] later), shape, "tile" :: unknown
        "repeat: negative", (fun () -> repeat [ -1 ] 0 x), shape, [ "repeat"; "-1"; "'x' [2,3]" ]
        "repeat: counts",
        (fun () -> repeat [ 1; 2 ] 1 x),
        shape,
        [ "repeat"; "2 counts"; "axis 1"; "'x' [2,3]"; "size 3" ]
        "repeat: axis", (fun () -> repeat [ 2 ] 5 x), shape, "repeat" :: range
        "repeat: unknown", (fun () -> repeat [ 2 ] 0 later), shape, "repeat" :: unknown
        "tril: rank", (fun () -> tril v), shape, [ "tril"; "'v' [3]"; "1 axes"; "2" ]
        "triu: rank", (fun () -> triu s), shape, [ "triu"; "'s' []"; "0 axes"; "2" ]
        "triu: unknown", (fun () -> triu later), shape, "triu" :: unknown
        "diagonal: rank", (fun () -> diagonal v), shape, [ "diagonal"; "'v' [3]"; "1 axes" ]
        "diagonal: one axis", (fun () -> x.Diagonal(0, 1, -1)), shape, [ "diagonal"; "axis 1"; "twice"; "'x' [2,3]" ]
        "diagonal: axis", (fun () -> x.Diagonal(0, 5, 0)), shape, "diagonal" :: range
        "diagonal: unknown", (fun () -> diagonal later), shape, "diagonal" :: unknown
        "trace: rank", (fun () -> trace s), shape, [ "trace"; "'s' []"; "0 axes" ]
        "diagEmbed: rank", (fun () -> diagEmbed s), shape, [ "diagEmbed"; "'s' []"; "0 axes" ]
        "diagEmbed: one axis", (fun () -> v.DiagEmbed(0, 0, -2)), shape, [ "diagEmbed"; "axis 0"; "twice" ]
        "diagEmbed: axis", (fun () -> v.DiagEmbed(0, 0, 2)), shape, [ "diagEmbed"; "axis 2"; "'v' [3]" ]
        "diag: rank", (fun () -> diag (constant (NDArray.Zeros(2, 2, 2)))), shape, [ "diag"; "[2,2,2]"; "3 axes" ]
        "eye: negative", (fun () -> eye -1 DType.Float64), shape, [ "eye"; "-1 rows" ]
        "fullLike: value", (fun () -> fullLike v x), shape, [ "fullLike"; "'v' [3]"; "single number" ]
        "fullLike: type", (fun () -> fullLike (scalar 0.5) whole), dtype, [ "fullLike"; "Float64"; "[3]"; "Int32" ]
        "meshgrid: rank",
        (fun () -> meshgrid MeshIndexing.XY [ v; x ] |> discard),
        shape,
        [ "meshgrid"; "operand 1 'x' [2,3]"; "2 axes" ]
        "matmul: sizes",
        (fun () -> matmul x w),
        shape,
        [ "matmul"; "operand 0 'x' [2,3]"; "operand 1 'w' [4,5]"; "3"; "4" ]
        "matmul: number", (fun () -> matmul s x), shape, [ "matmul"; "'s' []"; "scalar" ]
        "matmul: batches",
        (fun () -> matmul (constant (NDArray.Zeros(2, 3, 4))) (constant (NDArray.Zeros(5, 4, 1)))),
        shape,
        [ "matmul"; "[2,3,4]"; "[5,4,1]"; "leading" ]
        "dot: sizes",
        (fun () -> dot x w),
        shape,
        [ "dot"; "operand 0 'x' [2,3]"; "operand 1 'w' [4,5]"; "axis 1 is 3"; "axis 0 is 4" ]
        "inner: sizes", (fun () -> inner x w), shape, [ "inner"; "axis 1 is 3"; "axis 1 is 5" ]
        "vdot: sizes", (fun () -> vdot x w), shape, [ "vdot"; "'x' [2,3]"; "'w' [4,5]"; "6"; "20" ]
        "tensordot: sizes", (fun () -> tensordot 1 x w), shape, [ "tensordot"; "axis 1 is 3"; "axis 0 is 4" ]
        "tensordot: too many", (fun () -> tensordot 3 x w), shape, [ "tensordot"; "3 axes"; "'x' [2,3]"; "'w' [4,5]" ]
        "tensordot: negative", (fun () -> tensordot -1 x w), shape, [ "tensordot"; "-1 axes" ]
        "tensordotOver: counts",
        (fun () -> tensordotOver [ 0; 1 ] [ 0 ] x w),
        shape,
        [ "tensordot"; "2 axes"; "but 1 of" ]
        "tensordotOver: twice",
        (fun () -> tensordotOver [ 0; 0 ] [ 0; 1 ] x x),
        shape,
        [ "tensordot"; "axis 0"; "twice" ]
        "tensordotOver: axis", (fun () -> tensordotOver [ 5 ] [ 0 ] x w), shape, "tensordot" :: range
        "kron: unknown", (fun () -> kron later x), shape, "kron" :: unknown
        "matrixPower: negative",
        (fun () -> matrixPower -1 (constant (NDArray.Eye 2))),
        typeof<ArgumentOutOfRangeException>,
        [ "matrixPower"; "-1"; "[2,2]" ]
        "matrixPower: not square", (fun () -> matrixPower 2 x), shape, [ "matrixPower"; "'x' [2,3]"; "2 and 3" ]
        "matrixPower: rank", (fun () -> matrixPower 2 v), shape, [ "matrixPower"; "'v' [3]"; "1 axes" ]
        "bilinear: rank", (fun () -> bilinear x x x), shape, [ "bilinear"; "'x' [2,3]"; "2 axes"; "3" ]
        "bilinear: sizes",
        (fun () -> bilinear x w (variable "k" (NDArray.Zeros(2, 3, 4)))),
        shape,
        [ "bilinear"; "operand 1 'w' [4,5]"; "is 5"; "'k' [2,3,4]"; "is 4" ]
        "bilinear: number",
        (fun () -> bilinear s s (constant (NDArray.Zeros(2, 3, 4)))),
        shape,
        [ "bilinear"; "'s' []" ]
        "cross: size", (fun () -> cross -1 w w), shape, [ "cross"; "axis 1"; "'w' [4,5]"; "size 5" ]
        "cross: axis", (fun () -> cross 5 x x), shape, "cross" :: range
        "outer product of labels",
        (fun () -> einsum "ij,ij->k" [ x; x ]),
        typeof<EinsumException>,
        [ "label k"; "no operand" ]
    ]

let names: TheoryData<string> = TheoryData<string>(calls |> Seq.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof names)>]
let ``a call that does not fit is refused at once, and its message says why`` (name: string) =
    let _, call, kind, words = calls |> List.find (fun (other, _, _, _) -> other = name)
    let error = Assert.Throws(kind, (fun () -> call () |> ignore))
    // An argument's own name may stand after the message.
    Assert.All(words, (fun word -> Assert.Contains(word, error.Message)))
