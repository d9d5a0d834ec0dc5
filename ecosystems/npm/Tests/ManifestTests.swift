import Ecosystems
import NPM
import Testing

/// Single versions and tags, taken out of a packument.
@Suite struct ManifestTests {
    static let tags =
        #""dist-tags":{"latest":"2.0.0","next":"3.0.0-rc","1.0.0":"2.0.0","gone":"9"}"#
    static let versions =
        #""versions":{"1.0.0":{"version":"1.0.0"},"2.0.0":{"version":"2.0.0","#
        + #""dist":{"tarball":"https://a.example/p-2.0.0.tgz","signatures":[{"sig":"x"}]}},"#
        + #""3.0.0-rc":{"version":"3.0.0-rc"},"null":null}"#
    static let second =
        #"{"version":"2.0.0","dist":{"tarball":"http://cache.example:81/prefix/npm/p/-/p-2.0.0.tgz","#
        + #""signatures":[{"sig":"x"}]}}"#

    @Test(
        "M-8: a version or a tag, wherever the tags stand; a tag to a missing version is absent",
        arguments: [
            ("1.0.0", #"{"version":"1.0.0"}"#), ("2.0.0", second), ("latest", second),
            ("next", #"{"version":"3.0.0-rc"}"#), ("3", nil), ("gone", nil), ("null", nil),
            ("toString", nil), ("versions", nil),
        ] as [(String, String?)])
    func manifests(_ wanted: String, _ expected: String?) throws {
        let variant = Variant(PackumentVariant.manifest(wanted).name, base: Sample.base)
        for text in [
            #"{"name":"p",\#(Self.tags),\#(Self.versions)}"#,
            #"{\#(Self.versions),"name":"p",\#(Self.tags)}"#,
        ] {
            let bytes = Array(text.utf8)
            for pieces in [[bytes], bytes.map { [$0] }] + Sample.cuts(of: bytes) {
                guard let expected else {
                    #expect(throws: DocumentFault.absent) {
                        try Sample.adapter.rendering(pieces, of: "p", as: variant)
                    }
                    continue
                }
                let found = try Sample.adapter.rendering(pieces, of: "p", as: variant)
                #expect(String(decoding: found.text, as: UTF8.self) == expected)
                #expect(found.head.contentType == "application/json")
            }
        }
    }

    @Test("the tags alone, as they stand in the document", arguments: Fixture.packuments)
    func distTags(_ fixture: Fixture) throws {
        let bytes = try fixture.bytes()
        let tags = try Sample.adapter.rendering(
            bytes, of: fixture.package, as: .distTags, base: nil)
        let text = String(decoding: tags.text, as: UTF8.self)
        if fixture.file.contains("unpublished") {
            #expect(text == "{}")
        } else {
            #expect(text.hasPrefix("{") && text.contains("latest"))
            #expect(String(decoding: bytes, as: UTF8.self).contains(text))
        }
    }

    @Test("corepack's paths find signed manifests in a recorded document")
    func signatures() throws {
        let bytes = try Fixture.named("sigstore.full").bytes()
        for wanted in ["latest", "5.0.0"] {
            let found = try Sample.adapter.rendering(bytes, of: "sigstore", as: .manifest(wanted))
            let text = String(decoding: found.text, as: UTF8.self)
            #expect(text.contains(#""signatures":[{"#) && text.contains(#""version":""#))
            #expect(text.contains("/npm/sigstore/-/sigstore-"))
        }
    }

    @Test("tags behind more versions than are kept: a fault, and not another version")
    func farTags() throws {
        let filler = String(repeating: "x", count: 1 << 20)
        let versions = (0..<18).map { #""1.0.\#($0)":{"version":"1.0.\#($0)","x":"\#(filler)"}"# }
        let text =
            #"{"name":"p","versions":{\#(versions.joined(separator: ","))},"#
            + #""dist-tags":{"old":"1.0.0","new":"1.0.17"}}"#
        let bytes = Array(text.utf8)
        let new = try Sample.adapter.rendering(bytes, of: "p", as: .manifest("new"))
        #expect(String(decoding: new.text.prefix(24), as: UTF8.self).contains("1.0.17"))
        let fault = #expect(throws: DocumentFault.self) {
            try Sample.adapter.rendering(bytes, of: "p", as: .manifest("old"))
        }
        #expect(fault?.meansAbsence == false)
    }
}
