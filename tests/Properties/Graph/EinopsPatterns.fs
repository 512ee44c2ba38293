/// Patterns of axes: the examples that einops documents, what is refused, and sizes that are known only later.
module Autodiff.Properties.Graph.EinopsPatterns

open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit

let private images = constant (NDArray.Zeros([| 32; 30; 40; 3 |], DType.Float32))
let private picture = constant (NDArray.Zeros(30, 40))
let private features = constant (NDArray.Zeros([| 10; 20; 30; 40 |], DType.Float32))
let private series = constant (NDArray.Zeros([| 100; 32; 64 |], DType.Float32))

/// Each example with the shape that is documented for it.
let private documented: (Node * int list) list =
    [
        Einops.rearrange "b h w c -> b h w c" [] images, [ 32; 30; 40; 3 ]
        Einops.rearrange "b h w c -> (b h) w c" [] images, [ 960; 40; 3 ]
        Einops.rearrange "b h w c -> h (b w) c" [] images, [ 30; 1280; 3 ]
        Einops.rearrange "b h w c -> b c h w" [] images, [ 32; 3; 30; 40 ]
        Einops.rearrange "b h w c -> b (c h w)" [] images, [ 32; 3600 ]
        Einops.rearrange "b (h1 h) (w1 w) c -> (b h1 w1) h w c" [ "h1", 2; "w1", 2 ] images, [ 128; 15; 20; 3 ]
        Einops.rearrange "b (h h1) (w w1) c -> b h w (c h1 w1)" [ "h1", 2; "w1", 2 ] images, [ 32; 15; 20; 12 ]
        Einops.reduce "t b c -> b c" amax [] series, [ 32; 64 ]
        Einops.reduce "(t t5) b c -> t b c" mean [ "t5", 5 ] series, [ 20; 32; 64 ]
        Einops.reduce "b c (h1 h2) (w1 w2) -> b c h1 w1" amax [ "h2", 2; "w2", 2 ] features, [ 10; 20; 15; 20 ]
        Einops.reduce "b c (h 2) (w 2) -> b c h w" mean [] features, [ 10; 20; 15; 20 ]
        Einops.reduce "b c h w -> b c" mean [] features, [ 10; 20 ]
        Einops.reduce "b c h w -> b c 1 1" mean [] features, [ 10; 20; 1; 1 ]
        Einops.reduce "b c h w -> b c () ()" mean [] features, [ 10; 20; 1; 1 ]
        Einops.reduce "b ... -> b" amin [] features, [ 10 ]
        Einops.rearrange "b ... c -> c b ..." [] images, [ 3; 32; 30; 40 ]
        Einops.rearrange "b ... c -> b (... c)" [] images, [ 32; 3600 ]
        Einops.rearrange "b ... -> b (...)" [] images, [ 32; 3600 ]
        Einops.repeat "h w -> h w c" [ "c", 3 ] picture, [ 30; 40; 3 ]
        Einops.repeat "h w -> (repeat h) w" [ "repeat", 2 ] picture, [ 60; 40 ]
        Einops.repeat "h w -> (2 h) w" [] picture, [ 60; 40 ]
        Einops.repeat "h w -> h (repeat w)" [ "repeat", 3 ] picture, [ 30; 120 ]
        Einops.repeat "h w -> (h h2) (w w2)" [ "h2", 2; "w2", 2 ] picture, [ 60; 80 ]
    ]

[<Fact>]
let ``the documented examples have the documented shapes`` () =
    for node, shape in documented do
        Assert.Equal<Shape>(Shape.op_Implicit (Array.ofList shape), node.Shape)

let private is (expected: NDArray) (node: Node) =
    Assert.True((eval node).IsSameAs expected, $"{eval node} instead of {expected}")

[<Fact>]
let ``examples that can be read`` () =
    let x = constant [ 0; 1; 2; 3; 4; 5 ]
    is (nd [ [ 0; 1; 2 ]; [ 3; 4; 5 ] ]) (Einops.rearrange "(a b) -> a b" [ "a", 2 ] x)
    is (nd [ [ 0; 3 ]; [ 1; 4 ]; [ 2; 5 ] ]) (Einops.rearrange "(a b) -> b a" [ "b", 3 ] x)
    is (nd [ 0; 3; 1; 4; 2; 5 ]) (Einops.rearrange "(a b) -> (b a)" [ "a", 2 ] x)
    is (nd [ 2; 5 ]) (Einops.reduce "(a b) -> a" amax [ "a", 2 ] x)
    is (nd [ 0; 1; 2 ]) (Einops.reduce "(2 b) -> b" amin [] x)
    is (nd 15) (Einops.reduce "a ->" sum [] x)
    is (nd [ 0; 0; 1; 1; 2; 2; 3; 3; 4; 4; 5; 5 ]) (Einops.repeat "a -> (a 2)" [] x)
    is (nd [ 0; 1; 2; 3; 4; 5; 0; 1; 2; 3; 4; 5 ]) (Einops.repeat "a -> (2 a)" [] x)
    is (nd [ [ 7; 7 ] ]) (Einops.repeat " -> 1 k" [ "k", 2 ] (constant 7))

