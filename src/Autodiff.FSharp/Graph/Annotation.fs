namespace Autodiff.FSharp

open System

/// A node's name, the scope it was made in, and the rule that made it, if one did. The nodes that a transformation makes
/// have one in common.
[<Sealed; AllowNullLiteral>]
type internal Label(name: string | null, scope: string, rule: string | null) =
    member _.Name = name
    member _.Scope = scope
    member _.Rule = rule

/// The mark of the nodes that a transformation makes: what is to be said of them. It has one label for as long as rule and
/// scope stay the same.
[<Sealed; AllowNullLiteral>]
type private Mark<'node when 'node: not null and 'node: not struct>(outerLabel: Label, outerPrimal: 'node | null) =
    let mutable label = outerLabel
    let mutable primal: 'node | null = outerPrimal
    let mutable numbers: Recent<'node> | null = null

    /// What was made of numbers.
    member _.Numbers: Recent<'node> =
        match numbers with
        | null ->
            let made = Recent<'node>()
            numbers <- made
            made
        | numbers -> numbers

    member _.Set(node: 'node, rule: string) =
        primal <- withNull node

        if isNull label || not (String.Equals(label.Rule, rule)) then
            label <- Label(null, Scope.Path, rule)

    member _.Clear() =
        label <- null
        primal <- null

    /// The label, in the present scope.
    member _.Label =
        if not (isNull label || isNull primal || Object.ReferenceEquals(label.Scope, Scope.Path)) then
            label <- Label(null, Scope.Path, label.Rule)

        label

    member _.Primal: 'node | null = primal

/// What is said of a node beside its meaning: its label, if any, and the primal node that its rule was applied to.
[<Struct; NoEquality; NoComparison>]
type internal Annotation<'node when 'node: not null and 'node: not struct>(label: Label, primal: 'node | null) =

    [<ThreadStatic; DefaultValue>]
    static val mutable private mark: Mark<'node>

    /// What every node that this thread makes is marked with, while a transformation is at work.
    static member Ambient: Annotation<'node> =
        match Annotation<'node>.mark with
        | null -> Annotation<'node>()
        | mark -> Annotation<'node>(mark.Label, mark.Primal)

    /// Whether a transformation is at work.
    static member IsMarking = not (isNull Annotation<'node>.mark)

    /// What the transformation that is at work has made of numbers, by their bits; null if there is none.
    static member Numbers: Recent<'node> | null =
        match Annotation<'node>.mark with
        | null -> null
        | mark -> mark.Numbers

    /// Marks the nodes that this thread makes from here on, while the present transformation is at work, as made from a
    /// primal node by a rule.
    static member Mark(primal: 'node, rule: string) =
        match Annotation<'node>.mark with
        | null -> invalidOp "marks are set while a transformation is at work"
        | mark -> mark.Set(primal, rule)

    /// What this thread makes until the next mark is not marked.
    static member Unmark() =
        if not (isNull Annotation<'node>.mark) then
            Annotation<'node>.mark.Clear()

    /// Runs a transformation, which may mark what it makes, and puts back the mark from before.
    static member Keeping(transform: unit -> 'a) : 'a =
        let outer, ambient = Annotation<'node>.mark, Annotation<'node>.Ambient
        Annotation<'node>.mark <- Mark<'node>(ambient.Label, ambient.Primal)

        try
            transform ()
        finally
            Annotation<'node>.mark <- outer

    /// Whether nothing is said.
    member _.IsNone = isNull label

    member _.Label = label
    member _.Primal: 'node | null = primal

    /// Whether another says the same.
    member _.IsSame(other: Annotation<'node>) =
        let theirs: 'node | null = other.Primal
        Object.ReferenceEquals(label, other.Label) && Object.ReferenceEquals(primal, theirs)

    /// The same name and scope, with the origin of another.
    member _.From(other: Annotation<'node>) =
        let name, scope = if isNull label then null, "" else label.Name, label.Scope

        if String.Equals(name, other.Label.Name) && String.Equals(scope, other.Label.Scope) then
            other
        else
            Annotation<'node>(Label(name, scope, other.Label.Rule), other.Primal)
