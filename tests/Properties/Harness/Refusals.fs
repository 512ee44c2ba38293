namespace Autodiff.Proofs

open System
open Autodiff
open Xunit

/// A call that does not fit: what it is, the call, the exception that it throws, and words of its message.
type Refusal = { Call: string; Make: unit -> unit; Error: Type; Words: string list }

/// Tables of calls that do not fit.
module Refusals =

    /// A row of a table.
    let row<'error when 'error :> exn> call words (make: unit -> Node) =
        { Call = call; Make = make >> ignore; Error = typeof<'error>; Words = words }

    /// Fails unless every call throws its exception, and the message has its words.
    let requireAll (table: Refusal list) =
        for row in table do
            let error = Assert.Throws(row.Error, row.Make)

            for word in row.Words do
                Assert.True(error.Message.Contains word, $"{row.Call}: \"{error.Message}\" lacks \"{word}\"")
