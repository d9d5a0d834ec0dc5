import Backends
import Digests
import HTTPModel
import Resources
import Testing

extension MetadataConformance {
    private typealias Samples = MetadataSamples

    /// A purge takes rows, facts and acceptance together, and says in the log of changes what went.
    package func purges() async throws {
        let store = try await store()
        let one = try #require(Samples.fact("packages/ab/one.whl"))
        let two = try #require(Samples.fact("packages/ab/two.whl"))
        let document = Samples.response(Samples.document("simple/example/"))
        let other = Samples.response(Samples.document("simple/other/"), body: "other")
        let rendering = Samples.response(
            CacheKey(renderingOf: document.body.hex, recipe: "html"), body: "html")
        try await store.store(document, facts: [one])
        try await store.store(other, facts: [two])
        try await store.store(rendering, facts: [])
        for response in [document, other] { try await store.accept(response.key, until: 100) }
        let start = try await store.changes(after: 0).last

        let none = Samples.document("simple/none/")
        let gone = try await store.purge([document.key, none, rendering.key], at: 50)
        #expect(gone == [document, rendering])
        for response in gone { #expect(try await store.response(for: response.key) == nil) }
        #expect(try await store.fact(for: Samples.artifact(one.artifact)) == nil)
        #expect(try await store.earliestPublication(in: document.key) == nil)
        #expect(try await store.isAccepted(document.key, at: 50) == false)
        #expect(
            try await store.changes(after: start).changes
                == gone.map { Change(kind: .purged, key: $0.key, released: $0.body) })

        #expect(try await store.response(for: other.key) == other)
        #expect(try await store.fact(for: Samples.artifact(two.artifact)) == two)
        #expect(try await store.isAccepted(other.key, at: 50))
        #expect(
            try await store.totals()
                == StoreTotals(responseCount: 1, byteCount: other.byteCount))
        #expect(try await store.purge([document.key], at: 60) == [])
        // And it is stored anew as if it had never been there.
        try await store.store(document, facts: [one])
        #expect(try await store.fact(for: Samples.artifact(one.artifact)) == one)
    }

    /// What is wanted is stale; whatever else a server wrote meanwhile stays.
    package func wants() async throws {
        let store = try await store()
        let keys = ["a", "none", "b"].map { Samples.document("simple/\($0)/") }
        var stored = [keys[0], keys[2]].map { Samples.response($0) }
        for response in stored { try await store.store(response, facts: []) }
        stored[0].heldBack = "older"
        stored[0].validatedAt += 7
        #expect(try await store.freshen(stored[0]))
        let start = try await store.changes(after: 0).last
        try await store.want(keys, at: 50)
        for index in stored.indices { stored[index].lifetimeSeconds = 0 }
        #expect(try await store.response(for: keys[0]) == stored[0])
        #expect(try await store.response(for: keys[1]) == nil)
        #expect(try await store.response(for: keys[2]) == stored[1])
        #expect(
            try await store.changes(after: start).changes
                == keys.map { Change(kind: .wanted, key: $0) })
    }
}
