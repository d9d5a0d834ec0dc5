package import HTTPModel

/// A chart in a registry, as an index names it: `oci://registry.example/charts/demo:1.2.3`.
///
/// Source: helm/helm `pkg/registry/reference.go`; OCI distribution specification, "Pulling
/// manifests".
package struct OCIReference: Sendable, Hashable {
    /// Host and port.
    package let registry: String
    /// The repository's path, without slashes at its ends.
    package let repository: String
    /// A tag, or a digest as `sha256:…`.
    package let reference: String

    /// Reads an `oci://` URL; without a tag it is `version`, with `_` for each `+`.
    ///
    /// A plus in the tag becomes `_` as well: tags cannot hold it. Nil for what names no chart.
    package init?(_ text: some StringProtocol, version: String? = nil) {
        guard text.utf8.count <= 2_048, text.prefix(6).lowercased() == "oci://" else { return nil }
        let rest = text.dropFirst(6)
        guard let slash = rest.firstIndex(of: "/"),
            let host = AbsoluteURL("https://\(rest[..<slash])/")
        else { return nil }
        var path = String(rest[rest.index(after: slash)...])
        var reference = version
        if let at = path.firstIndex(of: "@") {
            reference = String(path[path.index(after: at)...])
            guard Self.isDigest(reference ?? "") else { return nil }
            path = String(path[..<at])
            if let colon = path.lastIndex(of: ":") { path = String(path[..<colon]) }
        } else if let colon = path.lastIndex(of: ":") {
            reference = String(path[path.index(after: colon)...])
            path = String(path[..<colon])
        }
        guard let reference, Self.isRepository(path) else { return nil }
        let tag = String(reference.map { $0 == "+" ? "_" : $0 })
        guard Self.isTag(tag) || Self.isDigest(tag) else { return nil }
        registry = host.authority == "docker.io" ? "registry-1.docker.io" : host.authority
        repository = path
        self.reference = tag
    }

    /// Reads the URL of a manifest, as ``manifestURL(scheme:)`` makes it.
    package init?(manifest url: AbsoluteURL) {
        let parts = url.path.split(separator: "/")
        guard parts.count >= 4, parts[0] == "v2", parts[parts.count - 2] == "manifests",
            url.query == nil
        else { return nil }
        let repository = parts[1..<(parts.count - 2)].joined(separator: "/")
        let reference = String(parts[parts.count - 1])
        guard Self.isRepository(repository), Self.isTag(reference) || Self.isDigest(reference)
        else { return nil }
        registry = url.authority
        self.repository = repository
        self.reference = reference
    }

    package func manifestURL(scheme: AbsoluteURL.Scheme) -> AbsoluteURL? {
        AbsoluteURL("\(scheme.rawValue)://\(registry)/v2/\(repository)/manifests/\(reference)")
    }

    /// Where another manifest of the same repository is; `digest` as an index of manifests has it.
    package func manifestURL(_ digest: String, scheme: AbsoluteURL.Scheme) -> AbsoluteURL? {
        guard Self.isDigest(digest) else { return nil }
        return AbsoluteURL("\(scheme.rawValue)://\(registry)/v2/\(repository)/manifests/\(digest)")
    }

    /// Where a layer is; `digest` as the manifest has it.
    package func blobURL(_ digest: String, scheme: AbsoluteURL.Scheme) -> AbsoluteURL? {
        guard Self.isDigest(digest) else { return nil }
        return AbsoluteURL("\(scheme.rawValue)://\(registry)/v2/\(repository)/blobs/\(digest)")
    }

    /// What a token must allow.
    package var scope: String { "repository:\(repository):pull" }

    /// `[a-z0-9]+` parts with separators, as the distribution specification has them.
    private static func isRepository(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.utf8.count <= 255
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, let last = part.utf8.last else { return false }
                return isAlphanumeric(first) && isAlphanumeric(last)
                    && part.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
            }
    }

    private static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...128).contains(text.utf8.count) else { return false }
        let isWord: (UInt8) -> Bool = {
            isAlphanumeric($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_")
        }
        return isWord(first) && text.utf8.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x2D }
    }

    static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 71
            && text.utf8.dropFirst(7).allSatisfy {
                ScalarText.isDigit($0) || (0x61...0x66).contains($0)
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        ScalarText.isDigit(byte) || (0x61...0x7A).contains(byte)
    }
}
