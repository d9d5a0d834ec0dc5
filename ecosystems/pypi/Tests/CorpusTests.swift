import Digests
import Ecosystems
import Foundation
import HTTPModel
import PyPI
import Resources
import Testing

/// Rendering over the recorded pages, judged by Python's readers (`judge.py`).
@Suite struct CorpusTests {
    @Test("rendering loses no file, field or attribute, and leaves no upstream URL")
    func lossless() throws {
        try Judge.withFolder { folder in
            let manifest = try Judge.manifest(of: Fixture.pages, in: folder)
            let (status, output) = try Judge.judge("judge.py", [manifest.path()])
            #expect(status == 0, "\(output)")
            #expect(output.contains("judged \(Fixture.pages.count) pages"), "\(output)")
        }
    }

    @Test(
        "pip sees in both our forms what it sees in the upstream's page",
        .enabled(if: Judge.pip != nil, "no pip; scripts/clients installs one"))
    func pip() throws {
        let python = try #require(Judge.pip)
        try Judge.withFolder { folder in
            let manifest = try Judge.manifest(of: Fixture.pages, in: folder)
            let (status, output) = try Judge.judge(
                "judge_links.py", [manifest.path()], python: python)
            #expect(status == 0, "\(output)")
            #expect(output.contains("saw \(Fixture.pages.count) pages"), "\(output)")
        }
    }

    @Test(
        "10,000 files of a page of today: the same, by Python and by pip", .timeLimit(.minutes(10)))
    func inflated() throws {
        try Judge.withFolder { folder in
            let manifest = try Judge.manifest(of: Fixture.inflated, in: folder)
            let (status, output) = try Judge.judge("judge.py", [manifest.path()])
            #expect(status == 0, "\(output)")
            let count = Fixture.inflated.count * Fixture.inflatedFileCount
            #expect(output.contains("pages, \(count) files"), "\(output)")
            guard let python = Judge.pip else { return }
            let pip = try Judge.judge("judge_links.py", [manifest.path()], python: python)
            #expect(pip.status == 0, "\(pip.output)")
            #expect(pip.output.contains("pages, \(count) links"), "\(pip.output)")
        }
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
        let facts = try Sample.adapter.facts(of: fixture.document())
        let second = try Sample.adapter.facts(of: again)
        // HTML has room for one digest of a file, of an algorithm that all clients know.
        for (fact, original) in zip(second, facts) {
            #expect(Set(fact.digests).isSubset(of: original.digests))
            let known = original.digests.filter { ![.blake2b, .sha1].contains($0.algorithm) }
            #expect(fact.digests.isEmpty == known.isEmpty)
        }
        let names = [second, facts].map { $0.map { $0.artifact.split(separator: "/").last } }
        #expect(names[0] == names[1])
        #expect(try !Sample.adapter.render(again, as: SimpleForm.json.variant).bytes.isEmpty)
        #expect(!facts.isEmpty)
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
}
