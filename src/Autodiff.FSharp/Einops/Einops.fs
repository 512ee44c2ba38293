namespace Autodiff.FSharp

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.Pattern
open Autodiff.FSharp.PatternFit

/// Axes rearranged, reduced and repeated as a pattern of their names says, such as "b (h w) c -> b h w c". Parentheses
/// compose an axis of several, the first moving slowest; `1` and `()` are an axis of size 1, `...` is all axes that have no
/// name. Where a size does not follow from the shape it is given by name. Every function throws EinsumException where the
/// pattern is malformed or does not fit.
module Einops =

    let private missing (from: Axis list) (other: Axis list) =
        from |> List.filter (fun axis -> not (List.contains axis other))

    let private isSized (axis: Axis) =
        match axis with
        | Axis.Sized _ -> true
        | Axis.Named _
        | Axis.Ellipsis -> false

    let private listed (axes: Axis list) = axes |> Seq.map show |> String.concat ", "

    /// Refuses axes that only one side has.
    let private require operation text (here: string) (there: string) (axes: Axis list) =
        if not axes.IsEmpty then
            fail operation text $"{listed axes} stands on the {here} but not on the {there}"

    let private requireEllipsis operation text (pattern: Pattern) =
        if
            List.contains Axis.Ellipsis (axesOf pattern.Right)
            && not (List.contains Axis.Ellipsis (axesOf pattern.Left))
        then
            fail operation text "'...' stands on the right but not on the left"

    /// The sizes of the result's axes, of which one may not be known yet.
    let private composed operation text (fit: Fit) =
        let size (axes: int[]) =
            let sizes = axes |> Array.map (fun axis -> fit.Sizes[axis])

            let known =
                sizes
                |> Seq.filter (fun size -> size <> -1)
                |> Seq.fold (fun product size -> Checked.(*) product size) 1

            if not (Array.contains -1 sizes) then
                known
            elif known = 1 then
                -1
            else
                fail operation text "an axis whose size is not known yet cannot be composed with others"

        Array.map size fit.Right

    let private rearranged operation text (fit: Fit) (left: int[]) (x: Node) =
        let sizes = composed operation text fit
        let axes = Array.concat fit.Right

        let arranged = if axes = left then x else contract [| left |] axes fit.Sizes [| x |]

        reshape sizes arranged

    let private sizesOf (axes: int[]) (fit: Fit) = axes |> Array.map (fun axis -> fit.Sizes[axis])

    let internal rearrangeWith (pattern: string) (sizes: seq<struct (string * int)>) (x: Node) : Node =
        let parsed = parse "rearrange" pattern
        let left, right = axesOf parsed.Left, axesOf parsed.Right

        match List.tryFind isSized (left @ right) with
        | Some axis ->
            fail "rearrange" pattern $"the size {show axis} has no name, by which the other side could tell it"
        | None -> ()

        require "rearrange" pattern "left" "right" (missing left right)
        require "rearrange" pattern "right" "left" (missing right left)
        let fit = fit "rearrange" pattern parsed sizes x
        reshape (sizesOf fit.Left fit) x |> rearranged "rearrange" pattern fit fit.Left

    let internal repeatWith (pattern: string) (sizes: seq<struct (string * int)>) (x: Node) : Node =
        let parsed = parse "repeat" pattern
        let left, right = axesOf parsed.Left, axesOf parsed.Right
        require "repeat" pattern "left" "right" (List.filter isSized left @ missing left right)
        requireEllipsis "repeat" pattern parsed
        let fit = fit "repeat" pattern parsed sizes x
        reshape (sizesOf fit.Left fit) x |> rearranged "repeat" pattern fit fit.Left

    let internal reduceWith
        (pattern: string)
        (reduction: seq<int> -> Node -> Node)
        (sizes: seq<struct (string * int)>)
        (x: Node)
        : Node =
        let parsed = parse "reduce" pattern
        let left, right = axesOf parsed.Left, axesOf parsed.Right
        require "reduce" pattern "right" "left" (List.filter isSized right @ missing right left)
        let fit = fit "reduce" pattern parsed sizes x
        let kept = Array.concat fit.Right

        let gone =
            [
                for place in 0 .. fit.Left.Length - 1 do
                    if not (Array.contains fit.Left[place] kept) then
                        place
            ]

        let x = reshape (sizesOf fit.Left fit) x
        // To a reduction, no axes would mean all of them: where nothing is reduced, it runs over a new axis of size 1.
        let reduced = if gone.IsEmpty then reduction [ x.Rank ] (unsqueeze -1 x) else reduction gone x
        let left = fit.Left |> Array.filter (fun axis -> Array.contains axis kept)

        if reduced.Shape <> Shapes.ofArray (sizesOf left fit) then
            fail
                "reduce"
                pattern
                $"the reduction leaves {reduced.Shape}; the axes that stay are {Shapes.ofArray (sizesOf left fit)}"

        rearranged "reduce" pattern fit left reduced

    let private paired (sizes: seq<string * int>) = sizes |> Seq.map (fun (name, size) -> struct (name, size))

    /// The same elements with their axes in another order, composed or taken apart:
    /// `Einops.rearrange "b (h w) c -> b h w c" [ "h", 3 ] x`.
    let rearrange (pattern: string) (sizes: seq<string * int>) (x: Node) : Node = rearrangeWith pattern (paired sizes) x

    /// The axes that the right lacks reduced, by any function of axes and a value, and the others rearranged:
    /// `Einops.reduce "b c (h 2) (w 2) -> b c h w" mean [] x`.
    let reduce (pattern: string) (reduction: seq<int> -> Node -> Node) (sizes: seq<string * int>) (x: Node) : Node =
        reduceWith pattern reduction (paired sizes) x

    /// The value repeated along the axes that the left lacks, whose sizes are given, and the others rearranged:
    /// `Einops.repeat "h w -> h w c" [ "c", 3 ] x`.
    let repeat (pattern: string) (sizes: seq<string * int>) (x: Node) : Node = repeatWith pattern (paired sizes) x
