package import Backends
import Digests
import HTTPModel
package import Resources
import Testing

/// What every catalogue promises; each back end runs these with a fresh, empty one.
package struct CatalogueConformance: Sendable {
    package typealias Store = any MetadataStore & Inventory & Catalogue

    /// Opens a database by its name, which is a new one where nobody did before; it reads packages
    /// with ``coordinates``, or none without `reads`.
    private let open: @Sendable (_ name: String, _ reads: Bool) async throws -> Store

    /// Makes all rows of that database the backlog, as the migration does.
    private let begin: @Sendable (_ name: String) async throws -> Void

    /// Adds so many packages to that database, called `filler-1` and so on.
    private let fill: @Sendable (_ name: String, _ count: Int) async throws -> Void

    package init(
        open: @escaping @Sendable (_ name: String, _ reads: Bool) async throws -> Store,
        beginBacklog: @escaping @Sendable (_ name: String) async throws -> Void,
        fill: @escaping @Sendable (_ name: String, _ count: Int) async throws -> Void
    ) {
        self.open = open
        begin = beginBacklog
        self.fill = fill
    }

    /// Files are called `<package>/<version>`; what has no slash is of no package.
    package static let coordinates: PackageCoordinates.Reader = { _, artifact in
        let parts = artifact.split(separator: "/")
        guard parts.count == 2 else { return nil }
        return PackageCoordinates(name: String(parts[0]), version: String(parts[1]))
    }

    package static func file(
        _ name: String, byteCount: Int = 10, at second: Int64 = 100, of ecosystem: String = "pypi"
    ) -> StoredResponse {
        let upstream = UpstreamIdentity(
            ecosystem: ecosystem, name: ecosystem, location: "https://\(ecosystem).example/")
        return StoredResponse(
            key: CacheKey(.artifact(name), of: upstream), kind: .artifact, headers: Headers(),
            body: .of(Array(name.utf8)), byteCount: byteCount, entityTag: nil, storedAt: second,
            validatedAt: second, lifetimeSeconds: 0)
    }

    /// Packages follow what is stored, replaced and removed, however that happens.
    package func packages() async throws {
        let store = try await open("packages", true)
        let first = Self.file("a/1", byteCount: 10, at: 100)
        let second = Self.file("a/2", byteCount: 30, at: 300)
        for file in [first, second, Self.file("b/1", byteCount: 50, at: 200)] {
            try await store.store(file, facts: [])
        }
        try await store.store(Self.file("no-package"), facts: [])
        try await store.store(MetadataSamples.response(MetadataSamples.document("a/3")), facts: [])
        #expect(try await store.packageCount(limit: 10) == 2)
        #expect(try await store.packageCount(limit: 1) == 1)
        #expect(try await store.newestPackages(limit: 9).map(\.name) == ["a", "b"])
        #expect(try await store.largestPackages(limit: 9).map(\.name) == ["b", "a"])
        #expect(
            try await store.newestPackages(limit: 1) == [
                StoredPackage(
                    ecosystem: "pypi", location: "https://pypi.example/", name: "a", fileCount: 2,
                    byteCount: 40, newestAt: 300, newestVersion: "2")
            ])
        let files = try await store.files(ofPackage: "a", in: "pypi", limit: 9)
        #expect(files.map(\.response) == [second, first])
        #expect(try await store.files(ofPackage: "a", in: "npm", limit: 9).isEmpty)

        // Stored again, with another size.
        try await store.store(Self.file("a/1", byteCount: 100, at: 400), facts: [])
        #expect(try await store.largestPackages(limit: 1).map(\.byteCount) == [130])
        #expect(try await store.largestPackages(limit: 1).map(\.fileCount) == [2])
        try await store.remove(second.key)
        _ = try await store.purge([Self.file("b/1").key], at: 500)
        #expect(try await store.packageCount(limit: 10) == 1)
        let rest = try await store.rows(after: nil, limit: 10).rows
        let row = try #require(rest.first { $0.response.key == first.key })
        #expect(try await store.remove([row]).rows == [row])
        #expect(try await store.newestPackages(limit: 9).isEmpty)

        try await store.take(rows: [StoredRow(response: second, usedAt: 900)])
        #expect(try await store.newestPackages(limit: 9).map(\.fileCount) == [1])
    }

    /// A part of a name finds it, in any spelling, the nearest first, of all ecosystems.
    package func search() async throws {
        let store = try await open("search", true)
        for name in ["Flask", "flask-login", "pytest-flask", "zope.interface", "100%_sure"] {
            try await store.store(Self.file("\(name)/1"), facts: [])
        }
        try await store.store(Self.file("flask/1", of: "npm"), facts: [])
        func found(_ text: String, limit: Int = 50) async throws -> [String] {
            try await store.packages(
                holding: PackageCoordinates.folded(text), among: 1_000, limit: limit
            )
            .map { "\($0.ecosystem) \($0.name)" }
        }
        #expect(
            try await Set(found("FLASK").prefix(2)) == ["pypi Flask", "npm flask"])
        #expect(
            try await found("flask").suffix(2) == ["pypi flask-login", "pypi pytest-flask"])
        #expect(try await found("flask", limit: 3).count == 3)
        #expect(try await found("zope-int") == ["pypi zope.interface"])
        // Signs that mean something in patterns mean themselves.
        #expect(try await found("%") == ["pypi 100%_sure"])
        #expect(try await found("0%_s") == ["pypi 100%_sure"])
        #expect(try await found("lo_in").isEmpty)
    }

    /// However many packages there are, a search looks at no more names than its limit: those that
    /// came last, and by the index all that begin with the text.
    package func boundedSearch() async throws {
        let store = try await open("many", true)
        try await store.store(Self.file("x-oldest/1"), facts: [])
        let count = 20_000
        try await fill("many", count - 1)
        func found(_ text: String) async throws -> [String] {
            try await store.packages(holding: text, among: count, limit: 5).map(\.name)
        }
        #expect(try await found("oldest") == ["x-oldest"])
        try await store.store(Self.file("x-newest/1"), facts: [])
        #expect(try await found("newest") == ["x-newest"])
        #expect(try await found("oldest").isEmpty)
        #expect(try await found("x-") == ["x-newest", "x-oldest"])
        #expect(try await found("ller-19999") == ["filler-19999"])
        #expect(try await found("filler").count == 5)
    }

    /// What was stored before there was a catalogue is entered bit by bit, and once.
    package func backlog() async throws {
        let count = 1_203
        let old = try await open("backlog", false)
        try await old.take(
            rows: (0..<count).map {
                StoredRow(response: Self.file("p\($0 / 10)/\($0)", byteCount: 1), usedAt: 1)
            })
        #expect(try await old.packageCount(limit: 10_000) == 0)
        let store = try await open("backlog", true)
        // What one stores now is entered at once, whatever is left to be done.
        try await store.store(Self.file("p0/0", byteCount: 1), facts: [])
        #expect(try await store.newestPackages(limit: 9).map(\.fileCount) == [1])
        try await begin("backlog")
        var rounds = 0
        while try await store.enterBacklog() { rounds += 1 }
        #expect(rounds >= 2)
        #expect(try await store.packageCount(limit: 10_000) == 121)
        #expect(
            try await store.packages(holding: "p0", among: 1_000, limit: 1).map(\.fileCount) == [10]
        )
        #expect(try await store.enterBacklog() == false)
    }

    /// Hours add up, from several servers, and old ones go.
    package func traffic() async throws {
        let store = try await open("traffic", true)
        var traffic = Traffic()
        traffic.requestCount = 10
        traffic.hitCount = 9
        traffic.servedBytes = 1 << 40
        traffic.upstreamRequestCount = 1
        traffic.upstreamBytes = 100
        traffic.outageRequestCount = 2
        try await store.add(traffic, toHour: 1_000)
        try await store.add(traffic, toHour: 1_001)
        try await store.add(traffic, toHour: 1_001)
        var twice = traffic
        twice += traffic
        #expect(
            try await store.traffic(sinceHour: 0) == [
                HourlyTraffic(hour: 1_000, traffic: traffic),
                HourlyTraffic(hour: 1_001, traffic: twice),
            ])
        #expect(try await store.traffic(sinceHour: 1_001).map(\.hour) == [1_001])
        try await store.add(traffic, toHour: 1_000 + Traffic.keptHours)
        #expect(
            try await store.traffic(sinceHour: 0).map(\.hour) == [1_001, 1_000 + Traffic.keptHours])
    }
}
