import Backends
import CacheRules
import Ecosystems
import Engine
import HTTPModel
import Helm
import Resources
import Testing

/// A registry of one of the ecosystems, with a document that a test makes as long and as old as it wants.
struct GuardedRegistry: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let label: String
    /// Ours.
    let path: String
    /// The document's name.
    let name: String
    /// The upstream's.
    let url: String
    let type: String
    /// Whether its documents tell their age.
    let tellsAge: Bool
    let mount: @Sendable () -> Mount
    /// A document with so many entries, the younger the higher the second number.
    let text: @Sendable (_ count: Int, _ age: Int) -> String

    static let pypi = GuardedRegistry(
        testDescription: "PyPI", label: "pypi", path: "/pypi/simple/foo-bar/",
        name: "simple/foo-bar/", url: PyPIBench.simple + "foo-bar/", type: PyPIBench.json,
        tellsAge: true, mount: { PyPIBench.mount() }
    ) { count, age in
        let files = (0..<count).map { PyPIBench.file("foo_bar-\($0).tar.gz") }
        return #"{"meta":{"api-version":"1.4","_last-serial":\#(age)},"name":"foo-bar","files":["#
            + files.joined(separator: ",") + "]}"
    }

    static let npm = GuardedRegistry(
        testDescription: "npm", label: "npm", path: "/npm/n", name: "n",
        url: NPMBench.registry + "n", type: "application/json", tellsAge: true,
        mount: { NPMBench.mounts()[0] }
    ) { count, age in
        let versions = (0..<count).map {
            NPMBench.version(
                "n", "1.\($0).0", #""shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709""#)
        }
        return #"{"name":"n","time":{"modified":"2020-10-10T12:34:\#(age).000Z"},"versions":{"#
            + versions.joined(separator: ",") + "}}"
    }

    static let helm = GuardedRegistry(
        testDescription: "Helm", label: "helm/acme", path: "/helm/acme/index.yaml",
        name: "index.yaml", url: "https://charts.example/index.yaml", type: "application/yaml",
        tellsAge: false,
        mount: {
            guard let base = AbsoluteURL("https://charts.example/") else {
                preconditionFailure("a bad test URL")
            }
            return Mount(
                path: ["helm", "acme"],
                adapter: HelmAdapter(mount: ["helm", "acme"], upstream: HelmUpstream(base: base)),
                policy: UpstreamPolicy(home: base.origin),
                freshness: FreshnessRule(ceilingSeconds: 300))
        }
    ) { count, age in
        let entries = (0..<count).map {
            "  - {name: c, version: 1.\($0).0, urls: [c-1.\($0).0.tgz]}\n"
        }
        return "apiVersion: v1\ngenerated: 2020-10-10T12:34:\(age)Z\nentries:\n  c:\n"
            + (entries.isEmpty ? "  []\n" : entries.joined())
    }

    static let all = [pypi, npm, helm]

    /// The key of the document.
    var key: CacheKey { CacheKey(.document(name), of: mount().adapter.identity) }

    func bench(restarting other: Bench? = nil) -> Bench {
        Bench(restarting: other, mounts: [mount()])
    }

    /// Lets the upstream answer with a document of so many entries.
    func publish(_ count: Int, age: Int, tag: String? = nil, on bench: Bench) {
        publish(text(count, age), tag: tag, on: bench)
    }

    func publish(_ text: String, tag: String? = nil, on bench: Bench) {
        bench.upstream.set(
            url,
            .init(headers: [("content-type", type)], pieces: [Array(text.utf8)], tag: tag))
    }
}
