import HTTPModel
import Testing

@Suite struct AbsoluteURLTests {
    @Test(
        "URLs and their normal form",
        arguments: [
            ("https://files.example/a/b?c=d#e", "https://files.example/a/b?c=d"),
            ("HTTPS://Files.Example", "https://files.example/"),
            ("http://a:80/", "http://a/"), ("http://a:8080", "http://a:8080/"),
            ("http://a:/x", "http://a/x"),
            ("https://a:80/", "https://a:80/"), ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://127.0.0.1/", "http://127.0.0.1/"), ("http://a?b", "http://a/?b"),
            ("http://a/b/../c/./d", "http://a/c/d"), ("http://a/../..", "http://a/"),
            ("http://a/b/..", "http://a/"),
            ("http://a/b/.", "http://a/b/"), ("http://a//b", "http://a//b"),
            ("http://a/%2e%2E/b", "http://a/%2e%2E/b"),
            ("http://a_b/", "http://a_b/"), ("http://a#b", "http://a/"),
        ])
    func good(_ text: String, _ expected: String) throws {
        let url = try #require(AbsoluteURL(text))
        #expect(url.description == expected)
        #expect(AbsoluteURL(url.description) == url)
    }

    @Test(
        "what is no http or https URL, or hides something (rule U4)",
        arguments: [
            "", "a", "/a", "//a/b", "http:", "http:/a", "http:a", "http://", "http:///a",
            "ftp://a/", "file:///etc",
            "javascript:x", "data:,x", "http://u@a/", "http://u:p@a/", "http://a:b@c/",
            "http://a:0/", "http://a:65536/",
            "http://a:99999999999/", "http://a:+80/", "http://a:8a/", "http://a b/", "http://a/b c",
            "http://a\\b/",
            "http://a/\\b", "http://a/\"", "http://a/\u{0}", "http://a/\n", "http://\u{E9}/",
            "http://a/\u{E9}",
            "http://[::1/", "http://[]/", "http://[::1]x/", "http://[fe80::1%25eth0]/",
            "http://[::1]:x/", "http://a%2fb/",
            "http://a,b/", "http://a;b/", "http://?a", "http://#a", "http://:80/", " http://a/",
        ])
    func bad(_ text: String) {
        #expect(AbsoluteURL(text) == nil)
    }

    @Test func limits() {
        #expect(AbsoluteURL("http://a/" + String(repeating: "b", count: 8_183)) != nil)
        #expect(AbsoluteURL("http://a/" + String(repeating: "b", count: 8_184)) == nil)
        #expect(AbsoluteURL("http://" + String(repeating: "b", count: 254) + "/") == nil)
    }

    /// The examples of RFC 3986 section 5.4, with a registry's scheme; nil where the RFC's answer
    /// is not an http URL.
    static let references: [(String, String?)] = [
        ("g:h", nil), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"), ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
        (";x", "http://a/b/c/;x"), ("g;x", "http://a/b/c/g;x"), ("g;x?y#s", "http://a/b/c/g;x?y"),
        ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."), ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"), ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"), ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"), ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/./x", "http://a/b/c/g"), ("g#s/../x", "http://a/b/c/g"), ("http:g", nil),
        ("https://x/y", "https://x/y"), (" g ", "http://a/b/c/g"), ("g h", nil), ("\\\\g", nil),
        ("//u@g/", nil), ("javascript:x", nil), ("./g:h", "http://a/b/c/g:h"),
    ]

    @Test("references, RFC 3986 section 5.4", arguments: references)
    func reference(_ text: String, _ expected: String?) throws {
        let base = try #require(AbsoluteURL("http://a/b/c/d;p?q"))
        #expect(base.resolving(text)?.description == expected)
    }

    @Test func origins() throws {
        let url = try #require(AbsoluteURL("https://A:443/x"))
        #expect(url.origin == AbsoluteURL("https://a/y")?.origin)
        #expect(url.origin != AbsoluteURL("http://a:443/y")?.origin)
        #expect(url.origin != AbsoluteURL("https://a:444/y")?.origin)
        #expect(url.authority == "a")
    }
}

@Suite struct HeadersTests {
    @Test func namesHaveNoCase() {
        var headers = Headers([("ETag", "a"), ("Vary", "b")])
        headers.append("VARY", "c")
        #expect(headers["etag"] == "a")
        #expect(headers["vary"] == "b")
        #expect(headers.combined("vary") == "b, c")
        #expect(headers.combined("age") == nil)
    }

    @Test(arguments: [
        ("", ""), (" a\t", "a"), ("\t \t", ""), ("a b", "a b"), ("\u{A0}a", "\u{A0}a"),
    ])
    func trimming(_ text: String, _ expected: String) {
        #expect(text.trimmingWhitespace == expected)
    }

    @Test func lowerCaseIsASCIIOnly() {
        #expect("ÄBC\u{212A}".asciiLowercased == "Äbc\u{212A}")
    }

    @Test(
        arguments: [
            ("GET", .get), ("HEAD", .head), ("OPTIONS", .options), ("POST", .post), ("get", .other),
            ("PUT", .put), ("DELETE", .delete), ("GETS", .other), ("", .other),
        ] as [(String, HTTPModel.Method)])
    func methods(_ token: String, _ method: HTTPModel.Method) {
        #expect(Method(token) == method)
    }
}
