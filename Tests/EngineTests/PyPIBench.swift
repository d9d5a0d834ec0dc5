import Backends
import CacheRules
import Digests
import Engine
import HTTPModel
import PyPI

/// An index that nobody has, behind a bench.
enum PyPIBench {
    static let simple = "https://index.example/simple/"
    static let files = "https://files.example/packages/"
    static let json = "application/vnd.pypi.simple.v1+json"
    static let html = "application/vnd.pypi.simple.v1+html"

    static func bench(also mounts: [Mount] = []) -> Bench {
        Bench(mounts: [mount()] + mounts)
    }

    static func mount(
        _ path: [String] = ["pypi"], simple: String = simple, files: String? = files,
        hosts: [String] = []
    ) -> Mount {
        guard let url = AbsoluteURL(simple),
            let upstream = PyPIUpstream(
                simple: url, files: files.flatMap { AbsoluteURL($0) }, hosts: hosts)
        else { preconditionFailure("a bad test URL") }
        return mount(path, upstream)
    }

    static func mount(_ path: [String], _ upstream: PyPIUpstream) -> Mount {
        Mount(
            path: path, adapter: PyPIAdapter(mount: path, upstream: upstream),
            policy: UpstreamPolicy(home: upstream.simple.origin),
            freshness: FreshnessRule(ceilingSeconds: 300))
    }

    /// An answer with a body of some type.
    static func answer(
        _ text: String, type: String = json, _ headers: [(name: String, value: String)] = []
    ) -> FakeUpstream.Script {
        .init(headers: [("Content-Type", type)] + headers, pieces: [Array(text.utf8)])
    }

    /// A page of the project `foo-bar` with these files.
    static func page(_ files: String = "", more: String = "") -> FakeUpstream.Script {
        answer(
            #"{"meta":{"api-version":"1.4"},"name":"foo-bar",\#(more)"files":[\#(files)]}"#)
    }

    /// A file's object in a JSON page.
    static func file(_ name: String, _ members: String = "") -> String {
        #"{"filename":"\#(name)","url":"\#(files)aa/\#(name)","hashes":{}\#(members)}"#
    }
}
