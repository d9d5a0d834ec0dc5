import Digests
import Ecosystems
import Foundation
import HTTPModel
import Helm
import Resources
import Support
import Testing

/// The recorded indexes, judged by Python's PyYAML and json (`judge.py`).
@Suite(.timeLimit(.minutes(10))) struct CorpusTests {
    private struct Entry: Encodable {
        let base: String
        let original: String
        let json: String
        let yaml: String
        let facts: [String: String]
        let charts: Int
        let entries: Int
        let dropped: Int
    }

    @Test("rendering loses no entry and no field, and leaves no upstream URL in urls")
    func lossless() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "larder-helm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let entries = try zip(0..., Fixture.all).map { try entry($1, number: $0, in: folder) }
        let manifest = folder.appending(path: "manifest.json")
        try JSONEncoder().encode(entries).write(to: manifest)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "judge.py")
        let (status, output) = try Program.run(
            python: script, [manifest.path()], having: "yaml")
        #expect(status == 0, "\(output)")
        #expect(output.contains("judged \(Fixture.all.count) indexes"), "\(output)")
    }

    private func entry(_ fixture: Fixture, number: Int, in folder: URL) throws -> Entry {
        let bytes = try fixture.bytes()
        let adapter = fixture.adapter()
        let original = folder.appending(path: "\(number).yaml")
        let json = folder.appending(path: "\(number).ours.json")
        let yaml = folder.appending(path: "\(number).ours.yaml")
        try Data(bytes).write(to: original)
        try Data(Sample.served(bytes, by: adapter).bytes).write(to: json)
        try Data(Sample.served(bytes, by: adapter, as: .yaml).bytes).write(to: yaml)
        let facts = try Sample.arrival(bytes, by: adapter).facts
        return Entry(
            base: fixture.base, original: original.path(), json: json.path(), yaml: yaml.path(),
            facts: Dictionary(
                facts.map { ($0.artifact, $0.url.description) }, uniquingKeysWith: { $1 + $0 }),
            charts: fixture.charts, entries: fixture.entries, dropped: fixture.dropped)
    }

    @Test("the same index gives the same bytes, and our own answers stay as they are")
    func deterministic() throws {
        for fixture in Fixture.all where fixture.path != Fixture.big.path {
            let bytes = try fixture.bytes()
            let adapter = fixture.adapter()
            for form in IndexForm.allCases {
                let first = try Sample.served(bytes, by: adapter, as: form)
                let second = try Sample.served(bytes, by: adapter, as: form, pieceSize: 1_000)
                #expect(first.bytes == second.bytes)
                #expect(first.head == second.head)
            }
            let json = try Sample.served(bytes, by: adapter).bytes
            let yaml = try Sample.served(bytes, by: adapter, as: .yaml).bytes
            let entries = try Sample.arrival(bytes, by: adapter).summary.entryCount
            #expect(entries == fixture.entries)
            // Our own index is a good upstream for another one of us, in both forms.
            let other = Sample.adapter(Sample.upstream("https://cache.example/helm/x"))
            #expect(try Sample.arrival(json, by: other).summary == .init(entryCount: entries))
            #expect(
                try Sample.served(json, by: other).bytes == Sample.served(yaml, by: other).bytes)
        }
    }

    @Test("every path of an index is a route to its file")
    func routes() throws {
        for fixture in Fixture.all where fixture.path != Fixture.big.path {
            let adapter = fixture.adapter()
            for fact in try Sample.arrival(fixture.bytes(), by: adapter).facts {
                let target = try RequestTarget("/helm/stable/\(fact.artifact)".utf8)
                let route = adapter.route(RequestHead(method: .get, target: target), base: nil)
                #expect(route == .artifact(name: fact.artifact, namedBy: "index.yaml"))
            }
        }
    }

    @Test("what a large index costs")
    func cost() throws {
        let fixture = Processor.isOptimized ? Fixture.big : Fixture.all[0]
        let bytes = HelmCorpus.inflated(try fixture.bytes(), Processor.isOptimized ? 6 : 1)
        let adapter = fixture.adapter()
        var served = 0
        let rewriting = try Processor.seconds {
            served = try Sample.served(bytes, by: adapter).bytes.count
        }
        var facts = 0
        let reading = try Processor.seconds {
            facts = try Sample.arrival(bytes, by: adapter).facts.count
        }
        print(
            "index of \(bytes.count) bytes to \(served): rewritten in \(rewriting) s, read in",
            "\(reading) s of processor time")
        #expect(facts == (Processor.isOptimized ? 6 : 1) * 2 * fixture.entries)
        // A debug build is slow; the README has the real figures.
        #expect(rewriting < (Processor.isOptimized ? 2 : 40))
    }
}
