/// The table of local rewrite rules. Each looks at one operation over nodes that are rewritten already, and gives an equal
/// node that is simpler (fewer operations, the same number over fewer elements, a form that keeps more digits), or
/// nothing. No rule changes a derivative.
module internal Autodiff.FSharp.Rewrite

open System
open System.Runtime.CompilerServices
open Autodiff
open Autodiff.FSharp.Occasions

/// What a rule keeps.
[<RequireQualifiedAccess>]
type Keeps =
    /// Every bit, signed zeros, infinities and NaN included.
    | Bits
    /// Every bit of the node, but it may lie in memory otherwise, say as a broadcast, and a later sum may add up its
    /// elements in another order.
    | Elements
    /// The number that is meant, which is then rounded fewer times or elsewhere.
    | Meaning

/// A rule: its name, what it says, what it keeps, the groups of operations that it is about, and what they are over.
type Rule =
    {
        Name: string
        Says: string
        Keeps: Keeps
        On: Group list
        Over: Over
        Apply: Op<Node> -> Node voption
    }

let private rule keeps name on over says apply =
    { Name = name; Says = says; Keeps = keeps; On = on; Over = over; Apply = apply }

let private exact = rule Keeps.Bits
let private moving = rule Keeps.Elements
let private rounding = rule Keeps.Meaning

let private arithmetic = [ Group.Sum; Group.Product; Group.Quotient ]

let private elementwise =
    arithmetic @ [ Group.Unary; Group.Power; Group.Binary; Group.Truth; Group.Cast ]

/// The rules that hold at every stage, before differentiation and after it.
let always =
    [
        exact "fold constants" elementwise Over.Numbers "f 2 3 is a number" Folding.elementwise
        moving
            "moved numbers"
            [ Group.Movement ]
            Over.Anything
            "reshape, slice, concat ... of one number is that number"
            Folding.moved
        exact "neutral elements" (Group.Power :: arithmetic) Over.Number "x * 1 = x - 0 = x^1 = x" Identities.neutral
        exact
            "whole numbers"
            [ Group.Sum; Group.Product ]
            Over.Wholes
            "n + 0 = n, n - n = n * 0 = 0"
            Identities.ofWholes
        exact
            "signs"
            (Group.Unary :: arithmetic)
            Over.Function
            "-(-x) = x, x - -y = x + y, -x * y = -(x * y)"
            Identities.signs
        exact
            "repeated functions"
            [ Group.Unary ]
            Over.Function
            "|-x| = |x|, relu (relu x) = relu x"
            Identities.repeated
        exact "squares" [ Group.Product ] Over.Twins "x * x = square x" Multiples.squares
        exact "quotients" [ Group.Quotient ] Over.Number "x / 4 = x * 0.25" Multiples.quotients
        moving "choices" [ Group.Select ] Over.Anything "where c (where c x y) z = where c x z" Choices.choices
        exact "truths" [ Group.Truth ] Over.Anything "a && true = a, not (x = y) = x <> y" Choices.truths
        moving
            "masks"
            [ Group.Select; Group.Sum; Group.Product ]
            Over.Choice
            "where c x 0 + where c y 0 = where c (x + y) 0"
            Choices.masks
        rounding
            "like terms"
            [ Group.Sum ]
            (Over.Twins ||| Over.Function ||| Over.Arithmetic)
            "2 x + x = 3 x"
            Multiples.likeTerms
        rounding "second powers" [ Group.Power ] Over.Number "x^2 = square x" Multiples.secondPowers
        rounding "logarithms" [ Group.Unary ] Over.Anything "log (exp x / sum (exp x)) = x - logSumExp x" Stable.apply
        rounding
            "near one"
            [ Group.Unary; Group.Sum ]
            (Over.Function ||| Over.Arithmetic)
            "log (1 + x) = log1p x, exp x - 1 = expm1 x"
            Stable.nearOne
        rounding "exponentials" [ Group.Unary ] Over.Function "exp (log x) = x for x >= 0" Multiples.exponentials
        exact
            "idle movement"
            [ Group.Cast; Group.Einsum; Group.Movement ]
            Over.Anything
            "reshape s (reshape t x) = reshape s x, the maximum of one element is that element"
            Parts.idle
        moving "parts" [ Group.Movement ] Over.Anything "x[2..8][1..3] = x[3..5], concat x[..2] x[3..] = x" Parts.parts
        rounding
            "scalar factors"
            [ Group.Einsum ]
            Over.Anything
            "einsum \",ab->a\" k x = k * einsum \"ab->a\" x"
            ScalarFactors.apply
        rounding "merge einsums" [ Group.Einsum ] Over.Anything "(x^T)^T = x, sum (x^T) = sum x" MergeEinsum.apply
    ]

/// Whether a rule is about what an operation of its groups is over.
let isAbout (over: Over) (rule: Rule) : bool = rule.Over &&& over <> Over.Nothing

/// Whether a rule is asked about an operation.
let isAsked (rule: Rule) (op: Op<Node>) : bool = List.contains (group op) rule.On && isAbout (over op) rule

/// Rules that forget what only differentiation looks at.
let private forget (op: Op<Node>) =
    match op with
    | Op.StopGradient x -> ValueSome x
    | Op.Custom(_, value, _)
    | Op.Checkpoint(value, _)
    | Op.Barrier(value, [||]) -> ValueSome value
    | _ -> ValueNone

/// The rules for a graph that will only be evaluated.
let forEvaluation =
    always
    @ [
        rounding "factors" [ Group.Product ] Over.Number "2 (3 x) = 6 x" Multiples.twice
        rounding "small powers" [ Group.Power ] Over.Number "x^3 = x * square x, x^-1 = 1/x" Multiples.powers
        rounding
            "overlapping products"
            [ Group.Windows ]
            Over.Anything
            "overlapAdd (einsum \"p,t->pt\" g w) = einsum \"ht,t->h\" (windows of padded g) (w turned round)"
            OverlapProducts.apply
        exact "stopped gradients" [ Group.Note ] Over.Anything "stopGradient x = x" forget
    ]

let private tables = ConditionalWeakTable<Rule list, Rule[][]>()

/// For each group of operations the rules of a list that are about it, in their order. It is made once for a list.
let byGroup (rules: Rule list) : Rule[][] =
    let about group = rules |> List.filter (fun rule -> List.contains group rule.On) |> Array.ofList
    tables.GetValue(rules, (fun _ -> Enum.GetValues<Group>() |> Array.map about))
