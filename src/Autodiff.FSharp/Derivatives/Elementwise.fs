/// The table of elementwise derivatives. The linear map from the tangent of an argument to that of the result is
/// diagonal, hence its own transpose: each row gives it as a function of the arguments, the result and the (co)tangent,
/// and serves forward and reverse mode alike.
module internal Autodiff.FSharp.Partials

open System
open Autodiff
open Autodiff.FSharp.Numerals

let private twoOverRootPi = 2.0 / sqrt Math.PI

/// The tangent where the condition holds, nothing elsewhere: a product would make NaN of 0 times infinity.
let private onlyWhere condition (t: Node) = Masks.only condition t

/// How a tangent passes a function, given its arguments and its result. A function that is constant between its steps
/// lets none pass.
[<NoEquality; NoComparison>]
type Passage =
    | Flat
    | Partial of (Node -> Node -> Node -> Node)

/// For a function of one argument x with result y: what becomes of a tangent t.
let unary (op: Unary) : Passage =
    match op with
    | Unary.Neg -> Partial(fun _ _ t -> -t)
    | Unary.Reciprocal -> Partial(fun _ y t -> -(t * square y))
    | Unary.Square -> Partial(fun x _ t -> t * (2.0 * x))
    | Unary.Sqrt -> Partial(fun _ y t -> t * (0.5 / y))
    | Unary.Rsqrt -> Partial(fun x y t -> t * (-0.5 * y / x))
    | Unary.Cbrt -> Partial(fun x y t -> t * (y / (3.0 * x)))
    | Unary.Exp -> Partial(fun _ y t -> t * y)
    | Unary.Exp2 -> Partial(fun _ y t -> t * (log 2.0 * y))
    | Unary.Expm1 -> Partial(fun x _ t -> t * exp x)
    | Unary.Log -> Partial(fun x _ t -> t / x)
    | Unary.Log2 -> Partial(fun x _ t -> t / (log 2.0 * x))
    | Unary.Log10 -> Partial(fun x _ t -> t / (log 10.0 * x))
    | Unary.Log1p -> Partial(fun x _ t -> t / (1.0 + x))
    | Unary.Log1mExp -> Partial(fun x _ t -> t / expm1 x)
    | Unary.Sin -> Partial(fun x _ t -> t * cos x)
    | Unary.Cos -> Partial(fun x _ t -> -(t * sin x))
    | Unary.Tan -> Partial(fun _ y t -> t * (1.0 + square y))
    | Unary.Asin -> Partial(fun x _ t -> t * rsqrt ((1.0 - x) * (1.0 + x)))
    | Unary.Acos -> Partial(fun x _ t -> -(t * rsqrt ((1.0 - x) * (1.0 + x))))
    | Unary.Atan -> Partial(fun x _ t -> t / (1.0 + square x))
    | Unary.Sinh -> Partial(fun x _ t -> t * cosh x)
    | Unary.Cosh -> Partial(fun x _ t -> t * sinh x)
    | Unary.Tanh -> Partial(fun _ y t -> t * ((1.0 - y) * (1.0 + y)))
    | Unary.Asinh -> Partial(fun x _ t -> t * rsqrt (1.0 + square x))
    | Unary.Acosh -> Partial(fun x _ t -> t * (rsqrt (x - 1.0) * rsqrt (x + 1.0)))
    | Unary.Atanh -> Partial(fun x _ t -> t / ((1.0 - x) * (1.0 + x)))
    | Unary.Erf -> Partial(fun x _ t -> t * (twoOverRootPi * exp (-(square x))))
    | Unary.Erfc -> Partial(fun x _ t -> -(t * (twoOverRootPi * exp (-(square x)))))
    | Unary.ErfInv -> Partial(fun _ y t -> t * (exp (square y) / twoOverRootPi))
    | Unary.Lgamma -> Partial(fun x _ t -> t * digamma x)
    | Unary.Digamma -> Partial(fun x _ t -> t * polygamma one x)
    | Unary.Sigmoid -> Partial(fun _ y t -> t * (y * (1.0 - y)))
    | Unary.Softplus -> Partial(fun x _ t -> t * sigmoid x)
    | Unary.Relu -> Partial(fun x _ t -> onlyWhere (x .> zero) t)
    | Unary.Abs -> Partial(fun x _ t -> t * signum x)
    | Unary.Sign
    | Unary.Floor
    | Unary.Ceil
    | Unary.Round
    | Unary.Trunc -> Flat

/// The argument that is not behind takes the tangent; at a tie each takes half.
let private winner isNotBehind (x: Node) (y: Node) (t: Node) = onlyWhere isNotBehind (t * where (x .= y) half one)

/// d(x^y)/dx = y x^(y-1), which is 0 for y = 0 even where x^(y-1) is infinite.
let private powerBase (x: Node) (y: Node) (t: Node) = onlyWhere (y .<> zero) (t * (y * power x (y - 1.0)))

/// d(x^y)/dy = x^y log x; at x = 0 and y >= 0 the limit from inside the domain is 0. The infinite partial is chosen
/// before the product: a tangent that is zero elsewhere would make NaN of it.
let private powerExponent (x: Node) (y: Node) (result: Node) (t: Node) =
    let isOrigin = x .= zero
    let atOrigin = where (y .>= zero) (zerosLike y) negativeInfinity
    t * where isOrigin atOrigin (result * log (where isOrigin one x))

/// The distance from the origin grows by coordinate / distance; at the origin itself it has no direction, and 0 is its
/// least subgradient.
let private towards (coordinate: Node) (distance: Node) (t: Node) =
    onlyWhere (distance .<> zero) (t * (coordinate / distance))

/// The share of one of two exponentials in their sum, given the difference of the exponents; of two equal infinities, half.
let private share (difference: Node) = sigmoid (where (isNaN difference) zero difference)

/// For a function of two arguments x and y with a result: what becomes of a tangent t of the one at the position.
let binary (op: Binary) (position: int) : Node -> Node -> Node -> Node -> Node =
    let first = position = 0

    match op with
    | Binary.Add -> fun _ _ _ t -> t
    | Binary.Sub -> fun _ _ _ t -> if first then t else -t
    | Binary.Mul -> fun x y _ t -> t * (if first then y else x)
    | Binary.Div -> fun _ y result t -> if first then t / y else -(t * (result / y))
    | Binary.Pow -> fun x y result t -> if first then powerBase x y t else powerExponent x y result t
    | Binary.Maximum -> fun x y _ t -> winner (if first then x .>= y else y .>= x) x y t
    | Binary.Minimum -> fun x y _ t -> winner (if first then x .<= y else y .<= x) x y t
    // The angle of the point (x, y): atan2 names the ordinate first.
    | Binary.Atan2 -> fun y x _ t -> (if first then t * x else -(t * y)) / (square x + square y)
    | Binary.Hypot -> fun x y result t -> towards (if first then x else y) result t
    | Binary.LogAddExp -> fun x y _ t -> t * share (if first then x - y else y - x)
    // x - y floor(x/y) and x - y trunc(x/y): the whole parts are constant between their steps.
    | Binary.Remainder -> fun x y _ t -> if first then t else -(t * floor (x / y))
    | Binary.Fmod -> fun x y _ t -> if first then t else -(t * truncate (x / y))
    // The order is a whole number, which has no derivative.
    | Binary.Polygamma -> fun order x _ t -> if first then zerosLike order else t * polygamma (order + 1.0) x
