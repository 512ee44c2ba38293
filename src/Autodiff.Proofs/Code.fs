namespace Autodiff.Proofs

open System
open System.Collections.Generic
open System.Globalization
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.FSharp.Traversal

/// The language that a graph is written in.
type Language =
    | FSharp
    | CSharp

/// Graphs as code that can be pasted into a script: one line for each node.
module Code =

    let private either language (inFSharp: 'a) (inCSharp: 'a) =
        match language with
        | FSharp -> inFSharp
        | CSharp -> inCSharp

    let private separator language = either language "; " ", "

    /// A list of expressions between brackets.
    let private listed language (items: seq<string>) =
        let joined = String.concat (separator language) items
        if joined = "" then "[]" else either language $"[ {joined} ]" $"[{joined}]"

    let private sizes language (items: seq<int>) = items |> Seq.map string |> listed language

    let private number language (x: float) =
        let text = x.ToString("R", CultureInfo.InvariantCulture)

        if Double.IsNaN x then
            either language "nan" "double.NaN"
        elif Double.IsPositiveInfinity x then
            either language "infinity" "double.PositiveInfinity"
        elif Double.IsNegativeInfinity x then
            either language "-infinity" "double.NegativeInfinity"
        elif text.Contains '.' || text.Contains 'E' then
            text
        else
            text + ".0"

    let private elements (value: NDArray) = Tensor.asFloats (Tensor.ofArray value)

    /// An array made of doubles, whatever its type: a conversion follows where it is another.
    let private array language (value: NDArray) =
        let joined separator items = items |> Seq.map string |> String.concat separator
        let numbers = elements value |> Seq.map (number language)

        let made =
            if value.Rank = 0 then
                $"NDArray.Scalar({Seq.head numbers})"
            else
                either
                    language
                    ("NDArray.Create([| " + joined "; " numbers + " |], " + joined ", " value.Shape + ")")
                    ("NDArray.Create(new double[] { " + joined ", " numbers + " }, " + joined ", " value.Shape + ")")

        if value.DType = DType.Float64 then
            made
        else
            $"{made}.AsType(DType.{value.DType})"

    let private slices language (ranges: AxisRange[]) (shape: Shape) =
        let bound i =
            if i < 0 then
                either language "Nullable<int>()" "(int?)null"
            else
                either language $"Nullable {i}" $"{i}"

        let one axis (range: AxisRange) =
            if range.Count = shape[axis] && range.Start = 0 && range.Step = 1 then
                "Slice.All"
            else
                $"Slice.Step({bound range.Start}, {bound (range.Start + range.Count * range.Step)}, {range.Step})"

        ranges |> Seq.mapi one |> String.concat (separator language)

    let private sliced language ranges shape x =
        let text = slices language ranges shape

        if Array.isEmpty ranges then
            x
        else
            either language $"slice [ {text} ] {x}" $"{x}[{text}]"

    let private windows language (windows: AxisWindow[]) =
        let one (w: AxisWindow) =
            let numbers = $"AxisWindow({w.Axis}, {w.Size}, {w.Stride}, {w.Dilation})"
            either language numbers $"new {numbers}"

        windows |> Seq.map one |> listed language

    let private letter (label: int) = string ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".[label])

    let private lettered (labels: seq<int>) = labels |> Seq.map letter |> String.concat ""

    let private constant language code = either language $"constant ({code})" $"Constant({code})"

    /// Subscripts in NumPy's language, which has neither a result label that no operand has nor one twice: an operand of
    /// ones brings the first, an identity matrix the second.
    let private numpy language (subscripts: Subscripts) (dtype: DType) (names: string[]) =
        let result = Array.ofSeq subscripts.ResultLabels
        let own = Array.init names.Length (fun k -> Array.ofSeq (subscripts.OperandLabels k))
        let converted code = constant language $"{code}.AsType(DType.{dtype})"
        let extra = ResizeArray<struct (int[] * string)>()

        let place i label =
            let size = subscripts.Sizes[label]

            if Array.IndexOf(result, label) < i then
                let twin = subscripts.Sizes.Length + extra.Count
                extra.Add(struct ([| label; twin |], converted $"NDArray.Eye({size})"))
                twin
            else
                if not (Array.exists (Array.contains label) own) then
                    extra.Add(struct ([| label |], converted $"NDArray.Ones({size})"))

                label

        let result = Array.mapi place result
        let labels = Seq.append own (extra |> Seq.map (fun (struct (labels, _)) -> labels))
        let operands = labels |> Seq.map lettered |> String.concat ","
        struct ($"{operands}->{lettered result}", Seq.append names (extra |> Seq.map (fun (struct (_, code)) -> code)))

    let private pascal (name: string) = $"{Char.ToUpperInvariant name.[0]}{name.[1..]}"

    /// A function applied to plain arguments and, last in F# and first in C#, to a node.
    let private call language name (arguments: string list) node =
        let inside = String.concat ", " arguments
        either language (String.concat " " (name :: arguments @ [ node ])) $"{node}.{pascal name}({inside})"

    /// Truth values are counted by einsum, so that a broadcast of them has to be made Bool again.
    let private einsum language subscripts dtype names =
        let struct (text, names) = numpy language subscripts dtype names
        let joined = String.concat ", " names
        let code = either language $"einsum \"{text}\" {listed language names}" $"Einsum(\"{text}\", {joined})"

        if dtype = DType.Bool then
            call language "cast" [ "DType.Bool" ] (either language $"({code})" code)
        else
            code

    /// The transpose of a linear function at a cotangent, which is how operations are made that users have no name for:
    /// the gradient of the sum of its product with the cotangent. Whole numbers go through floats, which have gradients.
    let rec private transposed language (shape: Shape) (dtype: DType) (body: string -> string) cotangent =
        if not (dtype.IsFloat()) then
            let inside code = either language $"({code})" code
            let floating = inside (call language "cast" [ "DType.Float64" ] cotangent)
            call language "cast" [ $"DType.{dtype}" ] (inside (transposed language shape DType.Float64 body floating))
        else
            let sizes = shape |> Seq.map string |> String.concat (separator language)
            let sizes = either language $"[| {sizes} |]" $"[{sizes}]"
            let zeros = constant language $"NDArray.Zeros({sizes}, DType.{dtype})"
            let image = body "z"
            let product = $"{image} * {cotangent}"
            either language $"Fn.grad (fun z -> {product}) ({zeros})" $"Grad(z => {product}, {zeros})"

    let private unary language (op: Unary) x =
        match op with
        | Unary.Neg -> "-" + x
        | Unary.Sign -> call language (either language "signum" "sign") [] x
        | Unary.Ceil -> call language (either language "ceil" "ceiling") [] x
        | Unary.Trunc -> call language "truncate" [] x
        | Unary.ErfInv -> call language "erfInv" [] x
        | Unary.Log1mExp -> call language "log1mExp" [] x
        | _ -> call language (string op) [] x

    let private binary language (op: Binary) (x: string) (y: string) =
        match op with
        | Binary.Add -> $"{x} + {y}"
        | Binary.Sub -> $"{x} - {y}"
        | Binary.Mul -> $"{x} * {y}"
        | Binary.Div -> $"{x} / {y}"
        | Binary.Pow -> either language $"{x} ** {y}" $"{x}.Pow({y})"
        | Binary.Atan2 -> either language $"atan2 {x} {y}" $"Atan2({x}, {y})"
        | Binary.Hypot
        | Binary.Remainder
        | Binary.Fmod
        | Binary.Polygamma
        | Binary.Maximum
        | Binary.Minimum -> either language $"{op} {x} {y}" $"{pascal (string op)}({x}, {y})"
        | Binary.LogAddExp -> either language $"logAddExp {x} {y}" $"LogAddExp({x}, {y})"

    let private connective language (op: Logical) (x: string) (y: string) =
        match op with
        | Logical.And -> either language $"logicalAnd {x} {y}" $"LogicalAnd({x}, {y})"
        | Logical.Or -> either language $"logicalOr {x} {y}" $"LogicalOr({x}, {y})"
        | Logical.Xor -> either language $"logicalXor {x} {y}" $"LogicalXor({x}, {y})"

    let private comparison language (op: Comparison) (x: string) (y: string) =
        match op with
        | Comparison.Less -> either language $"({x} .< {y})" $"({x} < {y})"
        | Comparison.LessEqual -> either language $"({x} .<= {y})" $"({x} <= {y})"
        | Comparison.Equal -> either language $"({x} .= {y})" $"Equal({x}, {y})"
        | Comparison.NotEqual -> either language $"({x} .<> {y})" $"NotEqual({x}, {y})"

    let private leaf language (node: Node) (op: Op<string>) =
        match op with
        | Op.Constant(value, true) when DTypes.IsFloat value.DType && value.Rank = 0 ->
            let text = number language (Array.head (elements value))
            either language $"scalar ({text})" text
        | Op.Constant(value, _) -> constant language (array language value)
        | Op.Variable start ->
            let start = array language start
            either language $"variable \"{node.Name}\" ({start})" $"Variable({start}, \"{node.Name}\")"
        | _ ->
            let shape = sizes language node.Shape

            either
                language
                $"input \"{node.Name}\" {shape} DType.{node.DType}"
                $"Input(\"{node.Name}\", {shape}, DType.{node.DType})"

    let private pickBy name language axis indices source =
        let arguments = if language = FSharp then [ string axis; indices ] else [ indices; string axis ]
        call language name arguments source

    /// Slices picked by an array of positions. Axes that source and positions have in common are one axis of both, along
    /// which each picks its own.
    let private take language batch axis (shapeOf: string -> Shape) (source: Shape) indices (result: Shape) x =
        if batch = 0 then
            pickBy "take" language axis indices x
        else
            let product (sizes: seq<int>) = Seq.fold (*) 1 sizes
            let common = product (Seq.take batch source)
            let inside code = either language $"({code})" code
            let reshaped (shape: int list) code = inside (call language "reshape" [ sizes language shape ] code)
            let before = product (source |> Seq.take axis |> Seq.skip batch)
            let after = product (Seq.skip (axis + 1) source)
            let positions = product (Seq.skip batch (shapeOf indices))
            let x = reshaped [ common; before; source[axis]; after ] x
            let indices = reshaped [ common; 1; positions; 1 ] indices
            call language "reshape" [ sizes language result ] (inside (pickBy "takeAlongAxis" language 2 indices x))

    let private arg language kind =
        match kind with
        | Extremum.Max -> either language "argmax" "argMax"
        | Extremum.Min -> either language "argmin" "argMin"

    let private flag (value: bool) = if value then "true" else "false"

    let private random language name (arguments: string list) =
        let joined = String.concat ", " arguments
        either language (String.concat " " ($"Random.{name}" :: arguments)) $"GraphRandom.{pascal name}({joined})"

    let private drawn language (draw: Draw) (shape: Shape) keys =
        let shape = sizes language shape
        let long n = either language $"{n}L" $"{n}"

        match draw with
        | Draw.Bits -> random language "bits" [ keys; shape ]
        | Draw.Uniform dtype when language = FSharp -> random language "uniformOf" [ $"DType.{dtype}"; keys; shape ]
        | Draw.Uniform dtype -> random language "uniform" [ keys; shape; $"DType.{dtype}" ]
        | Draw.Normal dtype when language = FSharp -> random language "normalOf" [ $"DType.{dtype}"; keys; shape ]
        | Draw.Normal dtype -> random language "normal" [ keys; shape; $"DType.{dtype}" ]
        | Draw.Integers(low, high) -> random language "integers" [ keys; long low; long high; shape ]
        | Draw.Permutation -> random language "permutation" [ keys; shape.Trim('[', ' ', ']') ]
        | Draw.Split -> random language "split" [ keys; shape.Trim('[', ' ', ']') ]

    let private remark language (text: string) (operands: string[]) =
        let names = String.concat " " operands
        let text = $"{text} {names}"
        either language $" (* {text} *)" $" /* {text} */"

    let private zeros language (node: Node) =
        let joined = node.Shape |> Seq.map string |> String.concat (separator language)
        let sizes = either language $"[| {joined} |]" $"[{joined}]"
        constant language $"NDArray.Zeros({sizes}, DType.{node.DType})"

    /// One of several results.
    let private result language names (chosen: string) (property: string) call =
        either language $"(let struct ({names}) = {call} in {chosen})" $"{call}.{property}"

    let private factor language (part: FactorPart) x =
        let call name = call language name [] x

        match part with
        | FactorPart.CholeskyL -> call "cholesky"
        | FactorPart.Det -> call "det"
        | FactorPart.DetSign -> result language "sign, _" "sign" "Sign" (call "slogdet")
        | FactorPart.LogAbsDet -> result language "_, log" "log" "LogAbsDet" (call "slogdet")
        | FactorPart.Cofactors -> either language $"Fn.grad det {x}" $"Grad(z => z.Det(), {x})"
        | FactorPart.PseudoInverse cutoff ->
            let cutoff = number language cutoff
            either language $"pinvWith {cutoff} {x}" $"{x}.Pinv({cutoff})"
        | FactorPart.Expm -> call "expm"
        | FactorPart.QrQ -> result language "q, _" "q" "Q" (call "qr")
        | FactorPart.QrR -> result language "_, r" "r" "R" (call "qr")
        | FactorPart.EighValues -> call "eigvalsh"
        | FactorPart.EighVectors -> result language "_, v" "v" "Vectors" (call "eigh")
        | FactorPart.SvdU -> result language "u, _, _" "u" "U" (call "svd")
        | FactorPart.SvdS -> call "svdvals"
        | FactorPart.SvdVt -> result language "_, _, vt" "vt" "Vt" (call "svd")

    let private solve language (form: SolveForm) a b =
        let flag value = if value then "true" else "false"
        let transposed = flag form.IsTransposed

        let triangular lower unit =
            either
                language
                $"triangularSolveWith {lower} {transposed} {unit} {a} {b}"
                $"TriangularSolve({a}, {b}, {lower}, {transposed}, {unit})"

        match form.Matrix with
        | SystemMatrix.General when form.IsTransposed ->
            either language $"solve (swapAxes -1 -2 {a}) {b}" $"Solve({a}.SwapAxes(-1, -2), {b})"
        | SystemMatrix.General -> either language $"solve {a} {b}" $"Solve({a}, {b})"
        | SystemMatrix.Lower -> triangular "true" "false"
        | SystemMatrix.UnitLower -> triangular "true" "true"
        | SystemMatrix.Upper -> triangular "false" "false"
        | SystemMatrix.UnitUpper -> triangular "false" "true"

    let private body language (shapeOf: string -> Shape) (node: Node) (op: Op<string>) : string =
        let call = call language

        match op with
        | Op.Constant _
        | Op.Variable _
        | Op.Input -> leaf language node op
        | Op.Unary(op, x) -> unary language op x
        | Op.Binary(op, x, y) -> binary language op x y
        | Op.Compare(op, x, y) -> comparison language op x y
        | Op.Test(Test.IsNaN, x) -> call "isNaN" [] x
        | Op.Test(Test.IsFinite, x) -> call "isFinite" [] x
        | Op.Logical(op, x, y) -> connective language op x y
        | Op.Not x -> either language $"logicalNot {x}" $"LogicalNot({x})"
        | Op.Select(c, x, y) -> either language $"where {c} {x} {y}" $"Where({c}, {x}, {y})"
        | Op.Cast(dtype, x) -> call "cast" [ $"DType.{dtype}" ] x
        | Op.Einsum(subscripts, operands) -> einsum language subscripts node.DType operands
        | Op.Reshape(shape, x) -> call "reshape" [ sizes language shape ] x
        | Op.Slice(ranges, x) -> sliced language ranges (shapeOf x) x
        | Op.Embed(ranges, shape, x) -> transposed language shape node.DType (sliced language ranges shape) x
        | Op.Window(w, x) -> call "slidingWindowView" [ windows language w ] x
        | Op.OverlapAdd(w, shape, x) ->
            let shape = sizes language shape
            call "overlapAdd" (either language [ windows language w; shape ] [ shape; windows language w ]) x
        | Op.Concat(axis, parts) ->
            let parts = listed language parts
            either language $"concat {axis} {parts}" $"Concat({parts}, {axis})"
        | Op.Gather(batch, axis, source, indices) ->
            take language batch axis shapeOf (shapeOf source) indices node.Shape source
        | Op.ScatterAdd(batch, axis, shape, updates, indices) ->
            let image = take language batch axis shapeOf shape indices (shapeOf updates)
            transposed language shape node.DType image updates
        | Op.Extremum(kind, axes, x) ->
            call (either language $"{kind}" ((string kind).Substring 1)) [ sizes language axes ] x
        | Op.ArgExtremum(kind, axis, x) -> call (arg language kind) [ string axis ] x
        | Op.Recurrence(axis, reverse, a, b) -> $"{b}.Recurrence({a}, {axis}, {flag reverse})"
        | Op.RunningExtremum(Extremum.Max, axis, reverse, x) -> $"{x}.CumMax({axis}, {flag reverse})"
        | Op.RunningExtremum(Extremum.Min, axis, reverse, x) -> $"{x}.CumMin({axis}, {flag reverse})"
        | Op.ArgSort(axis, descending, x) -> $"{x}.ArgSort({axis}, {flag descending})"
        | Op.Factor(part, x) -> factor language part x
        | Op.Solve(form, a, b) -> solve language form a b
        | Op.Identity x -> call "identity" [] x
        | Op.StopGradient x -> call "stopGradient" [] x
        | Op.Draw(draw, shape, keys) -> drawn language draw shape keys
        | Op.KeyedMap(map, keys, x) -> random language (string map) [ keys; x ]
        | Op.Custom(_, value, operands) ->
            call "identity" [] value + remark language "with its own derivative in" operands
        | Op.Checkpoint(value, operands) ->
            call "identity" [] value + remark language "computed anew by derivatives from" operands
        | Op.Barrier(x, after) -> call "identity" [] x + remark language "read after" after
        | Op.Opaque(_, f, operands) -> zeros language node + remark language $"a value of opaque {f.Name} over" operands

    /// The lines of code that make the nodes that the roots depend on; the last line names the roots.
    let write (language: Language) (roots: seq<Node>) : string =
        let nodes = order roots
        let names = Dictionary<Node, string>(HashIdentity.Reference)
        nodes |> Array.iteri (fun i node -> names[node] <- $"n{i}")
        let shapeOf (name: string) = nodes[int (name.Substring 1)].Shape

        let line (node: Node) =
            let name = names[node]
            let code = body language shapeOf node (Op.map (fun child -> names[child]) node.Op)

            either
                language
                $"let {name} = {code} // {node.DType}{node.Shape}"
                $"Node {name} = {code}; // {node.DType}{node.Shape}"

        let results = roots |> Seq.map (fun root -> names[root]) |> listed language
        let lines = Seq.append (Seq.map line nodes) [ "// results: " + results ]
        String.concat "\n" lines

    /// Both languages, one after the other.
    let both (roots: seq<Node>) : string = "F#:\n" + write FSharp roots + "\nC#:\n" + write CSharp roots
