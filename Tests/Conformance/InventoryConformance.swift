package import Backends
import Digests
import HTTPModel
import Resources
import Testing

/// What every metadata database promises to those who read or move all of it.
package struct InventoryConformance: Sendable {
    private typealias Samples = MetadataSamples
    package typealias Store = MetadataStore & Inventory

    /// Makes a fresh, empty database.
    package let store: @Sendable () async throws -> any Store

    package init(store: @escaping @Sendable () async throws -> any Store) {
        self.store = store
    }

    /// All of what `read` gives page by page, and how many pages that were.
    private func all<Row, Mark>(
        _ read: (Mark?) async throws -> RowPage<Row, Mark>
    ) async throws -> (rows: [Row], pageCount: Int) {
        var rows: [Row] = []
        var mark: Mark?
        var count = 0
        repeat {
            let page = try await read(mark)
            rows += page.rows
            mark = page.next
            count += 1
        } while mark != nil && count < 100
        return (rows, count)
    }

    /// Every row comes once, by keys, by bodies and by use, however large the pages are.
    package func pages() async throws {
        let store = try await store()
        // A key that is a beginning of others, and bytes past ASCII.
        let names = ["b", "a", "a/b", "a\u{E9}", "z"]
        for (index, name) in names.enumerated() {
            let body = ["x", "y"][index % 2]
            try await store.store(
                Samples.response(Samples.document(name), body: body, storedAt: 100), facts: [])
        }
        let keys = names.map { Samples.document($0).text }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for limit in [1, 2, 5, 9] {
            let byKey = try await all { try await store.rows(after: $0, limit: limit) }
            #expect(byKey.rows.map(\.response.key.text) == keys, "\(limit)")
            #expect(byKey.rows.allSatisfy { $0.usedAt == 100 })
            let byBody = try await all { try await store.rows(afterBody: $0, limit: limit) }
            #expect(Set(byBody.rows.map(\.response.key.text)) == Set(keys))
            #expect(byBody.rows.map(\.response.body) == byBody.rows.map(\.response.body).sorted())
            let byUse = try await all {
                try await store.leastRecentlyUsed(.document, after: $0, limit: limit)
            }
            #expect(byUse.rows.count == keys.count)
            #expect(Set(byUse.rows.map(\.response.key.text)) == Set(keys))
        }
        let missing = BlobDigest.of([9])
        let known = BlobDigest.of(Array("x".utf8))
        #expect(try await store.referenced([known, missing, known]) == [known])
        #expect(try await store.referenced([]) == [])
    }

    /// What one database gives another takes, and taking it twice changes nothing.
    package func moving() async throws {
        let (old, new) = (try await store(), try await store())
        let document = Samples.document("simple/example/")
        let facts = try ["one.whl", "two.whl"].map { try #require(Samples.fact($0)) }
        try await old.store(Samples.response(document), facts: facts)
        try await old.record([document: 7_777])
        _ = try await old.pin(Samples.artifact("one.whl"), to: .of([1]))
        _ = try await old.pin(Samples.artifact("two.whl"), to: .of([2]))
        try await old.accept(document, until: 50)
        for _ in 0..<2 {
            try await new.take(rows: try await old.rows(after: nil, limit: 9).rows)
            let moved = try await all { try await old.facts(after: $0, limit: 1) }
            #expect(moved.rows.map(\.fact) == facts)
            try await new.take(facts: moved.rows)
            let pins = try await all { try await old.pins(after: $0, limit: 1) }
            #expect(try await new.take(pins: pins.rows) == [])
            #expect(pins.rows.count == 2)
        }
        #expect(try await old.acceptances() == [StoredAcceptance(document: document, endsAt: 50)])
        #expect(try await new.rows(after: nil, limit: 9) == old.rows(after: nil, limit: 9))
        #expect(try await new.rows(after: nil, limit: 9).rows.map(\.usedAt) == [7_777])
        #expect(try await new.facts(after: nil, limit: 9) == old.facts(after: nil, limit: 9))
        #expect(try await new.earliestPublication(in: document) == 7)
        #expect(try await new.totals() == StoreTotals(responseCount: 1, byteCount: 100))
        let prefix = String(document.text.dropLast(3))
        #expect(
            try await new.totals(ofKeys: prefix) == StoreTotals(responseCount: 1, byteCount: 100))
        #expect(
            try await new.totals(ofKeys: prefix + "!")
                == StoreTotals(responseCount: 0, byteCount: 0))
        #expect(try await new.pin(for: Samples.artifact("two.whl")) == .of([2]))
    }

    /// A row goes by what was read of it, once, and not when it was used or stored since.
    package func removal() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        try await store.store(Samples.response(key, storedAt: 100), facts: [])
        let read = try #require(try await store.rows(after: nil, limit: 9).rows.first)
        try await store.record([key: 200])
        #expect(try await store.remove([read]).rows == [])
        let used = try #require(try await store.rows(after: nil, limit: 9).rows.first)
        try await store.store(Samples.response(key, body: "newer", storedAt: 150), facts: [])
        #expect(try await store.remove([used]).rows == [])
        #expect(try await store.totals().responseCount == 1)
        let last = try #require(try await store.rows(after: nil, limit: 9).rows.first)
        let removal = try await store.remove([last])
        #expect(removal.rows == [last])
        #expect(removal.released == [last.response.body])
        #expect(try await store.remove([last]).rows == [])
        #expect(try await store.totals() == StoreTotals(responseCount: 0, byteCount: 0))
    }

    /// Many rows go at once: those that may, and of their bodies those that nobody else has.
    package func removalOfMany() async throws {
        let store = try await store()
        let keys = (0..<300).map { Samples.artifact("many\($0).whl") }
        // Two and two have one body.
        for (number, key) in keys.enumerated() {
            let response = Samples.response(key, body: "body \(number / 2)", storedAt: 100)
            try await store.store(response, facts: [])
        }
        let rows = try await store.rows(after: nil, limit: 1_000).rows
            .sorted { $0.response.body.hex < $1.response.body.hex }
        #expect(rows.count == 300)
        let used = rows[0].response
        try await store.record([used.key: 200])
        let removal = try await store.remove(rows.dropLast())
        #expect(removal.rows == Array(rows[1..<299]))
        let kept: Set = [used.body, rows[299].response.body]
        #expect(removal.released == Set(rows.map(\.response.body)).subtracting(kept))
        #expect(try await store.totals().responseCount == 2)
        #expect(try await store.remove([]).rows == [])
    }

    /// A pin that is there holds, and a row that was validated later stays.
    package func conflicts() async throws {
        let store = try await store()
        let (one, two) = (Samples.artifact("one.whl"), Samples.artifact("two.whl"))
        _ = try await store.pin(one, to: .of([1]))
        let taken = try await store.take(pins: [
            StoredPin(artifact: one, digest: .of([9])), StoredPin(artifact: two, digest: .of([2])),
        ])
        #expect(taken == [StoredPin(artifact: one, digest: .of([1]))])
        #expect(try await store.pin(for: one) == .of([1]))
        #expect(try await store.pin(for: two) == .of([2]))

        let key = Samples.document("simple/example/")
        let newer = Samples.response(key, body: "newer", storedAt: 2_000)
        try await store.store(newer, facts: [])
        try await store.take(rows: [StoredRow(response: Samples.response(key), usedAt: 9)])
        #expect(try await store.response(for: key) == newer)
        let newest = Samples.response(key, body: "newest", byteCount: 7, storedAt: 3_000)
        try await store.take(rows: [StoredRow(response: newest, usedAt: 9)])
        #expect(try await store.response(for: key) == newest)
        #expect(try await store.totals() == StoreTotals(responseCount: 1, byteCount: 7))
    }
}
