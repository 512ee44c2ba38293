/// What does not fit is refused where the node is built, with a message that says what and where.
module Autodiff.Properties.Graph.Errors

open System
open Autodiff
open Autodiff.FSharp
open Xunit

let private x = variable "x" (NDArray.Zeros(2, 3))
let private w = variable "w" (NDArray.Zeros(4, 5))
let private nameless = constant (NDArray.Zeros(2, 3))
let private whole = constant [ 1; 2; 3 ]

let private refuses<'error when 'error :> exn> (message: string) (build: unit -> Node) =
    let error = Assert.Throws<'error>(fun () -> build () |> ignore)
    Assert.Equal(message, error.Message)

[<Fact>]
let ``einsum names the label, both operands and both sizes`` () =
    refuses<EinsumException>
        "einsum \"ij,jk->ik\": label j is 3 in operand 0 'x' [2,3] but 4 in operand 1 'w' [4,5]"
        (fun () -> einsum "ij,jk->ik" [ x; w ])

    refuses<EinsumException>
        "einsum \"ijk->i\": operand 0 'x' [2,3] has 2 axes, but its subscripts \"ijk\" stand for 3"
        (fun () -> einsum "ijk->i" [ x ])

    refuses<EinsumException> "einsum \"ij,jk->ik\": there are 2 operands in the subscripts, but 1 were given" (fun () ->
        einsum "ij,jk->ik" [ x ])

[<Fact>]
let ``arithmetic names both operands and the axis`` () =
    refuses<ShapeException>
        "add: operand 0 'x' [2,3] and operand 1 'w' [4,5] do not broadcast: axis -2 is 2 and 4"
        (fun () -> x + w)

    refuses<ShapeException>
        "pow: operand 0 [2,3] and operand 1 'w' [4,5] do not broadcast: axis -2 is 2 and 4"
        (fun () -> nameless ** w)

    refuses<ShapeException>
        "less: operand 0 'x' [2,3] and operand 1 'w' [4,5] do not broadcast: axis -2 is 2 and 4"
        (fun () -> x .< w)

    refuses<ShapeException>
        "where: operand 0 'x' [2,3] and operand 1 'w' [4,5] do not broadcast: axis -2 is 2 and 4"
        (fun () -> where (x .> scalar 0.0) x w)

[<Fact>]
let ``matmul names both operands and both sizes`` () =
    refuses<ShapeException> "matmul: operand 0 'x' [2,3] and operand 1 'w' [4,5]: axis 1 is 3, axis 0 is 4" (fun () ->
        x *@ w)

    refuses<ShapeException>
        "matmul: operand 0 'x' [2,3] and operand 1 []: a scalar has no matrix product; multiply with *"
        (fun () -> x *@ scalar 1.0)

    let a, b = constant (NDArray.Zeros(2, 3, 4)), constant (NDArray.Zeros(5, 4, 1))

    refuses<ShapeException>
        "matmul: operand 0 [2,3,4] and operand 1 [5,4,1]: the leading axes do not broadcast"
        (fun () -> a *@ b)

[<Fact>]
let ``reductions name the axis`` () =
    refuses<ShapeException> "sum: axis 2 is out of range for 'x' [2,3], which has 2 axes" (fun () -> sum [ 2 ] x)
    refuses<ShapeException> "sum: axis 1 is named twice for 'x' [2,3]" (fun () -> sum [ 1; -1 ] x)

    refuses<ShapeException> "amax: axis 1 of shape [2,0] is empty; it has no extremum" (fun () ->
        amax [ 1 ] (constant (NDArray.Zeros(2, 0))))

    refuses<ShapeException> "argmin: axis 0 of shape [0] is empty; it has no extremum" (fun () ->
        argmin 0 (constant (NDArray.Zeros 0)))

