import Ecosystems
import Engine
import HTTPModel
import Synchronization
import Testing

/// Tags, dates and freshness of documents, as their adapter wants them.
@Suite(.timeLimit(.minutes(5))) struct VariantTests {
    private static let url = "\(TestAdapter.root)/doc/p"
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let page = document("time 784111777", "a.tgz 00 1 0", "b.tgz 00 1 0")

    private func bench(_ adapter: LineAdapter = LineAdapter()) -> Bench {
        let bench = adapter.bench()
        bench.upstream.set(Self.url, Self.page)
        return bench
    }

    @Test("a weak tag is one for all codings, another for each variant, and says so")
    func weakTags() async throws {
        try await Bench.run(bench()) { bench in
            let plain = try await bench.get("/s/doc/p")
            let coded = try await bench.get("/s/doc/p") { $0.acceptEncoding = "gzip" }
            let other = try await bench.get("/s/doc/p/a.tgz")
            #expect(plain.field("ETag")?.hasPrefix("W/\"") == true)
            #expect(coded.field("Content-Encoding") == "gzip" && coded.body != plain.body)
            #expect(coded.field("ETag") == plain.field("ETag"))
            #expect(other.field("ETag") != plain.field("ETag"))
            #expect(other.text == "a.tgz 00 1 0")
            let tag = plain.field("ETag")
            let strong = String(tag?.dropFirst(2) ?? "")
            for tags in [tag, "\"x\", \(strong)", "*"] {
                let same = try await bench.get("/s/doc/p") { $0.ifNoneMatch = tags }
                #expect(same.status == 304)
                #expect(same.field("ETag") == tag)
                #expect(same.field("Last-Modified") == Self.date)
            }
            let changed = try await bench.get("/s/doc/p/a.tgz") { $0.ifNoneMatch = tag }
            #expect(changed.status == 200)
        }
    }

    struct DateRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tags: DocumentTags
        let since: String
        let status: Int
    }

    static let dates: [DateRow] = [
        .init(testDescription: "weak tags, same date", tags: .weak, since: date, status: 200),
        .init(testDescription: "strong tags, same date", tags: .strong, since: date, status: 304),
        .init(
            testDescription: "strong tags, earlier date", tags: .strong,
            since: "Sun, 06 Nov 1994 08:49:36 GMT", status: 200),
    ]

    @Test(
        "Last-Modified is sent; If-Modified-Since alone counts with strong tags", arguments: dates)
    func lastModified(_ row: DateRow) async throws {
        try await Bench.run(bench(LineAdapter(documentTags: row.tags))) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.field("Last-Modified") == Self.date)
            let got = try await bench.get("/s/doc/p") { $0.ifModifiedSince = row.since }
            #expect(got.status == row.status)
            #expect(got.field("Last-Modified") == Self.date)
            let undated = try await bench.get("/s/doc/p/a.tgz")
            #expect(undated.field("Last-Modified") == Self.date)
        }
    }

    @Test("strong tags are those of the bytes sent")
    func strongTags() async throws {
        try await Bench.run(bench(LineAdapter(documentTags: .strong))) { bench in
            let plain = try await bench.get("/s/doc/p")
            let coded = try await bench.get("/s/doc/p") { $0.acceptEncoding = "gzip" }
            #expect(plain.field("ETag")?.hasPrefix("\"") == true)
            #expect(plain.field("ETag") != coded.field("ETag"))
        }
    }

    @Test("what is not storable is no-store for clients, and stored here all the same")
    func notStorable() async throws {
        try await Bench.run(bench()) { bench in
            for _ in 0..<2 {
                let got = try await bench.get("/s/secret/p")
                #expect(got.status == 200)
                #expect(got.field("Cache-Control") == "no-store")
            }
            #expect(try await bench.get("/s/doc/p").field("Cache-Control") == "public, max-age=300")
            #expect(bench.upstream.requestCount == 1)
        }
    }

    @Test(
        "a fixed lifetime holds, whatever the upstream says",
        arguments: [
            ("search", Int64(60)), ("keys", 86_400),
        ])
    func fixedFreshness(_ row: (name: String, seconds: Int64)) async throws {
        let url = "\(TestAdapter.root)/doc/\(row.name):x"
        var script = document("a")
        script.headers = [("cache-control", "max-age=200")]
        let bench = LineAdapter().bench()
        bench.upstream.set(url, script)
        try await Bench.run(bench) { bench in
            let path = "/s/\(row.name)/x"
            let cold = try await bench.get(path)
            #expect(cold.field("Cache-Control") == "public, max-age=\(row.seconds)")
            bench.time.advance(seconds: row.seconds - 1)
            #expect(try await bench.get(path).field("Cache-Control") == "public, max-age=1")
            #expect(bench.upstream.requestCount == 1)
            bench.time.advance(seconds: 1)
            _ = try await bench.get(path)
            #expect(bench.upstream.requestCount == 2)
        }
    }
}
