import Ecosystems
import HTTPModel
import NPM
import Testing

/// The full form: every byte stays but for the tarballs' URLs.
@Suite struct RewriteTests {
    @Test(
        "with the upstream's own base every recorded document stays as it is",
        arguments: Fixture.packuments)
    func identity(_ fixture: Fixture) throws {
        let registry = Sample.url(NPMDefaults.registry)
        let adapter = Sample.adapter(mount: [], registry: registry)
        let bytes = try fixture.bytes()
        for piece in [bytes.count, 65_536, 1_021] {
            let full = try adapter.rendering(
                bytes, of: fixture.package, as: .full, piece: piece, base: PublicBase(registry))
            #expect(full.text == bytes)
            #expect(full.head.contentType == "application/json")
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let versions: String
        /// What becomes of it, with `<ours>` for the beginning of our URLs.
        let expected: String
    }

    static let rows: [Row] = [
        Row(
            testDescription: "the last segment is kept, query and fragment are not",
            versions: #""1.0.0":{"dist":{"tarball":"https://a.example/x/odd-name.tgz?a=/b#c"}}"#,
            expected: #""1.0.0":{"dist":{"tarball":"<ours>odd-name.tgz"}}"#),
        Row(
            testDescription: "escapes in the old URL are read",
            versions: #""1.0.0":{"dist":{"tarball":"https:\/\/a.example\u002fp-1.0.0.t\u0067z"}}"#,
            expected: #""1.0.0":{"dist":{"tarball":"<ours>p-1.0.0.tgz"}}"#),
        Row(
            testDescription: "a URL that ends in a hash gets the conventional name",
            versions:
                #""1.0.0+b.1":{"dist":{"tarball":"https://a.example/download/p/1.0.0/ab12"}}"#,
            expected: #""1.0.0+b.1":{"dist":{"tarball":"<ours>p-1.0.0.tgz"}}"#),
        Row(
            testDescription: "names that need escapes get the conventional name",
            versions: #""1.0.0":{"dist":{"tarball":"https://a.example/p%20q.tgz"}}"#,
            expected: #""1.0.0":{"dist":{"tarball":"<ours>p-1.0.0.tgz"}}"#),
        Row(
            testDescription: "an escape that is none is taken away",
            versions: #""1.0.0":{"dist":{"tarball":"https://a.example/p%2D1.tgz"}}"#,
            expected: #""1.0.0":{"dist":{"tarball":"<ours>p-1.tgz"}}"#),
        Row(
            testDescription: "http, other hosts and no URL at all",
            versions: #""1":{"dist":{"tarball":"http://a/p-1.tgz"}},"2":{"dist":{"tarball":""}}"#,
            expected:
                #""1":{"dist":{"tarball":"<ours>p-1.tgz"}},"2":{"dist":{"tarball":"<ours>p-2.tgz"}}"#
        ),
        Row(
            testDescription: "white space, numbers and unknown keys stay",
            versions:
                "\n \"1\" : { \"n\" : 1.0E+2 , \"dist\" :\t{ \"x\":[], \"tarball\" : \"a\" } }",
            expected:
                "\n \"1\" : { \"n\" : 1.0E+2 , \"dist\" :\t{ \"x\":[], \"tarball\" : \"<ours>p-1.tgz\" } }"
        ),
        Row(
            testDescription: "only dist.tarball of a version is one",
            versions:
                #""1":{"tarball":"a","x":{"dist":{"tarball":"b"}},"dist":{"y":{"tarball":"c"}}}"#,
            expected:
                #""1":{"tarball":"a","x":{"dist":{"tarball":"b"}},"dist":{"y":{"tarball":"c"}}}"#),
        Row(
            testDescription: "an attestation's URL stays",
            versions: #""1":{"dist":{"attestations":{"url":"https://a.example/-/npm/v1/x"}}}"#,
            expected: #""1":{"dist":{"attestations":{"url":"https://a.example/-/npm/v1/x"}}}"#),
        Row(
            testDescription: "values of other types stay",
            versions:
                #""1":{"dist":{"tarball":null}},"2":{"dist":[{"tarball":"a"}]},"3":7,"4":{"dist":"x"}"#,
            expected:
                #""1":{"dist":{"tarball":null}},"2":{"dist":[{"tarball":"a"}]},"3":7,"4":{"dist":"x"}"#
        ),
        Row(
            testDescription: "keys of JavaScript's are keys like others",
            versions: #""__proto__":{"dist":{"tarball":"u"}},"constructor":{"dist":{"bin":{}}}"#,
            expected:
                #""__proto__":{"dist":{"tarball":"<ours>p-__proto__.tgz"}},"constructor":{"dist":{"bin":{}}}"#
        ),
        Row(
            testDescription: "escaped keys are the same keys",
            versions: #""1":{"d\u0069st":{"t\u0061rball":"u"}}"#,
            expected: #""1":{"d\u0069st":{"t\u0061rball":"<ours>p-1.tgz"}}"#),
        Row(
            testDescription: "both of two equal keys",
            versions: #""1":{"dist":{"tarball":"a","tarball":"b"}},"1":{"dist":{"tarball":"c"}}"#,
            expected:
                #""1":{"dist":{"tarball":"<ours>p-1.tgz","tarball":"<ours>p-1.tgz"}},"#
                + #""1":{"dist":{"tarball":"<ours>p-1.tgz"}}"#),
    ]

    @Test("tarballs' URLs become ours, and nothing else does, at every cut", arguments: rows)
    func rewriting(_ row: Row) throws {
        let more = #""readme":"\"versions\":{\"1\":{\"dist\":{\"tarball\":\"https://a.example\"","#
        let bytes = Sample.packument(row.versions, more: more)
        let start = "http://cache.example:81/prefix/npm/p/-/"
        let versions = row.expected.replacing("<ours>", with: start)
        let expected = Sample.packument(versions, more: more)
        let whole = try Sample.adapter.rendering(bytes, of: "p", as: .full)
        #expect(
            String(decoding: whole.text, as: UTF8.self) == String(decoding: expected, as: UTF8.self)
        )
        let variant = Variant("full", base: Sample.base)
        for pieces in Sample.cuts(of: bytes) + [bytes.map { [$0] }] {
            #expect(try Sample.adapter.rendering(pieces, of: "p", as: variant).text == whole.text)
        }
    }

    @Test("a scope stands with a literal slash in our URLs")
    func scope() throws {
        let text =
            #"{"name":"@s/n","versions":{"1":{"dist":{"tarball":"https://a/@s%2fn/-/n-1.tgz"}}}}"#
        let full = try Sample.adapter.rendering(Array(text.utf8), of: "@s/n", as: .full)
        #expect(
            String(decoding: full.text, as: UTF8.self)
                .contains(#""http://cache.example:81/prefix/npm/@s/n/-/n-1.tgz""#))
    }

    @Test(
        "Last-Modified is time.modified, rounded up to a second",
        arguments: [
            (#""time":{"modified":"2020-10-10T12:34:56.001Z"},"#, 1_602_333_297),
            (#""time":{"modified":"2020-10-10T12:34:56.000Z"},"#, 1_602_333_296),
            (#""time":{"modified":"2020-10-10T12:34:56Z"},"#, 1_602_333_296),
            (#""modified":"2020-10-10T12:34:56.789Z","#, 1_602_333_297),
            (#""time":{"modified":"2020-02-31T12:34:56.789Z"},"#, nil),
            (#""time":{"modified":{}},"#, nil),
            (#""time":{"created":"2020-10-10T12:34:56Z"},"#, nil),
        ] as [(String, Int64?)])
    func lastModified(_ more: String, _ seconds: Int64?) throws {
        for form in [PackumentVariant.full, .abbreviated] {
            let bytes = Sample.packument("", more: more)
            #expect(
                try Sample.adapter.rendering(bytes, of: "p", as: form).head.lastModified == seconds)
        }
    }

    @Test(
        "what is no JSON is refused by every form",
        arguments: ["", "{", "[]x", #"{"versions":{"1":{"dist":{"tarball":"a}}}"#, "\u{0}", "nul"])
    func broken(_ text: String) {
        for form in [PackumentVariant.full, .abbreviated, .manifest("1"), .distTags] {
            #expect(throws: DocumentFault.self) {
                try Sample.adapter.rendering(Array(text.utf8), of: "p", as: form)
            }
        }
    }
}
