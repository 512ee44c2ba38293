/// Round trips of shape functions, batches of indices, sizes that are known only later, and facts that are small enough
/// to be read.
module Autodiff.Properties.Graph.ShapingLaws

open System
open Autodiff
open Autodiff.FSharp
open Autodiff.Proofs
open Xunit
open FsCheck.Xunit
open FsCheck
open FsCheck.FSharp

/// An array of any type with an axis of it, and a few numbers.
let private arrays =
    gen {
        let! x = Arrays.any |> Gen.filter (fun x -> x.Sizes.Length > 0)
        let! axis = Gen.choose (-x.Sizes.Length, x.Sizes.Length - 1)
        let! numbers = Gen.arrayOfLength 8 (Gen.choose (0, 4))
        return struct (x, axis, numbers)
    }
    |> Arb.fromGen

let private law (check: Node -> int -> int[] -> Node) =
    Prop.forAll arrays (fun (struct (x, axis, numbers)) ->
        let array = Tensor.toArray x

        Assert.True(
            (eval (check (constant array) axis numbers)).IsSameAs(array, true),
            $"{x.Type} %A{x.Sizes}, {axis}"
        ))

[<Property(MaxTest = 200)>]
let ``flipping twice gives the value`` () = law (fun x axis _ -> x |> flip [ axis ] |> flip [ axis ])

[<Property(MaxTest = 200)>]
let ``rolling forth and back gives the value`` () =
    law (fun x axis n -> x |> roll [ n[0] - 2 ] [ axis ] |> roll [ 2 - n[0] ] [ axis ])

[<Property(MaxTest = 200)>]
let ``rolling all elements forth and back gives the value`` () =
    law (fun x _ n -> x |> roll [ 7 * n[0] - 9 ] [] |> roll [ 9 - 7 * n[0] ] [])

[<Property(MaxTest = 200)>]
let ``what is stacked can be split again`` () =
    law (fun x axis n ->
        let parts = List.init (1 + n[0]) (fun i -> if i = n[0] then x else zerosLike x)
        stack axis parts |> split (1 + n[0]) axis |> List.last |> squeeze [ axis ])

[<Property(MaxTest = 200)>]
let ``what is split anywhere can be joined again`` () =
    law (fun x axis n -> x |> splitAt (Array.sort n[..2]) axis |> concat axis)

[<Property(MaxTest = 200)>]
let ``chunks can be joined again`` () = law (fun x axis n -> x |> chunk (1 + n[0]) axis |> concat axis)

let private widths (x: Node) (n: int[]) = List.init x.Rank (fun a -> struct (n[a % 8], n[(a + 3) % 8]))

let private inside (x: Node) (n: int[]) (padded: Node) =
    let within a struct (before, _) = Slice.Step(Nullable before, Nullable(before + x.Shape[a]), 1)
    slice (List.mapi within (widths x n)) padded

[<Property(MaxTest = 200)>]
let ``the inside of a padded value is the value`` () =
    law (fun x _ n ->
        if x.Shape.Size = 0 || x.Rank > 3 then
            x
        else
            let modes = Enum.GetValues<PadMode>()
            padMode modes[n[7] % modes.Length] (widths x n) x |> inside x n)

[<Property(MaxTest = 200)>]
let ``the inside of a value in zeros is the value`` () =
    law (fun x _ n -> if x.Rank > 3 then x else pad (widths x n) x |> inside x n)

[<Property(MaxTest = 200)>]
let ``an axis moved there and back stays`` () =
    law (fun x axis n ->
        let place = n[0] % x.Rank
        x |> moveAxis axis place |> moveAxis place axis)

[<Property(MaxTest = 200)>]
let ``four quarter turns are none`` () =
    law (fun x _ _ -> if x.Rank < 2 then x else x |> rot90 |> rot90 |> rot90 |> rot90)

[<Property(MaxTest = 200)>]
let ``new axes can be squeezed away`` () =
    law (fun x _ n ->
        let at = n[0] % (x.Rank + 1)
        x |> expandDims [ at ] |> squeeze [ at ])

[<Property(MaxTest = 200)>]
let ``the first of many tiles is the value`` () =
    law (fun x _ n ->
        if x.Shape.Size > 200 then
            x
        else
            let tiles = tile (List.init x.Rank (fun a -> 1 + n[a] % 2)) x
            slice [ for size in x.Shape -> Slice.Step(Nullable 0, Nullable size, 1) ] tiles)

[<Property(MaxTest = 200)>]
let ``every third of what is repeated is the value`` () =
    law (fun x axis _ ->
        let axis = (axis + x.Rank) % x.Rank
        let every a = if a = axis then Slice.Step 3 else Slice.All
        repeat [ 3 ] axis x |> slice (List.init x.Rank every))

[<Property(MaxTest = 200)>]
let ``the diagonal of a matrix made of a diagonal is the diagonal`` () =
    law (fun x _ n -> x.DiagEmbed(n[0] - 2).Diagonal(n[0] - 2))

