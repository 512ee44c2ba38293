/// What happens at the points where systems differ, row by row of the numerical conventions.
module Autodiff.Properties.Derivatives.Conventions

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private inf = Double.PositiveInfinity

let private leaf (dtype: DType) (values: float list) = Leaf.variable "x" ((nd values).AsType dtype)

/// Equal to the last bit, but that NaN is NaN.
let private exactly (expected: float list) (node: Node) =
    let actual = eval node |> Tensor.ofArray |> Tensor.asFloats |> List.ofArray

    let isSame (a: float) (b: float) =
        (Double.IsNaN a && Double.IsNaN b)
        || BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b

    Assert.True(
        (List.length expected = List.length actual && List.forall2 isSame expected actual),
        $"%A{actual} instead of %A{expected}"
    )

/// Equal in value: zeros of either sign are the same.
let private equals (expected: float list) (node: Node) =
    let actual = eval node |> Tensor.ofArray |> Tensor.asFloats |> List.ofArray
    let isSame (a: float) (b: float) = (Double.IsNaN a && Double.IsNaN b) || a = b

    Assert.True(
        (List.length expected = List.length actual && List.forall2 isSame expected actual),
        $"%A{actual} instead of %A{expected}"
    )

let floats = TheoryData<DType>(Arrays.floatTypes)

let private slope (f: Node -> Node) dtype values = let x = leaf dtype values in derivative (f x) x

[<Theory; MemberData(nameof floats)>]
let ``kinks and steps have derivative zero where they turn`` (dtype: DType) =
    equals [ 0.0; 1.0; 0.0 ] (slope relu dtype [ 0.0; 2.0; -2.0 ])
    equals [ 0.0; 1.0; -1.0 ] (slope abs dtype [ 0.0; 2.0; -2.0 ])
    equals [ 0.0; 0.0; 0.0 ] (slope signum dtype [ 0.0; 2.0; -2.0 ])
    equals [ 0.0; 0.0; 0.0 ] (slope floor dtype [ 0.0; 2.5; -2.0 ])
    equals [ 0.0; 0.0; 0.0 ] (slope ceil dtype [ 0.0; 2.5; -2.0 ])
    equals [ 0.0; 0.0; 0.0 ] (slope round dtype [ 0.5; 2.5; -2.0 ])
    equals [ 0.0; 0.0; 0.0 ] (slope truncate dtype [ 0.0; 2.5; -2.0 ])

[<Theory; MemberData(nameof floats)>]
let ``a tie of two is shared`` (dtype: DType) =
    let x, y = leaf dtype [ 1.0; 2.0; 3.0 ], leaf dtype [ 1.0; 3.0; 2.0 ]
    equals [ 0.5; 0.0; 1.0 ] (derivative (maximum x y) x)
    equals [ 0.5; 1.0; 0.0 ] (derivative (maximum x y) y)
    equals [ 0.5; 1.0; 0.0 ] (derivative (minimum x y) x)
    equals [ 0.5; 0.0; 1.0 ] (derivative (minimum x y) y)
    equals [ 1.0; 1.0; 1.0 ] (derivative (maximum x x) x)

[<Theory; MemberData(nameof floats)>]
let ``ties along an axis are shared evenly, and the first one is the position`` (dtype: DType) =
    let x = leaf dtype [ 2.0; 5.0; 1.0; 5.0; 5.0; 1.0; 0.0; 5.0 ]
    equals [ 0.0; 0.25; 0.0; 0.25; 0.25; 0.0; 0.0; 0.25 ] (derivative (amax [] x) x)
    equals [ 1.0 ] (cast DType.Float64 (argmax 0 x))
    equals [ 6.0 ] (cast DType.Float64 (argmin 0 x))

    equals
        [ 0.0; 0.0; 0.5; 0.0; 0.0; 0.5; 0.0; 0.0 ]
        (derivative (amin [] (maximum x (onesLike x) .> x |> fun c -> where c (9.0 * onesLike x) x)) x)

[<Theory; MemberData(nameof floats)>]
let ``roots and norms at zero`` (dtype: DType) =
    equals [ inf; 0.25 ] (slope sqrt dtype [ 0.0; 4.0 ])
    equals [ 0.0; 0.0 ] (slope (norm []) dtype [ 0.0; 0.0 ])
    equals [ 0.0 ] (norm [] (leaf dtype [ 0.0; 0.0 ]))
    let x = leaf dtype [ 0.0; 0.0 ]
    equals [ 0.0; 0.0 ] (derivative (sum [] (derivative (norm [] x) x)) x)