[<Fact>]
let ``movement names what does not fit`` () =
    refuses<ShapeException> "reshape: 'x' [2,3] with 6 elements does not fill [4,-1]" (fun () -> reshape [ 4; -1 ] x)
    refuses<ShapeException> "reshape: 'x' [2,3] with 6 elements does not fill [-1,-1]" (fun () -> reshape [ -1; -1 ] x)
    refuses<ShapeException> "permute: [0,0] is no permutation of the 2 axes of 'x' [2,3]" (fun () -> permute [ 0; 0 ] x)
    refuses<ShapeException> "broadcastTo: 'x' [2,3] does not broadcast to [3,3]" (fun () -> broadcastTo [ 3; 3 ] x)

    refuses<ShapeException> "concat: operand 0 'x' [2,3] and operand 1 'w' [4,5] differ in more than axis 0" (fun () ->
        concat 0 [ x; w ])

    refuses<ShapeException> "stack: operand 0 'x' [2,3] and operand 1 'w' [4,5] differ in shape" (fun () ->
        stack 0 [ x; w ])

    refuses<ShapeException> "concat: there is nothing to join" (fun () -> concat 0 [])
    refuses<ShapeException> "pad: 1 pairs of widths for 'x' [2,3], which has 2 axes" (fun () -> pad [ struct (1, 1) ] x)

    refuses<ShapeException> "pad: widths of axis 0 are (-1, 0); they are 0 or more" (fun () ->
        pad [ struct (-1, 0); struct (0, 0) ] x)

    refuses<ShapeException> "squeeze: axis 0 of 'x' [2,3] has size 2, not 1" (fun () -> squeeze [ 0 ] x)
    refuses<ShapeException> "slice of 'x' [2,3]: index 2 is out of range on axis 0, which has size 2" (fun () -> x.[2])
    refuses<ShapeException> "slice of 'x' [2,3]: [0, 0, 0] names 3 axes, but there are 2" (fun () -> x.[0, 0, 0])

[<Fact>]
let ``types are refused where they have no meaning`` () =
    refuses<DTypeException> "where: the condition is Float64; it must be Bool, such as a comparison" (fun () ->
        where x x x)

    refuses<DTypeException> "take: the indices are Float64; whole numbers (Int32, Int64) are needed" (fun () ->
        take 0 x x)

    refuses<DTypeException>
        "variable 'n': the starting value is Int32[3]; only floating values have derivatives"
        (fun () -> variable "n" [ 1; 2; 3 ])

    refuses<DTypeException> "grad: the result shape [3] is Int32; only floating values have derivatives" (fun () ->
        derivative whole x)

    refuses<DTypeException> "grad: the variable shape [3] is Int32; only floating values have derivatives" (fun () ->
        derivative x whole)

    refuses<DTypeException> "jvp: the variable shape [3] is Int32; only floating values have derivatives" (fun () ->
        jvp x [ whole ] [ whole ])

[<Fact>]
let ``cotangents and tangents have the shapes of what they belong to`` () =
    refuses<ShapeException> "vjp: the cotangent has shape [4,5], the result 'x' [2,3]" (fun () -> (vjp x [ x ] w).Head)
    refuses<ShapeException> "jvp: the tangent has shape [4,5], its variable 'x' [2,3]" (fun () -> jvp x [ x ] [ w ])
    refuses<ArgumentException> "jvp: 2 variables but 1 tangents" (fun () -> jvp x [ x; w ] [ x ])

[<Fact>]
let ``a run names the input that a value does not fit`` () =
    let i = input "i" [ 2 ] DType.Float32
    let f = compile [ i ] [ i + 1.0 ]
    let failure (build: unit -> NDArray[]) = Assert.ThrowsAny<ArgumentException>(fun () -> build () |> ignore).Message
    Assert.Equal("'i' has shape [2], the value given for it [3]", failure (fun () -> f.Run [ nd [ 1.0f; 2.0f; 3.0f ] ]))

    Assert.Equal(
        "'i' is Float32, the value given for it Float64: convert it first",
        failure (fun () -> f.Run [ nd [ 1.0; 2.0 ] ])
    )

    Assert.Equal("the function has 1 inputs, 2 values were given", failure (fun () -> f.Run [ nd 1.0; nd 2.0 ]))

    Assert.Equal(
        "compile: 'i' [2] is named twice among the inputs",
        Assert.Throws<ArgumentException>(fun () -> compile [ i; i ] [ i ] |> ignore).Message
    )

    let unbound = Assert.Throws<UnboundInputException>(fun () -> eval (i + 1.0) |> ignore)
    Assert.Equal("input 'i' [2] has no value", unbound.Message)
