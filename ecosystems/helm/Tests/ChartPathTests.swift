import Digests
import Ecosystems
import HTTPModel
import Helm
import Resources
import Testing

/// How an upstream's URL becomes a path here (helm-and-kubernetes A3, A4, A7).
@Suite struct ChartPathTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let url: String
        let path: String
        let fetched: String
        var base = Sample.base

        init(_ url: String, _ path: String, _ fetched: String, base: String = Sample.base) {
            self.url = url
            self.path = path
            self.fetched = fetched
            self.base = base
        }

        var testDescription: String { "\(url) at \(base)" }
    }

    static let below = "https://charts.example/stable/"

    static let rows: [Row] = [
        // Relative ones stay as they are (k3s, cilium; Nexus lost the folder).
        Row("demo-1.2.0.tgz", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        Row("charts/demo-1.2.0.tgz", "charts/demo-1.2.0.tgz", below + "charts/demo-1.2.0.tgz"),
        Row("./demo-1.2.0.tgz", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        Row("/stable/demo-1.2.0.tgz", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        Row("../stable/demo-1.2.0.tgz", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        Row("charts/demo-1.2.0.tgz?v=1", "charts/demo-1.2.0.tgz", below + "charts/demo-1.2.0.tgz"),
        Row(" demo-1.2.0.tgz ", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        // Build metadata: a literal plus, however the upstream writes it.
        Row("demo-1.2.0+b.5.tgz", "demo-1.2.0+b.5.tgz", below + "demo-1.2.0+b.5.tgz"),
        Row("demo-1.2.0%2Bb.5.tgz", "demo-1.2.0+b.5.tgz", below + "demo-1.2.0%2Bb.5.tgz"),
        // Many dots (Nexus took the version for an ending).
        Row("keycloak-24.2.2.2.tgz", "keycloak-24.2.2.2.tgz", below + "keycloak-24.2.2.2.tgz"),
        Row("a-1.tar.gz", "a-1.tar.gz", below + "a-1.tar.gz"),
        // Names that need escapes.
        Row("de mo-1.tgz", "de%20mo-1.tgz", below + "de%20mo-1.tgz"),
        Row("d%C3%A9mo-1.tgz", "d%C3%A9mo-1.tgz", below + "d%C3%A9mo-1.tgz"),
        Row("démo-1.tgz", "d%C3%A9mo-1.tgz", below + "d%C3%A9mo-1.tgz"),
        Row("a%3Bb-1.tgz", "a%3Bb-1.tgz", below + "a%3Bb-1.tgz"),
        // Absolute ones below the base.
        Row(below + "demo-1.2.0.tgz", "demo-1.2.0.tgz", below + "demo-1.2.0.tgz"),
        Row("HTTPS://Charts.Example:443/stable/a-1.tgz", "a-1.tgz", below + "a-1.tgz"),
        // Elsewhere: the host and the whole path.
        Row(
            "https://charts.example/other/a-1.tgz", "-/charts.example/other/a-1.tgz",
            "https://charts.example/other/a-1.tgz"),
        Row(
            "https://charts.example/stable/../a-1.tgz", "-/charts.example/a-1.tgz",
            "https://charts.example/a-1.tgz"),
        Row(
            "https://files.example/o/r/releases/download/a-1/a-1.tgz",
            "-/files.example/o/r/releases/download/a-1/a-1.tgz",
            "https://files.example/o/r/releases/download/a-1/a-1.tgz"),
        Row(
            "//files.example/a-1.tgz", "-/files.example/a-1.tgz", "https://files.example/a-1.tgz"),
        Row(
            "http://files.example/a-1.tgz", "-/files.example:80/a-1.tgz",
            "http://files.example/a-1.tgz"),
        Row(
            "https://files.example:8443/a-1.tgz", "-/files.example:8443/a-1.tgz",
            "https://files.example:8443/a-1.tgz"),
        Row(
            "https://files.example/a-1.tgz?sig=s", "-/files.example/a-1.tgz",
            "https://files.example/a-1.tgz?sig=s"),
        Row(
            below + "a-1.tgz?token=t", "-/charts.example/stable/a-1.tgz",
            below + "a-1.tgz?token=t"),
        Row("-/x/a-1.tgz", "-/charts.example/stable/-/x/a-1.tgz", below + "-/x/a-1.tgz"),
        // No archive's name: one is made of the entry's name and version.
        Row(
            "blob/sha256-abc", "-/charts.example/stable/blob/sha256-abc/demo-1.2.0.tgz",
            below + "blob/sha256-abc"),
        Row(
            "https://files.example/download?f=a-1.tgz", "-/files.example/download/demo-1.2.0.tgz",
            "https://files.example/download?f=a-1.tgz"),
        Row("charts/", "-/charts.example/demo-1.2.0.tgz", below + "charts/"),
        Row("a//b-1.tgz", "-/charts.example/demo-1.2.0.tgz", below + "a//b-1.tgz"),
        Row("a%2Fb-1.tgz", "-/charts.example/demo-1.2.0.tgz", below + "a%2Fb-1.tgz"),
        Row("a%252Bb-1.tgz", "-/charts.example/demo-1.2.0.tgz", below + "a%252Bb-1.tgz"),
        Row("a\\b-1.tgz", "-/charts.example/demo-1.2.0.tgz", below + "a%5Cb-1.tgz"),
        // The query of the repository's own URL goes with relative ones, as in Helm.
        Row(
            "a-1.tgz?own=1", "a-1.tgz", below + "a-1.tgz?token=t",
            base: "https://charts.example/stable?token=t"),
        Row(
            "https://files.example/a-1.tgz", "-/files.example/a-1.tgz",
            "https://files.example/a-1.tgz", base: "https://charts.example/stable?token=t"),
        Row("a-1.tgz", "a-1.tgz", "https://charts.example/a-1.tgz", base: "https://charts.example"),
        Row("a-1.tgz", "a-1.tgz", below + "a-1.tgz", base: "https://charts.example/stable//"),
        // Registries: the manifest.
        Row(
            "oci://registry.example/charts/demo:1.2.0",
            "-/registry.example/charts/demo/demo-1.2.0.tgz",
            "https://registry.example/v2/charts/demo/manifests/1.2.0"),
        Row(
            "oci://registry.example:5000/demo", "-/registry.example:5000/demo/demo-1.2.0.tgz",
            "https://registry.example:5000/v2/demo/manifests/1.2.0"),
        Row(
            "oci://127.0.0.1:5000/demo:1.2.0+b", "-/127.0.0.1:5000/demo/demo-1.2.0.tgz",
            "http://127.0.0.1:5000/v2/demo/manifests/1.2.0_b", base: "http://127.0.0.1:80/x"),
    ]

    @Test("a URL of an entry, its path here and what is fetched for it", arguments: rows)
    func path(_ row: Row) throws {
        let adapter = Sample.adapter(Sample.upstream(row.base))
        let index = Array(Sample.index(urls: [row.url]).utf8)
        let served = String(decoding: try Sample.served(index, by: adapter).bytes, as: UTF8.self)
        #expect(served.contains("\"urls\":[\"\(row.path)\"]"), "\(served)")
        let facts = try Sample.arrival(index, by: adapter).facts
        #expect(facts.map(\.artifact) == [row.path, row.path + ".prov"])
        #expect(facts.first?.url.description == row.fetched)
        #expect(facts.first?.version == "1.2.0")
    }

    @Test("each path that is served leads back to its file", arguments: rows)
    func reversible(_ row: Row) throws {
        let adapter = Sample.adapter(Sample.upstream(row.base))
        for suffix in ["", ".prov"] {
            let target = try RequestTarget("/helm/stable/\(row.path)\(suffix)".utf8)
            let route = adapter.route(RequestHead(method: .get, target: target), base: nil)
            #expect(route == .artifact(name: row.path + suffix, namedBy: "index.yaml"))
        }
    }

    @Test("another Larder before this one has our paths to other hosts below our name")
    func servedAgain() throws {
        let urls = ["a-1.tgz", "https://charts.helm.sh/stable/nginx-0.2.0.tgz"]
        let served = try Sample.served(Array(Sample.index(urls: urls).utf8)).bytes
        let paths = ["a-1.tgz", "-/charts.example/stable/-/charts.helm.sh/stable/nginx-0.2.0.tgz"]
        let again = String(decoding: try Sample.served(served).bytes, as: UTF8.self)
        for path in paths { #expect(again.contains("\"urls\":[\"\(path)\"]"), "\(again)") }
        let facts = try Sample.arrival(served).facts.filter { !$0.artifact.hasSuffix(".prov") }
        #expect(facts.map(\.artifact) == paths)
    }

    struct Provenance: Sendable {
        let url: String
        let provenance: String
    }

    @Test(
        "the provenance is beside the chart, before a query",
        arguments: [
            Provenance(url: "a-1.tgz", provenance: below + "a-1.tgz.prov"),
            Provenance(
                url: "https://files.example/a-1.tgz?sig=s",
                provenance: "https://files.example/a-1.tgz.prov?sig=s"),
            Provenance(
                url: "oci://registry.example/a:1",
                provenance: "https://registry.example/v2/a/manifests/1"),
        ])
    func provenance(_ row: Provenance) throws {
        let facts = try Sample.arrival(Array(Sample.index(urls: [row.url]).utf8)).facts
        #expect(facts.last?.url.description == row.provenance)
        #expect(facts.last?.digests.isEmpty == true)
    }

    @Test(
        "a colon in the first segment of a path begins no scheme",
        arguments: [
            ("./a:b-1.tgz", "a:b-1.tgz"), (below + "a%3Ab:gz/c-1.tgz", "a:b:gz/c-1.tgz"),
            ("a/b:c-1.tgz", "a/b:c-1.tgz"),
        ])
    func colon(_ url: String, _ path: String) throws {
        let served = try Sample.served(Array(Sample.index(urls: [url]).utf8)).bytes
        let reference = path.hasPrefix("a:") ? "./" + path : path
        for bytes in [served, try Sample.served(served).bytes] {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("\"urls\":[\"\(reference)\"]"), "\(text)")
        }
        let facts = try Sample.arrival(served).facts
        #expect(facts.map(\.artifact) == [path, path + ".prov"])
    }

    @Test("two files of one path: the first keeps it, the other gets one of its own")
    func collision() throws {
        let urls = ["1", "2", "1"].map { "https://files.example/d/a-1.tgz?v=\($0)" }
        let index = Array(Sample.index(urls: urls).utf8)
        let facts = try Sample.arrival(index).facts.filter { !$0.artifact.hasSuffix(".prov") }
        #expect(
            facts.map(\.artifact)
                == ["-/files.example/d/a-1.tgz", "-/files.example/911f3a1ce352/a-1.tgz"])
        #expect(facts.map(\.url.query) == ["v=1", "v=2"])
        let served = String(decoding: try Sample.served(index).bytes, as: UTF8.self)
        #expect(served.components(separatedBy: "\"-/files.example/d/a-1.tgz\"").count == 3)
    }

    @Test("facts carry digest, version and time; the first of equal entries holds")
    func facts() throws {
        let hex = String(repeating: "ab", count: 32)
        let text =
            Sample.index(
                "version: 1.0", "digest: sha256:\(hex)", "created: 1970-01-02", "urls: [a.tgz]",
                "name: demo") + "  - {version: 1.0, digest: abc, urls: [a.tgz]}\n"
        let facts = try Sample.arrival(Array(text.utf8)).facts
        #expect(facts.count == 2)
        #expect(facts.first?.digests.map(\.description) == ["sha256:\(hex)"])
        #expect(facts.first?.version == "1.0")
        #expect(facts.first?.publishedAt == 86_400)
    }
}

extension String {
    fileprivate func components(separatedBy text: String) -> [Substring] {
        split(separator: text, omittingEmptySubsequences: false)
    }
}
