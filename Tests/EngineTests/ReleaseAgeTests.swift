import Engine
import HTTPModel
import Policy
import Support
import Testing

/// A release that is too young is not there, and comes by itself.
@Suite(.timeLimit(.minutes(5))) struct ReleaseAgeTests {
    /// The bench's clock begins at 1,000,000 and its second release, of 2020-10-10T12:34:56Z, is
    /// three days old then.
    private static let start: Int64 = 1_602_333_296 + 3 * 86_400 - 1_000_000

    private static func bench(_ text: String) throws -> Bench {
        let book = PolicySweepTests.book()
        book.adopt(try PolicySweepTests.rules(text))
        let bench = Bench(mounts: NPMBench.mounts(), policy: book)
        bench.upstream.set(
            NPMBench.url(of: "n"), NPMBench.answer(NPMBench.packument("n"), tag: "\"1\""))
        bench.upstream.set(NPMBench.tarball(of: "n"), .init(pieces: NPMBench.file.pieces))
        // What a lock file's request reads first has no dates.
        bench.upstream.set(
            NPMBench.registry + "n/1.1.0",
            NPMBench.answer(NPMBench.manifest("n", "1.1.0", "\"shasum\":\"00\"")))
        bench.time.advance(seconds: start)
        return bench
    }

    @Test("index and file change in the same second, and nobody keeps the index for longer")
    func age() async throws {
        try await Bench.run(try Self.bench("minimum_age: {npm: 4d}")) { bench in
            bench.time.advance(seconds: 86_400 - 100)
            // The whole document is asked for, since the smaller one has no date.
            let early = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(early.status == 403)
            #expect(early.text.contains("it is served from 2020-10-14T12:34:56Z on"))
            let hidden = try await bench.get("/npm/n") { $0.accept = NPMBench.abbreviated }
            #expect(hidden.text.contains("\"latest\":\"1.0.0\""))
            #expect(!hidden.text.contains("1.1.0"))
            #expect(hidden.field("Cache-Control") == "public, max-age=100")
            bench.time.advance(seconds: 99)
            #expect(try await bench.get("/npm/n/-/n-1.1.0.tgz").status == 403)
            #expect(try await bench.get("/npm/n").text.contains("\"1.1.0\":{") == false)
            bench.time.advance(seconds: 1)
            #expect(try await bench.get("/npm/n/-/n-1.1.0.tgz").status == 200)
            let shown = try await bench.get("/npm/n") { $0.accept = NPMBench.abbreviated }
            #expect(shown.text.contains("\"latest\":\"1.1.0\""))
            #expect(shown.field("ETag") != hidden.field("ETag"))
        }
    }

    @Test("nothing left is an error that says why, and ends with the age")
    func nothingLeft() async throws {
        try await Bench.run(try Self.bench("minimum_age: {npm: 30d}")) { bench in
            let got = try await bench.get("/npm/n")
            #expect(got.status == 403)
            #expect(got.text.contains("refused by policy (minimum-age)"))
            bench.time.advance(seconds: 30 * 86_400)
            #expect(try await bench.get("/npm/n").status == 200)
        }
    }

    @Test("a file that no document names any more counts from when it came")
    func unlisted() async throws {
        try await Bench.run(try Self.bench("minimum_age: {npm: 1d}")) { bench in
            let got1 = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(got1.status == 200)
            await bench.idle()
            bench.upstream.set(
                NPMBench.url(of: "n"),
                NPMBench.answer(
                    #"{"name":"n","versions":{"1.0.0":{"dist":{"shasum":"#
                        + #""da39a3ee5e6b4b0d3255bfef95601890afd80709","tarball":"#
                        + #""https://registry.example/n/-/n-1.0.0.tgz"}}},"#
                        + #""time":{"1.0.0":"2020-10-09T00:00:00.000Z"}}"#, tag: "\"2\""))
            bench.time.advance(seconds: 3_600)
            #expect(try await bench.get("/npm/n").text.contains("1.1.0") == false)
            let got2 = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(got2.status == 403)
            bench.time.advance(seconds: 86_400)
            let got3 = try await bench.get("/npm/n/-/n-1.1.0.tgz")
            #expect(got3.status == 200)
        }
    }
}
