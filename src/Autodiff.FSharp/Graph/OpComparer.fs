namespace Autodiff.FSharp

open System
open System.Collections.Generic
open Autodiff

/// The equality by which shared subexpressions are found: of the operations and, by reference, of the nodes they are
/// over. It is that of the union; the operations that graphs are mostly made of are compared without its generic
/// machinery, which takes several times as long.
[<Sealed>]
type internal OpComparer private () =
    static let structural = HashIdentity.Structural<Op<Node>>

    /// The only one.
    static member val Instance: IEqualityComparer<Op<Node>> = OpComparer()

    static member private Hash(tag: int, x: Node, y: Node) = HashCode.Combine(tag, x.Id, y.Id)

    interface IEqualityComparer<Op<Node>> with
        member _.GetHashCode op =
            match op with
            | Op.Unary(f, x) -> HashCode.Combine(f.GetHashCode(), x.Id)
            | Op.Binary(f, x, y) -> OpComparer.Hash(64 + f.GetHashCode(), x, y)
            | Op.Compare(f, x, y) -> OpComparer.Hash(128 + f.GetHashCode(), x, y)
            | Op.Select(condition, x, y) -> HashCode.Combine(condition.Id, x.Id, y.Id)
            | Op.Einsum(subscripts, operands) ->
                let mutable hash = HashCode()
                hash.Add(subscripts.GetHashCode())

                for operand in operands do
                    hash.Add operand.Id

                hash.ToHashCode()
            | other -> structural.GetHashCode other

        member _.Equals(a, b) =
            match a, b with
            | Op.Unary(f, x), Op.Unary(g, y) -> Object.ReferenceEquals(x, y) && f = g
            | Op.Binary(f, x0, x1), Op.Binary(g, y0, y1) ->
                Object.ReferenceEquals(x0, y0) && Object.ReferenceEquals(x1, y1) && f = g
            | _ -> structural.Equals(a, b)
