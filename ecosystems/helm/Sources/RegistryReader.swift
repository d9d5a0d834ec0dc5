internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Follows the facts of charts in registries: to a manifest, to a layer of it.
///
/// Source: OCI distribution specification, "Pulling manifests" and "Pulling blobs".
struct RegistryReader: PointerReader {
    /// A URL that is a manifest's is read as one, however the index writes it.
    func pointer(for fact: FileFact) -> ArtifactPointer? {
        guard let reference = OCIReference(manifest: fact.url) else { return nil }
        let scope = TokenScope(origin: fact.url.origin, name: reference.scope)
        return ArtifactPointer(
            url: fact.url, accept: OCIManifest.accept,
            digests: Digest(ociText: reference.reference).map { [$0] } ?? [], scope: scope)
    }

    func target(
        of pointer: ArtifactPointer, saying bytes: [UInt8], for fact: FileFact
    ) throws(DocumentFault) -> PointerTarget {
        let manifest = try OCIManifest(bytes)
        let scheme = pointer.url.scheme
        guard let reference = OCIReference(manifest: pointer.url) else {
            throw DocumentFault("a manifest of no chart")
        }
        guard manifest.layers != nil else {
            guard let chosen = manifest.chartManifest, let digest = Digest(ociText: chosen.digest),
                let url = reference.manifestURL(chosen.digest, scheme: scheme)
            else { throw DocumentFault("an index of manifests without one of a chart") }
            return .pointer(
                ArtifactPointer(
                    url: url, accept: pointer.accept, digests: [digest], scope: pointer.scope))
        }
        let isProvenance = fact.artifact.hasSuffix(ChartPath.provenance)
        guard let layer = isProvenance ? manifest.provenance : manifest.chart,
            let digest = Digest(ociText: layer.digest),
            let url = reference.blobURL(layer.digest, scheme: scheme)
        else { throw isProvenance ? .absent : DocumentFault("a manifest of no chart") }
        return .file(url, digests: [digest], byteCount: layer.byteCount)
    }

    func tokenURL(
        after challenge: String, for scope: TokenScope, isListed: (AbsoluteURL) -> Bool
    ) -> AbsoluteURL? {
        TokenChallenge(challenge)?.tokenURL(for: scope, isListed: isListed)
    }

    func token(in answer: [UInt8]) throws(DocumentFault) -> AccessToken {
        let token = try RegistryToken(answer)
        return AccessToken(token.text, seconds: token.seconds)
    }
}

extension Digest {
    /// A digest as registries write it: `sha256:…`.
    fileprivate init?(ociText text: String) {
        guard OCIReference.isDigest(text) else { return nil }
        self.init(algorithm: .sha256, hex: String(text.dropFirst(7)))
    }
}
