namespace Autodiff.Proofs

open FsCheck
open FsCheck.FSharp

/// Generators of shapes, as arrays of sizes: every rank up to 5, with the sizes at which loops go wrong (0, 1, and
/// lengths that are no multiple of a vector).
module Shapes =

    /// The number of elements.
    let size (shape: int[]) = Array.fold (*) 1 shape

    /// A size of one axis: mostly small, sometimes none or more than one vector.
    let axis: Gen<int> =
        Gen.frequency
            [
                1, Gen.constant 0
                4, Gen.constant 1
                6, Gen.choose (2, 3)
                4, Gen.choose (4, 7)
                1, Gen.elements [ 8; 16; 17; 33 ]
            ]

    /// A size of one axis that has elements.
    let filled: Gen<int> = axis |> Gen.map (max 1)

    /// Drops axes from the front until the elements are few enough for a naive interpreter.
    let rec internal fit (limit: int) (shape: int[]) =
        if Array.fold (fun product size -> product * int64 size) 1L shape <= int64 limit then
            shape
        else
            fit limit (Array.tail shape)

    let private ofRanks (axis: Gen<int>) low high =
        gen {
            let! rank = Gen.choose (low, high)
            let! sizes = Gen.arrayOfLength rank axis
            return fit 2000 sizes
        }

    /// A shape of any rank from 0 to 5.
    let any: Gen<int[]> = ofRanks axis 0 5

    /// A shape with elements.
    let nonEmpty: Gen<int[]> = ofRanks filled 0 4

    /// A shape that broadcasts to the given one: leading axes are missing, some others have size 1.
    let broadcastable (target: int[]) : Gen<int[]> =
        gen {
            let! dropped = Gen.choose (0, target.Length)

            let! keep =
                Gen.arrayOfLength target.Length (Gen.frequency [ 3, Gen.constant true; 1, Gen.constant false ])

            return Array.map2 (fun keep size -> if keep then size else 1) keep target |> Array.skip dropped
        }

    /// Another shape of the same number of elements.
    let regrouped (shape: int[]) : Gen<int[]> =
        let rec factors n p =
            if n < 2 then []
            elif n % p = 0 then p :: factors (n / p) p
            elif p * p > n then [ n ]
            else factors n (p + 1)

        // Each prime factor goes to one of the axes.
        gen {
            let elements = size shape
            let! rank = Gen.choose ((if elements = 1 then 0 else 1), 4)

            if elements = 0 then
                let! sizes = Gen.arrayOfLength rank (Gen.choose (0, 3))
                return Array.updateAt 0 0 sizes
            else
                let primes = factors elements 2
                let! places = Gen.listOfLength primes.Length (Gen.choose (0, max 0 (rank - 1)))
                let sizes = Array.create rank 1
                List.iter2 (fun place prime -> sizes[place] <- sizes[place] * prime) places primes
                return sizes
        }

    /// Smaller shapes: without an axis, or with a smaller one.
    let shrink (shape: int[]) : seq<int[]> =
        seq {
            for axis in 0 .. shape.Length - 1 do
                Array.removeAt axis shape

            for axis in 0 .. shape.Length - 1 do
                if shape[axis] > 1 then
                    Array.updateAt axis 1 shape
                    Array.updateAt axis (shape[axis] / 2) shape
        }