[<Fact>]
let ``a mean of pixels repeated is the picture where its blocks are even`` () =
    let blocks = constant [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
    let large = Einops.repeat "h w -> (h h2) (w w2)" [ "h2", 2; "w2", 3 ] blocks
    is (eval blocks) (Einops.reduce "(h h2) (w w2) -> h w" mean [ "h2", 2; "w2", 3 ] large)

[<Theory>]
[<InlineData("b (h w) c -> b h w c", "b h w c -> b (h w) c")>]
[<InlineData("b (h w) c -> c (w b) h", "c (w b) h -> b (h w) c")>]
[<InlineData("... (h w) c -> h (c ...) w", "h (c x) w -> x (h w) c")>]
let ``a rearrangement and its inverse give the value`` (there: string) (back: string) =
    let numbers = NDArray.Create(Array.init 72 float, 3, 6, 4)

    for dtype in Arrays.dtypes do
        let x = constant (numbers.AsType dtype)
        let away = Einops.rearrange there [ "h", 2 ] x

        let again =
            Einops.rearrange
                back
                [
                    if back.Contains "(w b)" then
                        "w", 3
                    elif back.Contains "(c x)" then
                        "c", 4
                ]
                away

        is (eval x) again

[<Fact>]
let ``an axis whose size is known later stays whole`` () =
    let x = input "x" [ -1; 6; 2 ] DType.Float64

    let functions: (Node -> Node) list =
        [
            Einops.rearrange "b (h w) c -> b c w h" [ "h", 3 ]
            Einops.rearrange "b h c -> (h c) b 1" []
            Einops.reduce "b (h 2) c -> c b" amax []
            Einops.reduce "b h c -> h" mean []
            Einops.repeat "b h c -> b (h 3) c" []
            Einops.repeat "... c -> ... c k" [ "k", 2 ]
        ]

    for f in functions do
        let compiled = compile [ x ] [ f x; derivative (square (f x)) x ]

        for size in [ 1; 5 ] do
            let value = (RandomSource(int64 size)).Normal [| size; 6; 2 |]
            let node = constant value
            let expected = evalMany [ f node; derivative (square (f node)) node ]

            for a, b in Seq.zip expected (compiled.Run [ value ]) do
                Close.requireWithin 1e-12 "unknown size" a b

let private x = variable "x" (NDArray.Zeros(4, 6))
let private later = input "later" [ -1; 3 ] DType.Float64

/// What is called, the call, and words of the message.
let private refused: (string * (unit -> Node) * string list) list =
    let rearrange pattern sizes = fun () -> Einops.rearrange pattern sizes x
    let reduce pattern sizes = fun () -> Einops.reduce pattern sum sizes x
    let repeat pattern sizes = fun () -> Einops.repeat pattern sizes x

    [
        "no arrow", rearrange "a b" [], [ "rearrange \"a b\""; "no '->'" ]
        "two arrows", rearrange "a b -> b -> a" [], [ "second '->'"; "position 9" ]
        "open", rearrange "(a b -> a b" [], [ "'(' at position 0"; "not closed" ]
        "open on the right", rearrange "a b -> (a b" [], [ "'(' at position 7"; "not closed" ]
        "closed twice", rearrange "a b) -> a b" [], [ "')' at position 3"; "closes nothing" ]
        "nested", rearrange "a ((b c)) -> a b c" [], [ "'(' at position 3"; "inside the one at 2" ]
        "a strange character", rearrange "a b -> a+b" [], [ "'+' at position 8" ]
        "two dots", rearrange "a .. -> a .." [], [ "'.' at position 2" ]
        "half an arrow", rearrange "a b - a b" [], [ "'-' at position 4" ]
        "a name that begins as a number", rearrange "a 2b -> a 2b" [], [ "\"2b\" at position 2" ]
        "a size of 0", repeat "a b -> a b 0" [], [ "0 at position 11"; "1 or more" ]
        "a huge size", repeat "a b -> a b 99999999999" [], [ "99999999999 at position 11"; "too large" ]
        "twice on the left", rearrange "a a -> a" [], [ "a appears more than once on the left" ]
        "twice on the right", rearrange "a b -> a b a" [], [ "a appears more than once on the right" ]
        "two ellipses", rearrange "... ... -> ..." [], [ "... appears more than once on the left" ]
        "an ellipsis in parentheses", rearrange "(a ...) b -> a ... b" [], [ "'...' of the left"; "parentheses" ]
        "an ellipsis alone in parentheses", rearrange "(...) -> ..." [], [ "'...' of the left"; "parentheses" ]
        "only on the left",
        rearrange "a b -> a" [],
        [ "rearrange \"a b -> a\""; "b stands on the left but not on the right" ]
        "only on the right", rearrange "a b -> a b c" [], [ "c stands on the right but not on the left" ]
        "an ellipsis only on the right", rearrange "a b -> a b ..." [], [ "... stands on the right" ]
        "an ellipsis only on the left", rearrange "a ... -> a" [], [ "... stands on the left" ]
        "a size without a name", rearrange "(a 2) b -> a 2 b" [], [ "the size 2 has no name" ]
        "reduce: only on the right", reduce "a b -> a c" [], [ "reduce"; "c stands on the right but not on the left" ]
        "reduce: a size on the right", reduce "a b -> a 2" [], [ "reduce"; "2 stands on the right" ]
        "repeat: only on the left", repeat "a b -> a" [], [ "repeat"; "b stands on the left but not on the right" ]
        "repeat: a size on the left", repeat "(a 2) b -> a 2 b" [], [ "repeat"; "2 stands on the left" ]
        "repeat: an ellipsis only on the right", repeat "a b -> a b ..." [], [ "repeat"; "'...'"; "right" ]
        "repeat: no size", repeat "a b -> a b c" [], [ "repeat"; "c is new on the right"; "must be given" ]
        "too few axes", rearrange "a -> a" [], [ "the left stands for 1 axes"; "'x' [4,6] has 2" ]
        "too many axes", rearrange "a b c -> a b c" [], [ "3 axes"; "'x' [4,6] has 2" ]
        "too many beside an ellipsis", rearrange "a b c ... -> a b c ..." [], [ "at least 3 axes"; "'x' [4,6] has 2" ]
        "no divisor",
        rearrange "a (b c) -> a b c" [ "b", 4 ],
        [ "(b c)"; "axis 1 of 'x' [4,6] is 6"; "4 does not divide" ]
        "another size", rearrange "a b -> b a" [ "a", 5 ], [ "a is 5"; "axis 0 of 'x' [4,6] is 4" ]
        "other sizes", rearrange "a (b c) -> a b c" [ "b", 2; "c", 2 ], [ "(b c) is 4"; "axis 1 of 'x' [4,6] is 6" ]
        "not 1", rearrange "a 1 -> a" [], [ "1 is 1"; "axis 1 of 'x' [4,6] is 6" ]
        "two sizes missing", rearrange "a (b c) -> a b c" [], [ "(b c)"; "b, c"; "must be given"; "is 6" ]
        "a name that is not there", rearrange "a b -> b a" [ "c", 5 ], [ "given for c"; "no axis of the pattern" ]
        "a negative size", rearrange "a b -> b a" [ "a", -4 ], [ "given for a is -4"; "0 or more" ]
        "two sizes for one", rearrange "a b -> b a" [ "a", 4; "a", 4 ], [ "two sizes for a" ]
        "by zero", rearrange "a (b c) -> a b c" [ "b", 0 ], [ "(b c)"; "is 6"; "0 does not divide" ]
        "unknown, taken apart",
        (fun () -> Einops.rearrange "(a b) c -> a b c" [ "b", 2 ] later),
        [ "(a b)"; "axis 0 of 'later' [-1,3]"; "not known yet" ]
        "unknown, composed", (fun () -> Einops.rearrange "a b -> (a b)" [] later), [ "rearrange"; "not known yet" ]
        "a reduction that keeps an axis",
        (fun () -> Einops.reduce "a b -> a" (fun _ x -> x) [] x),
        [ "reduce"; "leaves [4,6]"; "[4]" ]
    ]

let calls: TheoryData<string> = TheoryData<string>(refused |> Seq.map (fun (call, _, _) -> call))

[<Theory; MemberData(nameof calls)>]
let ``a pattern that is malformed or does not fit is refused`` (call: string) =
    let _, build, words = refused |> List.find (fun (other, _, _) -> other = call)
    let error = Assert.Throws<EinsumException>(fun () -> build () |> ignore)
    Assert.All(words, (fun word -> Assert.Contains(word, error.Message)))

[<Fact>]
let ``a pattern is read once`` () =
    let pattern = "first second -> second first"
    Assert.Same(Pattern.parse "rearrange" pattern, Pattern.parse "rearrange" pattern)
