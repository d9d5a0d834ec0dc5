import Backends
import Digests
import HTTPModel
import Resources
import Testing

extension MetadataConformance {
    private typealias Samples = MetadataSamples

    /// An acceptance holds until its end, and is taken once, also when many ask at once.
    package func acceptances() async throws {
        let store = try await store()
        let key = Samples.document("simple/example/")
        #expect(try await store.isAccepted(key, at: 0) == false)
        #expect(try await store.takeAcceptance(of: key, at: 0) == false)

        try await store.accept(key, until: 100)
        #expect(try await store.isAccepted(key, at: 99))
        #expect(try await store.isAccepted(key, at: 100) == false)
        #expect(try await store.isAccepted(Samples.document("simple/other/"), at: 0) == false)
        #expect(try await store.takeAcceptance(of: key, at: 100) == false)
        #expect(try await store.takeAcceptance(of: key, at: 0) == false)

        try await store.accept(key, until: 50)
        try await store.accept(key, until: 200)
        #expect(try await store.isAccepted(key, at: 150))
        let takers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { try await store.takeAcceptance(of: key, at: 150) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(takers == 1)
        #expect(try await store.isAccepted(key, at: 150) == false)
    }

    /// What is held back now: the rows that say so, whichever call wrote them.
    package func heldBack() async throws {
        let store = try await store()
        let keys = ["c", "a", "b"].map { Samples.document("simple/\($0)/") }
        for key in keys { try await store.store(Samples.response(key), facts: []) }
        #expect(try await store.heldBack(limit: 10) == [])

        var stored = Samples.response(keys[0])
        stored.heldBack = "shrunk"
        try await store.store(stored, facts: [])
        var freshened = Samples.response(keys[1])
        freshened.heldBack = "older"
        try await store.freshen(freshened)
        #expect(try await store.heldBack(limit: 10) == [freshened, stored])
        #expect(try await store.heldBack(limit: 1) == [freshened])
        #expect(try await store.heldBackCount(limit: 10) == 2)
        #expect(try await store.heldBackCount(limit: 1) == 1)
        #expect(try await store.heldBack(limit: 10).map(\.heldBack) == ["older", "shrunk"])

        freshened.heldBack = nil
        try await store.freshen(freshened)
        #expect(try await store.heldBack(limit: 10) == [stored])
        try await store.store(Samples.response(keys[0]), facts: [])
        #expect(try await store.heldBack(limit: 10) == [])
        try await store.store(stored, facts: [])
        try await store.remove(keys[0])
        #expect(try await store.heldBack(limit: 10) == [])
    }

    /// The renderings of a document's bytes, and nothing else that ends alike.
    package func renderings() async throws {
        let store = try await store()
        let raw = BlobDigest.of([1])
        let recipes = ["pypi 3 json gzip", "pypi 3 html"]
        let wanted = recipes.map { CacheKey(renderingOf: raw.hex, recipe: $0) }
        let others = [
            CacheKey(renderingOf: BlobDigest.of([2]).hex, recipe: recipes[0]),
            Samples.document("simple/ \(raw.hex)"), Samples.artifact(raw.hex),
        ]
        #expect(try await store.renderings(of: raw) == [])
        for key in wanted + others { try await store.store(Samples.response(key), facts: []) }
        #expect(Set(try await store.renderings(of: raw).map(\.key)) == Set(wanted))
    }

    /// Changes come in their order, in batches, each once.
    package func changes() async throws {
        let store = try await store()
        let nothing = try await store.changes(after: 0)
        #expect(nothing == ChangeLog(changes: [], last: 0, isComplete: true))
        #expect(try await store.newestChange() == 0)
        #expect(try await store.orders(after: 0) == nothing)
        let kinds = Change.Kind.allCases
        let all = (0..<Change.batchCount + 5).map { index in
            Change(
                kind: kinds[index % kinds.count], key: Samples.document("simple/p\(index)/"),
                released: index.isMultiple(of: 2) ? .of([UInt8(index % 251)]) : nil)
        }
        for change in all { try await store.note(change, at: 1_000) }
        let first = try await store.changes(after: 0)
        #expect(first.changes == Array(all.prefix(Change.batchCount)))
        #expect(first.isComplete)
        let second = try await store.changes(after: first.last)
        #expect(second.changes == Array(all.suffix(5)))
        #expect(second.isComplete)
        let end = try await store.changes(after: second.last)
        #expect(end == ChangeLog(changes: [], last: second.last, isComplete: true))
        #expect(try await store.newestChange() == second.last)
        // What a server is told that starts: the changes of rows are in the rows.
        let orders = try await store.orders(after: 0)
        #expect(orders.changes == all.filter { $0.kind != .changed })
        #expect(try await store.orders(after: orders.last).changes == [])
    }

    /// Old changes go, and who had not read them is told so.
    package func oldChanges() async throws {
        let store = try await store()
        let start = try await store.changes(after: 0).last
        let changes = (0..<4).map {
            Change(kind: .changed, key: Samples.document("simple/p\($0)/"))
        }
        try await store.note(changes[0], at: 1_000)
        let early = try await store.changes(after: start).last
        try await store.note(changes[1], at: 1_001)
        try await store.note(changes[2], at: 1_001 + Change.keptSeconds)
        let read = try await store.changes(after: early)
        #expect(read.changes == [changes[1], changes[2]])
        #expect(read.isComplete)
        #expect(try await store.changes(after: start).isComplete == false)

        try await store.note(changes[3], at: 9_999 + 2 * Change.keptSeconds)
        let late = try await store.changes(after: early)
        #expect(late.changes == [changes[3]])
        #expect(late.isComplete == false)
        // Whoever was told so is up to date from then on.
        #expect(
            try await store.changes(after: late.last)
                == ChangeLog(changes: [], last: late.last, isComplete: true))
        #expect(try await store.changes(after: read.last).isComplete)
    }

