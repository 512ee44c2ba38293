namespace Autodiff.FSharp

open Autodiff

/// Operations of one's own: with a derivative of one's own, or computed outside the graph.
[<AutoOpen>]
module CustomFunctions =

    /// A function with a derivative of its own: `forward` makes the value of the inputs, and `backward`, given the
    /// inputs, the value and its cotangent, the gradient for each input, in its shape. Forward mode is the transpose of
    /// `backward`, which is linear in the cotangent; higher orders differentiate its graph. Whatever else the two
    /// functions use counts as constant.
    let customGradient
        (forward: Node list -> Node)
        (backward: Node list -> Node -> Node -> Node list)
        (inputs: Node list)
        : Node =
        let pull (operands: Node[]) result cotangent = Array.ofList (backward (List.ofArray operands) result cotangent)

        Custom.node (Custom.ofPullback pull) (forward inputs) (Array.ofList inputs)

    /// A function with a derivative of its own, given in forward mode: `tangent`, given the inputs, the value and the
    /// inputs' tangents, makes the tangent of the value. Reverse mode is the transpose of `tangent`, which is linear in
    /// the tangents. Whatever else the two functions use counts as constant.
    let customTangent
        (forward: Node list -> Node)
        (tangent: Node list -> Node -> Node list -> Node)
        (inputs: Node list)
        : Node =
        let push (operands: Node[]) result (tangents: Node[]) =
            tangent (List.ofArray operands) result (List.ofArray tangents)

        Custom.node (Custom.ofTangent push) (forward inputs) (Array.ofList inputs)

    /// The same function, whose derivatives compute anew what they need of its inner values instead of keeping them: less
    /// memory for one more evaluation, at every order of derivative and nested too. What it takes from around it can be
    /// differentiated as ever.
    let checkpoint (f: Node -> Node) (x: Node) : Node =
        Checkpoints.call (fun inputs -> [| f inputs[0] |]) [| Node.Given x |] |> Array.head

    /// The same function of several nodes to several, whose derivatives compute its inner values anew.
    let checkpointMany (f: Node list -> Node list) (inputs: Node list) : Node list =
        Checkpoints.call (List.ofArray >> f >> Array.ofList) (inputs |> Seq.map Node.Given |> Array.ofSeq)
        |> List.ofArray

    /// A call of a function outside the graph. It has no derivative, unless `customGradient (opaque f) backward` gives it one.
    /// Under vmap it is called for each example. Throws what the function's shape and type throw for the operands; when
    /// the graph runs, its exceptions are wrapped, and a value of another shape or type than announced is refused.
    let opaque (f: OpaqueFunction) (operands: Node list) : Node = Custom.opaque f (Array.ofList operands)
