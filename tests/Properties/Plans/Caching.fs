/// Plans that are found again. The plans that the process makes are counted, so that nothing else runs at the same time.
[<Xunit.Collection "counted plans">]
module Autodiff.Proofs.Caching

open System
open System.Runtime.CompilerServices
open System.Threading.Tasks
open Xunit
open FsCheck.Xunit
open Autodiff
open Autodiff.FSharp

[<CollectionDefinition("counted plans", DisableParallelization = true)>]
type CountedPlans() = class end

/// What the plan of a graph is found by.
let private plansFor (outputs: Node list) = Encode.graph [] (Array.ofList outputs)

let private step (rate: float) (w0: NDArray) =
    let w = variable "w" w0
    let loss = sum [] (square (tanh (w * 3.0) - 0.25))
    w - rate * derivative loss w

[<Fact>]
let ``graphs that differ in the values of their leaves have one encoding`` () =
    let one = plansFor [ step 0.1 (nd [ 1.0; 2.0 ]) ]
    let other = plansFor [ step 0.1 (nd [ 5.0; 7.0 ]) ]
    Assert.Equal(one, other)
    Assert.Equal(one.GetHashCode(), other.GetHashCode())

[<Fact>]
let ``a plan does not depend on the rules of derivatives`` () =
    let build () = customGradient (fun i -> sin i[0]) (fun _ _ c -> [ c ]) [ variable "x" [ 1.0; 2.0 ] ]
    Assert.Equal(plansFor [ build () ], plansFor [ build () ])

[<Fact>]
let ``graphs that differ in anything else have different encodings`` () =
    let x, y = variable "x" [ 1.0; 2.0 ], variable "y" [ 3.0; 4.0 ]
    let z = variable "z" [ 1.0; 2.0; 3.0 ]

    let graphs =
        [
            [ x * y ]
            [ x * x ]
            [ x + y ]
            [ z * z ]
            [ constant [ 1.0; 2.0 ] * y ]
            [ variable "f" [ 1.0f; 2.0f ] * variable "g" [ 1.0f; 2.0f ] ]
            [ x * y; x ]
            [ x * y; y ]
            [ sum [ 0 ] x ]
            [ x.[0..0] ]
            [ x.[1..1] ]
            [ reshape [ 2; 1 ] x ]
            [ reshape [ 1; 2 ] x ]
            [ where (x .> y) x y ]
            [ where (x .> y) y x ]
        ]

    let encodings = graphs |> List.map plansFor

    for i in 0 .. encodings.Length - 1 do
        for j in 0 .. i - 1 do
            Assert.NotEqual(encodings[i], encodings[j])

[<Fact>]
let ``a step that is rebuilt with another rate each time is right, and is planned a few times only`` () =
    let mutable w = nd [ 0.3; -0.2; 0.7; 0.1; 0.9 ]
    let mutable made = 0L

    for k in 1..40 do
        let rate = 0.1 / float k
        let next = step rate w
        let known = PlanCache.Compilations
        let cached = eval next
        made <- made + (PlanCache.Compilations - known)
        Close.requireWithin 1e-14 "the step" ((compile [] [ next ]).Run []).[0] cached
        w <- cached

    Assert.InRange(made, 1L, 4L)

[<Fact>]
let ``whether equal numbers are one node makes no difference to the plan`` () =
    let x = variable "x" [ 0.5; 0.25; 1.5; 2.5; 3.5; 4.5 ]
    let apart (k: float) = broadcastTo [ 6 ] (constant k)
    let written = x * 0.75 + sin x * 0.75 - 0.75
    let own = x * apart 0.75 + sin x * apart 0.75 - apart 0.75
    let shared = apart 0.75
    let common = x * shared + sin x * shared - shared
    Assert.Equal(plansFor [ own ], plansFor [ written ])
    Assert.Equal(plansFor [ own ], plansFor [ common ])

[<Fact>]
let ``numbers that happen to be equal may differ later, and numbers that differ may become equal`` () =
    let x = nd [ 0.5; 0.25; 1.5; 2.5; 3.5; 4.5; 5.5; 6.5 ]
    let mutable made = 0L

    let step (a: float) (b: float) (c: float) =
        let x = variable "x" x
        let y = tanh (x * a) * b + sin (x * c) * a
        let known = PlanCache.Compilations
        let cached = eval (y + derivative (sum [] (y * b)) x)
        made <- made + (PlanCache.Compilations - known)
        let fresh = compile [] [ y + derivative (sum [] (y * b)) x ]
        Close.requireWithin 1e-14 "the step" (fresh.Run []).[0] cached

    for k in 1..30 do
        let a, b = 1.0 / float k, (if k % 3 = 0 then 1.0 / float k else 0.5)
        step a b (if k % 5 = 0 then b else 0.25)

    Assert.InRange(made, 1L, 8L)

