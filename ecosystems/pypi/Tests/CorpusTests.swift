import Digests
import Ecosystems
import Foundation
import HTTPModel
import PyPI
import Resources
import Testing

/// Rendering over the recorded pages, judged by Python's readers (`judge.py`).
@Suite struct CorpusTests {
    private struct Entry: Encodable {
        let project: String
        let base: String
        let original: String
        let json: String
        let html: String
    }

    @Test("rendering loses no file, field or attribute, and leaves no upstream URL")
    func lossless() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "larder-pypi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let entries = try zip(0..., Fixture.pages).map { try entry($1, number: $0, in: folder) }
        let manifest = folder.appending(path: "manifest.json")
        try JSONEncoder().encode(entries).write(to: manifest)
        let (status, output) = try judge(manifest)
        #expect(status == 0, "\(output)")
        #expect(output.contains("judged \(Fixture.pages.count) pages"), "\(output)")
    }

    private func entry(_ fixture: Fixture, number: Int, in folder: URL) throws -> Entry {
        let document = try fixture.document()
        let ending = fixture.isJSON ? "json" : "html"
        let original = folder.appending(path: "\(number).\(ending)")
        let json = folder.appending(path: "\(number).ours.json")
        let html = folder.appending(path: "\(number).ours.html")
        try Data(document.bytes).write(to: original)
        try Data(Sample.adapter.render(document, as: SimpleForm.json.variant).bytes).write(to: json)
        try Data(Sample.adapter.render(document, as: SimpleForm.html.variant).bytes).write(to: html)
        return Entry(
            project: fixture.project, base: document.url.description, original: original.path(),
            json: json.path(), html: html.path())
    }

    private func judge(_ manifest: URL) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "judge.py")
        process.arguments = ["python3", "-I", script.path(), manifest.path()]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test("rendering is deterministic, and text/html is v1+html", arguments: Fixture.pages)
    func deterministic(_ fixture: Fixture) throws {
        let document = try fixture.document()
        for form in SimpleForm.allCases {
            let first = try Sample.adapter.render(document, as: form.variant)
            let second = try Sample.adapter.render(document, as: form.variant)
            #expect(first.bytes == second.bytes)
            #expect(first.contentType == form.contentType)
        }
        let text = try Sample.adapter.render(document, as: SimpleForm.textHTML.variant)
        let html = try Sample.adapter.render(document, as: SimpleForm.html.variant)
        #expect(text.bytes == html.bytes)
    }

    @Test(
        "our own pages are good upstreams: a second rendering names the same files",
        arguments: Fixture.pages)
    func twice(_ fixture: Fixture) throws {
        let first = try Sample.adapter.render(fixture.document(), as: SimpleForm.html.variant)
        let again = Sample.document(first.bytes, of: fixture.project, type: first.contentType)
        let names = try Sample.adapter.facts(of: fixture.document()).map(\.digests)
        #expect(try !Sample.adapter.render(again, as: SimpleForm.json.variant).bytes.isEmpty)
        #expect(!names.isEmpty)
    }

    @Test("documents of other kinds are no project pages", arguments: Fixture.others)
    func otherDocuments(_ fixture: Fixture) throws {
        let document = try fixture.document()
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(of: document) }
        let asHTML = Sample.document(document.bytes, of: fixture.project, type: "text/html")
        #expect(throws: DocumentFault.self) { try Sample.adapter.facts(of: asHTML) }
    }

    @Test("each file that is served has a fact with its digests and size")
    func facts() throws {
        let document = try Fixture(path: "micropip/numpy_simple.json.gz", project: "numpy")
            .document()
        let facts = try Sample.adapter.facts(of: document)
        let metadata = facts.filter { $0.artifact.hasSuffix(".metadata") }
        #expect(facts.count == 2_210 + 99)
        #expect(metadata.count == 99)
        #expect(facts.allSatisfy { $0.digests.map(\.algorithm) == [.sha256] })
        #expect(facts.allSatisfy { $0.url.description == "https://files.example/\($0.artifact)" })
        let files = facts.filter { !$0.artifact.hasSuffix(".metadata") }
        #expect(files.allSatisfy { $0.byteCount != nil && $0.publishedAt != nil })
    }

    @Test(
        "JSON and HTML of one project give the same facts",
        arguments: [
            ("micropip/numpy_simple.json.gz", "micropip/numpy_simple.html.gz", "numpy"),
            ("micropip/xo-gd_simple.json", "micropip/xo-gd_simple.html", "xo-gd"),
        ])
    func sameFacts(_ json: String, _ html: String, _ project: String) throws {
        let first = try Sample.adapter.facts(of: Fixture(path: json, project: project).document())
        let second = try Sample.adapter.facts(of: Fixture(path: html, project: project).document())
        #expect(first.map(\.artifact) == second.map(\.artifact))
        #expect(first.map(\.url) == second.map(\.url))
        #expect(first.map(\.digests) == second.map(\.digests))
        #expect(first.map(\.version) == second.map(\.version))
    }

    @Test("a page of a megabyte is read and rendered in both forms in a moment")
    func speed() throws {
        let document = try Fixture(path: "micropip/numpy_simple.json.gz", project: "numpy")
            .document()
        for form in [SimpleForm.json, .html] {
            let clock = ContinuousClock()
            let duration = try clock.measure {
                for _ in 0..<5 { _ = try Sample.adapter.render(document, as: form.variant) }
            }
            let seconds =
                Double(duration.components.attoseconds) / 1e18
                + Double(duration.components.seconds)
            let rate = Double(document.bytes.count) * 5 / seconds / 1e6
            print("numpy's page, \(form.rawValue): \(Int(rate)) MB/s")
            #expect(rate > 1)
        }
    }
}
