/// Generated bodies of loops, and views that they run over.
module Autodiff.Properties.Kernel.Bodies

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.Properties.Kernel.Elements

let body (inputs: DType list) (ops: LoopOp list) (outputs: int list) =
    LoopBody(ReadOnlySpan<DType>(List.toArray inputs), List.toArray ops, ReadOnlySpan<int>(List.toArray outputs))

/// A body whose last output is stored as well, if it ends in a reduction.
let storingLast (body: LoopBody) =
    let outputs = body.Outputs.ToArray()
    LoopBody(body.Inputs, body.Ops.ToArray(), ReadOnlySpan(Array.append outputs [| Array.last outputs |]))

let run (body: LoopBody) (inputs: View[]) (outputs: View[]) =
    FusedLoop.Run(body, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs))

/// Runs a loop on the views that it was made for.
let runLoop (loop: IPlaced) (inputs: View[]) (outputs: View[]) =
    Places.Run(loop, ReadOnlySpan<View>(inputs), ReadOnlySpan<View>(outputs))

let allocate (dtype: DType) (shape: Shape) = NDArray.Allocate(shape, dtype)

let fill (random: Random) (array: NDArray) =
    let storage = Storage.Of array

    match array.DType with
    | DType.Float32 ->
        let span = storage.Span<float32>()

        for i in 0 .. span.Length - 1 do
            span[i] <- float32 (random.NextDouble() * 8.0 - 4.0)
    | DType.Float64 ->
        let span = storage.Span<float>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.NextDouble() * 8.0 - 4.0
    | DType.Int32 ->
        let span = storage.Span<int>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.Next(-100, 100)
    | DType.Int64 ->
        let span = storage.Span<int64>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.NextInt64(-100L, 100L)
    | _ ->
        let span = storage.Span<bool>()

        for i in 0 .. span.Length - 1 do
            span[i] <- random.Next 2 = 0

    array

/// A view of a shape over fresh random elements: dense, permuted, reversed, spread, or broadcast along some axes.
let randomView (random: Random) (dtype: DType) (shape: Shape) =
    let rank = shape.Rank
    let order = Array.init rank id
    random.Shuffle order
    let strides = Array.zeroCreate rank
    let mutable stride = 1
    let mutable offset = 0
    let dense = random.Next 3 = 0

    for axis in (if dense then Array.init rank (fun i -> rank - 1 - i) else order) do
        if not dense && random.Next 3 = 0 then
            strides[axis] <- 0
        else
            let step = if not dense && random.Next 4 = 0 then stride * 2 else stride
            strides[axis] <- step
            stride <- step * max shape[axis] 1

            if not dense && random.Next 4 = 0 then
                offset <- offset + step * max 0 (shape[axis] - 1)
                strides[axis] <- -step

    let storage = fill random (allocate dtype (shapeOf [ stride + 1 ]))
    View.Of(storage).With(Layout.Strided(shape, strides, offset))

/// A place for results: dense, or with its axes in another order, reversed and spread, but without overlap.
let outputView (random: Random) (dtype: DType) (shape: Shape) =
    let rec view () =
        let candidate = randomView random dtype shape

        let spread =
            Array.forall2 (fun size stride -> size <= 1 || stride <> 0) (shape.ToArray()) candidate.Layout.Strides

        if spread then candidate else view ()

    if random.Next 2 = 0 then View.Of(allocate dtype shape) else view ()

let shapes =
    [
        []
        [ 1 ]
        [ 0 ]
        [ 7 ]
        [ 3; 0; 2 ]
        [ 64 ]
        [ 1000 ]
        [ 5; 1; 3 ]
        [ 40; 33 ]
        [ 2; 3; 4; 5 ]
        [ 300; 2 ]
        [ 2; 1500 ]
        [ 17; 16 ]
        [ 2; 700; 3 ]
        // Rows that are read in place, but are no tiles.
        [ 3; 5; 70 ]
        [ 2; 3; 201 ]
    ]

let unary =
    [
        Opcode.Exp
        Opcode.Tanh
        Opcode.Neg
        Opcode.Sin
        Opcode.Sigmoid
        Opcode.Square
        Opcode.Log1p
        Opcode.Relu
        Opcode.Lgamma
    ]

let binary = [ Opcode.Add; Opcode.Sub; Opcode.Mul; Opcode.Div; Opcode.Maximum; Opcode.Pow ]

