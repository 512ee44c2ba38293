namespace Autodiff

open Autodiff.FSharp

/// A node that only branches of `where` depend on, and whose partial derivative can be infinite or NaN where none of them
/// is taken. The zero cotangent that arrives there is no longer known to be a mask, and 0 times infinity is NaN. A
/// harmless argument in the branch, `where condition (log (where condition x 1)) 0`, removes the risk.
[<Sealed>]
type LintRisk internal (node: Node, lostAt: Node) =
    /// The node whose derivative is at risk.
    member _.Node = node

    /// The node at which the mask is lost: it adds up elements, or several masks meet at it.
    member _.LostAt = lostAt

    override _.ToString() =
        $"{Op.name node.Op} {Axes.describe node}: its derivative can be NaN where 'where' did not take it; the mask is lost at {Op.name lostAt.Op} {Axes.describe lostAt}"

namespace Autodiff.FSharp

open System
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Traversal

/// What is legal but likely to be no intention.
module Lint =

    /// Whether a function of one argument has an infinite or undefined slope at some finite argument, or overflows.
    let private isSingularUnary (op: Unary) =
        match op with
        | Unary.Reciprocal
        | Unary.Sqrt
        | Unary.Rsqrt
        | Unary.Cbrt
        | Unary.Exp
        | Unary.Exp2
        | Unary.Expm1
        | Unary.Log
        | Unary.Log2
        | Unary.Log10
        | Unary.Log1p
        | Unary.Log1mExp
        | Unary.Tan
        | Unary.Asin
        | Unary.Acos
        | Unary.Sinh
        | Unary.Cosh
        | Unary.Acosh
        | Unary.Atanh
        | Unary.ErfInv
        | Unary.Lgamma
        | Unary.Digamma -> true
        | Unary.Neg
        | Unary.Square
        | Unary.Sin
        | Unary.Cos
        | Unary.Atan
        | Unary.Tanh
        | Unary.Asinh
        | Unary.Erf
        | Unary.Erfc
        | Unary.Sigmoid
        | Unary.Softplus
        | Unary.Relu
        | Unary.Abs
        | Unary.Sign
        | Unary.Floor
        | Unary.Ceil
        | Unary.Round
        | Unary.Trunc -> false

    let private isSingularBinary (op: Binary) =
        match op with
        | Binary.Div
        | Binary.Pow
        | Binary.Atan2
        | Binary.Remainder
        | Binary.Fmod
        | Binary.Polygamma -> true
        | Binary.Add
        | Binary.Sub
        | Binary.Mul
        | Binary.Maximum
        | Binary.Minimum
        | Binary.Hypot
        | Binary.LogAddExp -> false

    /// An argument that is itself a choice has been made harmless, or was meant to be.
    let private isSingular (node: Node) =
        match node.Op with
        | Op.Unary(op, x) -> isSingularUnary op && not x.Op.IsSelect
        | Op.Binary(op, x, y) -> isSingularBinary op && not x.Op.IsSelect && not y.Op.IsSelect
        | _ -> false

    let private isMasked (t: Node) =
        match t with
        | Masks.Masked _ -> true
        | _ -> false

    /// What is known of the cotangent of a node while the walk comes back to it.
    [<NoEquality; NoComparison>]
    type private Arrival =
        {
            mutable Cotangent: Node | null
            /// Something arrives that no choice has masked: then the node counts wherever it is infinite.
            mutable IsLive: bool
            /// Where a mask was lost on the way.
            mutable LostAt: Node | null
        }

    /// What one operand of a node receives: its share of the cotangent, whether a choice masks it, where the mask was lost.
    let private pass (node: Node) (at: Arrival) (isChosen: bool) (cotangent: Node) (arrival: Arrival) (term: Node) =
        let wasMasked = isChosen && isMasked cotangent
        let lost: Node | null = if wasMasked && not (isMasked term) then node else at.LostAt
        let isMaskedNow = (wasMasked || node.Op.IsSelect) && isMasked term
        arrival.IsLive <- arrival.IsLive || (isNull lost && not isMaskedNow)

        if isNull arrival.LostAt then
            arrival.LostAt <- lost

    let private isLeaf (node: Node) = (node.Op.IsVariable || node.Op.IsInput) && node.DType.IsFloat()

    /// The nodes of the graph of y at which a branch that `where` has not taken can make its gradient NaN. Most branches
    /// cannot: a derivative is masked as long as elements keep apart. What is named here lies beyond a sum over elements, a
    /// product of matrices or a place where differently masked derivatives meet.
    let risks (y: Node) : LintRisk list =
        let tape = Tape [ y ]
        let emitter = Emitter Rewrite.always
        emitter.Adopt tape
        let active = Reverse.reached tape (Array.filter isLeaf (tape.Nodes.ToArray()))

        let arrivals =
            Array.init tape.Nodes.Length (fun _ -> { Cotangent = null; IsLive = false; LostAt = null })

        let found = ResizeArray<LintRisk>()
        let last = arrivals[arrivals.Length - 1]

        if y.DType.IsFloat() then
            last.Cotangent <- emitter.Emit(onesLike y)
            last.IsLive <- true

        for i in tape.Nodes.Length - 1 .. -1 .. 0 do
            let node, at = tape.Nodes[i], arrivals[i]

            match at.Cotangent with
            | NonNull c when active[i] && not node.Op.IsOpaque ->
                // Several masks that are not one leave zeros that nothing marks.
                if not at.IsLive && isNull at.LostAt && not (isMasked c) then
                    at.LostAt <- node

                match at.LostAt with
                | NonNull lost when not at.IsLive && isSingular node -> found.Add(LintRisk(node, lost))
                | _ -> ()

                tape.Children i
                |> Array.iteri (fun position k ->
                    if active[k] && Linear.carries node tape.Nodes[k] then
                        match Linear.map node position with
                        | ValueSome map ->
                            let term = emitter.Emit(map.Transpose c)
                            let arrival = arrivals[k]
                            pass node at (not at.IsLive) c arrival term

                            arrival.Cotangent <-
                                match arrival.Cotangent with
                                | null -> term
                                | sum -> emitter.Emit(sum + term)
                        | ValueNone -> ())
            | _ -> ()

        List.ofSeq found
