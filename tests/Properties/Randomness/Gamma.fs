/// Gamma variates: their distribution, and derivatives in the shape along a frozen probability.
module Autodiff.Properties.Randomness.Gamma

open System
open Autodiff
open Autodiff.FSharp
open Xunit

let private many = 20_000
let private key = Random.key 404L

/// log gamma x by Stirling's series above 15, and downwards by the recurrence.
let rec private logFactor (x: float) =
    if x < 15.0 then
        logFactor (x + 1.0) - log x
    else
        let square = 1.0 / (x * x)

        let series =
            1.0 / 12.0
            - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)))

        (x - 0.5) * log x - x + 0.91893853320467274178 + series / x

/// The probability P(a, exp l) of a gamma variate below exp l: exp (a l - z) / gamma(a + 1) times the series of
/// z^n / ((a + 1) ... (a + n)).
let private probability (a: float) (l: float) =
    let z = exp l

    let terms =
        Seq.unfold (fun (n, t) -> if t < 1e-18 then None else Some(t, (n + 1.0, t * z / (a + n + 1.0)))) (0.0, 1.0)
    // The terms first grow where z is large: they start above the bound and all are summed.
    exp (a * l - z - logFactor (a + 1.0)) * Seq.sum terms

let private follows (distribution: float -> float) (numbers: float[]) =
    let sorted = Array.sort numbers
    let n = float sorted.Length

    let distance =
        sorted
        |> Array.mapi (fun i x ->
            let p = distribution x
            max (p - float i / n) (float (i + 1) / n - p))
        |> Array.max

    Assert.InRange(distance * sqrt n, 0.0, 1.95)

let shapes = TheoryData<float>(0.01, 0.3, 0.999, 1.0, 1.5, 4.0, 30.0, 400.0)

[<Theory; MemberData(nameof shapes)>]
let ``logarithms of gamma variates follow their distribution`` (a: float) =
    for dtype in [ DType.Float32; DType.Float64 ] do
        let alpha = cast dtype (constant (NDArray.Full([| many |], a)))
        let drawn = Random.logGamma key alpha
        Assert.Equal(dtype, drawn.DType)
        let numbers = (eval (cast DType.Float64 drawn)).ToArray<float>()
        let a = (eval (cast DType.Float64 (cast dtype (constant a)))).Item<float>()
        follows (probability a) numbers
        // Mean a and variance a of the numbers themselves.
        let z = (eval (Random.gamma key (constant (NDArray.Full([| many |], a))))).ToArray<float>()
        Assert.Equal(a, Array.average z, 4.0 * sqrt (a / float many))

[<Fact>]
let ``beta and Dirichlet variates follow their distributions`` () =
    let spread (value: float) = constant (NDArray.Full([| many |], value))
    // Of the shapes a and 1 the distribution function is x^a.
    follows (fun x -> x ** 2.5) ((eval (Random.beta key (spread 2.5) (constant 1.0))).ToArray<float>())
    follows (fun x -> 1.0 - (1.0 - x) ** 0.4) ((eval (Random.beta key (constant 1.0) (spread 0.4))).ToArray<float>())
    let alpha = [| 0.5; 2.0; 1.5 |]
    let points = eval (Random.dirichlet key (broadcastTo [ many; 3 ] (constant alpha)))
    let sums = (eval (sum [ 1 ] (constant points))).ToArray<float>()
    Assert.All(sums, (fun s -> Assert.Equal(1.0, s, 1e-12)))
    let means = (eval (mean [ 0 ] (constant points))).ToArray<float>()

    for m, a in Array.zip means alpha do
        let share = a / 4.0
        Assert.Equal(share, m, 4.0 * sqrt (share * (1.0 - share) / 5.0 / float many))

    // A point of small shapes lies in a corner, and is no NaN.
    let corners = eval (Random.dirichlet key (constant (NDArray.Full([| 500; 4 |], 1e-4))))
    Assert.All(corners.ToArray<float>(), (fun e -> Assert.True(e >= 0.0 && e <= 1.0)))

/// The l with a probability below it, by halving.
let private quantile (a: float) (p: float) =
    let mutable low, high = -2000.0, 10.0

    for _ in 1..200 do
        let middle = (low + high) / 2.0
        if probability a middle < p then low <- middle else high <- middle

    (low + high) / 2.0

let slopes =
    TheoryData<float, float>(
        [
            for a in [ 0.05; 0.4; 1.0; 1.7; 5.0; 40.0 ] do
                for p in [ 0.001; 0.1; 0.5; 0.9; 0.99 ] -> struct (a, p)
        ]
    )

/// Central differences of the quantile in a, extrapolated twice, of orders one and two.
let private differences (a: float) p =
    let h = 0.02 * a
    let at k = quantile (a + k * h) p
    let first k = (at k - at -k) / (2.0 * k * h)
    let second k = (at k - 2.0 * at 0.0 + at -k) / (k * k * h * h)
    let extrapolate f = (64.0 * f 1.0 - 20.0 * f 2.0 + f 4.0) / 45.0
    extrapolate first, extrapolate second