/// A random body over inputs of all types.
let randomBody (random: Random) =
    let inputTypes = [ for _ in 0 .. random.Next 5 -> enum<DType>(random.Next 5) ]
    let registers = ResizeArray inputTypes
    let ops = ResizeArray<LoopOp>()
    let pick (candidates: 'a list) = candidates[random.Next candidates.Length]

    let ofType dtype =
        match
            [
                for r in 0 .. registers.Count - 1 do
                    if registers[r] = dtype then
                        r
            ]
        with
        | [] -> None
        | candidates -> Some(pick candidates)

    let emit code (dtype: DType) a b c =
        ops.Add(LoopOp(code, dtype, a, b, c))
        registers.Add dtype

    for _ in 0 .. random.Next 12 do
        let a = random.Next registers.Count
        let dtype = registers[a]
        let b = (ofType dtype).Value

        match random.Next 6 with
        | 0 -> emit Opcode.Cast (enum<DType>(random.Next 5)) a 0 0
        | 1 -> emit (pick [ Opcode.Less; Opcode.LessEqual; Opcode.Equal; Opcode.NotEqual ]) DType.Bool a b 0
        | 2 ->
            match ofType DType.Bool with
            | Some condition -> emit Opcode.Select dtype condition a b
            | None -> emit Opcode.Copy dtype a 0 0
        | 3 when dtype.IsFloat() -> emit (pick unary) dtype a 0 0
        | _ when dtype.IsFloat() -> emit (pick binary) dtype a b 0
        | _ when dtype = DType.Bool -> emit (pick [ Opcode.And; Opcode.Or; Opcode.Xor ]) dtype a b 0
        | _ -> emit (pick [ Opcode.Add; Opcode.Sub; Opcode.Mul; Opcode.Minimum ]) dtype a b 0

    let outputs = [ for _ in 0 .. random.Next 3 -> random.Next registers.Count ]
    body inputTypes (List.ofSeq ops) (registers.Count - 1 :: outputs)

/// w - 0.1 g, m + g and both inputs swapped: everything written over what is read.
let updates =
    body
        [ DType.Float64; DType.Float64; DType.Float64 ]
        [
            LoopOp(Opcode.Mul, DType.Float64, 1, 2)
            LoopOp(Opcode.Sub, DType.Float64, 0, 3)
            LoopOp(Opcode.Add, DType.Float64, 4, 1)
        ]
        [ 4; 5; 0 ]

let isInteger dtype = dtype = DType.Int32 || dtype = DType.Int64

/// Whether an operation on integers can fail.
let mayDivideByZero code = code = Opcode.Div || code = Opcode.Remainder || code = Opcode.Fmod || code = Opcode.Pow

/// A body of one operation.
let single code dtype result =
    let inputs =
        match Opcodes.Arity code with
        | 3 -> [ DType.Bool; dtype; dtype ]
        | n -> List.replicate n dtype

    body inputs [ LoopOp(code, result, 0, 1, 2) ] [ inputs.Length ]

/// Writes some values over every fourth element.
let private sprinkle<'T when 'T: unmanaged and 'T: (new: unit -> 'T) and 'T: struct and 'T :> ValueType>
    (random: Random)
    (storage: Storage)
    (values: 'T[])
    =
    let span = storage.Span<'T>()

    for i in 0 .. span.Length - 1 do
        if random.Next 4 = 0 then
            span[i] <- values[random.Next values.Length]

/// Random elements, among them infinities, NaN, zeros, and numbers that are tiny, huge or at the end of their type.
let withSpecials (random: Random) (dtype: DType) (shape: Shape) =
    let array = fill random (allocate dtype shape)
    let storage = Storage.Of array

    let floats =
        [|
            0.0
            -0.0
            infinity
            -infinity
            nan
            1.0
            -1.0
            1e-310
            1e-40
            1e9
            -1e9
            1e300
            700.0
            -90.0
            0.5
            3.0
        |]

    match dtype with
    | DType.Float32 -> sprinkle random storage (Array.map float32 floats)
    | DType.Float64 -> sprinkle random storage floats
    | DType.Int32 -> sprinkle random storage [| 0; 1; -1; Int32.MinValue; Int32.MaxValue |]
    | DType.Int64 -> sprinkle random storage [| 0L; 1L; -1L; Int64.MinValue; Int64.MaxValue |]
    | _ -> ()

    View.Of array
