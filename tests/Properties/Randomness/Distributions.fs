/// Random values follow their distributions: Kolmogorov and Smirnov's greatest distance, moments, and chi squared, with
/// fixed seeds.
module Autodiff.Properties.Randomness.Distributions

open System
open Autodiff
open Autodiff.FSharp
open Xunit

let private many = 40_000

let private sorted (node: Node) = (eval (cast DType.Float64 (flatten node))).ToArray<float>() |> Array.sort

/// The greatest distance from the distribution function, times sqrt n, exceeds 1.95 once in a thousand times.
let private follows (distribution: float -> float) (node: Node) =
    let numbers = sorted node
    let n = float numbers.Length

    let distance =
        numbers
        |> Array.mapi (fun i x ->
            let p = distribution x
            max (p - float i / n) (float (i + 1) / n - p))
        |> Array.max

    Assert.InRange(distance * sqrt n, 0.0, 1.95)

/// Mean and variance within 4 standard errors, for a distribution of which the fourth central moment is known.
let private hasMoments mean variance fourth (node: Node) =
    let numbers = sorted node
    let n = float numbers.Length
    let actual = Array.average numbers
    Assert.InRange(actual, mean - 4.0 * sqrt (variance / n), mean + 4.0 * sqrt (variance / n))
    let spread = numbers |> Array.averageBy (fun x -> (x - mean) * (x - mean))
    let error = 4.0 * sqrt ((fourth - variance * variance) / n)
    Assert.InRange(spread, variance - error, variance + error)

/// 1/2 + the density times the series of x^(2n+1) / (1 3 5 ... (2n+1)).
let private normalDistribution (x: float) =
    if abs x > 9.0 then
        (if x > 0.0 then 1.0 else 0.0)
    else
        let rec series sum term n = if abs term <= 1e-17 * abs sum then sum else next sum (term * x * x / float n) n
        and next sum term n = series (sum + term) term (n + 2)
        0.5 + series x x 3 * exp (-x * x / 2.0) / sqrt (2.0 * Math.PI)

let dtypes = TheoryData<DType>(DType.Float32, DType.Float64)

let private key = Random.key 2024L

[<Theory; MemberData(nameof dtypes)>]
let ``uniform`` (dtype: DType) =
    let x = Random.uniformOf dtype key [ many ]
    follows id x
    hasMoments 0.5 (1.0 / 12.0) (1.0 / 80.0) x
    Assert.All(sorted x, (fun e -> Assert.True(e >= 0.0 && e < 1.0)))

[<Theory; MemberData(nameof dtypes)>]
let ``normal`` (dtype: DType) =
    let x = Random.normalOf dtype key [ many ]
    follows normalDistribution x
    hasMoments 0.0 1.0 3.0 x
    follows (fun x -> normalDistribution ((x + 2.0) / 0.5)) (-2.0 + 0.5 * x)

[<Theory; MemberData(nameof dtypes)>]
let ``exponential`` (dtype: DType) =
    let x = Random.exponentialOf dtype key [ many ]
    follows (fun x -> -(Math.Exp -x) + 1.0) x
    hasMoments 1.0 1.0 9.0 x
    Assert.All(sorted x, (fun e -> Assert.True(e >= 0.0 && Double.IsFinite e)))

[<Theory; MemberData(nameof dtypes)>]
let ``Laplace`` (dtype: DType) =
    let x = Random.laplaceOf dtype key [ many ]
    follows (fun x -> if x < 0.0 then exp x / 2.0 else 1.0 - exp -x / 2.0) x
    hasMoments 0.0 2.0 24.0 x

[<Theory; MemberData(nameof dtypes)>]
let ``Gumbel`` (dtype: DType) =
    let x = Random.gumbelOf dtype key [ many ]
    follows (fun x -> exp -(exp -x)) x
    // Euler's constant, pi^2 / 6, and the fourth central moment 3 pi^4 / 20.
    hasMoments 0.5772156649015329 (Math.PI * Math.PI / 6.0) (3.0 * Math.PI ** 4.0 / 20.0) x

[<Theory; MemberData(nameof dtypes)>]
let ``truncated normal`` (dtype: DType) =
    for low, high in [ -1.0, 2.0; 0.5, 3.0; -infinity, 0.0; 1.0, infinity; -infinity, infinity ] do
        let bound (x: float) = cast dtype (constant x)
        let x = Random.truncatedNormal key (bound low) (bound high) [ many ]
        Assert.Equal(dtype, x.DType)
        let a, b = normalDistribution low, normalDistribution high
        follows (fun x -> (normalDistribution x - a) / (b - a)) x
        Assert.All(sorted x, (fun e -> Assert.True(e >= low && e <= high && Double.IsFinite e)))

[<Fact>]
let ``truth values have their probabilities`` () =
    let p = constant [ 0.0; 0.1; 0.5; 0.9; 1.0 ]
    let drawn = Random.bernoulli key p [ many; 5 ]
    let shares = (eval (mean [ 0 ] (cast DType.Float64 drawn))).ToArray<float>()

    for share, p in Array.zip shares [| 0.0; 0.1; 0.5; 0.9; 1.0 |] do
        Assert.InRange(share, p - 4.0 * sqrt (p * (1.0 - p) / float many), p + 4.0 * sqrt (p * (1.0 - p) / float many))

/// Chi squared of counts, which its bound exceeds once in a thousand times.
let private hasShares (shares: float[]) (bound: float) (chosen: int64[]) =
    let counts =
        shares |> Array.mapi (fun k _ -> chosen |> Seq.filter (fun c -> c = int64 k) |> Seq.length |> float)

    Assert.Equal(float chosen.Length, Array.sum counts)
    let n = float chosen.Length

    let chi =
        Array.map2
            (fun count share ->
                if share = 0.0 then
                    count * infinity
                else
                    (count - n * share) ** 2.0 / (n * share))
            counts
            shares
        |> Array.map (fun e -> if Double.IsNaN e then 0.0 else e)
        |> Array.sum

    Assert.InRange(chi, 0.0, bound)

[<Fact>]
let ``choices have the probabilities of their logits`` () =
    let shares = [| 0.1; 0.4; 0.05; 0.0; 0.45 |]
    let logits = constant (shares |> Array.map (fun p -> log p + 3.0))

    for dtype in [ DType.Float32; DType.Float64 ] do
        let chosen = eval (Random.categorical key (cast dtype (broadcastTo [ many; 5 ] logits)))
        Assert.Equal(DType.Int64, chosen.DType)
        // Three degrees of freedom.
        hasShares shares 16.27 (chosen.ToArray<int64>())

    let sure = eval (Random.categorical key (constant [ -infinity; 5.0; -infinity ]))
    Assert.Equal(1L, sure.Item<int64>())

[<Fact>]
let ``whole numbers are equally probable`` () =
    let chosen = eval (Random.integers key 0L 7L [ many ])
    // Six degrees of freedom.
    hasShares (Array.create 7 (1.0 / 7.0)) 22.46 (chosen.ToArray<int64>())

[<Fact>]
let ``streams of different keys are not correlated`` () =
    let keys = Random.split key 2
    let x = Random.normal keys [ many ]
    let product = (eval (mean [] (x.[0] * x.[1]))).Item<float>()
    Assert.InRange(product, -4.0 / sqrt (float many), 4.0 / sqrt (float many))
    let folded = Random.normal (Random.foldIn key (constant 1)) [ many ]
    let product = (eval (mean [] (folded * Random.normal key [ many ]))).Item<float>()
    Assert.InRange(product, -4.0 / sqrt (float many), 4.0 / sqrt (float many))
