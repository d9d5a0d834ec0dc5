import Ecosystems
import HTTPModel
import Helm
import NPM
import PyPI

/// One adapter of each ecosystem, as a server has them.
enum Mounts {
    static let pypi: PyPIAdapter = {
        guard
            let upstream = PyPIUpstream(
                simple: url("https://index.example/simple/"),
                files: url("https://files.example/packages/"), hosts: ["wheels.example"])
        else { preconditionFailure("the URLs of the trials") }
        return PyPIAdapter(mount: ["pypi"], upstream: upstream)
    }()

    static let npm: NPMAdapter = {
        guard let upstream = NPMUpstream(registry: url("https://registry.example/")) else {
            preconditionFailure("the URLs of the trials")
        }
        return NPMAdapter(mount: ["npm"], upstream: upstream)
    }()

    static let helm = HelmAdapter(
        mount: ["helm", "stable"],
        upstream: HelmUpstream(base: url("https://charts.example/stable")))

    static let base = PublicBase(scheme: .https, authority: "larder.example", prefix: "/cache")

    static let all: [([String], any EcosystemAdapter)] = [
        (["pypi"], pypi), (["npm"], npm), (["helm", "stable"], helm),
    ]

    /// The host that may be asked for documents of a mount.
    static let hosts = [
        "pypi": "index.example", "npm": "registry.example", "helm": "charts.example",
    ]

    static func url(_ text: String) -> AbsoluteURL {
        guard let url = AbsoluteURL(text) else { preconditionFailure("the URLs of the trials") }
        return url
    }
}
