package import Ecosystems
internal import HTTPModel
package import Resources

/// One chart repository below one mount: `index.yaml`, `<path>.tgz` and `<path>.tgz.prov`.
///
/// The URLs of the served index are relative, so no address of ours is ever part of it, and clients
/// keep sending their credentials. Source: <https://helm.sh/docs/topics/chart_repository/>
package struct HelmAdapter: EcosystemAdapter {
    /// The path segments of the repository: `helm` and its name.
    package let mount: [String]
    package let upstream: HelmUpstream
    package let identity: UpstreamIdentity
    package let rendererVersion: String

    package init(mount: [String], upstream: HelmUpstream) {
        self.mount = mount
        self.upstream = upstream
        identity = UpstreamIdentity(
            ecosystem: "helm", name: mount.joined(separator: "/"), location: upstream.location)
        rendererVersion = "2|\(upstream.location)"
    }

    package func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(url: upstream.index, accept: "application/yaml, */*;q=0.1")
    }

    package func intake(of head: DocumentHead) -> any DocumentIntake {
        HelmIntake(upstream)
    }

    package func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        HelmRewriter(upstream, IndexForm(variant) ?? .json)
    }

    /// Some hosts answer 200 with a page for what they have not, and no index promises a `.prov`.
    package func form(ofArtifact name: String) -> ArtifactForm {
        name.hasSuffix(ChartPath.provenance) ? .provenance : .chart
    }

    package var digestMismatch: DigestMismatch { upstream.digestMismatch }

    package var keeper: (any EntryKeeper)? {
        upstream.keepsPruned ? IndexKeeper(upstream: upstream) : nil
    }

    /// Kept entries have facts as well: with another setting they are made anew.
    package var factsVersion: String { rendererVersion + (upstream.keepsPruned ? "|kept" : "") }

    /// Charts are small, and clients check no digest themselves.
    package var verifiesBeforeSending: Int { 10 << 20 }

    package func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        switch status {
        case 200: .present
        case 304: .notModified
        case 404, 410: .absent
        // Object stores answer so for what is not there, a `.prov` for instance.
        case 403: kind == .artifact ? .absent : .refused
        case 401: .refused
        case 429, 503: .busy
        default: .failed
        }
    }

    /// The repository's name here, before which its paths stand in the merged index.
    var name: String { mount.last ?? "" }

    /// Charts in registries are behind manifests.
    package var pointers: (any PointerReader)? { RegistryReader() }

    /// The one document of a repository.
    static let index = "index.yaml"
}

extension ArtifactForm {
    /// A gzip stream (RFC 1952 section 2.3.1); the media type is RFC 6713's.
    fileprivate static let chart = ArtifactForm(
        contentType: "application/gzip", sign: .beginning([0x1F, 0x8B]),
        fault: "a chart that is no gzip archive")
    /// A clear-signed text (RFC 9580 section 7).
    fileprivate static let provenance = ArtifactForm(
        contentType: "text/plain; charset=utf-8",
        sign: .passage(Array("-----BEGIN PGP SIGNED MESSAGE-----".utf8)),
        fault: "a provenance file that is not signed")
}
