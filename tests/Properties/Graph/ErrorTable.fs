/// Every class of invalid values of every parameter is refused at the call that is wrong, with an exception that says
/// what is wrong and where. The functions that came later bring tables of their own; two sweeps by reflection cover them.
module Autodiff.Properties.Graph.ErrorTable

open System
open System.Reflection
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private x = variable "x" (NDArray.Zeros(2, 3))
let private w = variable "w" (NDArray.Zeros(4, 5))
let private v = variable "v" [ 1.0; 2.0; 3.0 ]
let private s = variable "s" 1.0
let private whole = constant [ 1; 2; 3 ]
let private truths = constant [| true; false; true |]
let private truths5 = constant (Array.create 5 true)
let private u = input "u" [ -1; 3 ] DType.Float64
let private none = variable "none" (NDArray.Zeros(0, 3))
let private large = input "large" [ 65536 ] DType.Float32
let private noType: DType = enum 99

/// A call with the exception that it throws and words of its message.
let private row<'error, 'a when 'error :> exn> call words (make: unit -> 'a) =
    { Call = call; Make = (fun () -> make () |> ignore); Error = typeof<'error>; Words = words }

let private shape call words make = row<ShapeException, _> call words make
let private dtype call words make = row<DTypeException, _> call words make
let private argument call words make = row<ArgumentException, _> call words make

let private both = [ "operand 0 'x' [2,3]"; "operand 1 'w' [4,5]"; "axis -2 is 2 and 4" ]

let private elementwise =
    [
        for op in Functions.cases<Binary> do
            // A name for the function that the harness calls may differ from the operation's own.
            let make () = Node.Binary(op, x, w)
            shape $"{op} of shapes that do not broadcast" ($"{op}: " :: both) make

        for op in Functions.cases<Comparison> do
            shape $"{op} of shapes that do not broadcast" ($"{op}: " :: both) (fun () -> Functions.compare op x w)

        for op in Functions.cases<Logical> do
            let name = (string op).ToLowerInvariant()
            let third = truths5

            shape
                $"{name} of shapes that do not broadcast"
                [ $"{name}: operand 0 [3] and operand 1 [5]"; "axis -1 is 3 and 5" ]
                (fun () -> Functions.logical op truths third)

            dtype $"{name} of numbers, first" [ $"{name}: operand 0 [3] is Int32"; "Bool" ] (fun () ->
                Functions.logical op whole truths)

            dtype $"{name} of numbers, second" [ $"{name}: operand 1 'v' [3] is Float64"; "Bool" ] (fun () ->
                Functions.logical op truths v)

        dtype "not of numbers" [ "not: operand 0 [3] is Int32"; "Bool" ] (fun () -> logicalNot whole)
        dtype "where of numbers" [ "where: the condition is Float64"; "Bool" ] (fun () -> where x x x)
        shape "where, choices" ("where: " :: both) (fun () -> where (x .> s) x w)

        shape "where, condition" [ "where: operand 0 [4,5] and operand 1 'x' [2,3]"; "axis -2 is 4 and 2" ] (fun () ->
            where (w .> s) x x)

        shape "clip, lower bound" ("clip: " :: both) (fun () -> clip w s x)
        shape "clip, upper bound" ("clip: " :: both) (fun () -> clip s w x)
        shape "squaredDifference" ("squaredDifference: " :: both) (fun () -> squaredDifference x w)
        dtype "cast to no type" [ "cast: 99 is no element type" ] (fun () -> cast noType x)
    ]

let private einsumRow text operands words =
    let make () = einsum text operands
    row<EinsumException, _> $"einsum \"{text}\" of {List.length operands}" ($"einsum \"{text}\": " :: words) make

let private einsums =
    [
        einsumRow "" [ x ] [ "operand 0 'x' [2,3] has 2 axes"; "stand for 0" ]
        einsumRow "" [] [ "1 operands in the subscripts"; "0 were given" ]
        einsumRow "->" [] [ "1 operands in the subscripts"; "0 were given" ]
        einsumRow ",->" [ s ] [ "2 operands in the subscripts"; "1 were given" ]
        einsumRow "ij->" [ x; x ] [ "1 operands in the subscripts"; "2 were given" ]
        einsumRow "ij,jk->ik" [ x; x; x ] [ "2 operands in the subscripts"; "3 were given" ]
        einsumRow "i$->i" [ v ] [ "'$' in operand 0 is no label" ]
        einsumRow "1j->j" [ x ] [ "'1' in operand 0 is no label" ]
        einsumRow "i-" [ v ] [ "'-' in operand 0 is no label" ]
        einsumRow "i>" [ v ] [ "'>' in operand 0 is no label" ]
        einsumRow "ij→ji" [ x ] [ "'→' in operand 0 is no label" ]
        einsumRow "i->j->k" [ v ] [ "more than one '->'" ]
        einsumRow "ij->k" [ x ] [ "label k of the result appears in no operand" ]
        einsumRow "ij->ijk" [ x ] [ "label k of the result appears in no operand" ]
        einsumRow "ij->jj" [ x ] [ "label j appears more than once in the result" ]
        einsumRow "...i...->i" [ x ] [ "operand 0 has a '.'"; "ellipsis" ]
        einsumRow "ij..->i" [ x ] [ "operand 0 has a '.'"; "ellipsis" ]
        einsumRow "ij->i.j" [ x ] [ "the result has a '.'"; "ellipsis" ]
        einsumRow "ii->i" [ x ] [ "label i is 2 and 3 in operand 0 'x' [2,3]" ]
        einsumRow "ij,ij->ij" [ x; w ] [ "label i is 2 in operand 0 'x' [2,3] but 4 in operand 1 'w' [4,5]" ]
        einsumRow "ij,jk->ik" [ u; w ] [ "label j is 3 in operand 0 'u' [-1,3] but 4 in operand 1 'w' [4,5]" ]
        einsumRow "ijk->ijk" [ x ] [ "operand 0 'x' [2,3] has 2 axes"; "stand for 3" ]
        einsumRow "i...->i" [ s ] [ "operand 0 's' [] has 0 axes"; "at least 1" ]
        argument "einsum without subscripts" [] (fun () -> einsum Unchecked.defaultof<string> [ x ])
    ]

let private products =
    [
        shape "matmul of a scalar, right" [ "matmul: operand 0 'x' [2,3] and operand 1 's' []"; "scalar" ] (fun () ->
            x *@ s)

        shape "matmul of a scalar, left" [ "matmul: operand 0 's' [] and operand 1 'x' [2,3]"; "scalar" ] (fun () ->
            s *@ x)

        shape
            "matmul, inner sizes"
            [ "matmul: operand 0 'x' [2,3] and operand 1 'w' [4,5]"; "axis 1 is 3, axis 0 is 4" ]
            (fun () -> x *@ w)

        shape "matmul, unknown" [ "matmul: operand 0 'u' [-1,3] and operand 1 'w' [4,5]" ] (fun () -> u *@ w)
        shape "outer, too large" [ "[65536,65536]"; "more elements than an array can hold" ] (fun () ->
            outer large large)
        shape "trace of a vector" [ "trace"; "'v' [3]" ] (fun () -> trace v)
        shape "broadcastTo, fewer axes" [ "broadcastTo: 'x' [2,3] does not broadcast to [3]" ] (fun () ->
            broadcastTo [ 3 ] x)
        shape "broadcastTo, other sizes" [ "broadcastTo: 'x' [2,3] does not broadcast to [4,3]" ] (fun () ->
            broadcastTo [ 4; 3 ] x)
        shape "broadcastTo, negative" [ "[-2,3] for 's' [] has a negative size" ] (fun () -> broadcastTo [ -2; 3 ] s)
        shape "broadcastTo, -1" [ "broadcastTo: 's' []"; "[-1,3] has -1" ] (fun () -> broadcastTo [ -1; 3 ] s)
        shape "broadcastTo, too large" [ "[65536,65536]"; "more elements" ] (fun () -> broadcastTo [ 65536; 65536 ] s)
        shape "permute, too few" [ "permute: [0] is no permutation of the 2 axes of 'x' [2,3]" ] (fun () ->
            permute [ 0 ] x)
        shape "permute, twice" [ "permute: [1,1] is no permutation of the 2 axes of 'x' [2,3]" ] (fun () ->
            permute [ 1; -1 ] x)
        shape "permute, out of range" [ "permute: axis 2 is out of range for 'x' [2,3]" ] (fun () -> permute [ 0; 2 ] x)
        shape "swapAxes, first" [ "swapAxes: axis -3 is out of range for 'x' [2,3]" ] (fun () -> swapAxes -3 1 x)
        shape "swapAxes, second" [ "swapAxes: axis 2 is out of range for 'x' [2,3]" ] (fun () -> swapAxes 0 2 x)
    ]

let private reductions =
    [
        let overAxes =
            [
                "sum", sum
                "mean", mean
                "amax", amax
                "amin", amin
                "variance", variance
                "std", std
                "norm", norm
                "logSumExp", logSumExp
            ]

        for name, reduce in overAxes do
            for axis in [ 2; -3; Int32.MaxValue; Int32.MinValue ] do
                let words = [ $"{name}: axis {axis} is out of range for 'x' [2,3], which has 2 axes" ]
                shape $"{name} over axis {axis}" words (fun () -> reduce [ axis ] x)

            shape $"{name} over an axis twice" [ $"{name}: axis 1 is named twice for 'x' [2,3]" ] (fun () ->
                reduce [ 1; -1 ] x)

            shape $"{name} over an axis of a scalar" [ $"{name}: axis 0 is out of range for 's' []" ] (fun () ->
                reduce [ 0 ] s)

        for name, reduce in [ "amax", amax; "amin", amin ] do
            shape $"{name} over nothing" [ $"{name}: axis 0 of 'none' [0,3] is empty" ] (fun () -> reduce [ 0 ] none)

        let alongAxis = [ "argmax", argmax; "argmin", argmin; "softmax", softmax; "logSoftmax", logSoftmax ]

        for name, reduce in alongAxis do
            for axis in [ 2; -3 ] do
                shape $"{name} along axis {axis}" [ $"{name}: axis {axis} is out of range for 'x' [2,3]" ] (fun () ->
                    reduce axis x)

            shape $"{name} along an axis of a scalar" [ $"{name}: axis 0 is out of range for 's' []" ] (fun () ->
                reduce 0 s)

        for name, reduce in [ "argmax", argmax; "argmin", argmin ] do
            shape $"{name} along nothing" [ $"{name}: axis 0 of 'none' [0,3] is empty" ] (fun () -> reduce 0 none)

        let losses =
            [
                "softmaxCrossEntropy", softmaxCrossEntropy
                "sigmoidCrossEntropy", sigmoidCrossEntropy
                "meanSquaredError", meanSquaredError
            ]

        for name, loss in losses do
            shape $"{name} of shapes that do not broadcast" ($"{name}: " :: both) (fun () -> loss x w)

        shape "normalDensity, mean" [ "normalDensity: operand 0 'w' [4,5] and operand 1 'x' [2,3]" ] (fun () ->
            normalDensity w s x)

        shape "normalDensity, deviation" [ "normalDensity: operand 0 'w' [4,5]"; "[2,3]" ] (fun () ->
            normalDensity s w x)
    ]

let private movement =
    [
        for sizes in [ [ 4; -1 ]; [ -1; -1 ]; [ -2; -3 ]; [ 7 ]; []; [ 65536; 65536 ]; [ 0; -1 ] ] do
            let shown = sizes |> Seq.map string |> String.concat ","

            shape $"reshape to [{shown}]" [ $"reshape: 'x' [2,3] with 6 elements does not fill [{shown}]" ] (fun () ->
                reshape sizes x)

        shape "reshape nothing to -1" [ "reshape: 'none' [0,3] with 0 elements does not fill [-1,0]" ] (fun () ->
            reshape [ -1; 0 ] none)

        shape "reshape of an unknown size" [ "reshape: 'u' [-1,3]"; "does not fill [2,-1,-1]" ] (fun () ->
            reshape [ 2; -1; -1 ] u)

        for axis in [ 3; -4 ] do
            shape $"unsqueeze at {axis}" [ $"unsqueeze: axis {axis} is out of range for 'x' [2,3]" ] (fun () ->
                unsqueeze axis x)

            shape $"stack at {axis}" [ $"stack: axis {axis} is out of range for 'x' [2,3]" ] (fun () ->
                stack axis [ x; x ])

        shape "squeeze of a size" [ "squeeze: axis 0 of 'x' [2,3] has size 2, not 1" ] (fun () -> squeeze [ 0 ] x)
        shape "squeeze out of range" [ "squeeze: axis 5 is out of range for 'x' [2,3]" ] (fun () -> squeeze [ 5 ] x)
        shape "index" [ "slice of 'x' [2,3]: index 2 is out of range on axis 0, which has size 2" ] (fun () -> x.[2])
        shape "negative index" [ "index -3 is out of range on axis 0, which has size 2" ] (fun () -> x.[-3])
        shape "indices, too many" [ "slice of 'x' [2,3]"; "names 3 axes, but there are 2" ] (fun () -> x.[0, 0, 0])
        shape "index of a scalar" [ "slice of 's' []"; "names 1 axes, but there are 0" ] (fun () -> s.[0])
        argument "slice of step 0" [ "the step is 0" ] (fun () -> slice [ Slice.Step 0 ] x)

        shape "slice with two ellipses" [ "slice of 'x' [2,3]"; "more than one ellipsis" ] (fun () ->
            slice [ Slice.Ellipsis; Slice.Ellipsis ] x)

        shape "pad, too few" [ "pad: 1 pairs of widths for 'x' [2,3], which has 2 axes" ] (fun () ->
            pad [ struct (1, 1) ] x)

        shape "pad, negative" [ "pad: widths of axis 1 are (0, -1)" ] (fun () ->
            pad [ struct (1, 0); struct (0, -1) ] x)

        shape "pad beyond integers" [ "pad: "; "2147483650" ] (fun () ->
            pad [ struct (Int32.MaxValue, 1); struct (0, 0) ] x)

        shape "pad beyond arrays" [ "more elements than an array can hold" ] (fun () ->
            pad [ struct (100000, 1); struct (100000, 0) ] x)

        shape "pad of an unknown size" [ "pad"; "'u' [-1,3]"; "not known" ] (fun () ->
            pad [ struct (1, 1); struct (0, 0) ] u)

        shape "concat of nothing" [ "concat: there is nothing to join" ] (fun () -> concat 0 [])
        shape "stack of nothing" [ "stack: there is nothing to join" ] (fun () -> stack 0 [])
        shape "concat, axis" [ "concat: axis 2 is out of range for 'x' [2,3]" ] (fun () -> concat 2 [ x; x ])
        shape "concat of scalars" [ "concat: axis 0 is out of range for 's' []" ] (fun () -> concat 0 [ s; s ])

        shape
            "concat, ranks"
            [ "concat: operand 0 'x' [2,3] and operand 1 'v' [3] differ in more than axis 0" ]
            (fun () -> concat 0 [ x; v ])

        shape "concat, sizes" [ "concat: operand 0 'x' [2,3] and operand 2 'w' [4,5] differ" ] (fun () ->
            concat 0 [ x; x; w ])

        shape "concat, unknown" [ "concat: the size of axis 0 of 'u' [-1,3] is not known yet" ] (fun () ->
            concat 0 [ u; u ])

        shape "stack, shapes" [ "stack: operand 0 'x' [2,3] and operand 1 'w' [4,5] differ in shape" ] (fun () ->
            stack 0 [ x; w ])

        dtype "take, indices" [ "take: the indices are Float64" ] (fun () -> take 0 x x)
        dtype "take, truth values" [ "take: the indices are Bool" ] (fun () -> take 0 truths x)
        shape "take, axis" [ "take: axis 2 is out of range for 'x' [2,3]" ] (fun () -> take 2 whole x)
        shape "take of a scalar" [ "take: axis 0 is out of range for 's' []" ] (fun () -> take 0 whole s)

        shape "take, index" [ "take: index 3 is out of range for axis 0 of 'x' [2,3], which has size 2" ] (fun () ->
            take 0 (constant [ 0; 3 ]) x)
    ]

let private leaves =
    [
        dtype "variable of whole numbers" [ "variable 'n': the starting value is Int32[2]" ] (fun () ->
            variable "n" [ 1; 2 ])

        dtype "variable of a truth value" [ "variable 'n': the starting value is Bool[]" ] (fun () -> variable "n" true)
        shape "input, size" [ "input 'i'"; "not -2" ] (fun () -> input "i" [ -2 ] DType.Float64)
        shape "input, too large" [ "[65536,65536]" ] (fun () -> input "i" [ 65536; 65536 ] DType.Float64)
        dtype "input, type" [ "input 'i': 99 is no element type" ] (fun () -> input "i" [ 2 ] noType)
        argument "start of what is no variable" [ "shape [2,3] is no variable" ] (fun () -> Leaf.start (x * x))
        shape "array, count" [ "NDArray.Create: 2 elements do not fill shape [3]" ] (fun () ->
            NDArray.Create([| 1.0; 2.0 |], 3))
        shape "array, negative size" [ "negative size: [-1]" ] (fun () -> NDArray.Zeros -1)
        shape "array, too large" [ "[65536,65536]"; "more elements" ] (fun () -> NDArray.Zeros(65536, 65536))
        shape "array, index" [ "index 3 is out of range on axis 0 of shape [2], which has size 2" ] (fun () ->
            (NDArray.Zeros 2).Item<float> 3)
        shape "array, indices" [ "index [0,0] has more entries than shape [2] has axes" ] (fun () ->
            (NDArray.Zeros 2).Item<float>(0, 0))
        shape "array, reshape" [ "2 elements do not fill shape [3]" ] (fun () -> (NDArray.Zeros 2).Reshape 3)
        shape "array, sum" [ "[2] and [3] do not broadcast"; "2"; "3" ] (fun () -> NDArray.Zeros 2 + NDArray.Zeros 3)
        dtype "array, elements" [ "Float64"; "Single" ] (fun () -> (NDArray.Zeros 2).ToArray<float32>())
        dtype "array, type" [ "99 is no element type" ] (fun () -> (NDArray.Zeros 2).AsType noType)
    ]

let private derivatives =
    let floating = "only floating values have derivatives"

    [
        dtype "grad of whole numbers" [ "grad: the result shape [3] is Int32"; floating ] (fun () -> grad whole [ x ])
        dtype "grad for whole numbers" [ "grad: the variable shape [3] is Int32"; floating ] (fun () ->
            grad x [ whole ])
        shape "cotangent" [ "vjp: the cotangent has shape [4,5], the result 'x' [2,3]" ] (fun () -> gradWith w x [ x ])
        shape "tangent" [ "jvp: the tangent has shape [4,5], its variable 'x' [2,3]" ] (fun () -> jvp x [ x ] [ w ])
        argument "tangents, too few" [ "jvp: 2 variables but 1 tangents" ] (fun () -> jvp x [ x; w ] [ x ])
        dtype "jvp of whole numbers" [ "jvp: the result shape [3] is Int32"; floating ] (fun () ->
            jvp whole [ x ] [ x ])
        dtype "jvp for whole numbers" [ "jvp: the variable shape [3] is Int32"; floating ] (fun () ->
            jvp x [ whole ] [ whole ])
        shape "hvp" [ "the tangent has shape [4,5], its variable 'x' [2,3]" ] (fun () -> hvp x x w)
        dtype "hvp of whole numbers" [ "the result shape [3] is Int32"; floating ] (fun () -> hvp whole x x)
        dtype "jacobian of whole numbers" [ "the result shape [3] is Int32"; floating ] (fun () -> jacobian whole x)
        dtype "jacobian for whole numbers" [ "the variable shape [3] is Int32"; floating ] (fun () -> jacobian x whole)
        shape "jacobian, unknown" [ "jacobian: the sizes of 'u' [-1,3] are not known yet" ] (fun () -> jacobian u u)
        shape "hessian, unknown" [ "hessian: the sizes of 'u' [-1,3] are not known yet" ] (fun () -> hessian (u * u) u)
        shape "jacobian, too large" [ "[65536,65536]" ] (fun () -> jacobian (square large) large)
        shape "vmap over a scalar" [ "vmap: 's' [] has no axis to map over" ] (fun () -> vmap id s)
        argument "check, order" [ "checkGradients: the order is 0" ] (fun () -> checkGradients 0 x [ x ])
        argument "check, nothing" [ "checkGradients: there are no variables" ] (fun () -> checkGradients 1 x [])
        argument "check, no variable" [ "shape [2,3] is no variable" ] (fun () -> checkGradients 1 x [ x * x ])
        dtype "check of whole numbers" [ "Int64"; floating ] (fun () -> checkGradients 1 whole [ x ])
        shape "check, unknown" [ "checkGradients: the sizes of 'u' [-1,3] are not known yet" ] (fun () ->
            checkGradients 1 u [ x ])
        shape "replacement, shape" [ "replace: the node has shape [2,3], its replacement [4,5]" ] (fun () ->
            Traversal.replace [ (x, w) ] [ x ])
        dtype "replacement, type" [ "replace: the node is Float64, its replacement Int32" ] (fun () ->
            Traversal.replace [ (v, whole) ] [ v ])
    ]

let private evaluation =
    let twice = "eval: 'x' [2,3] is given two values"
    let named = "compile: 'x' [2,3] is named twice among the inputs"
    let single = input "f" [ 2 ] DType.Float32
    let other = input "q" [ -1 ] DType.Float64

    [
        row<UnboundInputException, _> "eval of an input" [ "input 'u' [-1,3] has no value" ] (fun () -> eval (u + 1.0))
        row<UnboundInputException, _> "compile, unbound" [ "input 'u' [-1,3] has no value" ] (fun () ->
            compile [ x ] [ u ])
        shape "bound value" [ "'x' has shape [2,3], the value given for it [3]" ] (fun () ->
            evalWith [ (x, NDArray.Zeros 3) ] x)
        argument "bound twice" [ twice ] (fun () -> evalWith [ (x, NDArray.Zeros(2, 3)); (x, NDArray.Zeros(2, 3)) ] x)
        argument "compile, twice" [ named ] (fun () -> compile [ x; x ] [ x ])
        argument "run, too few" [ "1 inputs, 0 values" ] (fun () -> (compile [ x ] [ x ]).Run [])
        shape "run, shape" [ "'x' has shape [2,3], the value given for it [3]" ] (fun () ->
            (compile [ x ] [ x ]).Run [ NDArray.Zeros 3 ])
        dtype "run, type" [ "'f' is Float32, the value given for it Float64: convert it first" ] (fun () ->
            (compile [ single ] [ single ]).Run [ NDArray.Zeros 2 ])
        argument "run, null" [ "values[0]" ] (fun () -> (compile [ x ] [ x ]).Run [ Unchecked.defaultof<NDArray> ])
        shape "run, sizes that differ" [ "it is 2 in 'u' [-1,3] but 4 in 'q' [-1]" ] (fun () ->
            (compile [ u; other ] [ u; other ]).Run [ NDArray.Zeros(2, 3); NDArray.Zeros 4 ])
    ]

let private table =
    List.concat [ elementwise; einsums; products; reductions; movement; leaves; derivatives; evaluation ]

let private failure (row: Refusal) =
    match Record.Exception row.Make with
    | null -> Some $"{row.Call}: nothing was thrown"
    | error when not (row.Error.IsInstanceOfType error) ->
        Some $"{row.Call}: {error.GetType().Name} instead of {row.Error.Name}: {error.Message}"
    | error ->
        row.Words
        |> List.tryFind (fun word -> not (error.Message.Contains(word, StringComparison.Ordinal)))
        |> Option.map (fun word -> $"{row.Call}: \"{error.Message}\" lacks \"{word}\"")

[<Fact>]
let ``every invalid value is refused where it is given`` () =
    let problems = table |> List.choose failure |> String.concat "\n"

    TestContext.Current.TestOutputHelper
    |> Option.ofObj
    |> Option.iter (fun output -> output.WriteLine $"{table.Length} invalid calls")

    Assert.True((problems = ""), problems)

/// The curried functions that open with the namespace, with an argument for each of their parameters; nothing where one
/// has a type that is not known here.
let private sweep (parameter: ParameterInfo) (wrong: obj | null) : MethodInfo option * (obj | null)[] =
    let fill (other: ParameterInfo) : obj | null =
        if other = parameter then wrong
        elif other.ParameterType = typeof<Node> then box x
        elif other.ParameterType = typeof<int> then box 0
        elif other.ParameterType = typeof<float> then box 1.0
        elif other.ParameterType = typeof<bool> then box false
        elif other.ParameterType = typeof<DType> then box DType.Float64
        elif other.ParameterType = typeof<seq<int>> then box [ 0 ]
        elif other.ParameterType = typeof<seq<Node>> then box [ x; x ]
        else null

    match parameter.Member with
    | :? MethodInfo as call ->
        let arguments = call.GetParameters() |> Array.map fill
        (if Array.exists isNull arguments then None else Some call), arguments
    | _ -> None, [||]

let private parametersNamed (name: string) : ParameterInfo list =
    [
        for home in typeof<Node>.Assembly.GetExportedTypes() do
            if home.IsDefined typeof<AutoOpenAttribute> then
                for call in home.GetMethods(BindingFlags.Public ||| BindingFlags.Static) do
                    for parameter in call.GetParameters() do
                        if parameter.Name = name && not call.ContainsGenericParameters then
                            parameter
    ]

let private requireRefused (parameters: ParameterInfo list) (wrong: ParameterInfo -> (obj | null)) (words: string) =
    let outcomes =
        [
            for parameter in parameters |> List.filter (fun p -> p.ParameterType.IsInstanceOfType(wrong p)) do
                match sweep parameter (wrong parameter) with
                | Some call, arguments ->
                    match Record.Exception(fun () -> call.Invoke(null, arguments) |> ignore) with
                    | :? TargetInvocationException as failure when
                        (match failure.InnerException with
                         | :? ShapeException as error -> error.Message.Contains(words, StringComparison.Ordinal)
                         | _ -> false)
                        ->
                        Ok call.Name
                    | :? TargetInvocationException as failure -> Error $"{call.Name}: {failure.InnerException}"
                    | _ -> Error $"{call.Name}: nothing was thrown"
                | None, _ -> ()
        ]

    let problems =
        outcomes
        |> List.choose (function
            | Error problem -> Some problem
            | Ok _ -> None)

    Assert.True(problems.IsEmpty, String.concat "\n" problems)
    Assert.True(outcomes.Length > 5, $"only {outcomes.Length} parameters were found")

[<Fact>]
let ``every parameter named axis is refused out of range`` () =
    for axis in [ 17; -18 ] do
        requireRefused (parametersNamed "axis") (fun _ -> box axis) $"axis {axis}"

[<Fact>]
let ``every parameter named axes is refused out of range and twice`` () =
    for axis in [ 17; -18 ] do
        requireRefused (parametersNamed "axes") (fun _ -> box [ axis ]) $"axis {axis}"

    // The axes of expandDims are those of its result, where 1 and -1 differ; roll moves twice along an axis named twice.
    let mayNameTwice (parameter: ParameterInfo) = parameter.Member.Name = "expandDims" || parameter.Member.Name = "roll"

    let others = parametersNamed "axes" |> List.filter (mayNameTwice >> not)
    requireRefused others (fun _ -> box [ 1; -1 ]) "axis 1"