[<Theory; MemberData(nameof floats)>]
let ``both bounds of clip belong to the inside`` (dtype: DType) =
    let clipped = clip (scalar -1.0) (scalar 2.0)
    equals [ -1.0; -1.0; 0.5; 2.0; 2.0 ] (clipped (leaf dtype [ -3.0; -1.0; 0.5; 2.0; 3.0 ]))
    equals [ 0.0; 1.0; 1.0; 1.0; 0.0 ] (slope clipped dtype [ -3.0; -1.0; 0.5; 2.0; 3.0 ])

[<Theory; MemberData(nameof floats)>]
let ``the standard deviation of equal numbers has derivative zero`` (dtype: DType) =
    equals [ 0.0 ] (std [] (leaf dtype [ 2.0; 2.0 ]))
    equals [ 0.0; 0.0 ] (slope (std []) dtype [ 2.0; 2.0 ])

[<Theory; MemberData(nameof floats)>]
let ``powers at zero and of negative numbers`` (dtype: DType) =
    let x, y = leaf dtype [ 0.0; 0.0; 0.0; 0.0 ], leaf dtype [ 0.0; 2.0; 0.5; -1.0 ]
    equals [ 1.0; 0.0; 0.0; inf ] (x ** y)
    equals [ 0.0; 0.0 ] (slope (fun x -> x ** 0.0) dtype [ 0.0; 3.0 ])
    equals [ 0.0; 0.0; 0.0; -inf ] (derivative (x ** y) y)
    let n = leaf dtype [ -2.0; -3.0 ]
    equals [ 4.0; 9.0 ] (n ** 2.0)
    equals [ -8.0; -27.0 ] (n ** 3.0)
    equals [ -4.0; -6.0 ] (derivative (n ** 2.0) n)
    equals [ 12.0; 27.0 ] (derivative (n ** 3.0) n)
    equals [ -0.25 ] (slope (fun x -> x ** -1.0) dtype [ -2.0 ])
    equals [ 6.0 ] (let x = leaf dtype [ -1.0 ] in derivative (derivative (derivative (x ** 3.0) x) x) x)

[<Fact>]
let ``the branch that is not taken contributes nothing`` () =
    let x = variable "x" [ -1.0; 0.0; 4.0 ]
    let isPositive = x .> scalar 0.0
    equals [ 0.0; 0.0; log 4.0 ] (where isPositive (log x) (zerosLike x))
    let safe = where isPositive x (onesLike x)
    equals [ 0.0; 0.0; 0.25 ] (derivative (where isPositive (log safe) (zerosLike x)) x)
    equals [ 0.0; 0.0; 0.25 ] (derivative (where isPositive (sqrt safe) (zerosLike x)) x)

[<Theory; MemberData(nameof floats)>]
let ``softmax and logSumExp of a row of minus infinity`` (dtype: DType) =
    let x = leaf dtype [ -inf; -inf ]
    equals [ -inf ] (logSumExp [] x)
    equals [ 0.0; 0.0 ] (softmax 0 x)
    equals [ 0.0; 0.0 ] (derivative (logSumExp [] x) x)
    equals [ 0.0; 0.0 ] (derivative (softmax 0 x * constant 2.0) x)

[<Theory; MemberData(nameof floats)>]
let ``softmax and logSumExp do not overflow`` (dtype: DType) =
    let x = leaf dtype [ 800.0; 800.0 ]
    Close.requireWithin 1e-6 "softmax" ((nd [ 0.5; 0.5 ]).AsType dtype) (eval (softmax 0 x))
    Close.requireWithin 1e-6 "logSumExp" ((nd (800.0 + log 2.0)).AsType dtype) (eval (logSumExp [] x))
    Close.requireWithin 1e-6 "gradient" ((nd [ 0.5; 0.5 ]).AsType dtype) (eval (derivative (logSumExp [] x) x))
    let y = leaf dtype [ -inf; 3.0 ]
    equals [ 0.0; 1.0 ] (softmax 0 y)
    equals [ 3.0 ] (logSumExp [] y)
    equals [ 0.0; 1.0 ] (derivative (logSumExp [] y) y)

[<Theory; MemberData(nameof floats)>]
let ``functions are stable over the whole range`` (dtype: DType) =
    equals [ 0.5; 1.0; 0.0 ] (slope softplus dtype [ 0.0; 800.0; -800.0 ])
    equals [ 800.0; 0.0 ] (softplus (leaf dtype [ 800.0; -800.0 ]))
    equals [ 0.0; 0.0 ] (slope sigmoid dtype [ 800.0; -800.0 ])
    equals [ 1.0; 0.0 ] (sigmoid (leaf dtype [ 800.0; -800.0 ]))
    equals [ 0.0; 0.0 ] (slope tanh dtype [ 800.0; -800.0 ])
    let tiny = float 1e-20f
    equals [ tiny ] (log1p (leaf dtype [ tiny ]))
    equals [ tiny ] (expm1 (leaf dtype [ tiny ]))
    equals [ tiny ] (tanh (leaf dtype [ tiny ]))