[<Property(MaxTest = 200)>]
let ``two triangles and what they share make the matrix`` () =
    law (fun x _ _ ->
        if x.Rank < 2 then
            x
        else
            let isLower = tril (onesLike (cast DType.Int32 x)) .> scalar 0.0
            where isLower (tril x) (x.Triu 1))

/// Indices of a batch, each for its own example.
let private indexed =
    gen {
        let! sizes = Gen.arrayOfLength 3 (Gen.choose (1, 4))
        let! count = Gen.choose (0, 5)
        let! indices = Gen.arrayOfLength (3 * sizes[0] * count * sizes[2]) (Gen.choose (-sizes[1], sizes[1] - 1))
        let! dtype = Gen.elements [ DType.Int32; DType.Int64 ]
        return struct (sizes, (NDArray.Create indices).Reshape([| 3; sizes[0]; count; sizes[2] |]).AsType dtype)
    }
    |> Arb.fromGen

[<Property(MaxTest = 150)>]
let ``a batch of indices chooses for each example`` () =
    Prop.forAll indexed (fun (struct (sizes, indices)) ->
        let numbers = Array.init (Shapes.size sizes) (fun i -> Math.Round(sin (float i), 3))
        let x = constant ((NDArray.Create numbers).Reshape sizes)
        let batch = constant indices
        let each f = stack 0 [ for i in 0..2 -> f batch.[i] ]

        let functions: (string * (Node -> Node)) list =
            [
                "take", (fun i -> take 1 i x)
                "takeAlongAxis", (fun i -> takeAlongAxis 1 i x)
                "gather", (fun i -> gather 1 i x)
                "scatterAdd", (fun i -> scatterAdd 1 i (cast DType.Float64 i + 0.5) x)
                "oneHot", oneHot 3 DType.Float32
            ]

        for name, f in functions do
            Close.requireWithin 1e-12 name (eval (each f)) (eval (vmap f batch)))

let private is (expected: NDArray) (node: Node) =
    Assert.Equal(expected.DType, node.DType)
    Assert.True((eval node).IsSameAs expected, $"{eval node} instead of {expected}")

[<Fact>]
let ``one of many`` () =
    let indices = constant [ 2; 0; 3; -1 ]
    let rows = nd [ [ 0.0; 0.0; 1.0 ]; [ 1.0; 0.0; 0.0 ]; [ 0.0; 0.0; 0.0 ]; [ 0.0; 0.0; 0.0 ] ]

    for dtype in Arrays.dtypes do
        is (rows.AsType dtype) (oneHot 3 dtype indices)
        is (rows.AsType dtype) (oneHot 3 dtype (cast DType.Int64 indices))

    Assert.Equal<Shape>(Shape(4, 0), (oneHot 0 DType.Float32 indices).Shape)

[<Fact>]
let ``identity matrices`` () =
    for dtype in Arrays.dtypes do
        for rows in 0..4 do
            is (NDArray.Eye(rows, Nullable rows, 0, dtype)) (eye rows dtype)

            for columns in 0..4 do
                for offset in -5 .. 5 do
                    is (NDArray.Eye(rows, Nullable columns, offset, dtype)) (eyeWith rows columns offset dtype)

[<Fact>]
let ``whole numbers and truth values keep their types`` () =
    let n = constant [ 1; 2; 3 ]
    is (nd [ 9; 1; 2; 3 ]) (padWith (Node.op_Implicit 9) [ struct (1, 0) ] n)
    is (nd [ 0; 2; 0 ]) (maskedFill (constant [| true; false; true |]) (Node.op_Implicit 0) n)
    is (nd [| true; true; false |]) (padWith (constant true) [ struct (1, 0) ] (constant [| true; false |]))
    is (nd [ 4; 5; 3 ]) (scatterAdd 0 (constant [ 0; 1 ]) (constant [ 3; 3; 7 ]) n)
    is (nd [ 7; 7; 7 ]) (fullLike (constant 7L) n)
    // A fraction is not cut off silently.
    is (nd [ 0.5; 1.0; 2.0; 3.0 ]) (padWith (scalar 0.5) [ struct (1, 0) ] n)

