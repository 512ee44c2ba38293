/// Work on several threads.
module Autodiff.Properties.Kernel.ThreadTests

open System
open System.Threading
open System.Threading.Tasks
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Xunit

/// Counts how often each item is run; the item at which to fail, or -1.
[<Struct>]
type private Counting(counts: int[], failing: int64) =
    interface IWork with
        member _.Run item =
            if item = failing then
                failwith "the item fails"

            Interlocked.Increment(&counts[int item]) |> ignore

let private run threads (counts: int[]) failing =
    use _ = ComputeThreads.Use threads
    let work = Counting(counts, failing)
    ForkJoin.Run(&work, int64 counts.Length, 1_000_000L)

[<Theory>]
[<InlineData(1, 0)>]
[<InlineData(1, 7)>]
[<InlineData(2, 1)>]
[<InlineData(2, 1000)>]
[<InlineData(3, 100)>]
[<InlineData(5, 4)>]
let ``every item is run once`` (threads: int) (items: int) =
    for _ in 1..200 do
        let counts = Array.zeroCreate items
        run threads counts -1L
        Assert.All(counts, (fun count -> Assert.Equal(1, count)))

[<Fact>]
let ``what an item throws reaches the caller, and the next work runs`` () =
    for _ in 1..50 do
        let thrown = Assert.ThrowsAny<Exception>(fun () -> run 3 (Array.zeroCreate 20) 11L)
        Assert.Equal("the item fails", thrown.Message)
        let counts = Array.zeroCreate 20
        run 3 counts -1L
        Assert.All(counts, (fun count -> Assert.Equal(1, count)))

[<Fact>]
let ``many callers may fork at once`` () =
    Parallel.For(
        0,
        64,
        fun _ ->
            for _ in 1..20 do
                let counts = Array.zeroCreate 50
                run 2 counts -1L
                Assert.All(counts, (fun count -> Assert.Equal(1, count)))
    )
    |> ignore

[<Fact>]
let ``a number of threads holds for the scope and the thread`` () =
    let before = ComputeThreads.Current

    do
        use _ = ComputeThreads.Use 3
        Assert.Equal(3, ComputeThreads.Current)
        let elsewhere = [| 0 |]
        let other = Thread(fun () -> elsewhere[0] <- ComputeThreads.Current)
        other.Start()
        other.Join()
        Assert.Equal(ComputeThreads.Default, elsewhere[0])

        do
            use _ = ComputeThreads.Use 1
            Assert.Equal(1, ComputeThreads.Current)

        Assert.Equal(3, ComputeThreads.Current)

    Assert.Equal(before, ComputeThreads.Current)
    Assert.Throws<ArgumentOutOfRangeException>(fun () -> ComputeThreads.Default <- 0) |> ignore

[<Theory>]
[<InlineData(DType.Float32, "ij,jk->ik", 250, 130)>]
[<InlineData(DType.Float64, "ij,kj->ik", 190, 77)>]
[<InlineData(DType.Float64, "ij,ij->i", 400, 300)>]
[<InlineData(DType.Float32, "ij,ij->ij", 400, 300)>]
let ``a contraction has the same bits for any number of threads``
    (dtype: DType)
    (subscripts: string)
    (m: int)
    (n: int)
    =
    let random = RandomSource 5L
    let a = (random.Fold("a").Normal [| m; n |]).AsType dtype
    let right = if subscripts.StartsWith "ij,jk" then [| n; m |] else [| m; n |]
    let b = (random.Fold("b").Normal right).AsType dtype

    let value threads =
        use _ = ComputeThreads.Use threads
        Einsum.Evaluate(subscripts, a, b)

    let alone = value 1

    for threads in 2..4 do
        Assert.True(alone.IsSameAs(value threads))

[<Fact>]
let ``an outer product that is written past the caches has every element`` () =
    let n, m = 2049, 2060
    let a, b = Array.init n (fun i -> float (i + 1)), Array.init m (fun j -> float (j - 7))
    let result = Einsum.Evaluate("i,j->ij", NDArray.Create a, NDArray.Create b).ToArray<float>()
    let mutable wrong = 0

    for i in 0 .. n - 1 do
        for j in 0 .. m - 1 do
            if result[i * m + j] <> a[i] * b[j] then
                wrong <- wrong + 1

    Assert.Equal(0, wrong)

[<Theory>]
[<InlineData(1, 5)>]
[<InlineData(6, 17)>]
[<InlineData(9, 1030)>]
[<InlineData(300, 2051)>]
let ``a vector times a matrix is the sum of its rows`` (n: int) (m: int) =
    let vector = Array.init n (fun i -> float (i % 7 - 3))
    let matrix = Array.init (n * m) (fun i -> float (i * 31 % 11 - 5))

    let expected =
        Array.init m (fun j -> Seq.sum (seq { for i in 0 .. n - 1 -> vector[i] * matrix[i * m + j] }))

    let rows = NDArray.Create(matrix, n, m)

    for dtype in [ DType.Float32; DType.Float64; DType.Int64 ] do
        for threads in 1..2 do
            use _ = ComputeThreads.Use threads
            let left = Einsum.Evaluate("i,ij->j", (NDArray.Create vector).AsType dtype, rows.AsType dtype)
            let right = Einsum.Evaluate("ij,i->j", rows.AsType dtype, (NDArray.Create vector).AsType dtype)
            Assert.Equal<float[]>(expected, left.AsType(DType.Float64).ToArray<float>())
            Assert.Equal<float[]>(expected, right.AsType(DType.Float64).ToArray<float>())

/// Forks within its items.
[<Struct>]
type private Nesting(counts: int[][]) =
    interface IWork with
        member _.Run item =
            let inner = counts[int item]
            let work = Counting(inner, -1L)
            ForkJoin.Run(&work, int64 inner.Length, 1_000_000L)

[<Fact>]
let ``work within work runs every item once, whoever calls`` () =
    Parallel.For(
        0,
        16,
        fun _ ->
            use _ = ComputeThreads.Use 3

            for _ in 1..20 do
                let counts = Array.init 12 (fun i -> Array.zeroCreate (i + 1))
                let work = Nesting counts
                ForkJoin.Run(&work, int64 counts.Length, 1_000_000L)
                Assert.All(Seq.concat counts, (fun count -> Assert.Equal(1, count)))
    )
    |> ignore

[<Fact>]
let ``kernels that many threads call at once, some of them failing, give what they give alone`` () =
    let random = RandomSource 9L
    let a = random.Normal [| 300; 400 |]
    let view = View.Of a
    let turned = view.With(view.Layout.Permute(ReadOnlySpan [| 1; 0 |]))

    let run () =
        let sums, copy = NDArray.Zeros 300, NDArray.Zeros(400, 300)
        Reduction.Run(ReductionKind.Sum, view, 1, View.Of sums)
        Copying.Copy(turned, View.Of copy)

        let fails () =
            Gather.Run(
                view,
                View.Of(NDArray.Create(Array.init 5000 (fun i -> if i = 4000 then 300 else i % 300))),
                0,
                0,
                View.Of(NDArray.Zeros(5000, 400))
            )

        Assert.Throws<IndexOutOfRangeException> fails |> ignore
        sums, copy, Einsum.Evaluate("ij,kj->ik", a, a)

    let sums, copy, product = run ()

    Parallel.For(
        0,
        32,
        fun _ ->
            let otherSums, otherCopy, otherProduct = run ()
            Assert.True(sums.IsSameAs otherSums && copy.IsSameAs otherCopy && product.IsSameAs otherProduct)
    )
    |> ignore
