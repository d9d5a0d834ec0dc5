import Backends
import Digests
import Ecosystems
import Engine
import HTTPModel
import Linux
import Synchronization
import Testing

/// Files that must look like those of their kind.
@Suite(.timeLimit(.minutes(5))) struct ArtifactFormTests {
    private static let gzip = ArtifactForm(
        contentType: "application/gzip", sign: .beginning([0x1F, 0x8B]), fault: "no archive")
    private static let signed = ArtifactForm(
        contentType: "text/plain", sign: .passage(Array("BEGIN".utf8)), fault: "no signature")
    private static let page = "\(TestAdapter.root)/doc/p"
    private static let file = "\(TestAdapter.root)/file/p/a.tgz"

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let form: ArtifactForm
        let pieces: [[UInt8]]
        let isGood: Bool
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x42, count: count) }

    static let rows: [Row] = [
        .init(
            testDescription: "any bytes", form: .bytes, pieces: [Array("<html>".utf8)], isGood: true
        ),
        .init(
            testDescription: "no bytes where any will do", form: .bytes, pieces: [], isGood: true),
        .init(
            testDescription: "a beginning", form: gzip, pieces: [[0x1F, 0x8B, 8], zeros(200_000)],
            isGood: true),
        .init(
            testDescription: "a beginning in two pieces", form: gzip,
            pieces: [[0x1F], [0x8B, 8], zeros(9)], isGood: true),
        .init(testDescription: "half a beginning", form: gzip, pieces: [[0x1F]], isGood: false),
        .init(testDescription: "no bytes", form: gzip, pieces: [], isGood: false),
        .init(
            testDescription: "another beginning", form: gzip,
            pieces: [Array("<html>".utf8), zeros(200_000)], isGood: false),
        .init(
            testDescription: "a passage across pieces", form: signed,
            pieces: [Array("BEBEG".utf8), Array("IN SIGNED".utf8), zeros(200_000)], isGood: true),
        .init(
            testDescription: "a passage at the last place", form: signed,
            pieces: [zeros(65_531), Array("BEGIN".utf8)], isGood: true),
        .init(
            testDescription: "a passage too late", form: signed,
            pieces: [zeros(65_532), Array("BEGIN".utf8), zeros(200_000)], isGood: false),
        .init(
            testDescription: "no passage", form: signed, pieces: [Array("<html>BEGI".utf8)],
            isGood: false),
    ]

    /// Small files are verified whole, those of unknown size while clients follow.
    @Test(
        "a file that is none of its kind is refused and not stored", arguments: rows, [true, false])
    func looks(_ row: Row, isDeclared: Bool) async throws {
        let bench = LineAdapter(verifiesBeforeSending: 300_000, form: row.form).bench()
        // Nothing is promised: no digest could tell.
        bench.upstream.set(Self.page, document("a.tgz - - 0"))
        bench.upstream.set("\(TestAdapter.root)/doc/p@a.tgz", .init(status: 404))
        bench.upstream.set(Self.file, .init(pieces: row.pieces, hasLength: isDeclared))
        let bytes = Array(row.pieces.joined())
        try await Bench.run(bench) { bench in
            let got = try await bench.get("/s/file/p/a.tgz")
            #expect(!got.isBroken)
            let failures = bench.observer.counts.withLock { $0.integrityFailures }
            guard row.isGood else {
                #expect(got.status == 502)
                let fault = "sent " + row.form.fault
                #expect(got.text.contains(fault))
                #expect(failures == ["upstream-body"])
                #expect(bench.blobs.unfinishedCount.load(ordering: .relaxed) == 0)
                if case .ready = bench.blobs.find(BlobDigest.of(bytes)) {
                    Issue.record("something was stored")
                }
                return
            }
            #expect(got.status == 200)
            #expect(got.body == bytes)
            #expect(failures.isEmpty)
            let type: String? = row.form.contentType
            #expect(got.field("Content-Type") == type)
            let again = try await bench.get("/s/file/p/a.tgz")
            #expect(again.field("Content-Type") == type)
            #expect(again.body == bytes)
            let requests = bench.upstream.requests(of: Self.file)
            #expect(requests.count == 1)
            #expect(requests.first?.coding == .identity)
        }
    }

    @Test("what was left out of a document is told once for each version of it")
    func notes() async throws {
        let bench = LineAdapter().bench()
        bench.upstream.set(
            Self.page, document("odd one", "odd two"), document("odd one", "odd two"),
            document("odd one"), document("even"))
        try await Bench.run(bench) { bench in
            for _ in 0..<4 {
                let got = try await bench.get("/s/doc/p")
                #expect(got.status == 200)
                bench.time.advance(seconds: 400)
                await bench.idle()
            }
            let notes = bench.observer.counts.withLock { $0.notes }
            #expect(
                notes == ["lines odd lines were left out 2", "lines odd lines were left out 1"])
        }
    }
}
