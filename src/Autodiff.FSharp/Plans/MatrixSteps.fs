/// The steps that linear algebra takes: one for all results of a factorisation of the same matrices.
module internal Autodiff.FSharp.MatrixSteps

open System.Collections.Generic
open Autodiff
open Autodiff.Kernel

/// What was factorised: how, with which cutoff, and the position of the matrices' node.
type Key = (struct (Factorization * float * int))

/// The results of the factorisations so far.
type Table = Dictionary<Key, BufferView[]>

let private results kind (dtype: DType) (x: Shape) : struct (DType * Shape)[] =
    let part part = struct (dtype, Factors.shape part x)
    let beside last = Shapes.ofSeq (Seq.append (Seq.take (x.Rank - 2) x) [ last ])

    match kind with
    | Factorization.Cholesky -> [| part FactorPart.CholeskyL |]
    | Factorization.Lu -> [| struct (dtype, x); struct (DType.Int64, beside x[x.Rank - 1]); struct (dtype, beside 3) |]
    | Factorization.Cofactors -> [| part FactorPart.Cofactors |]
    | Factorization.PseudoInverse -> [| part (FactorPart.PseudoInverse 0.0) |]
    | Factorization.Exponential -> [| part FactorPart.Expm |]
    | Factorization.Qr -> [| part FactorPart.QrQ; part FactorPart.QrR |]
    | Factorization.Eigen -> [| part FactorPart.EighValues; part FactorPart.EighVectors |]
    | _ -> [| part FactorPart.SvdU; part FactorPart.SvdS; part FactorPart.SvdVt |]

/// All results of a factorisation of the node at a position, computed once.
let private factorise (builder: ProgramBuilder) (table: Table) kind cutoff position (x: BufferView) : BufferView[] =
    let key = struct (kind, cutoff, position)

    match table.TryGetValue key with
    | true, known -> known
    | false, _ ->
        let made =
            results kind x.DType x.Shape
            |> Array.map (fun (struct (dtype, shape)) -> builder.Temporary(dtype, shape))

        builder.Emit(FactorInstruction(kind, cutoff, x, made))
        table[key] <- made
        made

/// Where a result of a factorisation of the node at a position stands.
let part (builder: ProgramBuilder) (table: Table) (part: FactorPart) (position: int) (x: BufferView) : BufferView =
    let factor kind result = (factorise builder table kind 0.0 position x)[result]

    let summary place =
        let numbers = factor Factorization.Lu 2
        numbers.Under(numbers.Layout.Pick(numbers.Shape.Rank - 1, place))

    match part with
    | FactorPart.CholeskyL -> factor Factorization.Cholesky 0
    | FactorPart.Det -> summary 0
    | FactorPart.DetSign -> summary 1
    | FactorPart.LogAbsDet -> summary 2
    | FactorPart.Cofactors -> factor Factorization.Cofactors 0
    | FactorPart.PseudoInverse cutoff -> (factorise builder table Factorization.PseudoInverse cutoff position x)[0]
    | FactorPart.Expm -> factor Factorization.Exponential 0
    | FactorPart.QrQ -> factor Factorization.Qr 0
    | FactorPart.QrR -> factor Factorization.Qr 1
    | FactorPart.EighValues -> factor Factorization.Eigen 0
    | FactorPart.EighVectors -> factor Factorization.Eigen 1
    | FactorPart.SvdU -> factor Factorization.Svd 0
    | FactorPart.SvdS -> factor Factorization.Svd 1
    | FactorPart.SvdVt -> factor Factorization.Svd 2

/// Solves systems whose matrices are the node at a position.
let solve (builder: ProgramBuilder) (table: Table) (form: SolveForm) position (a: BufferView) b (x: BufferView) =
    let triangular isLower hasUnitDiagonal =
        let form = TriangularForm(isLower, form.IsTransposed, hasUnitDiagonal)
        builder.Emit(TriangularSolveInstruction(form, a, b, x))

    match form.Matrix with
    | SystemMatrix.General ->
        let factors = factorise builder table Factorization.Lu 0.0 position a
        builder.Emit(SolveInstruction(form.IsTransposed, factors[0], factors[1], b, x))
    | SystemMatrix.Lower -> triangular true false
    | SystemMatrix.UnitLower -> triangular true true
    | SystemMatrix.Upper -> triangular false false
    | SystemMatrix.UnitUpper -> triangular false true
