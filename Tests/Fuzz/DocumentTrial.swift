import Configuration
import Digests
import Ecosystems
import HTTPModel
import NPM
import PyPI
import Resources

/// What holds of documents, whatever an upstream or an operator writes.
enum DocumentTrial {
    /// Facts, or why there are none.
    private typealias Outcome = Result<[FileFact], DocumentFault>

    /// The first byte says where the rest is cut in two, which must not change what it says.
    static func packument(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let text = Array(bytes.dropFirst())
        let cut = Int(first) * text.count / 256
        let facts = facts(of: [text], named: "p")
        let parts = Self.facts(of: [Array(text[..<cut]), Array(text[cut...])], named: "p")
        promise((try? facts.get()) == (try? parts.get()), "a cut does not change the facts")
        guard case .success(let found) = facts else { return }
        LinkTrial.check(found, below: ["npm"], of: Mounts.npm)
        for form in [PackumentVariant.full, .abbreviated, .manifest("latest"), .distTags] {
            var rewriter = Mounts.npm.rewriter(
                of: head("p"), as: Variant(form.name, base: Mounts.base))
            var output: [UInt8] = []
            guard (try? rewriter.take(text, into: &output)) != nil,
                (try? rewriter.finish(into: &output)) != nil
            else { continue }
            promise(isJSON(output), "\(form.name) is JSON")
        }
    }

    private static func head(_ name: String) -> DocumentHead {
        DocumentHead(
            name: name, contentType: "application/json",
            url: Mounts.url("https://registry.example/p"))
    }

    private static func facts(of pieces: [[UInt8]], named name: String) -> Outcome {
        var intake = Mounts.npm.intake(of: head(name))
        do throws(DocumentFault) {
            for piece in pieces { try intake.take(piece) }
            return .success(try intake.finish())
        } catch {
            return .failure(error)
        }
    }

    /// An `integrity` field with these bytes: a digest that is read has its algorithm's length.
    static func integrity(_ bytes: [UInt8]) {
        let escaped = bytes.map { byte in
            let hex = String(byte, radix: 16)
            return "\\u00" + (byte < 16 ? "0" : "") + hex
        }
        let text =
            #"{"name":"p","versions":{"1.0.0":{"dist":{"integrity":""# + escaped.joined()
            + #"","tarball":"https://registry.example/p/-/p-1.0.0.tgz"}}}}"#
        guard case .success(let facts) = facts(of: [Array(text.utf8)], named: "p") else { return }
        for digest in facts.flatMap(\.digests) {
            promise(
                digest.hex.utf8.count == 2 * digest.algorithm.byteCount, "a digest is whole")
        }
    }

    /// A page that is accepted is served as JSON and as HTML that can be read again.
    static func page(_ bytes: [UInt8], type: String) {
        let document = document(bytes, type: type)
        if let contents = try? Mounts.pypi.contents(of: document) {
            LinkTrial.check(contents.facts, below: ["pypi"], of: Mounts.pypi)
        }
        for form in SimpleForm.allCases {
            let page: Rendering
            do throws(DocumentFault) {
                page = try Mounts.pypi.render(document, as: form.variant)
            } catch {
                continue
            }
            promise(String(validating: page.bytes, as: UTF8.self) != nil, "a page is UTF-8")
            if page.contentType.contains("json") { promise(isJSON(page.bytes), "a page is JSON") }
            let again = Self.document(page.bytes, type: page.contentType)
            promise((try? Mounts.pypi.page(again)) != nil, "our own page can be read")
        }
    }

    private static func document(_ bytes: [UInt8], type: String) -> UpstreamDocument {
        UpstreamDocument(
            name: "simple/x/", contentType: type,
            url: Mounts.url("https://index.example/simple/x/"),
            bytes: bytes)
    }

    /// Settings that are read are shown as a text that is read again, but for its secrets.
    static func configuration(_ bytes: [UInt8]) {
        guard let settings = settings(bytes) else { return }
        let shown = Array(settings.shown.utf8)
        promise(
            settings.shown.contains("***") || Self.settings(shown) != nil,
            "what is shown can be read")
    }

    private static func settings(_ bytes: [UInt8]) -> Settings? {
        try? Settings(
            reading: ConfigurationSource(
                file: .init(name: "larder.yaml", bytes: bytes),
                environment: ["HOME": "/srv", "NAME": "value"]))
    }

    static func isJSON(_ bytes: [UInt8]) -> Bool {
        var reader = JSONReader(bytes)
        do throws(JSONFault) {
            _ = try reader.value()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }
}
