/// The numbers that formulas are written with. Each is one node: what it becomes beside a tensor is found again when the
/// formula is written again.
module internal Autodiff.FSharp.Numerals

open System
open Autodiff

let zero: Node = Node.op_Implicit 0.0
let half: Node = Node.op_Implicit 0.5
let one: Node = Node.op_Implicit 1.0
let infinite: Node = Node.op_Implicit Double.PositiveInfinity
let negativeInfinity: Node = Node.op_Implicit Double.NegativeInfinity
