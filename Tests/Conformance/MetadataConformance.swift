package import Backends
import Digests
import HTTPModel
import Resources
import Testing

/// What every metadata database promises; each of them runs these with a fresh, empty one.
package struct MetadataConformance: Sendable {
    private typealias Samples = MetadataSamples

    /// Makes a fresh, empty database.
    package let store: @Sendable () async throws -> any MetadataStore

    package init(store: @escaping @Sendable () async throws -> any MetadataStore) {
        self.store = store
    }

    /// Every field comes back as it was stored, and a second store takes the first one's place.
    package func responses() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        #expect(try await store.response(for: key) == nil)
        let first = Samples.response(key)
        try await store.store(first, facts: [])
        #expect(try await store.response(for: key) == first)

        let bare = StoredResponse(
            key: key, kind: .rendering, headers: Headers(), body: .of([]), byteCount: 0,
            entityTag: nil, storedAt: 2000, validatedAt: 2000, lifetimeSeconds: 0)
        try await store.store(bare, facts: [])
        #expect(try await store.response(for: key) == bare)
        #expect(try await store.response(for: Samples.document("simple/other/")) == nil)
        try await store.remove(key)
        #expect(try await store.response(for: key) == nil)
        try await store.remove(key)
    }

    /// Freshening changes headers and times of the very body that is stored, and nothing else.
    package func freshening() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        var newer = Samples.response(key)
        #expect(try await store.freshen(newer) == false)
        #expect(try await store.response(for: key) == nil)

        try await store.store(newer, facts: [])
        newer.headers = Headers([("etag", "\"b\"")])
        newer.entityTag = nil
        newer.validatedAt = 9000
        newer.lifetimeSeconds = 1
        newer.withdrawnAt = nil
        #expect(try await store.freshen(newer))
        #expect(try await store.response(for: key) == newer)

        var other = Samples.response(key, body: "other")
        other.validatedAt = 99_000
        #expect(try await store.freshen(other) == false)
        #expect(try await store.response(for: key) == newer)
    }

    package func totals() async throws {
        let store = try await store()
        #expect(try await store.totals() == StoreTotals(responseCount: 0, byteCount: 0))
        let one = Samples.document("one")
        let two = Samples.document("two")
        try await store.store(Samples.response(one, byteCount: 100), facts: [])
        try await store.store(Samples.response(two, byteCount: 30), facts: [])
        #expect(try await store.totals() == StoreTotals(responseCount: 2, byteCount: 130))
        try await store.store(Samples.response(one, byteCount: 1), facts: [])
        try await store.freshen(Samples.response(two, byteCount: 30))
        #expect(try await store.totals() == StoreTotals(responseCount: 2, byteCount: 31))
        try await store.remove(one)
        try await store.remove(one)
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 30))
    }

    /// Eviction order follows the last use; storing counts as one, and time never runs back.
    package func leastRecentlyUsed() async throws {
        let store = try await store()
        let keys = (0..<4).map { Samples.document("simple/p\($0)/") }
        for (index, key) in keys.enumerated() {
            try await store.store(
                Samples.response(key, storedAt: 1000 + Int64(index)), facts: [])
        }
        func order(_ limit: Int) async throws -> [CacheKey] {
            try await store.leastRecentlyUsed(.document, after: nil, limit: limit)
                .rows.map(\.response.key)
        }
        #expect(try await order(10) == keys)
        try await store.record([keys[0]: 5000, keys[1]: 3000, Samples.document("none"): 1])
        try await store.record([keys[0]: 1, keys[2]: 4000])
        #expect(try await order(10) == [keys[3], keys[1], keys[2], keys[0]])
        #expect(try await order(1) == [keys[3]])
        // Storing again at an earlier time must not make it look unused.
        try await store.store(Samples.response(keys[0], storedAt: 10), facts: [])
        #expect(try await order(10).last == keys[0])
        // Each kind has an order of its own.
        #expect(
            try await store.leastRecentlyUsed(.artifact, after: nil, limit: 9)
                == RowPage(rows: [], next: nil))
        try await store.record([:])
        #expect(try await store.totals().responseCount == 4)
    }

    package func references() async throws {
        let store = try await store()
        let body = BlobDigest.of(Array("shared".utf8))
        let one = Samples.document("one")
        let two = Samples.document("two")
        #expect(try await store.isReferenced(body) == false)
        try await store.store(Samples.response(one, body: "shared"), facts: [])
        try await store.store(Samples.response(two, body: "shared"), facts: [])
        try await store.remove(one)
        #expect(try await store.isReferenced(body))
        try await store.store(Samples.response(two, body: "newer"), facts: [])
        #expect(try await store.isReferenced(body) == false)
    }

    /// The newest document that names a file decides; a file that it no longer names has no fact.
    package func facts() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        let kept = try #require(Samples.fact("packages/ab/one.whl"))
        let old = try #require(Samples.fact("packages/ab/two.whl", publishedAt: 50))
        let bare = try #require(
            Samples.fact("three.whl", digest: nil, publishedAt: nil, version: nil))
        try await store.store(Samples.response(key), facts: [kept, old, bare])
        #expect(try await store.fact(for: Samples.artifact(kept.artifact)) == kept)
        #expect(try await store.fact(for: Samples.artifact(bare.artifact)) == bare)
        #expect(try await store.fact(for: Samples.artifact("none.whl")) == nil)

        let new = try #require(
            Samples.fact("packages/ab/two.whl", digest: "changed", publishedAt: nil))
        try await store.store(Samples.response(key), facts: [new])
        #expect(try await store.fact(for: Samples.artifact(kept.artifact)) == nil)
        #expect(try await store.fact(for: Samples.artifact(bare.artifact)) == nil)
        #expect(try await store.fact(for: Samples.artifact(new.artifact)) == new)

        // Another document of the upstream takes over, and removing a response keeps its facts.
        let other = Samples.document("simple/other/")
        try await store.store(Samples.response(other), facts: [old])
        try await store.remove(other)
        #expect(try await store.fact(for: Samples.artifact(old.artifact)) == old)
        #expect(try await store.earliestPublication(in: other) == 50)
        // What another document took over is its own, whatever the first one says no longer.
        try await store.store(Samples.response(key), facts: [])
        #expect(try await store.fact(for: Samples.artifact(old.artifact)) == old)
        try await store.store(Samples.response(other), facts: [])
        #expect(try await store.fact(for: Samples.artifact(old.artifact)) == nil)
        #expect(try await store.earliestPublication(in: other) == nil)
    }

    /// A document ends what its parts, `<name>@<part>`, said; the file itself stays stored.
    package func factsOfParts() async throws {
        let store = try await store()
        let facts = ["a-1.tgz", "a-2.tgz", "ab.tgz", "b.tgz"].compactMap { Samples.fact($0) }
        try #require(facts.count == 4)
        for (name, fact) in zip(["a@1", "a@2", "a+@1", "b@1"], facts) {
            try await store.store(Samples.response(Samples.document(name)), facts: [fact])
        }
        let file = Samples.response(Samples.artifact("a-1.tgz"))
        try await store.store(file, facts: [])
        #expect(try await store.fact(for: Samples.artifact("a-1.tgz")) == facts[0])
        try await store.store(Samples.response(Samples.document("a")), facts: [facts[1]])
        let left: [FileFact?] = [nil, facts[1], facts[2], facts[3]]
        for (fact, expected) in zip(facts, left) {
            #expect(try await store.fact(for: Samples.artifact(fact.artifact)) == expected)
        }
        #expect(try await store.response(for: Samples.artifact("a-1.tgz")) == file)
        // A part says nothing of the other parts.
        try await store.store(Samples.response(Samples.document("a@1")), facts: [facts[0]])
        #expect(try await store.fact(for: Samples.artifact("a-2.tgz")) == facts[1])
    }

    /// The same path of two upstreams is two artifacts.
    package func factsOfTwoUpstreams() async throws {
        let store = try await store()
        let elsewhere = UpstreamIdentity(
            ecosystem: "pypi", name: "pypi/b", location: "https://other.example/simple/")
        let here = try #require(Samples.fact("same.whl", digest: "here"))
        let there = try #require(Samples.fact("same.whl", digest: "there"))
        try await store.store(Samples.response(Samples.document("x")), facts: [here])
        try await store.store(
            Samples.response(CacheKey(.document("x"), of: elsewhere)), facts: [there])
        #expect(try await store.fact(for: Samples.artifact("same.whl")) == here)
        #expect(
            try await store.fact(for: CacheKey(.artifact("same.whl"), of: elsewhere)) == there)
    }

    package func earliestPublication() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        #expect(try await store.earliestPublication(in: key) == nil)
        let times: [Int64?] = [nil, 300, 20, nil, 1000]
        let facts = times.enumerated().compactMap {
            Samples.fact("f\($0.offset).whl", publishedAt: $0.element)
        }
        #expect(facts.count == times.count)
        try await store.store(Samples.response(key), facts: [facts[0]])
        #expect(try await store.earliestPublication(in: key) == nil)
        try await store.store(Samples.response(key), facts: facts)
        #expect(try await store.earliestPublication(in: key) == 20)
        #expect(try await store.earliestPublication(in: Samples.document("simple/other/")) == nil)
    }

    /// The first pin holds, also when many arrive at once.
    package func pins() async throws {
        let store = try await store()
        let key = Samples.artifact("packages/ab/one.whl")
        #expect(try await store.pin(for: key) == nil)
        let digests = (0..<50).map { BlobDigest.of([UInt8($0)]) }
        let winners = try await withThrowingTaskGroup(of: BlobDigest.self) { group in
            for digest in digests {
                group.addTask { try await store.pin(key, to: digest) }
            }
            return try await group.reduce(into: Set<BlobDigest>()) { $0.insert($1) }
        }
        let winner = try #require(winners.first)
        #expect(winners.count == 1)
        #expect(digests.contains(winner))
        #expect(try await store.pin(for: key) == winner)
        #expect(try await store.pin(key, to: .of([99])) == winner)
        #expect(try await store.pin(for: Samples.artifact("other.whl")) == nil)
    }

    package func events() async throws {
        let store = try await store()
        #expect(try await store.recent(limit: 5) == [])
        let events = StoredEvent.Kind.allCases.enumerated().map {
            StoredEvent(
                kind: $0.element, at: Int64($0.offset), upstream: "pypi",
                subject: "simple/p\($0.offset)/ \u{2713}")
        }
        for event in events { try await store.record(event) }
        #expect(try await store.recent(limit: 100) == events.reversed())
        #expect(try await store.recent(limit: 2) == Array(events.reversed().prefix(2)))
        #expect(try await store.recent(limit: 0) == [])
    }

    /// Many writers at once: every one of them finds what it stored as soon as it was told so.
    package func manyWriters() async throws {
        let store = try await store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<300 {
                group.addTask {
                    let key = Samples.document("simple/p\(index)/")
                    let response = Samples.response(key, body: "\(index)", byteCount: index)
                    try await store.store(response, facts: [])
                    #expect(try await store.response(for: key) == response)
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try await store.totals() == StoreTotals(responseCount: 300, byteCount: 299 * 300 / 2))
    }
}
