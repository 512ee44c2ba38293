namespace Autodiff.Proofs

open System
open Autodiff.FSharp

/// What is known of an elementwise function of one argument without looking at the library: its value, where it is
/// tested, and the points at which it has a kink or a step (empty, one point, or every multiple of a period).
type UnaryRow = { Value: float -> float; Lower: float; Upper: float; IsKink: float -> bool }

/// The same for two arguments, each with its domain.
type BinaryRow =
    {
        Value2: float -> float -> float
        First: struct (float * float)
        Second: struct (float * float)
        IsTie: float -> float -> bool
    }

/// Every elementwise function in double precision, from System.Math and the definitions. The matches are exhaustive: a
/// function without a row does not compile.
module Scalars =

    /// How far from a kink or a tie a point must lie, so that neither rounding nor differences step over it.
    let margin = 0.02

    // exp x - 1 and log (1 + x) to full accuracy by Kahan's quotients, in which the rounding errors cancel.
    let private expm1 x =
        let u = exp x

        if u = 1.0 then x
        elif u - 1.0 = -1.0 || Double.IsInfinity u then u - 1.0
        else (u - 1.0) * x / log u

    let private log1p x =
        let u = 1.0 + x

        if u = 1.0 || Double.IsInfinity u then
            (if u = 1.0 then x else u)
        else
            log u * x / (u - 1.0)

    let private sigmoid x = if x >= 0.0 then 1.0 / (1.0 + exp -x) else exp x / (1.0 + exp x)

    let private softplus x = if Double.IsNaN x then x else max x 0.0 + log1p (exp -(abs x))

    /// The Maclaurin series 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, whose terms all have one sign, up to those that
    /// do not count beside the first. They overflow far from zero; from 6 on the value is 1 to the last digit.
    let private erf x =
        let term (n, t) =
            if abs t <= 1e-18 * abs x then
                None
            else
                Some(t, (n + 1, t * 2.0 * x * x / float (2 * n + 3)))

        if Double.IsNaN x then
            x
        elif abs x < 6.0 then
            2.0 / sqrt Math.PI * exp (-x * x) * Seq.sum (Seq.unfold term (0, x))
        else
            Math.CopySign(1.0, x)

    /// From 1 on Laplace's continued fraction exp(-x^2)/sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + 3/2 / ...))): there 1 - erf
    /// x cancels.
    let private erfc x =
        if x < 1.0 then
            1.0 - erf x
        else
            let fraction = Seq.fold (fun f k -> x + float k / 2.0 / f) x [ 200..-1..1 ]
            exp (-x * x) / sqrt Math.PI / fraction

    /// Newton's iteration on erf.
    let private erfInv y =
        let step x _ = x - (erf x - y) * exp (x * x) * sqrt Math.PI / 2.0
        Seq.fold step 0.0 [ 1..60 ]

    /// Bernoulli's numbers B2, B4, ...
    let private bernoulli =
        [ 1.0 / 6.0; -1.0 / 30.0; 1.0 / 42.0; -1.0 / 30.0; 5.0 / 66.0; -691.0 / 2730.0; 7.0 / 6.0 ]

    let private factorial n = Seq.fold (*) 1.0 (Seq.init n (fun k -> float (k + 1)))

    /// Derivative n of digamma for positive x: (-1)^(n+1) n! sum (x + k)^-(n+1) up to 30, and there the asymptotic series.
    let private gammaDerivative n x =
        let low = Seq.initInfinite (fun k -> x + float k) |> Seq.takeWhile (fun z -> z < 30.0) |> List.ofSeq
        let z = x + float low.Length
        let sign = if n % 2 = 0 then -1.0 else 1.0
        let early = sign * factorial n * (low |> Seq.sumBy (fun z -> Math.Pow(z, -float(n + 1))))

        let tail k b =
            let order = 2 * k + 2
            b * factorial (order + n - 1) / (factorial order * Math.Pow(z, float (order + n)))

        let head =
            if n = 0 then
                -log z + 0.5 / z
            else
                factorial (n - 1) * Math.Pow(z, -float n) + factorial n / (2.0 * Math.Pow(z, float (n + 1)))

        early + sign * (head + Seq.sum (Seq.mapi tail bernoulli))

    /// The positive zero of digamma, in two parts.
    let private digammaZero, private digammaZeroLow = 1.4616321449683622, 9.549995429965697e-17

    /// The same; around the zero of digamma by Taylor's series, which keeps all digits there. NaN where x is not positive.
    let private polygamma n x =
        let d = x - digammaZero - digammaZeroLow

        if not (x > 0.0) then
            nan
        elif n = 0 && abs d < 0.2 then
            Seq.sum (seq { for k in 25..-1..1 -> gammaDerivative k digammaZero * Math.Pow(d, float k) / factorial k })
        else
            gammaDerivative n x

    /// The logarithm of gamma(1 + z) for |z| <= 1/2: -euler z + sum zeta(k) (-z)^k / k, where (-1)^k (k-1)! zeta(k) is a
    /// derivative of digamma at 1.
    let private lgammaAtOne =
        let terms = Array.init 60 (fun k -> gammaDerivative k 1.0 / factorial (k + 1))
        fun z -> z * Array.foldBack (fun term sum -> term + z * sum) terms 0.0

    /// Stirling's series, for large x.
    let private lgammaSeries x =
        let tail k b = b / float ((2 * k + 1) * (2 * k + 2)) / Math.Pow(x, float (2 * k + 1))
        (x - 0.5) * log x - x + 0.5 * log (2.0 * Math.PI) + Seq.sum (Seq.mapi tail bernoulli)

    /// For positive x by lgamma (x + 1) = lgamma x + log x, with all digits at its zeros 1 and 2.
    let rec private lgamma x =
        if x <= 0.0 then nan
        elif Double.IsInfinity x then x
        elif x > 100.0 then lgammaSeries x
        elif x > 1.5 then lgamma (x - 1.0) + log (x - 1.0)
        elif x < 0.5 then lgamma (x + 1.0) - log x
        else lgammaAtOne (x - 1.0)

    let private sign (x: float) = if Double.IsNaN x || x = 0.0 then x else float (Math.Sign x)

    let private smooth lower upper value = { Value = value; Lower = lower; Upper = upper; IsKink = fun _ -> false }

    let private kinkAtZero value = { smooth -3.0 3.0 value with IsKink = fun x -> abs x < margin }

    /// Steps at all x for which x + shift is whole.
    let private steps shift value =
        { smooth -3.0 3.0 value with IsKink = fun x -> abs (x + shift - Math.Round(x + shift)) < margin }

    /// The row of a function of one argument.
    let unary (op: Unary) : UnaryRow =
        match op with
        | Unary.Neg -> smooth -3.0 3.0 (fun x -> -x)
        | Unary.Reciprocal -> smooth 0.3 3.0 (fun x -> 1.0 / x)
        | Unary.Square -> smooth -3.0 3.0 (fun x -> x * x)
        | Unary.Sqrt -> smooth 0.2 4.0 Math.Sqrt
        | Unary.Rsqrt -> smooth 0.3 4.0 (fun x -> 1.0 / Math.Sqrt x)
        | Unary.Cbrt -> smooth 0.3 4.0 Math.Cbrt
        | Unary.Exp -> smooth -2.0 2.0 Math.Exp
        | Unary.Exp2 -> smooth -2.0 2.0 (fun x -> Math.Pow(2.0, x))
        | Unary.Expm1 -> smooth -2.0 2.0 expm1
        | Unary.Log -> smooth 0.2 4.0 Math.Log
        | Unary.Log2 -> smooth 0.2 4.0 Math.Log2
        | Unary.Log10 -> smooth 0.2 4.0 Math.Log10
        | Unary.Log1p -> smooth -0.7 3.0 log1p
        | Unary.Log1mExp -> smooth 0.2 4.0 (fun x -> Math.Log(-(expm1 -x)))
        | Unary.Sin -> smooth -3.0 3.0 Math.Sin
        | Unary.Cos -> smooth -3.0 3.0 Math.Cos
        | Unary.Tan -> smooth -1.1 1.1 Math.Tan
        | Unary.Asin -> smooth -0.8 0.8 Math.Asin
        | Unary.Acos -> smooth -0.8 0.8 Math.Acos
        | Unary.Atan -> smooth -3.0 3.0 Math.Atan
        | Unary.Sinh -> smooth -2.0 2.0 Math.Sinh
        | Unary.Cosh -> smooth -2.0 2.0 Math.Cosh
        | Unary.Tanh -> smooth -3.0 3.0 Math.Tanh
        | Unary.Asinh -> smooth -3.0 3.0 Math.Asinh
        | Unary.Acosh -> smooth 1.4 4.0 Math.Acosh
        | Unary.Atanh -> smooth -0.7 0.7 Math.Atanh
        | Unary.Erf -> smooth -2.0 2.0 erf
        | Unary.Erfc -> smooth -2.0 2.0 erfc
        | Unary.ErfInv -> smooth -0.8 0.8 erfInv
        | Unary.Lgamma -> smooth 0.4 4.0 lgamma
        | Unary.Digamma -> smooth 0.5 4.0 (polygamma 0)
        | Unary.Sigmoid -> smooth -4.0 4.0 sigmoid
        | Unary.Softplus -> smooth -4.0 4.0 softplus
        | Unary.Relu -> kinkAtZero (fun x -> if Double.IsNaN x then x else max x 0.0)
        | Unary.Abs -> kinkAtZero Math.Abs
        | Unary.Sign -> kinkAtZero sign
        | Unary.Floor -> steps 0.0 Math.Floor
        | Unary.Ceil -> steps 0.0 Math.Ceiling
        | Unary.Round -> steps 0.5 (fun x -> Math.Round(x, MidpointRounding.ToEven))
        | Unary.Trunc -> steps 0.0 Math.Truncate

    let private everywhere value =
        {
            Value2 = value
            First = struct (-3.0, 3.0)
            Second = struct (-3.0, 3.0)
            IsTie = fun _ _ -> false
        }

    let private tied value = { everywhere value with IsTie = fun x y -> abs (x - y) < margin }

    /// Steps where x is a whole multiple of y.
    let private periodic value =
        { everywhere value with
            Second = struct (0.8, 2.0)
            IsTie = fun x y -> abs (x / y - Math.Round(x / y)) < 2.0 * margin
        }

    /// The row of a function of two arguments.
    let binary (op: Binary) : BinaryRow =
        match op with
        | Binary.Add -> everywhere (fun x y -> x + y)
        | Binary.Sub -> everywhere (fun x y -> x - y)
        | Binary.Mul -> everywhere (fun x y -> x * y)
        | Binary.Div -> { everywhere (fun x y -> x / y) with Second = struct (0.4, 3.0) }
        | Binary.Pow ->
            { everywhere (fun x y -> Math.Pow(x, y)) with
                First = struct (0.3, 2.0)
                Second = struct (-2.0, 2.0)
            }
        | Binary.Maximum -> tied (fun x y -> Math.Max(x, y))
        | Binary.Minimum -> tied (fun x y -> Math.Min(x, y))
        // Away from the cut of the angle, which is the left half of the first axis.
        | Binary.Atan2 -> { everywhere (fun y x -> Math.Atan2(y, x)) with Second = struct (0.3, 3.0) }
        | Binary.Hypot -> { everywhere (fun x y -> Math.Sqrt(x * x + y * y)) with Second = struct (0.3, 3.0) }
        | Binary.LogAddExp -> everywhere (fun x y -> max x y + log1p (exp -(abs (x - y))))
        | Binary.Remainder -> periodic (fun x y -> x - y * Math.Floor(x / y))
        | Binary.Fmod -> periodic (fun x y -> x - y * Math.Truncate(x / y))
        // The harness takes whole parts of the order, which therefore has steps.
        | Binary.Polygamma ->
            { everywhere (fun n x -> if Double.IsNaN(n + x) then nan else polygamma (int (floor (abs n))) x) with
                Second = struct (0.7, 4.0)
                IsTie = fun n _ -> abs (n - Math.Round n) < margin
            }

    /// A comparison of two numbers.
    let compare (op: Comparison) (x: 'a) (y: 'a) : bool =
        match op with
        | Comparison.Less -> x < y
        | Comparison.LessEqual -> x <= y
        | Comparison.Equal -> x = y
        | Comparison.NotEqual -> x <> y

    /// A test of a number.
    let test (op: Test) (x: float) : bool =
        match op with
        | Test.IsNaN -> Double.IsNaN x
        | Test.IsFinite -> Double.IsFinite x

    /// A connective of two truth values.
    let logical (op: Logical) (x: bool) (y: bool) : bool =
        match op with
        | Logical.And -> x && y
        | Logical.Or -> x || y
        | Logical.Xor -> x <> y

    /// The functions that have a meaning for whole numbers; the others are never applied to them.
    let unaryWhole (op: Unary) (x: int64) : int64 =
        match op with
        | Unary.Neg -> -x
        | Unary.Square -> x * x
        | Unary.Abs -> (if x < 0L then -x else x)
        | Unary.Sign -> int64 (sign (float x))
        | Unary.Relu -> max x 0L
        | Unary.Floor
        | Unary.Ceil
        | Unary.Round
        | Unary.Trunc -> x
        | Unary.Reciprocal
        | Unary.Sqrt
        | Unary.Rsqrt
        | Unary.Exp
        | Unary.Expm1
        | Unary.Log
        | Unary.Log1p
        | Unary.Sin
        | Unary.Cos
        | Unary.Tan
        | Unary.Asin
        | Unary.Acos
        | Unary.Atan
        | Unary.Sinh
        | Unary.Cosh
        | Unary.Tanh
        | Unary.Sigmoid
        | Unary.Softplus
        | Unary.Cbrt
        | Unary.Exp2
        | Unary.Log2
        | Unary.Log10
        | Unary.Asinh
        | Unary.Acosh
        | Unary.Atanh
        | Unary.Erf
        | Unary.Erfc
        | Unary.ErfInv
        | Unary.Lgamma
        | Unary.Digamma
        | Unary.Log1mExp -> invalidOp $"{op} of a whole number"

    let private powerWhole (x: int64) (y: int64) =
        if y < 0L then
            invalidOp "a whole number to a negative power"
        else
            Seq.fold (fun p _ -> p * x) 1L [ 1L .. y ]

    /// The functions of two whole numbers.
    let binaryWhole (op: Binary) (x: int64) (y: int64) : int64 =
        match op with
        | Binary.Add -> x + y
        | Binary.Sub -> x - y
        | Binary.Mul -> x * y
        // Only floorDivide makes it, of whole numbers.
        | Binary.Div -> x / y
        | Binary.Pow -> powerWhole x y
        | Binary.Maximum -> max x y
        | Binary.Minimum -> min x y
        | Binary.Remainder -> ((x % y) + y) % y
        | Binary.Fmod -> x % y
        | Binary.Atan2
        | Binary.Hypot
        | Binary.LogAddExp
        | Binary.Polygamma -> invalidOp $"{op} of whole numbers is taken in Float64"
