import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import NPM

/// A registry that nobody has, behind a bench: mounted as `larder` mounts the public one.
enum NPMBench {
    static let registry = "https://registry.example/"
    static let abbreviated =
        "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"
    /// Where the bench's clients reach the server.
    static let base = "http://localhost/npm/"

    /// A package with two versions; the tarball of the second is `file`.
    static let file = TestFile("n-1.1.0.tgz", byteCount: 100_000)

    static func bench(
        scopes: [String: String] = [:], _ change: (inout EngineRules) -> Void = { _ in }
    ) -> Bench {
        let bench = Bench(mounts: mounts(scopes: scopes), change)
        for (name, tag) in [("n", "\"1\""), ("@s/n", "\"2\"")] {
            bench.upstream.set(url(of: name), answer(packument(name), tag: tag))
            bench.upstream.set(tarball(of: name), .init(pieces: file.pieces))
        }
        return bench
    }

    /// The mounts of scopes with registries of their own, and of the main registry.
    static func mounts(scopes: [String: String] = [:]) -> [Mount] {
        let names = Set(scopes.keys)
        var mounts: [Mount] = []
        for (scope, url) in scopes.sorted(by: { $0.key < $1.key }) {
            mounts += pair(url, scopes: [scope], elsewhere: names)
        }
        return mounts + pair(registry, scopes: [], elsewhere: names)
    }

    private static func pair(
        _ registry: String, scopes: Set<String>, elsewhere: Set<String>
    ) -> [Mount] {
        guard let url = AbsoluteURL(registry),
            let upstream = NPMUpstream(registry: url, scopes: scopes, elsewhere: elsewhere)
        else { preconditionFailure("a bad registry in a test") }
        return [false, true].map { servesRoot in
            Mount(
                path: servesRoot ? [] : ["npm"],
                adapter: NPMAdapter(mount: ["npm"], upstream: upstream, servesRoot: servesRoot),
                policy: UpstreamPolicy(home: url.origin),
                freshness: FreshnessRule(ceilingSeconds: 300))
        }
    }

    static func url(of name: String) -> String {
        registry + name.replacing("/", with: "%2f")
    }

    /// The second version's tarball at the registry.
    static func tarball(of name: String) -> String { "\(registry)\(name)/-/n-1.1.0.tgz" }

    static func answer(
        _ text: String, tag: String? = nil, type: String = "application/json"
    ) -> FakeUpstream.Script {
        .init(headers: [("content-type", type)], pieces: [Array(text.utf8)], tag: tag)
    }

    /// Two versions, the tag `latest`, times; the second version's tarball is `file`.
    static func packument(_ name: String, integrity: String? = nil) -> String {
        let bytes = file.bytes
        let sha1 = (try? Digest.of(bytes.span, .sha1))?.hex
        let checks = integrity.map { #""integrity":"\#($0)""# } ?? #""shasum":"\#(sha1 ?? "")""#
        return #"{"_id":"\#(name)","name":"\#(name)","dist-tags":{"latest":"1.1.0"},"versions":{"#
            + version(name, "1.0.0", #""shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709""#) + ","
            + version(name, "1.1.0", checks)
            + #"},"time":{"modified":"2020-10-10T12:34:56.789Z","1.0.0":"2020-10-09T00:00:00.000Z","#
            + #""1.1.0":"2020-10-10T12:34:56.789Z"},"readme":"About n"}"#
    }

    static func version(_ name: String, _ version: String, _ checks: String) -> String {
        #""\#(version)":\#(manifest(name, version, checks))"#
    }

    static func manifest(_ name: String, _ version: String, _ checks: String) -> String {
        #"{"name":"\#(name)","version":"\#(version)","readme":"x","dist":{\#(checks),"#
            + #""tarball":"\#(registry)\#(name)/-/n-\#(version).tgz"}}"#
    }
}
