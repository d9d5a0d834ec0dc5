import Ecosystems
import HTTPModel
import Helm
import Testing

/// What a reader of registries decides (helm-and-kubernetes A6).
@Suite struct OCITests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        var version: String?
        /// Registry, repository and reference; nil for what is refused.
        let parts: [String]?
        var testDescription: String { text }
    }

    static let digest = "sha256:" + String(repeating: "0a", count: 32)

    static let rows: [Row] = [
        Row(text: "oci://r.example/charts/a:1.2.3", parts: ["r.example", "charts/a", "1.2.3"]),
        Row(text: "OCI://R.Example/a:1", parts: ["r.example", "a", "1"]),
        Row(text: "oci://r.example:5000/a:1.0+b.1", parts: ["r.example:5000", "a", "1.0_b.1"]),
        Row(text: "oci://r.example/a", version: "1+b", parts: ["r.example", "a", "1_b"]),
        Row(text: "oci://r.example/a:1", version: "2", parts: ["r.example", "a", "1"]),
        Row(text: "oci://r.example/a@\(digest)", parts: ["r.example", "a", digest]),
        Row(text: "oci://r.example/a:1@\(digest)", parts: ["r.example", "a", digest]),
        Row(text: "oci://docker.io/n/a:1", parts: ["registry-1.docker.io", "n/a", "1"]),
        Row(text: "oci://r.example/a_b/c--d.e:v1", parts: ["r.example", "a_b/c--d.e", "v1"]),
        Row(text: "oci://r.example/a", parts: nil), Row(text: "oci://r.example/:1", parts: nil),
        Row(text: "oci://r.example/a:", parts: nil), Row(text: "oci://r.example", parts: nil),
        Row(text: "oci:///a:1", parts: nil), Row(text: "https://r.example/a:1", parts: nil),
        Row(text: "oci://u@r.example/a:1", parts: nil),
        Row(text: "oci://r.example/A:1", parts: nil),
        Row(text: "oci://r.example/../a:1", parts: nil),
        Row(text: "oci://r.example/a//b:1", parts: nil),
        Row(text: "oci://r.example/a:1/../../x", parts: nil),
        Row(text: "oci://r.example/a:1?x=y", parts: nil),
        Row(text: "oci://r.example/a%2e:1", parts: nil),
        Row(text: "oci://r.example/a@sha256:0a", parts: nil),
        Row(text: "oci://r.example/a:-1", parts: nil),
        Row(text: "oci://r.example/a:" + String(repeating: "1", count: 129), parts: nil),
    ]

    @Test("references", arguments: rows)
    func reference(_ row: Row) throws {
        let reference = OCIReference(row.text, version: row.version)
        #expect(reference.map { [$0.registry, $0.repository, $0.reference] } == row.parts)
        guard let reference else { return }
        let url = try #require(reference.manifestURL(scheme: .https))
        #expect(OCIReference(manifest: url) == reference)
    }

    @Test(
        "URLs that are no manifest's",
        arguments: [
            "https://r.example/v2/manifests/1", "https://r.example/v2/a/blobs/1",
            "https://r.example/v2/a/manifests/1?x", "https://r.example/a/manifests/1",
            "https://r.example/v2/a/manifests/", "https://r.example/v2/A/manifests/1",
        ])
    func noManifest(_ text: String) throws {
        let url = try #require(AbsoluteURL(text))
        #expect(OCIReference(manifest: url) == nil)
    }

    struct Challenge: Sendable, CustomTestStringConvertible {
        let field: String
        var registry = "https://r.example/"
        var listed: [String] = []
        /// Nil where no token may be asked for.
        let url: String?
        var testDescription: String { field }
    }

    static let challenges: [Challenge] = [
        Challenge(
            field: #"Bearer realm="https://r.example/token",service="r",scope="repository:a:pull""#,
            url: "https://r.example/token?service=r&scope=repository:charts/a:pull"),
        Challenge(
            field: #"bearer  realm="https://r.example/token?a=b" , service = "x y""#,
            url: "https://r.example/token?a=b&service=x%20y&scope=repository:charts/a:pull"),
        Challenge(
            field: #"bearer  realm="https://r.example/token?a=b" , SERVICE="x y&z""#,
            url: "https://r.example/token?a=b&service=x%20y%26z&scope=repository:charts/a:pull"),
        Challenge(
            field: #"Basic realm="x, Bearer", Bearer realm="https://r.example/t""#,
            url: "https://r.example/t?scope=repository:charts/a:pull"),
        Challenge(
            field: #"Bearer realm="https://r.example/t", Basic realm="https://evil.example/""#,
            url: "https://r.example/t?scope=repository:charts/a:pull"),
        Challenge(
            field: #"Bearer realm="https://r.ex\ample/t",scope="repository:b:push,pull""#,
            url: "https://r.example/t?scope=repository:charts/a:pull"),
        Challenge(field: #"Bearer realm="https://evil.example/token""#, url: nil),
        Challenge(field: #"Bearer realm="http://r.example/token""#, url: nil),
        Challenge(field: #"Bearer realm="https://r.example:444/token""#, url: nil),
        Challenge(field: #"Bearer realm="/token""#, url: nil),
        Challenge(field: #"Bearer realm="https://r.example/token"#, url: nil),
        Challenge(field: #"Bearer service="r""#, url: nil), Challenge(field: "Bearer", url: nil),
        Challenge(field: #"Basic realm="https://r.example/token""#, url: nil),
        Challenge(field: "", url: nil),
        Challenge(
            field: #"Bearer realm="https://auth.example/t",service="r""#,
            listed: ["https://auth.example/"],
            url: "https://auth.example/t?service=r&scope=repository:charts/a:pull"),
        Challenge(
            field: #"Bearer realm="http://auth.example/t",service="r""#,
            listed: ["https://auth.example/"], url: nil),
        Challenge(
            field: #"Bearer realm="http://127.0.0.1:5000/t""#, registry: "http://127.0.0.1:5000/",
            url: "http://127.0.0.1:5000/t?scope=repository:charts/a:pull"),
    ]

    @Test(
        "a token is asked for at the registry's own origin or a listed one", arguments: challenges)
    func challenge(_ row: Challenge) throws {
        let registry = try #require(AbsoluteURL(row.registry))
        let reference = try #require(OCIReference("oci://\(registry.authority)/charts/a:1"))
        let listed = Set(row.listed.compactMap { AbsoluteURL($0)?.host })
        let scope = TokenScope(origin: registry.origin, name: reference.scope)
        let url = TokenChallenge(row.field)?.tokenURL(for: scope) { listed.contains($0.host) }
        #expect(url?.description == row.url)
    }

    @Test("the realm that a registry documents is asked, though it is another origin")
    func documented() throws {
        for (host, realm) in HelmDefaults.realms {
            let registry = try #require(AbsoluteURL("https://\(host)/"))
            let scope = TokenScope(origin: registry.origin, name: "repository:charts/a:pull")
            let challenge = try #require(TokenChallenge("Bearer realm=\"\(realm)token\""))
            #expect(
                challenge.tokenURL(for: scope) { _ in false }?.description
                    == "\(realm)token?scope=repository:charts/a:pull")
            let other = try #require(AbsoluteURL("https://r.example/"))
            let foreign = TokenScope(origin: other.origin, name: scope.name)
            #expect(challenge.tokenURL(for: foreign) { _ in false } == nil)
        }
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let text: String
        let token: String?
        var seconds = 60
        var testDescription: String { text }
    }

    @Test(
        "what a realm answers",
        arguments: [
            Answer(text: #"{"token":"abc.def","expires_in":300}"#, token: "abc.def", seconds: 300),
            Answer(text: #"{"access_token":"abc","issued_at":"x"}"#, token: "abc"),
            Answer(text: #"{"access_token":"b","token":"a"}"#, token: "a"),
            Answer(text: #"{"token":"a","expires_in":-5}"#, token: "a", seconds: 0),
            Answer(text: #"{"token":"a","expires_in":1e9}"#, token: "a"),
            Answer(text: #"{"token":"a\r\nX: y"}"#, token: nil),
            Answer(text: #"{"token":""}"#, token: nil), Answer(text: #"{"token":1}"#, token: nil),
            Answer(text: "{}", token: nil), Answer(text: "<html>", token: nil),
        ])
    func token(_ row: Answer) {
        let token = try? RegistryToken(Array(row.text.utf8))
        #expect(token?.text == row.token)
        if let token { #expect(token.seconds == row.seconds) }
    }

    static let config = #"{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"x"}"#

    static func layer(_ type: String, _ digest: String = OCITests.digest) -> String {
        "{\"mediaType\":\"\(type)\",\"digest\":\"\(digest)\",\"size\":12}"
    }

    @Test("the layers of a chart, by their media types")
    func manifest() throws {
        let chart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
        let other = "sha256:" + String(repeating: "bb", count: 32)
        let text = """
            {"schemaVersion":2,"config":\(Self.config),"layers":[1,
            \(Self.layer("application/vnd.cncf.helm.chart.provenance.v1.prov", other)),
            \(Self.layer("application/octet-stream")),\(Self.layer(chart))]}
            """
        let manifest = try OCIManifest(Array(text.utf8))
        #expect(manifest.chart?.digest == Self.digest)
        #expect(manifest.chart?.byteCount == 12)
        #expect(manifest.provenance?.digest == other)
        #expect(manifest.manifests.isEmpty)
        let old = "{\"layers\":[\(Self.layer("application/tar+gzip"))]}"
        #expect(try OCIManifest(Array(old.utf8)).chart != nil)
    }

    @Test("an index of manifests names them")
    func index() throws {
        let text = "{\"manifests\":[\(Self.layer("application/vnd.oci.image.manifest.v1+json"))]}"
        let manifest = try OCIManifest(Array(text.utf8))
        #expect(manifest.layers == nil && manifest.chart == nil)
        #expect(manifest.manifests.map(\.digest) == [Self.digest])
    }

    @Test(
        "what is no manifest, and layers that could lead elsewhere",
        arguments: [
            "{}", "[]", "<html>", #"{"layers":{}}"#, #"{"manifests":[]}"#,
            "{\"layers\":[\(layer("application/tar+gzip"))]} x",
            String(repeating: " ", count: 5 << 20),
        ])
    func noManifest(text: String) {
        #expect(throws: DocumentFault.self) { try OCIManifest(Array(text.utf8)) }
    }

    @Test(
        "a digest that is none names no layer",
        arguments: ["../../x", "sha256:../../x", "sha512:abc", "SHA256:" + digest.dropFirst(7)])
    func digests(_ digest: String) throws {
        let text = "{\"layers\":[\(Self.layer("application/tar+gzip", digest))]}"
        #expect(try OCIManifest(Array(text.utf8)).chart == nil)
        let reference = try #require(OCIReference("oci://r.example/a:1"))
        #expect(reference.blobURL(digest, scheme: .https) == nil)
        #expect(
            reference.blobURL(Self.digest, scheme: .https)?.description
                == "https://r.example/v2/a/blobs/\(Self.digest)")
    }
}
