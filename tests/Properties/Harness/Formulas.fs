namespace Autodiff.Proofs

open System
open Autodiff
open Autodiff.FSharp

/// A product of elements of operands, each named by the operand's position and its coordinates, with a factor.
type Term = { Factor: float; Elements: (int * int[]) list }

/// A result said by indices alone: each of its elements is a sum of products of the operands' elements. A polynomial,
/// whose derivatives follow term by term.
type Formula = { Sizes: int[]; At: int[] -> Term list }

/// A function of nodes over operands of given shapes, and the formula that it is to agree with.
type ShapeCase =
    {
        Text: string
        Operands: int[] list
        Apply: Node list -> Node
        Formula: Formula
        /// The element type of the result, given that of the operands.
        Type: DType -> DType
    }

module Formula =

    /// One element, as it is.
    let element (operand: int) (index: int[]) : Term list = [ { Factor = 1.0; Elements = [ operand, index ] } ]

    /// A product of elements.
    let product (elements: (int * int[]) list) : Term = { Factor = 1.0; Elements = elements }

    /// Each element of the result is the element of the first operand at the coordinates that a function gives.
    let moved (sizes: int[]) (source: int[] -> int[]) : Formula = { Sizes = sizes; At = source >> element 0 }

    /// The same where only some elements come from the operand, and the others are zero.
    let placed (sizes: int[]) (source: int[] -> int[] option) : Formula =
        {
            Sizes = sizes
            At =
                fun index ->
                    match source index with
                    | Some index -> element 0 index
                    | None -> []
        }

    let private read (xs: Tensor[]) =
        let arrays = xs |> Array.map Tensor.asFloats
        fun (operand, index) -> arrays[operand][Tensor.position xs[operand].Sizes index]

    /// For each element of the result, the sum over its terms.
    let private total (formula: Formula) (ofTerm: Term -> float) : float[] =
        Tensor.coordinates formula.Sizes |> Array.map (formula.At >> List.sumBy ofTerm)

    let private productOf read = List.fold (fun product element -> product * read element) 1.0

    /// The elements of the result.
    let value (formula: Formula) (xs: Tensor[]) : float[] =
        let x = read xs
        total formula (fun term -> term.Factor * productOf x term.Elements)

    /// The sum over all choices of one element of a term, which is read from other operands than the rest.
    let rec private replaced (x: int * int[] -> float) chosen (elements: (int * int[]) list) =
        match elements with
        | [] -> 0.0
        | first :: rest -> chosen first rest + x first * replaced x chosen rest

    /// The derivative of the result along a direction.
    let first (formula: Formula) (xs: Tensor[]) (ts: Tensor[]) : float[] =
        let x, t = read xs, read ts

        total formula (fun term -> term.Factor * replaced x (fun one rest -> t one * productOf x rest) term.Elements)

    /// The derivative of that along another direction.
    let second (formula: Formula) (xs: Tensor[]) (ts: Tensor[]) (us: Tensor[]) : float[] =
        let x, t, u = read xs, read ts, read us

        let mixed one rest =
            let along (p: int * int[] -> float) (q: int * int[] -> float) =
                p one * replaced x (fun other rest -> q other * productOf x rest) rest

            along t u + along u t

        total formula (fun term -> term.Factor * replaced x mixed term.Elements)

    /// The formula in which nothing cancels: over the sizes of the operands' elements it bounds the rounding of a sum.
    let bounding (formula: Formula) : Formula =
        { formula with At = formula.At >> List.map (fun term -> { term with Factor = abs term.Factor }) }

    /// The operands with the sizes of their elements.
    let sizesOf (xs: Tensor[]) : Tensor[] =
        let size (x: Tensor) = Tensor.floats DType.Float64 x.Sizes (Tensor.asFloats x |> Array.map abs)
        Array.map size xs

    let private unit (dtype: DType) = if dtype = DType.Float32 then Math.Pow(2.0, -22.0) else Math.Pow(2.0, -51.0)

    /// Numbers that are rounded as often as a sum has terms; the bounds say how large these are together. A single
    /// element is not rounded at all.
    let expected (dtype: DType) (sizes: int[]) (values: float[]) (bounds: float[]) (isExact: bool) : Expectation =
        {
            Value = Tensor.cast dtype (Tensor.floats DType.Float64 sizes values)
            Allowed = bounds |> Array.map (fun bound -> if isExact then 0.0 else 32.0 * unit dtype * bound)
        }

    /// Whether the formula moves elements and does nothing else.
    let isMovement (formula: Formula) =
        Tensor.coordinates formula.Sizes
        |> Array.forall (fun index ->
            match formula.At index with
            | [] -> true
            | [ term ] -> term.Factor = 1.0 && term.Elements.Length = 1
            | _ -> false)
