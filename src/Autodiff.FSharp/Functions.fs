namespace Autodiff.FSharp

open Autodiff

/// Derivatives of graphs, as graphs.
[<AutoOpen>]
module Derivatives =

    /// The gradients of the sum of the elements of y for each of the xs, which may be any nodes, inner ones too; a zero
    /// where y does not depend on one. Throws DTypeException where y or an x is not floating.
    let grad (y: Node) (xs: seq<Node>) : Node list = Reverse.grad y (Array.ofSeq xs) |> List.ofArray

    /// The gradients for each of the xs of the sum of y times a cotangent, which has y's shape.
    let gradWith (cotangent: Node) (y: Node) (xs: seq<Node>) : Node list =
        Reverse.vjp y (Array.ofSeq xs) cotangent |> List.ofArray

    /// The gradient of the sum of the elements of y for one x.
    let derivative (y: Node) (x: Node) : Node = (Reverse.grad y [| x |])[0]

    /// The vector-Jacobian products: a cotangent of y becomes cotangents of the xs.
    let vjp (y: Node) (xs: seq<Node>) (cotangent: Node) : Node list = gradWith cotangent y xs

    /// The Jacobian-vector product: tangents of the xs become the tangent of y.
    let jvp (y: Node) (xs: seq<Node>) (tangents: seq<Node>) : Node =
        Forward.jvp y (Array.ofSeq xs) (Array.ofSeq tangents)

    /// The product of the Hessian of the sum of y, in x, with v.
    let hvp (y: Node) (x: Node) (v: Node) : Node = Transforms.hvp y x v

    /// The derivative of every element of y for every element of x: the axes of y, then those of x.
    let jacobian (y: Node) (x: Node) : Node = Transforms.jacobian y x

    /// The second derivatives of the sum of y: the axes of x, twice.
    let hessian (y: Node) (x: Node) : Node = Transforms.hessian y x

    /// The same function over a batch: f is applied to each slice of x along its first axis, in one graph.
    let vmap (f: Node -> Node) (x: Node) : Node = Transforms.vmap f x

    /// Compares the derivatives of y up to an order, in reverse and in forward mode, with central differences at the
    /// variables' starting values, and gives the worst element for each order. The steps suit the element type: Float64
    /// agrees to six digits, Float32 to two. At a kink every slope between those of the two sides counts as right.
    /// Throws ArgumentException where the order is below 1, there are no variables, or a node is none.
    let checkGradients (order: int) (y: Node) (xs: seq<Node>) : GradientReport = Check.run order y (Array.ofSeq xs)

/// How a function is compiled.
type CompileOptions =
    {
        /// The most bytes that a run may hold at once, results included. What does not fit is computed anew.
        /// Where the plan without a budget would hold more, sums may be taken in another order than there.
        MemoryBudget: int64
    }

/// Values of graphs.
[<AutoOpen>]
module Evaluation =

    /// The value of a node; variables have their starting values. Throws UnboundInputException if it needs an Input.
    let eval (node: Node) : NDArray = (Compiler.evaluate [||] [| node |])[0]

    /// The values of several nodes, computed together.
    let evalMany (nodes: seq<Node>) : NDArray list = Compiler.evaluate [||] (Array.ofSeq nodes) |> List.ofArray

    /// The value of a node where some nodes (variables, inputs, inner nodes) have the given values.
    let evalWith (values: seq<Node * NDArray>) (node: Node) : NDArray =
        let bindings = values |> Seq.map (fun (node, value) -> struct (node, value)) |> Array.ofSeq
        (Compiler.evaluate bindings [| node |])[0]

    /// A function of the inputs, which may be any nodes, that gives the outputs: simplified, fused and laid out once.
    let compile (inputs: seq<Node>) (outputs: seq<Node>) : CompiledFunction =
        Compiler.compile (Array.ofSeq inputs) (Array.ofSeq outputs)

    /// A function of the inputs that gives the outputs, compiled as the options say. Throws MemoryBudgetException where no
    /// plan keeps within the budget; the exception names the least that a plan was found for.
    let compileWith (options: CompileOptions) (inputs: seq<Node>) (outputs: seq<Node>) : CompiledFunction =
        Compiler.compileWithin options.MemoryBudget (Array.ofSeq inputs) (Array.ofSeq outputs)

/// Derivatives of functions from node to node, with the function first.
module Fn =

    // The function is given a node of its own, so that what it closes over is constant even where it is the argument.
    let private apart (x: Node) = identity x

    /// The gradient of the sum of f.
    let grad (f: Node -> Node) (x: Node) : Node =
        let x = apart x
        derivative (f x) x

    /// The value of f and the gradient of its sum.
    let valueAndGrad (f: Node -> Node) (x: Node) : struct (Node * Node) =
        let x = apart x
        let y = f x
        struct (y, derivative y x)

    /// The value of f and its tangent along the given one.
    let jvp (f: Node -> Node) (primal: Node) (tangent: Node) : struct (Node * Node) =
        let x = apart primal
        let y = f x
        struct (y, Derivatives.jvp y [ x ] [ tangent ])

    /// The value of f and the function from its cotangents to those of the argument.
    let vjp (f: Node -> Node) (x: Node) : struct (Node * (Node -> Node)) =
        let x = apart x
        let y = f x
        struct (y, (fun cotangent -> (Reverse.vjp y [| x |] cotangent)[0]))

    /// The Jacobian of f: the axes of its value, then those of its argument.
    let jacobian (f: Node -> Node) (x: Node) : Node =
        let x = apart x
        Derivatives.jacobian (f x) x

    /// The second derivatives of the sum of f.
    let hessian (f: Node -> Node) (x: Node) : Node =
        let x = apart x
        Derivatives.hessian (f x) x