    /// A reader that follows the log while many write misses nothing and reads nothing twice.
    package func changesOfManyWriters() async throws {
        let store = try await store()
        let count = 200
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                group.addTask {
                    let key = Samples.document("simple/p\(index)/")
                    try await store.note(Change(kind: .purged, key: key), at: 1_000)
                }
            }
            var seen: [CacheKey] = []
            var last: Int64 = 0
            while seen.count < count {
                let log = try await store.changes(after: last)
                #expect(log.isComplete)
                seen += log.changes.map(\.key)
                last = log.last
                await Task.yield()
            }
            #expect(Set(seen).count == count)
            try await group.waitForAll()
            #expect(try await store.changes(after: last).changes == [])
        }
    }

    package func drills() async throws {
        let store = try await store()
        #expect(try await store.drills() == [])
        try await store.beginDrill(["pypi", "helm/acme"], at: 10)
        try await store.beginDrill(["npm", "pypi"], at: 20)
        let all = [("helm/acme", 10), ("npm", 20), ("pypi", 10)]
            .map { Drill(upstream: $0.0, beganAt: Int64($0.1)) }
        #expect(try await store.drills() == all)
        try await store.endDrill(["helm/acme", "none"])
        #expect(try await store.drills() == Array(all.dropFirst()))
        try await store.endDrill(["npm", "pypi"])
        #expect(try await store.drills() == [])
    }

    /// An upstream has one open outage at most; its row is closed by the next end, whoever asks.
    package func outages() async throws {
        let store = try await store()
        #expect(try await store.endOutage(of: "pypi", at: 1, servedCount: 1) == nil)
        #expect(try await store.openOutages() == [])
        try await store.beginOutage(of: "pypi", at: 10)
        try await store.beginOutage(of: "npm", at: 20)
        try await store.beginOutage(of: "pypi", at: 30)
        func open(_ upstream: String, _ beganAt: Int64) -> Outage {
            Outage(upstream: upstream, beganAt: beganAt, endedAt: nil, servedCount: 0)
        }
        #expect(try await store.openOutages() == [open("npm", 20), open("pypi", 10)])
        for count in [3, 1] { try await store.countServed(count, inOutageOf: "pypi") }
        try await store.countServed(9, inOutageOf: "none")
        #expect(try await store.openOutages().map(\.servedCount) == [0, 4])
        let ended = Outage(upstream: "pypi", beganAt: 10, endedAt: 40, servedCount: 7)
        #expect(try await store.endOutage(of: "pypi", at: 40, servedCount: 3) == ended)
        try await store.countServed(9, inOutageOf: "pypi")
        #expect(try await store.endOutage(of: "pypi", at: 50, servedCount: 9) == nil)
        try await store.beginOutage(of: "pypi", at: 60)
        #expect(
            try await store.outages(limit: 10) == [open("pypi", 60), open("npm", 20), ended])
        #expect(try await store.outages(limit: 1) == [open("pypi", 60)])
        #expect(try await store.openOutages() == [open("npm", 20), open("pypi", 60)])
    }
}
