/// Identity, names and scopes of nodes.
module Autodiff.Properties.Graph.Names

open System.Threading.Tasks
open Autodiff
open Autodiff.FSharp
open Xunit

let private x = variable "x" 1.0

[<Fact>]
let ``nodes compare by reference`` () =
    let a, b = x + 1.0, x + 1.0
    Assert.False((a = b))
    Assert.True((a = a))
    Assert.Equal(2, (Set.count (set [ a.GetHashCode(); b.GetHashCode() ])))

[<Fact>]
let ``comparing and hashing deep graphs takes no time`` () =
    let doubled = Seq.fold (fun (node: Node) _ -> node * node) x [ 1..64 ]
    let again = Seq.fold (fun (node: Node) _ -> node * node) x [ 1..64 ]
    Assert.False((doubled = again))
    Assert.NotEqual(hash doubled, hash again)

[<Fact>]
let ``a name leaves the node as it was`` () =
    let y = exp x
    let renamed = named "y" y
    Assert.Equal("y", renamed.Name)
    Assert.Null y.Name
    Assert.Equal(eval y, eval renamed, fun a b -> a.IsSameAs b)

[<Fact>]
let ``nodes made in a scope carry its path`` () =
    let inner =
        model {
            let! y = scope "outer" { return! scope "inner" { return x * 2.0 } }
            return y
        }

    let y = Model.apply (Model.init 1L inner) inner
    Assert.Equal("outer/inner", y.Scope)
    Assert.Equal("", (x * 2.0).Scope)

[<Fact>]
let ``a scope ends where it fails`` () =
    let failing = model { return! scope "s" { return (failwith "no": Node) } }
    Assert.ThrowsAny<exn>(fun () -> Model.init 1L failing |> ignore) |> ignore
    Assert.Equal("", (x + 1.0).Scope)

[<Fact>]
let ``threads have scopes of their own`` () =
    let build name =
        let m = model { return! scope name { return List.init 200 (fun _ -> x + 1.0) } }
        Model.apply (Model.init 1L m) m |> List.forall (fun node -> node.Scope = name)

    let results = Parallel.For(0, 20, (fun i -> Assert.True(build $"scope{i}")))
    Assert.True results.IsCompleted

[<Fact>]
let ``the gradient keeps names and scopes of the primal graph`` () =
    let y = named "y" (x * 3.0) |> sin
    let dx = derivative y x
    let names = Traversal.order [ dx ] |> Seq.exists (fun node -> node.Name = "y")
    Assert.True names