[<Theory; MemberData(nameof floats)>]
let ``exact points are exact`` (dtype: DType) =
    let at0 f = exactly [ 0.0; -0.0 ] (f (leaf dtype [ 0.0; -0.0 ]))
    at0 tanh
    at0 sin
    at0 expm1
    at0 log1p
    at0 sinh
    at0 atan
    equals [ 1.0; 1.0 ] (exp (leaf dtype [ 0.0; -0.0 ]))
    exactly [ 0.0 ] (log (leaf dtype [ 1.0 ]))
    equals [ 1.0; 1.0 ] (cos (leaf dtype [ 0.0; -0.0 ]))
    equals [ 0.5 ] (sigmoid (leaf dtype [ 0.0 ]))
    equals [ 0.0; 2.0; 2.0; -2.0; -0.0 ] (round (leaf dtype [ 0.5; 1.5; 2.5; -1.5; -0.5 ]))

[<Theory; MemberData(nameof floats)>]
let ``NaN passes through every function`` (dtype: DType) =
    for op in Functions.cases<Unary> do
        Assert.True(
            Double.IsNaN((eval (cast DType.Float64 (Functions.unary op (leaf dtype [ nan ])))).Item<float> 0),
            string op
        )

    for op in Functions.cases<Binary> do
        if op <> Binary.Pow then
            let x, n = leaf dtype [ 1.5 ], leaf dtype [ nan ]

            Assert.True(
                Double.IsNaN((eval (cast DType.Float64 (Functions.binary op x n))).Item<float> 0),
                $"{op} x nan"
            )

            Assert.True(
                Double.IsNaN((eval (cast DType.Float64 (Functions.binary op n x))).Item<float> 0),
                $"{op} nan x"
            )

    equals [ nan ] (amax [] (leaf dtype [ 1.0; nan; 2.0 ]))
    equals [ nan ] (amin [] (leaf dtype [ 1.0; nan; 2.0 ]))
    equals [ nan ] (sum [] (leaf dtype [ 1.0; nan; 2.0 ]))

[<Theory; MemberData(nameof floats)>]
let ``infinities and signed zeros pass as IEEE says`` (dtype: DType) =
    let x = leaf dtype [ inf; -inf; 0.0; -0.0 ]
    exactly [ -inf; inf; -0.0; 0.0 ] -x
    exactly [ inf; inf; 0.0; 0.0 ] (abs x)
    exactly [ inf; -inf; 0.0; 0.0 ] (x + zerosLike x)
    exactly [ inf; -inf; 0.0; -0.0 ] (x - zerosLike x)
    exactly [ inf; -inf; 0.0; -0.0 ] (x * onesLike x)
    exactly [ nan; nan; 0.0; -0.0 ] (x * zerosLike x)
    exactly [ 0.0; -0.0; inf; -inf ] (1.0 / x)
    exactly [ 0.0; -0.0; inf; -inf ] (reciprocal x)
    exactly [ inf; 0.0; 1.0; 1.0 ] (exp x)
    exactly [ 1.0; -1.0; 0.0; -0.0 ] (tanh x)
    exactly [ inf; nan; -inf; -inf ] (log x)
    exactly [ inf; nan; 0.0; -0.0 ] (sqrt x)
    exactly [ inf; 0.0; 0.0; 0.0 ] (relu x * onesLike x + zerosLike x)

[<Theory; MemberData(nameof floats)>]
let ``simplification keeps signed zeros, infinities and NaN`` (dtype: DType) =
    let numbers = [ 0.0; -0.0; 1.5; -1.5; inf; -inf; nan ]
    let x = leaf dtype numbers
    let on f = exactly (List.map f numbers)
    on (fun x -> x + 0.0) (x + 0.0)
    on (fun x -> 0.0 + x) (0.0 + x)
    on (fun x -> x - 0.0) (x - 0.0)
    on (fun x -> 0.0 - x) (0.0 - x)
    on (fun x -> x * 0.0) (x * 0.0)
    on (fun x -> x * -1.0) (x * -1.0)
    on (fun x -> x / -1.0) (x / -1.0)
    on (fun x -> x / 1.0) (x / 1.0)
    on (fun x -> -(-x)) (-(-x))
    on (fun x -> x - x) (x - x)
    on (fun x -> x / x) (x / x)
    on (fun x -> x + -x) (x + -x)
    on (fun x -> -x + x) (-x + x)
    on (fun x -> x * x) (square x)
    on (fun x -> (x + -0.0)) (x + -0.0)
    on (fun x -> -x * -x) (-x * -x)
    on (fun x -> -x / -x) (-x / -x)
    on (fun x -> Math.Pow(x, 2.0)) (x ** 2.0)
    on (fun x -> Math.Pow(x, 1.0)) (x ** 1.0)
    on (fun x -> Math.Pow(x, 0.0)) (x ** 0.0)

