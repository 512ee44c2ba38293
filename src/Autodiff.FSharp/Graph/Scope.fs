namespace Autodiff.FSharp

open System

/// The scope in which this thread makes nodes: a path such as "encoder/attention", or nothing.
[<AbstractClass; Sealed>]
type internal Scope() =

    [<ThreadStatic; DefaultValue>]
    static val mutable private path: string | null

    /// The path, or null outside scopes.
    static member Current: string | null = Scope.path

    /// The path; empty outside scopes.
    static member Path =
        match Scope.path with
        | null -> ""
        | path -> path

    /// Runs a function inside a scope that is nested in the present one.
    static member Within(name: string, f: unit -> 'a) : 'a =
        let outer = Scope.path

        Scope.path <-
            match outer with
            | null -> name
            | outer -> outer + "/" + name

        try
            f ()
        finally
            Scope.path <- outer

    /// Runs a function inside the scope with the given path, wherever it is called from.
    static member At(path: string, f: unit -> 'a) : 'a =
        let outer = Scope.path
        Scope.path <- if path = "" then null else path

        try
            f ()
        finally
            Scope.path <- outer
