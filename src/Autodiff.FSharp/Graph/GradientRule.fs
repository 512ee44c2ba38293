namespace Autodiff.FSharp

open Autodiff

/// The derivative of a function, as its maker gave it: how tangents of the operands become the tangent of the result,
/// and how a cotangent of the result becomes those of the operands. Both get the operands and the result first.
[<Sealed>]
type internal GradientRule
    (formula: string | null, push: Node[] -> Node -> (Node | null)[] -> Node, pull: Node[] -> Node -> Node -> Node[]) =
    inherit CustomRule(formula)

    /// A rule of a user's.
    new(push, pull) = GradientRule(null, push, pull)

    /// The tangent of the result; an operand without a tangent has null.
    member _.Push(operands: Node[], result: Node, tangents: (Node | null)[]) : Node = push operands result tangents

    /// The cotangents of the operands that there is a derivative by.
    member _.Pull(operands: Node[], result: Node, cotangent: Node) : Node[] = pull operands result cotangent

    /// The rule as derivatives see it.
    static member Of(rule: CustomRule) : GradientRule =
        match rule with
        | :? GradientRule as rule -> rule
        | _ -> invalidOp "a rule of derivatives is made by customGradient or customTangent"
