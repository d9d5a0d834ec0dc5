import Digests
import Ecosystems
import Foundation
import HTTPModel
import Helm
import Linux
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
        let (status, output) = try judge(manifest)
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

    /// Runs the judge under a Python that has PyYAML: the one on the path, else Debian's.
    private func judge(_ manifest: URL) throws -> (status: Int32, output: String) {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "judge.py")
        for python in ["python3", "/usr/bin/python3"] {
            let (status, _) = try run([python, "-I", "-c", "import yaml"])
            if status == 0 { return try run([python, "-I", script.path(), manifest.path()]) }
        }
        return (1, "no Python with PyYAML: run scripts/setup --tests")
    }

    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.runAlone()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
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
        let fixture = Self.isOptimized ? Fixture.big : Fixture.all[0]
        let bytes = try fixture.inflated(Self.isOptimized ? 6 : 1)
        let adapter = fixture.adapter()
        let clock = ContinuousClock()
        let before = try ProcessFigures.now()
        var served = 0
        let rewriting = try clock.measure {
            served = try Sample.served(bytes, by: adapter).bytes.count
        }
        let after = try ProcessFigures.now()
        var facts = 0
        let reading = try clock.measure {
            facts = try Sample.arrival(bytes, by: adapter).facts.count
        }
        print(
            "index of \(bytes.count) bytes to \(served): rewritten in \(rewriting), read in",
            "\(reading), processor \(after.processorTime - before.processorTime)")
        #expect(facts % (2 * fixture.entries) == 0 && facts > 0)
        // A debug build on a busy machine is slow; the README has the real figures.
        #expect(rewriting < .seconds(Self.isOptimized ? 5 : 60))
    }

    private static var isOptimized: Bool {
        var isDebug = false
        assert(
            {
                isDebug = true
                return true
            }())
        return !isDebug
    }
}
