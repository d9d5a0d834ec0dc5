import Digests
import Ecosystems
import HTTPModel
import Helm
import Resources
import Testing

/// Where the facts of charts in registries lead.
@Suite struct RegistryReaderTests {
    private static let hex = String(repeating: "0a", count: 32)
    private static let other = String(repeating: "bb", count: 32)
    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"

    private func reader() throws -> any PointerReader {
        try #require(Sample.adapter().pointers)
    }

    private func pointer(_ url: String, _ artifact: String = "a-1.tgz") throws -> ArtifactPointer? {
        let url = try #require(AbsoluteURL(url))
        return try reader().pointer(for: FileFact(artifact: artifact, url: url, digests: []))
    }

    private func target(_ manifest: String, _ artifact: String = "a-1.tgz") throws -> PointerTarget
    {
        let url = "https://r.example:5000/v2/c/a/manifests/1"
        let pointer = try #require(try pointer(url))
        let fact = FileFact(artifact: artifact, url: pointer.url, digests: [])
        return try reader().target(of: pointer, saying: Array(manifest.utf8), for: fact)
    }

    private func digest(_ hex: String) throws -> Digest {
        try #require(Digest(algorithm: .sha256, hex: hex))
    }

    private static func descriptor(_ type: String, _ hex: String, _ more: String = "") -> String {
        "{\"mediaType\":\"\(type)\",\"digest\":\"sha256:\(hex)\",\"size\":12\(more)}"
    }

    @Test("a manifest's URL is a pointer, with the scope that its token needs; no other URL is")
    func pointers() throws {
        let tag = try #require(try pointer("https://r.example:5000/v2/c/a/manifests/1_b"))
        #expect(tag.digests.isEmpty)
        #expect(tag.scope?.name == "repository:c/a:pull")
        #expect(tag.scope?.origin == AbsoluteURL("https://r.example:5000/")?.origin)
        let pinned = try #require(
            try pointer("https://r.example/v2/a/manifests/sha256:\(Self.hex)"))
        #expect(try pinned.digests == [digest(Self.hex)])
        #expect(try pointer("https://r.example/v2/a/a-1.tgz") == nil)
        #expect(try pointer("https://r.example/v2/a/blobs/sha256:\(Self.hex)") == nil)
    }

    @Test("a manifest leads to the layer of the chart, or to that of the provenance")
    func layers() throws {
        let chart = Self.descriptor(
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip", Self.hex)
        let provenance = Self.descriptor(
            "application/vnd.cncf.helm.chart.provenance.v1.prov", Self.other)
        let blobs = "https://r.example:5000/v2/c/a/blobs/sha256:"
        for (name, hex) in [("a-1.tgz", Self.hex), ("a-1.tgz.prov", Self.other)] {
            let url = try #require(AbsoluteURL(blobs + hex))
            let expected = PointerTarget.file(url, digests: [try digest(hex)], byteCount: 12)
            #expect(try target("{\"layers\":[\(provenance),\(chart)]}", name) == expected)
        }
        #expect(throws: DocumentFault.absent) {
            try target("{\"layers\":[\(chart)]}", "a-1.tgz.prov")
        }
        let fault = #expect(throws: DocumentFault.self) {
            try target("{\"layers\":[\(provenance)]}")
        }
        #expect(fault?.meansAbsence == false)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let manifests: [String]
        /// Nil where none is a chart's.
        let hex: String?
    }

    static let rows: [Row] = [
        .init(
            testDescription: "the only one", manifests: [descriptor(manifestType, hex)], hex: hex),
        .init(
            testDescription: "the first of those that may be one",
            manifests: [
                descriptor("application/vnd.oci.image.index.v1+json", other),
                descriptor("json", other), descriptor(manifestType, hex),
                descriptor(manifestType, other),
            ], hex: hex),
        .init(
            testDescription: "the one that says so",
            manifests: [
                descriptor(manifestType, other),
                descriptor(
                    manifestType, hex,
                    ",\"artifactType\":\"application/vnd.cncf.helm.config.v1+json\""),
            ], hex: hex),
        .init(
            testDescription: "none", manifests: [descriptor("application/vnd.example+json", hex)],
            hex: nil),
    ]

    @Test("an index leads to the manifest of the chart", arguments: rows)
    func index(_ row: Row) throws {
        let text = "{\"manifests\":[\(row.manifests.joined(separator: ","))]}"
        guard let hex = row.hex else {
            #expect(throws: DocumentFault.self) { try target(text) }
            return
        }
        guard case .pointer(let next) = try target(text) else {
            Issue.record("no pointer")
            return
        }
        #expect(next.url.description == "https://r.example:5000/v2/c/a/manifests/sha256:\(hex)")
        #expect(try next.digests == [digest(hex)])
        #expect(next.scope?.name == "repository:c/a:pull")
    }
}
