namespace Autodiff.Proofs

open System
open System.Collections.Generic
open Autodiff
open Autodiff.FSharp

/// A random graph while it grows. Each step makes one more formula of what is there; the reference interpreter knows the
/// values, so that every function meets arguments inside its domain and away from its kinks, and nothing grows beyond
/// what floats can tell apart. Axes have one of three sizes.
[<Sealed>]
type internal Growing(random: Random, dtype: DType, size: Random -> int) =
    let values = Dictionary<Node, Tensor>(HashIdentity.Reference)
    let pool = List<Node>()
    let variables = List<Node>()
    let largest = 8.0

    let palette = Array.init 3 (fun _ -> size random)

    member _.Random = random
    member _.DType = dtype
    member _.Variables = List.ofSeq variables
    member _.Pool = pool

    /// One of several.
    member _.Pick(items: IReadOnlyList<'a>) : 'a = items[random.Next items.Count]

    /// A node of the pool, more often a late one than an early one.
    member _.Any() : Node =
        let early, late = random.Next pool.Count, random.Next pool.Count
        pool[max early late]

    /// A shape over the few sizes of this graph, so that axes often meet their like.
    member growing.Shape(maxRank: int) : int[] =
        Array.init (random.Next(maxRank + 1)) (fun _ -> growing.Pick palette) |> Shapes.fit 10_000

    member _.Value(node: Node) : Tensor = Reference.extend (fun _ x -> x) values node

    member growing.Floats(node: Node) : float[] = Tensor.asFloats (growing.Value node)

    /// A number between two bounds, with three digits.
    member _.Between(low: float, high: float) = Math.Round(low + (high - low) * random.NextDouble(), 3)

    member private growing.Array(shape: int[]) =
        let signed () = (if random.Next 2 = 0 then -1.0 else 1.0) * growing.Between(0.1, 2.5)
        Tensor.toArray (Tensor.floats dtype shape (Array.init (Shapes.size shape) (fun _ -> signed ())))

    /// A new variable.
    member growing.Variable() =
        let node = Leaf.variable $"x{variables.Count}" (growing.Array(growing.Shape 3))
        variables.Add node
        pool.Add node

    /// A new constant, weak or strong.
    member growing.Constant() =
        let strong () = Leaf.constant (growing.Array(growing.Shape 2))
        pool.Add(if random.Next 2 = 0 then strong () else strong () * growing.Between(0.5, 1.5))

    /// Takes a new formula into the pool, scaled down where its values are large, if its values are numbers.
    member growing.Offer(node: Node) =
        if node.DType = dtype && Shapes.size (node.Shape.ToArray()) <= 1500 then
            let size =
                growing.Floats node
                |> Array.fold (fun m e -> if Double.IsNaN e then infinity else max m (abs e)) 0.0

            if Double.IsFinite size then
                pool.Add(
                    if size > largest then
                        node * Math.Pow(10.0, -ceil(log10 (size / largest)))
                    else
                        node
                )

    /// The node, brought into a domain if a value of it lies outside.
    member growing.Into(low: float, high: float, node: Node) =
        let isInside e = e >= low && e <= high

        if growing.Floats node |> Array.forall isInside then
            node
        else
            low + (high - low) * sigmoid node

    /// Whether two nodes broadcast to a shape that is not too large.
    member _.Meet(x: Node, y: Node) =
        let a, b = Array.rev (x.Shape.ToArray()), Array.rev (y.Shape.ToArray())
        let common = min a.Length b.Length
        let fit = Seq.forall (fun i -> a[i] = b[i] || a[i] = 1 || b[i] = 1) [ 0 .. common - 1 ]
        fit && (x.Shape.Size * y.Shape.Size <= 1500 || x.Shape = y.Shape)

    /// Two nodes that broadcast; the second may be a plain number.
    member growing.Pair() : struct (Node * Node) =
        let x = growing.Any()

        match Seq.init 5 (fun _ -> growing.Any()) |> Seq.tryFind (fun y -> growing.Meet(x, y)) with
        | Some y when random.Next 8 > 0 -> struct (x, y)
        | Some _
        | None -> struct (x, Node.op_Implicit (growing.Between(0.5, 2.0)))

    /// Whether no two elements that meet are closer than the margin.
    member growing.AreApart(x: Node, y: Node) = growing.Floats(x - y) |> Array.forall (fun d -> abs d >= Scalars.margin)
