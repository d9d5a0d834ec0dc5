import Digests
import Ecosystems
import HTTPModel
import Helm
import Resources
import Testing

/// What becomes of values, by Helm's schema (helm-and-kubernetes A2) and the writer's rules (A5).
@Suite struct ServedValueTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let source: String
        /// As a member of the entry in the answer; nil where the field is left out.
        let served: String?

        init(_ source: String, _ served: String?) {
            self.source = source
            self.served = served
        }

        var testDescription: String { source }
    }

    static let rows: [Row] = [
        // Texts keep their source.
        Row("appVersion: 1.10", #""appVersion":"1.10""#),
        Row("appVersion: 72551e2", #""appVersion":"72551e2""#),
        Row("appVersion: 1_000", #""appVersion":"1_000""#),
        Row("appVersion: 0x1F", #""appVersion":"0x1F""#),
        Row("appVersion: yes", #""appVersion":"yes""#),
        Row("appVersion: 2024-01-02", #""appVersion":"2024-01-02""#),
        Row("appVersion: null", #""appVersion":null"#),
        Row("appVersion: ~", #""appVersion":null"#),
        Row("appVersion:", #""appVersion":null"#),
        Row("appVersion: \"null\"", #""appVersion":"null""#),
        Row("appVersion: !!str 1.0", #""appVersion":"1.0""#),
        Row("kubeVersion: '>=1.20-0'", #""kubeVersion":">=1.20-0""#),
        Row("tags: a,b", #""tags":"a,b""#),
        Row("home: [a]", nil), Row("home: {a: b}", nil),
        // Booleans.
        Row("deprecated: true", #""deprecated":true"#),
        Row("deprecated: \"true\"", #""deprecated":true"#),
        Row("deprecated: yes", #""deprecated":true"#),
        Row("deprecated: off", #""deprecated":false"#),
        Row("deprecated: null", #""deprecated":null"#),
        Row("deprecated: perhaps", nil), Row("deprecated: [true]", nil),
        // Lists of texts.
        Row("keywords: [a, 1.10, true]", #""keywords":["a","1.10","true"]"#),
        Row("keywords: []", #""keywords":[]"#), Row("keywords: null", #""keywords":null"#),
        Row("keywords: one", #""keywords":["one"]"#), Row("keywords: {a: b}", nil),
        Row("sources: [a, [b], c]", #""sources":["a","c"]"#),
        // Mappings of texts.
        Row("annotations: {a: 1, b: no}", #""annotations":{"a":"1","b":"no"}"#),
        Row("annotations: {a: 1, b: {c: d}}", #""annotations":{"a":"1"}"#),
        Row("annotations: {a: 1, a: 2}", #""annotations":{"a":"1"}"#),
        Row("annotations: text", nil),
        // Maintainers and dependencies.
        Row("maintainers: [{name: A, x: 1.0}]", #""maintainers":[{"name":"A","x":1.0}]"#),
        Row("maintainers: [{name: 1.0}]", #""maintainers":[{"name":"1.0"}]"#),
        Row("maintainers: [null, bob, {name: A}]", #""maintainers":[{"name":"A"}]"#),
        Row(
            "dependencies: [{name: a, version: 1.10, enabled: yes, tags: [1]}]",
            #""dependencies":[{"name":"a","version":"1.10","enabled":true,"tags":["1"]}]"#),
        Row(
            "dependencies: [{name: a, import-values: [b, {child: 1, on: null}]}]",
            #""dependencies":[{"name":"a","import-values":["b",{"child":1,"on":null}]}]"#),
        // What the schema does not know.
        Row(
            "custom: {a: 1.5, b: [yes, 0x1F, 010, ~]}",
            #""custom":{"a":1.5,"b":[true,"0x1F","010",null]}"#),
        Row("custom: -12e3", #""custom":-12e3"#), Row("custom: '12'", #""custom":"12""#),
        Row("custom: {a: {a: 1}, b: {a: 2}}", #""custom":{"a":{"a":1},"b":{"a":2}}"#),
        // Times.
        Row(
            "created: 2017-04-28T00:18:30.071110236Z",
            #""created":"2017-04-28T00:18:30.071110236Z""#),
        Row("created: \"2024-01-02T03:04:05+02:00\"", #""created":"2024-01-02T03:04:05+02:00""#),
        Row("created: \"2024-01-02 03:04:05\"", #""created":"2024-01-02T03:04:05Z""#),
        Row("created: 2024-01-02 03:04:05.5 -1", nil),
        Row("created: 2024-01-02t03:04:05z", #""created":"2024-01-02T03:04:05Z""#),
        Row("created: 2024-01-02 03:04:05 +0200", #""created":"2024-01-02T03:04:05+02:00""#),
        Row(
            "created: 2024-01-02 03:04:05.25 +0000 UTC",
            #""created":"2024-01-02T03:04:05.25+00:00""#),
        Row("created: 2024-01-02", #""created":"2024-01-02T00:00:00Z""#),
        Row("created: 2024-02-30", nil), Row("created: \"\"", nil), Row("created: soon", nil),
        Row("created: 2024-01-02T24:00:00Z", nil), Row("created: 2024-01-02T03:04:05.Z", nil),
        Row("created: null", #""created":null"#), Row("created: [1]", nil),
        // Digests: Helm 4 refuses a pull for any but 64 digits.
        Row("digest: sha256:1234567890abcdef", nil), Row("digest: ''", #""digest":"""#),
        Row("digest: \(String(repeating: "g", count: 64))", nil),
        Row("digest: \(hex)", "\"digest\":\"\(hex)\""),
        Row("digest: sha256:\(hex)", "\"digest\":\"\(hex)\""),
        Row("digest: \(hex.uppercased())", "\"digest\":\"\(hex)\""),
        // Escapes.
        Row(#"description: "a/b \\ \" \n\t\r""#, #""description":"a/b \\ \" \n\t\r""#),
        Row(
            #"description: "\u0007\x7f\u0085\u2028\u2029\uFEFF""#,
            #""description":"\u0007\u007f\u0085\u2028\u2029\ufeff""#),
        Row(#"description: "\U0001F600 é \u00A0""#, "\"description\":\"\u{1F600} é \u{A0}\""),
        Row("\"a\\tb\": 1", #""a\tb":1"#),
    ]

    static let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test("one field of an entry", arguments: rows)
    func field(_ row: Row) throws {
        let text = try Sample.served(
            Sample.index("name: demo", row.source, "version: 1.0.0", "urls: [demo-1.0.0.tgz]"))
        let field = row.served.map { "\($0)," } ?? ""
        let expected =
            #"{"apiVersion":"v1","entries":{"demo":[{"name":"demo","# + field
            + #""version":"1.0.0","urls":["demo-1.0.0.tgz"]}]}}"#
        #expect(text == expected)
    }

    static let documents: [Row] = [
        Row("generated: 2024-01-02", #","generated":"2024-01-02T00:00:00Z""#),
        Row("generated: never", ""),
        Row("annotations: {a: 1}", #","annotations":{"a":"1"}"#),
        Row("publicKeys: [1, b]", #","publicKeys":["1","b"]"#),
        Row("serverInfo: {contextPath: /v1/helm}", #","serverInfo":{"contextPath":"/v1/helm"}"#),
        Row("other: [{a: 1}]", #","other":[{"a":1}]"#),
        Row("\(String(repeating: "k", count: 2_000)): 1", ""),
        Row("entries: {b: []}", ""),
    ]

    @Test("fields of the index beside the entries", arguments: documents)
    func topLevel(_ row: Row) throws {
        let text = try Sample.served("apiVersion: v1\nentries: {a: []}\n? " + row.source.keyLine)
        #expect(text == #"{"apiVersion":"v1","entries":{"a":[]}"# + (row.served ?? "") + "}")
    }

    struct Listing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entries: String
        let served: String
        let dropped: Int
    }

    static let good = "{name: a, version: 1.0.0, urls: [a-1.0.0.tgz]}"
    static let goodServed = #"{"name":"a","version":"1.0.0","urls":["a-1.0.0.tgz"]}"#

    static let listings: [Listing] = [
        Listing(testDescription: "nothing", entries: "{}", served: "{}", dropped: 0),
        Listing(testDescription: "null", entries: "null", served: "{}", dropped: 0),
        Listing(testDescription: "a chart of null", entries: "{a: null}", served: "{}", dropped: 0),
        Listing(
            testDescription: "a null entry", entries: "{a: [null, \(good)]}",
            served: "{\"a\":[\(goodServed)]}", dropped: 1),
        Listing(
            testDescription: "an entry that is a text", entries: "{a: [\(good), text]}",
            served: "{\"a\":[\(goodServed)]}", dropped: 1),
        Listing(
            testDescription: "an entry without URLs", entries: "{a: [{name: a}], b: [\(good)]}",
            served: "{\"b\":[\(goodServed)]}", dropped: 1),
        Listing(
            testDescription: "URLs that nobody can ask for",
            entries: "{a: [{version: 1, urls: [null, ftp://h/a.tgz, 'https://u:p@h/a.tgz', '']}]}",
            served: "{}", dropped: 1),
        Listing(
            testDescription: "the second URL is the first usable one",
            entries: "{a: [{urls: [ftp://h/a.tgz, [x], a-1.0.0.tgz], name: a, version: 1.0.0}]}",
            served: "{\"a\":[\(goodServed)]}", dropped: 0),
        Listing(
            testDescription: "one URL where a list belongs",
            entries: "{a: [{name: a, version: 1.0.0, urls: a-1.0.0.tgz}]}",
            served: "{\"a\":[\(goodServed)]}", dropped: 0),
        Listing(
            testDescription: "an entry of nothing but a URL", entries: "{a: [{urls: [a.tgz]}]}",
            served: #"{"a":[{"urls":["a.tgz"]}]}"#, dropped: 0),
        Listing(
            testDescription: "a version that stands twice", entries: "{a: [\(good), \(good)]}",
            served: "{\"a\":[\(goodServed),\(goodServed)]}", dropped: 0),
        Listing(
            testDescription: "a chart that stands twice", entries: "{a: [\(good)], a: []}",
            served: "{\"a\":[\(goodServed)]}", dropped: 0),
        Listing(
            testDescription: "a chart that is no list", entries: "{a: \(good), b: [\(good)]}",
            served: "{\"b\":[\(goodServed)]}", dropped: 1),
    ]

    @Test("entries that cannot be served are left out, and the rest stays", arguments: listings)
    func listing(_ row: Listing) throws {
        let text = "apiVersion: v1\nentries: \(row.entries)\n"
        let served = try Sample.served(text)
        #expect(served == "{\"apiVersion\":\"v1\",\"entries\":\(row.served)}")
        let notes = try Sample.arrival(Array(text.utf8)).summary.notes
        let dropped = notes.filter { $0.sentence.hasPrefix("entries") }.map(\.count)
        #expect(dropped == (row.dropped == 0 ? [] : [row.dropped]))
    }

    @Test("what is left out is counted by kind")
    func notes() throws {
        let text = Sample.index(
            "name: demo", "name: again", "digest: abc", "created: soon", "home: []",
            "urls: [demo.tgz]")
        let summary = try Sample.arrival(Array(text.utf8)).summary
        #expect(summary.entryCount == 1)
        #expect(summary.notes.map(\.count) == [1, 1, 1, 1])
    }

    @Test("an index in JSON gives the same answer as in YAML, however it comes in pieces")
    func json() throws {
        let json = #"""
            {"entries":{"a":[{"urls":["charts\/a-1.tgz"],"version":1.10,"deprecated":true,"x":null,
            "description":"\ud83d\ude00\u0085","appVersion":1E3}]},"apiVersion":"v1"}
            """#
        let yaml = #"""
            entries:
              a:
              - urls: [charts/a-1.tgz]
                version: 1.10
                deprecated: true
                x:
                description: "😀\N"
                appVersion: 1E3
            apiVersion: v1
            """#
        let expected =
            #"{"entries":{"a":[{"version":"1.10","deprecated":true,"x":null,"description":"😀\u0085","#
            + #""appVersion":"1E3","urls":["charts/a-1.tgz"]}]},"apiVersion":"v1"}"#
        for text in [json, yaml, "\u{FEFF}" + yaml] {
            for size in [1, 7, 65_536] {
                let served = try Sample.served(Array(text.utf8), pieceSize: size).bytes
                #expect(String(decoding: served, as: UTF8.self) == expected)
            }
        }
    }

    @Test("as YAML: block style, texts in double quotes")
    func yaml() throws {
        let text = #"""
            apiVersion: v1
            generated: 2024-01-02
            empty: {a: {}, b: [], c: [[1, 2], {d: e}]}
            entries: {a: [{version: 1.0, urls: [a.tgz], "k\n": ' '}]}
            """#
        let served = try Sample.served(Array(text.utf8), as: .yaml)
        let expected = #"""
            "apiVersion": "v1"
            "generated": "2024-01-02T00:00:00Z"
            "empty":
              "a": {}
              "b": []
              "c":
                - - 1
                  - 2
                - "d": "e"
            "entries":
              "a":
                - "version": "1.0"
                  "k\n": " "
                  "urls":
                    - "a.tgz"

            """#
        #expect(String(decoding: served.bytes, as: UTF8.self) == expected)
        #expect(served.head.contentType == "application/yaml")
        #expect(served.head.lastModified == 1_704_153_600)
    }
}

extension String {
    /// A line `key: value` as an explicit key, which may be longer than 1024 characters.
    fileprivate var keyLine: String {
        let parts = split(separator: ":", maxSplits: 1)
        return "\(parts[0])\n:\(parts[1])\n"
    }
}
