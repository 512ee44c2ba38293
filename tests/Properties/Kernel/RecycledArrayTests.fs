module Autodiff.Properties.Kernel.RecycledArrayTests

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open Xunit
open FsCheck.FSharp
open FsCheck.Xunit
open Autodiff.Kernel
open Autodiff.Properties
open Autodiff.Properties.Kernel.Strided

type private Step =
    | Take of length: int * isZeroed: bool
    | Forget of index: int
    | Collect

let private collect () =
    GC.Collect()
    GC.WaitForPendingFinalizers()

let private steps =
    let take =
        Gen.map2 (fun length isZeroed -> Take(length, isZeroed)) (Gen.elements [ 11_003; 11_004; 12_001 ])

    Gen.frequency
        [
            6, take (Gen.elements [ true; false ])
            4, Gen.map Forget (Gen.choose (0, 20))
            1, Gen.constant Collect
        ]
    |> Gen.listOfLength 60

[<Property(MaxTest = 40)>]
let ``an array belongs to one holder for as long as there is one`` () =
    forAll steps (fun steps ->
        let held = List<float[] * float>()
        let mutable areZero = true

        for stamp, step in List.indexed steps do
            match step with
            | Take(length, isZeroed) ->
                let array = RecycledArrays<float>.Take(length, isZeroed)
                areZero <- areZero && (not isZeroed || not (array.AsSpan().ContainsAnyExcept 0.0))
                Array.Fill(array, float stamp)
                held.Add(array, float stamp)
            | Forget index when index < held.Count -> held.RemoveAt index
            | Forget _ -> ()
            | Collect -> collect ()

        areZero
        && held |> Seq.forall (fun (array, stamp) -> not (array.AsSpan().ContainsAnyExcept stamp))
        && HashSet(held |> Seq.map (fun (array, _) -> box array), HashIdentity.Reference).Count = held.Count)

/// Takes an array, lets it go, and says which it was.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private identity length = RuntimeHelpers.GetHashCode(RecycledArrays<float>.Take(length, false))

[<Fact>]
let ``an array that nobody holds comes back`` () =
    let comesBack _ =
        let gone = identity 13_003
        collect ()
        identity 13_003 = gone

    identity 13_003 |> ignore // the first of a length is an array as any other
    // Collections that other tests ask for let idle arrays go: not every time needs to succeed.
    Assert.True(Seq.exists comesBack (seq { 1..20 }))

[<Fact>]
let ``many arrays that nobody holds are few`` () =
    // How soon the library collects by itself depends on what the process holds.
    OwnProcess.alone "*RecycledArrayTests.many arrays that nobody holds are few" (fun () ->
        let seen = HashSet<int>()

        for _ in 1..4000 do
            seen.Add(identity 131_003) |> ignore

        // Each is a mebibyte; after 32 of them the library collects.
        Assert.InRange(seen.Count, 2, 1000))

[<MethodImpl(MethodImplOptions.NoInlining)>]
let private survives length =
    let elements = RecycledArrays<float>.Take(length, false).AsSpan()
    elements.Fill 1.0

    for _ in 1..3 do
        collect ()
        Array.Fill(RecycledArrays<float>.Take(length, false), 2.0)

    not (elements.ContainsAnyExcept 1.0)

[<Fact>]
let ``an array that only a span holds is held`` () =
    identity 14_003 |> ignore
    Assert.True(Seq.forall (fun _ -> survives 14_003) (seq { 1..5 }))

[<MethodImpl(MethodImplOptions.NoInlining)>]
let private watched length = WeakReference(RecycledArrays<float>.Take(length, false), true)

[<Fact>]
let ``arrays that nobody asks for are given back`` () =
    identity 15_003 |> ignore
    let watch = watched 15_003

    let isGone _ =
        collect ()
        not watch.IsAlive

    Assert.True(Seq.exists isGone (seq { 1..10 }))

[<Fact>]
let ``many threads take and let go`` () =
    let isOwn thread =
        Seq.forall
            (fun k ->
                let array = RecycledArrays<float>.Take(16_003, false)
                let stamp = float (1000 * thread + k)
                Array.Fill(array, stamp)

                if k % 100 = thread then
                    GC.Collect()

                not (array.AsSpan().ContainsAnyExcept stamp))
            (seq { 1..300 })

    Assert.True(Array.Parallel.map isOwn [| 0..3 |] |> Array.forall id)
