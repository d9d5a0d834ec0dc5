import Digests
import Engine
import HTTPModel
import Testing

/// A page that later promises digests of other algorithms for a file that is stored.
@Suite(.timeLimit(.minutes(5))) struct StrongerDigestTests {
    private static let bytes = TestFile("x", byteCount: 3_000).bytes

    struct Row: Sendable, CustomTestStringConvertible {
        let first: String
        let later: String
        let isKept: Bool

        var testDescription: String { "\(first) → \(later)" }
    }

    static let rows: [Row] = [
        .init(first: "md5", later: "md5 sha256", isKept: true),
        .init(first: "md5", later: "sha256", isKept: true),
        .init(first: "md5", later: "md5 sha256 sha512", isKept: true),
        .init(first: "sha256", later: "sha256 sha512", isKept: true),
        .init(first: "sha256 sha512", later: "sha256", isKept: true),
        .init(first: "sha256", later: "", isKept: true),
        .init(first: "sha512", later: "sha512", isKept: true),
        .init(first: "md5", later: "md5 sha256!", isKept: false),
        .init(first: "sha512", later: "sha256! sha512", isKept: false),
        .init(first: "sha256", later: "sha256! md5", isKept: false),
        // Whether the stored bytes have that one is not known without reading them.
        .init(first: "md5", later: "md5 sha512", isKept: false),
    ]

    /// The page with these algorithms; one with a mark has a wrong digest.
    private static func page(_ algorithms: String) throws -> FakeUpstream.Script {
        let members = try algorithms.split(separator: " ").map { word in
            let isWrong = word.hasSuffix("!")
            let name = isWrong ? word.dropLast() : word
            let algorithm: DigestAlgorithm =
                switch name {
                case "md5": .md5
                case "sha256": .sha256
                default: .sha512
                }
            let digest = try Digest.of((isWrong ? bytes + [0] : bytes).span, algorithm)
            return #""\#(name)":"\#(digest.hex)""#
        }
        return PyPIBench.page(
            PyPIBench.file(PyPIFileBench.wheel).replacing(
                #""hashes":{}"#, with: #""hashes":{\#(members.joined(separator: ","))}"#))
    }

    @Test("the stored file is kept when its SHA-256 is promised", arguments: rows)
    func later(_ row: Row) async throws {
        let bench = PyPIFileBench(bytes: Self.bytes).bench()
        bench.upstream.set(PyPIFileBench.upstreamPage, try Self.page(row.first))
        let later = try Self.page(row.later)
        try await Bench.run(bench) { bench in
            #expect(try await bench.get(PyPIFileBench.path).body == Self.bytes)
            await bench.idle()
            bench.time.advance(seconds: 301)
            bench.upstream.set(PyPIFileBench.upstreamPage, later)
            #expect(try await bench.get(PyPIFileBench.page).status == 200)
            let got = try await bench.get(PyPIFileBench.path)
            #expect((got.field("Cache-Status") == "larder; hit") == row.isKept)
            #expect(bench.upstream.requests(of: PyPIFileBench.url).count == (row.isKept ? 1 : 2))
        }
        // After a restart it is the database that is asked.
        let restarted = Bench(restarting: bench, mounts: [PyPIBench.mount()])
        try await Bench.run(restarted) { bench in
            guard row.isKept else { return }
            let got = try await bench.get(PyPIFileBench.path)
            #expect(got.status == 200 && got.body == Self.bytes)
            #expect(bench.upstream.requestCount == 0)
        }
    }
}