[<MethodImpl(MethodImplOptions.NoInlining)>]
let private evaluated () =
    let start = NDArray.Ones(7, 11)
    let x = variable "x" start
    eval (sum [] (x * x * 1.25) + derivative (sum [] (sin x)) x) |> ignore
    WeakReference start

[<Fact>]
let ``a plan keeps nothing of the arrays that it was made with`` () =
    let start = evaluated ()
    GC.Collect()
    GC.WaitForPendingFinalizers()
    GC.Collect()
    Assert.False start.IsAlive

[<Fact>]
let ``a number that varies becomes an argument`` () =
    let encoding rate = plansFor [ step rate (nd [ 0.5; 0.25; 1.5; 2.5; 3.5; 4.5; 5.5 ]) ]
    let family = PlanFamily(encoding 0.1)
    let misses = [ for k in 1..5 -> family.Miss((encoding (0.1 * float k)).Bits) ]
    Assert.All(misses[..2], (fun (arguments: int[]) -> Assert.Empty arguments))
    Assert.All(misses[3..], (fun (arguments: int[]) -> Assert.Equal(1, arguments.Length)))

[<Fact>]
let ``a plan serves the numbers that it was made for, and any in the place of an argument`` () =
    let bits (numbers: int64 list) =
        let list = ChunkedList<int64>()
        List.iter list.Add numbers
        list

    let x = variable "x" 1.0
    let plan = CachedPlan([| 1 |], bits [ 5L; 6L; 7L ], Evaluation.compile [| x |] [ x ])
    Assert.True(plan.Serves(bits [ 5L; 6L; 7L ]))
    Assert.True(plan.Serves(bits [ 5L; 0L; 7L ]))
    Assert.False(plan.Serves(bits [ 4L; 6L; 7L ]))
    Assert.False(plan.Serves(bits [ 5L; 6L; 8L ]))

[<Fact>]
let ``given values take part as arguments, and their errors name the node`` () =
    let x = input "x" [ 2 ] DType.Float64
    let y = sum [] (x * x)
    Assert.Equal(25.0, (evalWith [ x, nd [ 3.0; 4.0 ] ] y).Item<float>())
    Assert.Equal(5.0, (evalWith [ x, nd [ 1.0; 2.0 ] ] y).Item<float>())
    let wrong = Assert.Throws<ShapeException>(fun () -> evalWith [ x, nd [ 1.0 ] ] y |> ignore)
    Assert.Contains("'x' has shape [2]", wrong.Message)
    let unbound = Assert.Throws<UnboundInputException>(fun () -> eval y |> ignore)
    Assert.Contains("'x'", unbound.Message)

[<Fact>]
let ``an inner node may be given a value`` () =
    let x = variable "x" 2.0
    let inner = x * x
    Assert.Equal(12.0, (evalWith [ inner, nd 10.0 ] (inner + x)).Item<float>())

[<Fact>]
let ``plans are let go when they take more bytes than allowed, the longest unused first`` () =
    let store = PlanStore 1_000_000_000L
    let mutable made = 0

    let ask (count: int) =
        let x = variable "x" (NDArray.Ones(count))
        let encoding = plansFor [ sum [] (x * x) ]

        let compile (_: int[]) =
            made <- made + 1
            Evaluation.compile [| x |] [ x ]

        store.Find(encoding, compile) |> ignore

    for count in [ 1; 2; 3; 1 ] do
        ask count

    Assert.Equal(3, made)
    let bytes = store.Bytes
    // Of three plans of one size, used in the order 2, 3, 1, this leaves two.
    store.Limit <- bytes - 1L
    Assert.Equal(2L * bytes / 3L, store.Bytes)
    ask 3
    ask 1
    Assert.Equal(3, made)
    ask 2
    Assert.Equal(4, made)
    store.Limit <- 0L
    Assert.Equal(0L, store.Bytes)

[<Fact>]
let ``many threads may evaluate graphs of one structure at once`` () =
    let values =
        Array.init 64 (fun i ->
            Task.Run(fun () ->
                let x = variable "x" (nd [ float i; 1.0 ])
                (eval (sum [] (x * 2.0 + float (i % 5)))).Item<float>()))

    values
    |> Array.iteri (fun i value -> Assert.Equal(2.0 * float i + 2.0 + 2.0 * float (i % 5), value.Result))

[<Property(MaxTest = 60)>]
let ``a cached plan gives the bits of a fresh one`` (FsCheck.DoNotSize(seed: int)) =
    let make () = Graphs.ofSeed DType.Float64 20 (abs (seed % 1_000_000))
    let cached = evalMany (make ()).Outputs
    let again = evalMany (make ()).Outputs
    let fresh = (compile [] (make ()).Outputs).Run []

    for i in 0 .. fresh.Length - 1 do
        Assert.True(fresh[i].IsSameAs again[i])
        Assert.True(fresh[i].IsSameAs cached[i])
