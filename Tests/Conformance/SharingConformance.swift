package import Backends
import Digests
import HTTPModel
import Resources
import Testing

/// What a metadata database promises to which several servers write.
package struct SharingConformance: Sendable {
    private typealias Samples = MetadataSamples

    /// Makes a fresh, empty database.
    package let store: @Sendable () async throws -> any MetadataStore & SharedResponses

    package init(store: @escaping @Sendable () async throws -> any MetadataStore & SharedResponses)
    {
        self.store = store
    }

    /// A version takes the place of the one by which it was judged, and of no other (rule M4).
    package func replacing() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        let (first, second, third) = (
            Samples.response(key, body: "1"), Samples.response(key, body: "2", storedAt: 2000),
            Samples.response(key, body: "3", storedAt: 3000)
        )
        let facts = try ["one.whl", "two.whl"].map { try #require(Samples.fact($0)) }
        #expect(try await store.replace(held: nil, by: first, facts: [facts[0]], at: 1))
        // Two began with the first one: the slower one is too late, whichever bytes it has.
        #expect(try await store.replace(held: first.body, by: second, facts: facts, at: 2))
        #expect(try await store.replace(held: first.body, by: third, facts: [], at: 3) == false)
        #expect(try await store.replace(held: nil, by: third, facts: [], at: 3) == false)
        #expect(try await store.response(for: key) == second)
        #expect(try await store.fact(for: Samples.artifact("two.whl")) == facts[1])
        // The very bytes that are stored do no harm.
        var same = second
        same.validatedAt = 4000
        #expect(try await store.replace(held: first.body, by: same, facts: facts, at: 4))
        #expect(try await store.response(for: key) == same)
        // What was removed meanwhile is not in the way.
        try await store.remove(key)
        #expect(try await store.replace(held: second.body, by: third, facts: [], at: 5))
        #expect(try await store.response(for: key) == third)
        #expect(try await store.fact(for: Samples.artifact("two.whl")) == nil)
        #expect(try await store.totals().responseCount == 1)
    }

    /// Others are told of what takes the place of something, and of a new standing.
    package func telling() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        let change = Change(kind: .changed, key: key)
        var first = Samples.response(key, body: "1")
        let second = Samples.response(key, body: "2")
        #expect(try await store.replace(held: nil, by: first, facts: [], at: 1))
        #expect(try await store.replace(held: first.body, by: first, facts: [], at: 1))
        try await store.freshen(first)
        #expect(try await store.changes(after: 0).changes == [])
        first.heldBack = "shrunk"
        #expect(try await store.restate(first, at: 2))
        #expect(try await store.response(for: key) == first)
        #expect(try await store.heldBack(limit: 9) == [first])
        #expect(try await store.changes(after: 0).changes == [change])
        #expect(try await store.replace(held: first.body, by: second, facts: [], at: 3))
        #expect(try await store.changes(after: 0).changes == [change, change])
        #expect(try await store.restate(first, at: 4) == false)
        #expect(try await store.replace(held: first.body, by: first, facts: [], at: 4) == false)
        let log = try await store.changes(after: 0)
        #expect(log.changes.count == 2 && log.isComplete)
        // They are dropped when they are old, and the newest one never is.
        try await store.prune(at: 2 + Change.keptSeconds)
        #expect(try await store.changes(after: 0) == log)
        try await store.prune(at: 9 + Change.keptSeconds)
        let rest = try await store.changes(after: 0)
        #expect(rest.changes == [change] && rest.last == log.last && !rest.isComplete)
    }

    /// Of many that began with the same version, one is stored: with it, and its facts alone.
    package func racing() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        for held: String? in [nil, "0", "9"] {
            try await store.remove(key)
            if let held { try await store.store(Samples.response(key, body: held), facts: []) }
            let body = held.map { Samples.response(key, body: $0).body }
            let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 10..<18 {
                    group.addTask {
                        let fact = try #require(Samples.fact("\(number).whl"))
                        let version = Samples.response(key, body: "\(number)")
                        let isStored = try await store.replace(
                            held: body, by: version, facts: [fact], at: 1)
                        return isStored ? number : nil
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
            }
            let winner = try #require(winners.first)
            #expect(winners.count == 1)
            #expect(
                try await store.response(for: key) == Samples.response(key, body: "\(winner)"))
            for number in 10..<18 {
                let fact = try await store.fact(for: Samples.artifact("\(number).whl"))
                #expect((fact != nil) == (number == winner), "\(number), of \(winner)")
            }
        }
    }
}

/// What leases promise.
package struct LeaseConformance: Sendable {
    /// Makes leases of which nobody holds any.
    package let leases: @Sendable () async throws -> any FetchLeases
    /// Lets some time pass.
    package let pause: @Sendable () async throws -> Void

    package init(
        leases: @escaping @Sendable () async throws -> any FetchLeases,
        pause: @escaping @Sendable () async throws -> Void
    ) {
        self.leases = leases
        self.pause = pause
    }

    private static let key = MetadataSamples.artifact("one.whl")

    /// One holder at a time, until it lets go.
    package func holding() async throws {
        let leases = try await leases()
        #expect(try await leases.claim(Self.key, by: "a", for: 100))
        #expect(try await leases.claim(Self.key, by: "b", for: 100) == false)
        #expect(try await leases.claim(Self.key, by: "a", for: 100))
        #expect(try await leases.claim(MetadataSamples.artifact("two.whl"), by: "b", for: 100))
        try await leases.release(Self.key, by: "b")
        #expect(try await leases.claim(Self.key, by: "b", for: 100) == false)
        try await leases.release(Self.key, by: "a")
        #expect(try await leases.claim(Self.key, by: "b", for: 100))
        try await leases.release(Self.key, by: "a")
        #expect(try await leases.claim(Self.key, by: "a", for: 100) == false)
        let long = MetadataSamples.artifact(String(repeating: "x", count: 5_000))
        #expect(try await leases.claim(long, by: "a", for: 1))
    }

    /// The lease of a holder that is gone is another one's when it ends, and not before.
    package func takingOver() async throws {
        let leases = try await leases()
        #expect(try await leases.claim(Self.key, by: "dead", for: 8))
        #expect(try await leases.claim(Self.key, by: "a", for: 100) == false)
        while try await !leases.claim(Self.key, by: "a", for: 100) { try await pause() }
        #expect(try await leases.claim(Self.key, by: "dead", for: 100) == false)
        // Nor does the dead one take it back by renewing.
        try await leases.renew([Self.key], by: "dead", for: 100)
        #expect(try await leases.claim(Self.key, by: "dead", for: 100) == false)
    }

    /// A renewed lease lasts, and lasts as long as the last renewal says.
    package func renewing() async throws {
        let leases = try await leases()
        let other = MetadataSamples.artifact("two.whl")
        for key in [Self.key, other] { #expect(try await leases.claim(key, by: "a", for: 2)) }
        try await leases.renew([Self.key], by: "a", for: 1_000)
        while try await !leases.claim(other, by: "b", for: 1) { try await pause() }
        #expect(try await leases.claim(Self.key, by: "b", for: 1) == false)
        try await leases.renew([Self.key], by: "a", for: 1)
        while try await !leases.claim(Self.key, by: "b", for: 1) { try await pause() }
    }

    /// Of many that ask at once, one holds it.
    package func racing() async throws {
        let leases = try await leases()
        for round in 0..<5 {
            let key = MetadataSamples.artifact("race\(round).whl")
            let holders = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask { try await leases.claim(key, by: "\(number)", for: 100) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(holders == 1)
        }
    }
}
