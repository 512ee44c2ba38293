namespace Autodiff

open System
open System.Collections.Generic
open Autodiff.FSharp

/// Plans by the structure of their graphs, bounded in bytes: those that were not used for longest are let go first. Of the
/// graphs themselves, and of the arrays in their leaves, nothing is kept.
[<Sealed>]
type internal PlanStore(bound: int64) =
    let gate = obj ()
    let families = Dictionary<Encoding, PlanFamily>()
    let mutable clock = 0L
    let mutable compilations = 0L
    let mutable limit = bound

    let mutable bytes = 0L

    /// Lets a quarter go where the bound is passed, so that looking for the longest unused is rare.
    let trim () =
        if bytes > limit then
            for pair in families |> Seq.sortBy _.Value.LastUse |> Array.ofSeq do
                if bytes > limit - limit / 4L then
                    families.Remove pair.Key |> ignore
                    bytes <- bytes - pair.Value.Bytes

    /// Counts what a change of a family, which may have been let go by now, adds.
    let counted (encoding: Encoding) (family: PlanFamily) (change: unit -> unit) =
        let before = family.Bytes
        change ()

        match families.TryGetValue encoding with
        | true, known when obj.ReferenceEquals(known, family) -> bytes <- bytes + family.Bytes - before
        | _ -> ()

    let family (encoding: Encoding) =
        lock gate (fun () ->
            clock <- clock + 1L

            let family =
                match families.TryGetValue encoding with
                | true, known -> known
                | false, _ ->
                    let key = encoding.Key
                    let family = PlanFamily key
                    families[key] <- family
                    bytes <- bytes + family.Bytes
                    family

            family.LastUse <- clock
            family)

    member _.Limit
        with get () = limit
        and set (bytes: int64) =
            lock gate (fun () ->
                limit <- bytes
                trim ())

    member _.Bytes: int64 = lock gate (fun () -> bytes)

    member _.Compilations = compilations

    member _.Clear() =
        lock gate (fun () ->
            families.Clear()
            bytes <- 0L)

    /// The plan for a graph; made by `compile` from the places of the numbers that are its arguments where there is none.
    member _.Find(encoding: Encoding, compile: int[] -> CompiledFunction) : CachedPlan =
        let family = family encoding

        match family.Find encoding.Bits with
        | ValueSome plan -> plan
        | ValueNone ->
            let arguments = family.Miss encoding.Bits
            let plan = CachedPlan(arguments, encoding.Bits, compile arguments)

            lock gate (fun () ->
                counted encoding family (fun () -> family.Add plan)
                compilations <- compilations + 1L
                trim ())

            plan

/// The plans that Eval has made, found again by a graph's structure: a program that builds and differentiates its graph
/// in every step compiles it once. Numbers that change from step to step become arguments of the plan.
[<AbstractClass; Sealed>]
type PlanCache private () =
    static let store = PlanStore(max (64L <<< 20) (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8L))

    /// The plans of this process.
    static member internal Store = store

    /// About how many bytes the plans may take; those that were not used for longest are let go first. By default an
    /// eighth of the memory that the process may use. Throws ArgumentOutOfRangeException for a negative number.
    static member Limit
        with get () = store.Limit
        and set (bytes: int64) =
            ArgumentOutOfRangeException.ThrowIfNegative bytes
            store.Limit <- bytes

    /// About how many bytes the plans take.
    static member Bytes: int64 = store.Bytes

    /// How many plans were made since the process began.
    static member Compilations: int64 = store.Compilations

    /// Lets all plans go.
    static member Clear() = store.Clear()