[<Theory; MemberData(nameof slopes)>]
let ``the derivative in the shape is that of the quantile, to order two`` (a: float) (p: float) =
    // Where a draw stands with its own probability, the quantile through it is a function of a alone.
    let l = quantile a p
    let alpha = variable "alpha" a

    let along =
        customTangent (fun _ -> constant l) (fun inputs value t -> t[0] * GammaSlope.slope inputs[0] value) [ alpha ]

    let slope = derivative along alpha
    let first, second = differences a p
    Assert.Equal(first, (eval slope).Item<float>(), 2e-6 * (1.0 + abs first))
    Assert.Equal(second, (eval (derivative slope alpha)).Item<float>(), 2e-4 * (1.0 + abs second))

[<Theory; MemberData(nameof shapes)>]
let ``drawn numbers move along their probability`` (a: float) =
    let alpha = Leaf.variable "alpha" (NDArray.Full([| 12 |], a))
    let drawn = Random.logGamma key alpha
    let slopes = (eval (derivative drawn alpha)).ToArray<float>()
    let values = (eval drawn).ToArray<float>()
    let h = 1e-4 * a

    for l, slope in Array.zip values slopes do
        let p, above, below =
            probability a l, probability (a + h) (l + h * slope), probability (a - h) (l - h * slope)
        // Along the slope the probability does not change; with a slope of 0 it would.
        let moved = probability (a + h) l - probability (a - h) l
        Assert.True(abs (above - below) <= 1e-5 * abs moved + 1e-12 * p, $"{above - below} of {moved} at {l}")

[<Fact>]
let ``derivatives of means are those of the means' formulas`` () =
    // The mean of the logarithm is digamma a, that of z^2 is a (a + 1), that of a beta variate a / (a + b).
    let a, b = variable "a" 2.5, variable "b" 1.5
    let spread = broadcastTo [ many ]
    let slopeOf (y: Node) (x: Node) = (eval (derivative (mean [] y) x)).Item<float>()
    let trigamma = (eval (derivative (digamma a) a)).Item<float>()
    Assert.Equal(trigamma, slopeOf (Random.logGamma key (spread a)) a, 0.01)
    Assert.Equal(2.0 * 2.5 + 1.0, slopeOf (square (Random.gamma key (spread a))) a, 0.15)
    Assert.Equal(1.5 / 16.0, slopeOf (Random.beta key (spread a) b) a, 0.003)
    Assert.Equal(-2.5 / 16.0, slopeOf (Random.beta key (spread a) b) b, 0.004)

[<Fact>]
let ``forward and reverse mode agree, in batches and both types`` () =
    for dtype in [ DType.Float32; DType.Float64 ] do
        let alpha = Leaf.variable "alpha" ((nd [ [ 0.2; 1.0; 3.5 ]; [ 12.0; 0.9; 2.0 ] ]).AsType dtype)
        let keys = Random.split key 2
        let y = Random.gamma keys alpha
        let relative = if dtype = DType.Float32 then 1e-5 else 1e-13
        let forward = jvp y [ alpha ] [ onesLike alpha ]
        Assert.Equal(dtype, forward.DType)
        Autodiff.Proofs.Close.requireWithin relative "modes" (eval forward) (eval (derivative y alpha))
        let apart = stack 0 [ for i in 0..1 -> Random.gamma keys.[i] alpha.[i] ]
        Autodiff.Proofs.Close.requireWithin relative "rows" (eval apart) (eval y)
        let slopes = derivative apart alpha
        Autodiff.Proofs.Close.requireWithin relative "slopes" (eval slopes) (eval (derivative y alpha))
        let once = vmap (fun a -> Random.gamma key a) alpha
        let same = stack 0 [ for i in 0..1 -> Random.gamma key alpha.[i] ]
        Autodiff.Proofs.Close.requireWithin relative "one key" (eval same) (eval once)

[<Fact>]
let ``shapes outside the domain give what they must`` () =
    let drawn =
        (eval (Random.logGamma key (constant [ 0.0; -1.0; nan; infinity; 1e300; 1e-300 ]))).ToArray<float>()

    Assert.Equal(-infinity, drawn[0])
    Assert.True(Double.IsNaN drawn[1] && Double.IsNaN drawn[2])
    Assert.Equal(infinity, drawn[3])
    Assert.Equal(log 1e300, drawn[4], 1e-12)
    Assert.True(drawn[5] < -1e290)

[<Fact>]
let ``what does not fit is refused`` () =
    let k, ks = Random.key 1L, named "ks" (Random.split (Random.key 1L) 3)
    let x = variable "x" (NDArray.Zeros(2, 3))

    let errors: (Type * string list * (unit -> Node)) list =
        [
            typeof<DTypeException>, [ "logGamma"; "'x' [2,3]" ], (fun () -> Random.gamma x x)
            typeof<ShapeException>, [ "logGamma"; "'x' [2,3]"; "'ks' [3]" ], (fun () -> Random.logGamma ks x)
            typeof<ShapeException>, [ "dirichlet" ], (fun () -> Random.dirichlet k (scalar 1.0))
            typeof<ShapeException>, [ "dirichlet"; "[3]" ], (fun () -> Random.dirichlet ks (constant [ 1.0; 1.0; 1.0 ]))
            typeof<ShapeException>, [ "beta"; "[2,3]"; "[2]" ], (fun () -> Random.beta k x (constant [ 1.0; 1.0 ]))
            typeof<DTypeException>, [ "beta"; "'x'" ], (fun () -> Random.beta x x x)
        ]

    for kind, words, call in errors do
        let error = Assert.Throws(kind, (fun () -> call () |> ignore))

        for word in words do
            Assert.Contains(word, error.Message)
