/// How the logarithm l of a gamma variate z moves with the shape a of its distribution while its probability
/// P(a, z) stays as it is: dl/da = -(dP/da) / (z p(z)), where p is the density (implicit reparameterisation; Figurnov,
/// Mohamed and Mnih, 2018). As dp/da = p (log t - digamma a), this is an integral over t on either side of z:
///
///     above z, with t = z + y and s = log (t / z):   J0 (l - digamma a) + J1,
///     Jk = integral over y of s^k exp (a s - y) / t
///
///     below z, with t = z exp -s, by parts:          ((1 + J0) (digamma (a + 1) - l) + J1) / a,
///     Jk = integral over s of s^k z exp (z (1 - exp -s) - (a + 1) s)
///
/// Every integrand is positive and falls off fast, and the side is chosen such that little cancels. The integrals are sums
/// over fixed nodes (the double exponential formula of Takahasi and Mori: s = exp (t - exp -t) with equally spaced t), right
/// to about 12 digits: a graph like any other, with derivatives of every order.
module internal Autodiff.FSharp.GammaSlope

open Autodiff

let private count, first, last = 48, -3.3, 3.8
let private step = (last - first) / float (count - 1)
let private places = Array.init count (fun k -> first + step * float k)
let private nodes = places |> Array.map (fun t -> exp (t - exp -t))

let private weights = Array.map2 (fun t u -> step * u * (1.0 + exp -t)) places nodes

let private along (values: float[]) : Node = Leaf.constant (NDArray.Create values)

let private integral (integrand: Node) = integrand *@ along weights

let private above (a: Node) (l: Node) : Node =
    let scale = stopGradient (1.0 + sqrt a)
    let wide = unsqueeze -1
    let z, y = wide (exp l), wide scale * along nodes
    let s = log1p (y / z)
    let integrand = exp (wide a * s - y) / (z + y)
    scale * integral integrand * (l - digamma a) + scale * integral (s * integrand)

let private below (a: Node) (l: Node) : Node =
    let scale = stopGradient (rsqrt (a + 1.0))
    let wide = unsqueeze -1
    let s = wide scale * along nodes
    let integrand = exp (wide l - wide (a + 1.0) * s - wide (exp l) * expm1 (-s))

    ((1.0 + scale * integral integrand) * (digamma (a + 1.0) - l) + scale * integral (s * integrand))
    / a

/// dl/da in the type of l. Each side is asked inside its own domain only.
let slope (a: Node) (l: Node) : Node =
    let shape, logarithm = cast DType.Float64 a, cast DType.Float64 l
    let isAbove = exp logarithm .> shape + 1.0
    let upper = above shape (where isAbove logarithm (log (shape + 2.0)))
    let lower = below shape (where isAbove (log shape) logarithm)
    cast l.DType (where isAbove upper lower)
