import Digests
import Engine
import HTTPModel
import Resources
import Testing

/// Several digests that are promised for one file.
@Suite(.timeLimit(.minutes(5))) struct PromisedDigestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let promised: [Digest]
        let isFulfilled: Bool
    }

    private static let content = Array("content".utf8)

    private static func digest(_ algorithm: DigestAlgorithm, of text: String = "content") -> Digest
    {
        guard var hasher = try? Hasher(algorithm) else { preconditionFailure("no \(algorithm)") }
        hasher.update(Array(text.utf8))
        return hasher.finish()
    }

    static let rows: [Row] = [
        .init(testDescription: "nothing", promised: [], isFulfilled: true),
        .init(testDescription: "one", promised: [digest(.sha512)], isFulfilled: true),
        .init(
            testDescription: "a wrong one", promised: [digest(.sha1, of: "x")], isFulfilled: false),
        .init(
            testDescription: "one of two, the second",
            promised: [digest(.sha512, of: "x"), digest(.sha512)], isFulfilled: true),
        .init(
            testDescription: "none of two",
            promised: [digest(.sha512, of: "x"), digest(.sha512, of: "y")], isFulfilled: false),
        .init(
            testDescription: "of two algorithms, one is wrong",
            promised: [digest(.sha512), digest(.sha1, of: "x")], isFulfilled: false),
        .init(
            testDescription: "of two algorithms, each with an alternative",
            promised: [
                digest(.sha1, of: "x"), digest(.sha512), digest(.sha1), digest(.sha512, of: "y"),
            ], isFulfilled: true),
    ]

    @Test("M-7: any of one algorithm, all algorithms", arguments: rows)
    func anyOf(_ row: Row) throws {
        var hasher = try MultiHasher(also: row.promised.map(\.algorithm))
        hasher.update(Self.content)
        let fact = FileFact(artifact: "p/a", url: TestAdapter.url("/a"), digests: row.promised)
        #expect(fact.isFulfilled(by: hasher.finish()) == row.isFulfilled)
    }

    @Test("an algorithm that was not computed fulfils nothing")
    func notComputed() throws {
        let fact = FileFact(
            artifact: "p/a", url: TestAdapter.url("/a"), digests: [Self.digest(.sha512)])
        let computed = try MultiHasher().finish()
        #expect(!fact.isFulfilled(by: computed))
    }

    @Test("a file with alternatives is stored under the one that it has, and judged by that")
    func alternatives() async throws {
        let file = TestFile("p/a.tgz", byteCount: 500)
        let other = TestFile("p/a.tgz", byteCount: 501)
        @Sendable func page(_ digests: String) -> FakeUpstream.Script {
            document("a.tgz \(digests) - 0")
        }
        let bench = LineAdapter().bench()
        let url = "\(TestAdapter.root)/doc/p"
        bench.upstream.set(url, page("\(other.digest.hex),\(file.digest.hex)"))
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        try await Bench.run(bench) { bench in
            let first = try await bench.get("/s/doc/p")
            #expect(first.status == 200)
            #expect(try await bench.get("/s/file/p/a.tgz").body == file.bytes)
            let warm = try await bench.get("/s/file/p/a.tgz")
            #expect(warm.field("ETag") == "\"\(file.digest.hex)\"")
            bench.time.advance(seconds: 301)
            bench.upstream.set(url, page(file.digest.hex))
            _ = try await bench.get("/s/doc/p")
            #expect(try await bench.get("/s/file/p/a.tgz").field("Cache-Status") == "larder; hit")
            bench.time.advance(seconds: 301)
            bench.upstream.set(url, page(other.digest.hex))
            _ = try await bench.get("/s/doc/p")
            #expect(try await bench.get("/s/file/p/a.tgz").status == 502)
        }
    }
}