[<Fact>]
let ``NumPy's own examples`` () =
    let a = constant [ 1; 2; 3; 4; 5 ]
    is (nd [ 3; 2; 1; 2; 3; 4; 5; 4; 3; 2 ]) (padMode PadMode.Reflect [ struct (2, 3) ] a)
    is (nd [ 2; 1; 1; 2; 3; 4; 5; 5; 4; 3 ]) (padMode PadMode.Symmetric [ struct (2, 3) ] a)
    is (nd [ 4; 5; 1; 2; 3; 4; 5; 1; 2; 3 ]) (padMode PadMode.Wrap [ struct (2, 3) ] a)
    is (nd [ 1; 1; 1; 2; 3; 4; 5; 5; 5; 5 ]) (padMode PadMode.Edge [ struct (2, 3) ] a)
    is (nd [ 1; 1; 2; 2 ]) (repeat [ 2 ] 0 (constant [ 1; 2 ]))
    is (nd [ [ 1; 2 ]; [ 3; 4 ]; [ 3; 4 ] ]) (repeat [ 1; 2 ] 0 (constant [ [ 1; 2 ]; [ 3; 4 ] ]))
    is (nd [ 0; 1; 2; 0; 1; 2 ]) (tile [ 2 ] (constant [ 0; 1; 2 ]))
    is (nd [ [ 2; 4 ]; [ 1; 3 ] ]) (rot90 (constant [ [ 1; 2 ]; [ 3; 4 ] ]))
    let rows, order = constant [ [ 10; 30; 20 ]; [ 60; 40; 50 ] ], constant [ [ 0; 2; 1 ]; [ 1; 2; 0 ] ]
    is (nd [ [ 10; 20; 30 ]; [ 40; 50; 60 ] ]) (takeAlongAxis 1 order rows)
    is (nd [ 5; 50; 500; 6; 60; 600; 7; 70; 700 ]) (kron (constant [ 5; 6; 7 ]) (constant [ 1; 10; 100 ]))
    is (nd [ -3; 6; -3 ]) (cross 0 (constant [ 1; 2; 3 ]) (constant [ 4; 5; 6 ]))

    match meshgrid MeshIndexing.XY [ constant [ 1; 2; 3 ]; constant [ 4; 5 ] ] with
    | [ x; y ] ->
        is (nd [ [ 1; 2; 3 ]; [ 1; 2; 3 ] ]) x
        is (nd [ [ 4; 4; 4 ]; [ 5; 5; 5 ] ]) y
    | others -> Assert.Fail $"{others.Length} arrays"

/// Functions of x [n,3,2] and v [n,3] that leave the first axis as it is, and so need not know its size.
let private along: (string * (Node -> Node -> Node)) list =
    let positions = constant (NDArray.Zeros([| 1; 2; 2 |], DType.Int32))
    let ones (sizes: int[]) = constant (NDArray.Ones sizes)

    [
        "moveAxis", fun x _ -> moveAxis 0 -1 x
        "expandDims", fun x _ -> expandDims [ 1; 0 ] x
        "flip", fun x _ -> flip [ 1; -1 ] x
        "roll", fun x _ -> roll [ 1; 2 ] [ 1; 2 ] x
        "rot90", fun x _ -> x.Rot90(1, 1, 2)
        "split", fun x _ -> (split 3 1 x).[1]
        "chunk", fun x _ -> (chunk 2 1 x).[0]
        "tile", fun x _ -> tile [ 1; 2; 3 ] x
        "repeat", fun x _ -> repeat [ 2; 0; 1 ] 1 x
        "pad", fun x _ -> pad [ struct (0, 0); struct (1, 2); struct (0, 0) ] x
        "padWith", fun x _ -> padWith (scalar 3.0) [ struct (0, 0); struct (1, 2); struct (0, 0) ] x
        "padMode", fun x _ -> padMode PadMode.Wrap [ struct (0, 0); struct (1, 2); struct (0, 0) ] x
        "tril", fun x _ -> tril x
        "diagonal", fun x _ -> diagonal x
        "diagEmbed", fun x _ -> diagEmbed x
        "trace", fun x _ -> trace x
        "takeAlongAxis", fun x _ -> takeAlongAxis 1 positions x
        "take", fun x _ -> take 1 (constant [ 2; 0 ]) x
        "matmul", fun x _ -> x *@ ones [| 2; 4 |]
        "dot", fun x _ -> dot x (ones [| 2; 4 |])
        "inner", fun x _ -> inner x (ones [| 4; 2 |])
        "tensordot", fun x _ -> tensordot 2 x (ones [| 3; 2; 2 |])
        "kron", fun x _ -> kron x (ones [| 2; 2 |])
        "bilinear", fun x v -> bilinear v v (ones [| 2; 3; 3 |]) + sum [] x
        "cross", fun x v -> cross -1 v (constant [ 1.0; 2.0; 3.0 ]) + sum [] x
    ]

let laterNames: TheoryData<string> = TheoryData<string>(List.map fst along)

[<Theory; MemberData(nameof laterNames)>]
let ``an axis that stays as it is may have a size that is known later`` (name: string) =
    let f = along |> List.find (fun (other, _) -> other = name) |> snd
    let both x v = let y = f x v in [ y; derivative (square y) x ]
    let x, v = input "x" [ -1; 3; 2 ] DType.Float64, input "v" [ -1; 3 ] DType.Float64
    let compiled = compile [ x; v ] (both x v)

    for size in [ 1; 4 ] do
        let random = RandomSource(int64 size)
        let xs, vs = random.Fold("x").Normal([| size; 3; 2 |]), random.Fold("v").Normal([| size; 3 |])
        let results = compiled.Run [ xs; vs ]

        for expected, actual in Seq.zip (evalMany (both (constant xs) (constant vs))) results do
            Close.requireWithin 1e-12 name expected actual
