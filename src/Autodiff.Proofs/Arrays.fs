namespace Autodiff.Proofs

open Autodiff
open FsCheck
open FsCheck.FSharp

/// Generators of arrays. Floating values are rounded to a few digits, so that failures are short to read, and stay
/// between 0.1 and 2.5 in size, so that no formula over them loses its digits.
module Arrays =

    /// Every element type.
    let dtypes = [ DType.Float32; DType.Float64; DType.Int32; DType.Int64; DType.Bool ]

    /// The two types that have derivatives.
    let floatTypes = [ DType.Float32; DType.Float64 ]

    /// A number whose size is between 0.1 and 2.5.
    let number: Gen<float> =
        gen {
            let! hundredths = Gen.choose (10, 250)
            let! sign = Gen.elements [ -1.0; 1.0 ]
            return sign * float hundredths / 100.0
        }

    /// Also the numbers at which IEEE has special rules.
    let anyNumber: Gen<float> =
        Gen.frequency
            [
                8, number
                1, Gen.elements [ 0.0; -0.0; 1.0; -1.0; 0.5 ]
                1, Gen.elements [ nan; infinity; -infinity; 1e30; -1e-30 ]
            ]

    let private filled (dtype: DType) (sizes: int[]) (numbers: Gen<float>) : Gen<Tensor> =
        let count = Shapes.size sizes

        match dtype with
        | DType.Float32
        | DType.Float64 -> Gen.arrayOfLength count numbers |> Gen.map (Tensor.floats dtype sizes)
        | DType.Int32
        | DType.Int64 ->
            Gen.arrayOfLength count (Gen.choose (-9, 9))
            |> Gen.map (Array.map int64 >> Tensor.wholes dtype sizes)
        | _ -> Gen.arrayOfLength count (Gen.elements [ true; false ]) |> Gen.map (Tensor.truths sizes)

    /// A well-conditioned array of a type and a shape.
    let ofShape (dtype: DType) (sizes: int[]) : Gen<Tensor> = filled dtype sizes number

    /// An array of a type and a shape in which any number may stand.
    let wild (dtype: DType) (sizes: int[]) : Gen<Tensor> = filled dtype sizes anyNumber

    /// A well-conditioned array of any type and any shape.
    let any: Gen<Tensor> =
        gen {
            let! dtype = Gen.elements dtypes
            let! sizes = Shapes.any
            return! ofShape dtype sizes
        }

    /// Smaller arrays: of smaller shapes, then with zeros and ones for elements.
    let shrink (x: Tensor) : seq<Tensor> =
        let resized sizes =
            let count = Shapes.size sizes

            if count > 0 && count <= Tensor.size x then
                Some(Tensor.pick sizes [| 0 .. count - 1 |] x)
            elif count = 0 then
                Some(Tensor.pick sizes [||] x)
            else
                None

        let simpler =
            match x.Elements with
            | Elements.Floats elements when Array.exists (fun e -> e <> 1.0) elements ->
                Seq.singleton { x with Elements = Elements.Floats(Array.map (fun _ -> 1.0) elements) }
            | Elements.Wholes elements when Array.exists (fun e -> e <> 0L) elements ->
                Seq.singleton { x with Elements = Elements.Wholes(Array.map (fun _ -> 0L) elements) }
            | Elements.Floats _
            | Elements.Wholes _
            | Elements.Truths _ -> Seq.empty

        Seq.append (Shapes.shrink x.Sizes |> Seq.choose resized) simpler
