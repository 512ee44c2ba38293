/// Numbers of about 32 digits, each an unevaluated sum of two doubles, and the elementary functions on them: what the
/// functions of double are tested against.
module Autodiff.Properties.Kernel.DoubleDouble

open System

[<Struct; CustomEquality; NoComparison>]
type DD =
    {
        Hi: float
        Lo: float
    }

    override this.Equals other =
        match other with
        | :? DD as o -> this.Hi = o.Hi && this.Lo = o.Lo
        | _ -> false

    override this.GetHashCode() = HashCode.Combine(this.Hi, this.Lo)

/// The sum of a larger and a smaller number.
let private fast hi lo =
    let s = hi + lo
    { Hi = s; Lo = lo - (s - hi) }

let private twoSum (a: float) b =
    let s = a + b
    let t = s - a
    { Hi = s; Lo = (a - (s - t)) + (b - t) }

let private twoProduct (a: float) b =
    let p = a * b
    { Hi = p; Lo = Math.FusedMultiplyAdd(a, b, -p) }

let dd x = { Hi = x; Lo = 0.0 }

type DD with

    static member (+)(a: DD, b: DD) =
        let s = twoSum a.Hi b.Hi
        let t = twoSum a.Lo b.Lo
        let v = fast s.Hi (s.Lo + t.Hi)
        fast v.Hi (v.Lo + t.Lo)

    static member (~-)(a: DD) = { Hi = -a.Hi; Lo = -a.Lo }

    static member (-)(a: DD, b: DD) = a + (-b)

    static member (*)(a: DD, b: DD) =
        let p = twoProduct a.Hi b.Hi
        fast p.Hi (p.Lo + (a.Hi * b.Lo + a.Lo * b.Hi))

    static member (/)(a: DD, b: DD) =
        let q1 = a.Hi / b.Hi
        let r1 = a - b * dd q1
        let q2 = r1.Hi / b.Hi
        let r2 = r1 - b * dd q2
        fast q1 q2 + dd (r2.Hi / b.Hi)

let scale (n: int) (a: DD) = { Hi = Math.ScaleB(a.Hi, n); Lo = Math.ScaleB(a.Lo, n) }

let one = dd 1.0

let private log2 = { Hi = 0.6931471805599453; Lo = 2.3190468138462996e-17 }

let halfPi = { Hi = 1.5707963267948966; Lo = 6.123233995736766e-17 }

/// Pi/2 to 160 bits, for the reduction of arguments up to 1e5 and more.
let private quarterTurn = [ 1.5707963267948966; 6.123233995736766e-17; -1.4973849048591698e-33 ]

/// 2 / sqrt pi.
let twoOverRootPi = { Hi = 1.1283791670955126; Lo = 1.533545961316588e-17 }

/// sum of term k, until it no longer counts; each term follows from the one before.
let private series first next =
    let rec sum (total: DD) (term: DD) k =
        if Math.Abs term.Hi < 1e-34 * Math.Abs total.Hi || term.Hi = 0.0 || k > 400 then
            total
        else
            let term = next term k
            sum (total + term) term (k + 1)

    sum first first 1

/// e^x - 1 for small x.
let private expm1Series (x: DD) = series x (fun term k -> term * x / dd (float k + 1.0))

/// e^x as r and n with e^x = r 2^n, r near 1.
let private expParts (x: DD) =
    let n = Math.Round(x.Hi / log2.Hi)
    let r = scale -6 (x - log2 * dd n)
    let mutable p = expm1Series r

    for _ in 1..6 do
        p <- p * p + scale 1 p

    p + one, int n

/// e^x, for results far from the least numbers.
let exp (x: DD) =
    let r, n = expParts x
    scale n r

let expm1 (x: DD) = if Math.Abs x.Hi < 0.1 then expm1Series x else exp x - one

/// Newton's step for e^y = x, from a y that is right to 16 digits.
let log (x: DD) =
    let m = Math.ILogB x.Hi
    let x = scale -m x
    let y = dd (Math.Log x.Hi)
    let miss = x * exp (-y) - one
    y + miss - scale -1 (miss * miss) + log2 * dd (float m)

/// 2 atanh (x / (2 + x)) for small x.
let log1p (x: DD) =
    if Math.Abs x.Hi > 0.1 then
        log (one + x)
    else
        let s = x / (dd 2.0 + x)
        let z = s * s
        let mutable power = s
        let mutable total = s

        for k in 1..20 do
            power <- power * z
            total <- total + power / dd (2.0 * float k + 1.0)

        scale 1 total

let private sinSeries (x: DD) =
    let z = x * x
    series x (fun term k -> -(term * z / dd (2.0 * float k * (2.0 * float k + 1.0))))

let private cosSeries (x: DD) =
    let z = x * x
    series one (fun term k -> -(term * z / dd (2.0 * float k * (2.0 * float k - 1.0))))

/// The sine of x and some quarter turns.
let private turned turns (x: float) =
    let n = Math.Round(x / quarterTurn.Head)
    let r = List.fold (fun rest part -> rest - twoProduct n part) (dd x) quarterTurn
    let quadrant = (int64 n + turns) &&& 3L
    let y = if quadrant &&& 1L = 0L then sinSeries r else cosSeries r
    if quadrant &&& 2L = 0L then y else -y

let sin x = turned 0L x

let cos x = turned 1L x

/// The Taylor series; it loses x^2 / 2.3 of its 32 digits.
let private erfSeries (x: DD) =
    let z = x * x
    let mutable power = x
    let mutable total = x
    let mutable k = 0

    while Math.Abs power.Hi > 1e-36 * Math.Abs total.Hi do
        k <- k + 1
        power <- -(power * z / dd (float k))
        total <- total + power / dd (2.0 * float k + 1.0)

    total * twoOverRootPi

/// The continued fraction of erfc, from its 400th step on inwards, for x from 2 on.
let private erfcFraction (x: DD) =
    let mutable f = x

    for k in 400..-1..1 do
        f <- x + dd (float k / 2.0) / f

    exp (-(x * x)) * scale -1 twoOverRootPi / f

let rec erf (x: DD) =
    if x.Hi < 0.0 then -(erf -x)
    elif x.Hi < 4.0 then erfSeries x
    else one - erfcFraction x

let erfc (x: DD) = if x.Hi < 2.5 then one - erfSeries x else erfcFraction x