[<Fact>]
let ``the variance divides by n, or by what is asked`` () =
    let x = variable "x" [ 1.0; 2.0; 4.0 ]
    Close.requireWithin 1e-15 "n" (nd (14.0 / 9.0)) (eval (variance [] x))
    Close.requireWithin 1e-15 "n - 1" (nd (14.0 / 6.0)) (eval (x.Variance(ddof = 1)))

[<Fact>]
let ``means of nothing are NaN, sums of nothing zero`` () =
    let none = variable "none" (NDArray.Zeros(0, 2))
    equals [ 0.0; 0.0 ] (sum [ 0 ] none)
    equals [ nan; nan ] (mean [ 0 ] none)
    equals [] (sum [ 1 ] none)
    equals [] (derivative (sum [] none) none)

[<Theory; MemberData(nameof floats)>]
let ``hypot at the origin`` (dtype: DType) =
    let x, y = leaf dtype [ 0.0; 3.0 ], leaf dtype [ 0.0; 4.0 ]
    equals [ 0.0; 5.0 ] (hypot x y)
    equals [ 0.0 ] (derivative (hypot x y) x).[0..0]
    equals [ 0.0 ] (derivative (hypot x y) y).[0..0]

[<Theory; MemberData(nameof floats)>]
let ``remainders of negative numbers`` (dtype: DType) =
    let x, y = leaf dtype [ -7.0; 7.0 ], leaf dtype [ 3.0; -3.0 ]
    equals [ 2.0; -2.0 ] (remainder x y)
    equals [ -1.0; 1.0 ] (fmod x y)

[<Theory; MemberData(nameof floats)>]
let ``logAddExp at its ends`` (dtype: DType) =
    let x, y = leaf dtype [ -inf; 800.0; -inf ], leaf dtype [ -inf; 800.0; 2.0 ]

    equals
        [
            -inf
            eval (leaf dtype [ 800.0 + log 2.0 ]) |> Tensor.ofArray |> Tensor.asFloats |> Array.head
            2.0
        ]
        (logAddExp x y)

    equals [ 0.5; 0.5; 0.0 ] (derivative (logAddExp x y) x)

[<Theory; MemberData(nameof floats)>]
let ``tests of what is no number`` (dtype: DType) =
    let x = leaf dtype [ nan; inf; -inf; 0.0 ]
    let truths (node: Node) = (eval node).ToArray<bool>()
    Assert.Equal<bool>([| true; false; false; false |], truths (isNaN x))
    Assert.Equal<bool>([| false; false; false; true |], truths (isFinite x))
    Assert.Equal<bool>([| false; true; true; false |], truths (logicalNot (logicalOr (isNaN x) (isFinite x))))

[<Fact>]
let ``connectives take truth values`` () =
    let x = variable "x" [ 1.0; 2.0 ]
    let error = Assert.Throws<DTypeException>(fun () -> logicalAnd (x .> scalar 0.0) x |> ignore)
    Assert.Equal("and: operand 1 'x' [2] is Float64; truth values (Bool) are needed", error.Message)

[<Theory; MemberData(nameof floats)>]
let ``what is stopped counts as constant in both modes`` (dtype: DType) =
    let x = leaf dtype [ 2.0; -3.0 ]
    let y = x * stopGradient (square x)
    equals [ 4.0; 9.0 ] (derivative y x)
    equals [ 4.0; 9.0 ] (jvp y [ x ] [ onesLike x ])
    equals [ 0.0; 0.0 ] (derivative (stopGradient x) x)

[<Theory; MemberData(nameof floats)>]
let ``the order of polygamma counts as constant in both modes`` (dtype: DType) =
    let order, x = leaf dtype [ 0.0; 1.0; 2.0 ], leaf dtype [ 1.5; 2.5; 3.5 ]
    let y = polygamma order x
    equals [ 0.0; 0.0; 0.0 ] (derivative y order)
    equals [ 0.0; 0.0; 0.0 ] (jvp y [ order ] [ onesLike order ])
