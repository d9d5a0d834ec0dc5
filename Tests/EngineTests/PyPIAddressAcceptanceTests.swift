import Engine
import HTTPModel
import PyPI
import Testing

/// The acceptance list A16 for whose URLs are in answers.
@Suite(.timeLimit(.minutes(5))) struct PyPIAddressAcceptanceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var host: String?
        var rule = PublicBaseRule()
        var peer = "192.0.2.1"
        var forwardedHost: String?
        /// What stands before `packages/`; nil for a 421.
        let folder: String?
    }

    static let rows: [Row] = [
        Row(
            testDescription: "loopback with another port", host: "127.0.0.1:9999",
            peer: "127.0.0.1", folder: "http://127.0.0.1:9999/pypi/"),
        Row(testDescription: "loopback, but from another machine", host: "127.0.0.1", folder: nil),
        Row(testDescription: "a host that nobody named", host: "packages.example", folder: nil),
        Row(testDescription: "no host", folder: nil),
        Row(
            testDescription: "a listed host", host: "packages.example",
            rule: PublicBaseRule(allowedHosts: [.init(name: "packages.example")]),
            folder: "http://packages.example/pypi/"),
        Row(
            testDescription: "public_url with a prefix", host: "packages.example",
            rule: PublicBaseRule(publicURL: AbsoluteURL("https://larder.example/cache/")),
            folder: "https://larder.example/cache/pypi/"),
        Row(
            testDescription: "a stranger's X-Forwarded-Host", host: "localhost",
            rule: PublicBaseRule(
                allowedHosts: [.init(name: "packages.example"), .init(name: "localhost")]),
            forwardedHost: "packages.example", folder: "http://localhost/pypi/"),
        Row(
            testDescription: "a trusted proxy's X-Forwarded-Host", host: "localhost",
            rule: PublicBaseRule(
                allowedHosts: [.init(name: "packages.example")],
                trustedProxies: ["192.0.2.0/24"].compactMap { AddressBlock($0) }),
            forwardedHost: "packages.example", folder: "http://packages.example/pypi/"),
    ]

    static let path = "/pypi/pypi/foo/json"
    static let theirs = "https://files.example/packages/aa/foo-1.zip"

    static func document(_ url: String) -> String {
        #"{"info":{"home_page":"\#(theirs)"},"urls":[{"url":"\#(url)"}]}"#
    }

    static func bench(_ rule: PublicBaseRule) -> Bench {
        let bench = Bench(mounts: [PyPIBench.mount()]) { $0.base = rule }
        bench.upstream.set(
            "https://index.example/pypi/foo/json",
            PyPIBench.answer(document(theirs), type: "application/json"))
        return bench
    }

    @Test("A16.18 URLs of the JSON API are absolute, as this server is reached", arguments: rows)
    func base(_ row: Row) async throws {
        try await Bench.run(Self.bench(row.rule)) { bench in
            for _ in 1...2 {
                let got = try await bench.get(Self.path) { head in
                    head.host = row.host
                    head.peer = IPAddress(row.peer)
                    head.forwarding = row.forwardedHost.map { host in
                        var fields = ForwardingFields()
                        fields.host = host
                        return fields
                    }
                }
                guard let folder = row.folder else {
                    #expect(got.status == 421)
                    #expect(got.text.contains("public_url") && got.text.contains("allowed_hosts"))
                    continue
                }
                #expect(got.text == Self.document(folder + "packages/aa/foo-1.zip"))
                #expect(got.field("Vary")?.contains("Host") == true)
            }
            #expect(bench.upstream.requestCount == (row.folder == nil ? 0 : 1))
        }
    }

    @Test("A16.18 the provenance of a file: ours, as this server is reached (PEP 740)")
    func provenance() async throws {
        let theirs = "https://index.example/integrity/foo-bar/1/foo_bar-1.zip/provenance"
        let path = "pypi/integrity/foo-bar/1/foo_bar-1.zip/provenance"
        // A reason as somebody may write it.
        let reason = #" data-provenance=\"\#(theirs)\" \"provenance\":\"\#(theirs)\""#
        let file = PyPIBench.file(
            "foo_bar-1.zip", #","provenance":"\#(theirs)","yanked":"\#(reason)""#)
        for (publicURL, url) in [
            ("https://larder.example/cache/", "https://larder.example/cache/" + path),
            ("http://larder.example/", "http://larder.example/" + path), ("", theirs),
        ] {
            let bench = Bench(mounts: [PyPIBench.mount()]) {
                $0.base = PublicBaseRule(publicURL: AbsoluteURL(publicURL))
            }
            bench.upstream.set("\(PyPIBench.simple)foo-bar/", PyPIBench.page(file))
            try await Bench.run(bench) { bench in
                let json = try await bench.get("/pypi/simple/foo-bar/") {
                    $0.accept = PyPIBench.json
                    $0.host = "nobody-named.example"
                }
                #expect(json.text.contains(#""provenance":"\#(url)""#))
                #expect(json.text.contains(#""yanked":"\#(reason)""#))
                let html = try await bench.get("/pypi/simple/foo-bar/") {
                    $0.host = "nobody-named.example"
                }
                #expect(html.text.contains(#" data-provenance="\#(url)""#))
                #expect(html.text.contains("data-provenance=&quot;\(theirs)&quot;"))
            }
        }
    }

    @Test(
        "A16.18 answers for several hosts do not mix: one document, a rendering and a tag for each")
    func hosts() async throws {
        try await Bench.run(Self.bench(PublicBaseRule())) { bench in
            var tags: Set<String?> = []
            for host in ["localhost", "127.0.0.1:81", "localhost", "127.0.0.1:81"] {
                let got = try await bench.get(Self.path) { $0.host = host }
                #expect(got.text.contains("http://\(host)/pypi/packages/aa/foo-1.zip"))
                tags.insert(got.field("ETag"))
            }
            #expect(tags.count == 2 && bench.upstream.requestCount == 1)
        }
    }
}
