package import Digests

/// What a path names in one ecosystem, seen from one mounted upstream.
package struct Resource: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// Changes upstream: an index page, a packument, a Helm index.
        case document
        /// Never changes once published: a wheel, a tarball, a chart.
        case artifact
    }

    package let kind: Kind
    /// The resource's name below its upstream, in the adapter's canonical spelling.
    package let name: String

    package static func document(_ name: String) -> Resource {
        Resource(kind: .document, name: name)
    }

    package static func artifact(_ name: String) -> Resource {
        Resource(kind: .artifact, name: name)
    }

    private init(kind: Kind, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// Which mounted upstream a stored thing belongs to.
///
/// The identity holds the upstream's URL, so that a changed configuration never mixes what two
/// registries said.
package struct UpstreamIdentity: Sendable, Hashable {
    /// The ecosystem's label in metrics and logs: `pypi`.
    package let ecosystem: String
    /// The mount's label in metrics and logs: `pypi`, or `pypi/<index>`.
    package let name: String
    /// The upstream's base URL.
    package let location: String

    package init(ecosystem: String, name: String, location: String) {
        self.ecosystem = ecosystem
        self.name = name
        self.location = location
    }
}

/// The name under which a response is stored; this type is the only builder of such names.
package struct CacheKey: Sendable, Hashable {
    /// The whole key as stored; the parts are separated by spaces, which no part contains.
    package let text: String

    /// The key of a resource of one upstream (RFC 9111 section 2; the method is always GET).
    package init(_ resource: Resource, of upstream: UpstreamIdentity) {
        let kind = resource.kind == .document ? "d" : "a"
        text = "\(kind) \(upstream.ecosystem) \(upstream.location) \(resource.name)"
    }

    /// The key of a rendering: the same raw bytes rendered by the same rules are the same bytes.
    ///
    /// The recipe is everything but the raw bytes that decides what comes out: adapter, renderer
    /// version, variant, coding.
    package init(renderingOf digest: String, recipe: String) {
        text = "r \(recipe) \(digest)"
    }

    /// Whether this is the key of a rendering of the raw bytes of this digest.
    package func isRendering(of body: BlobDigest) -> Bool {
        text.hasPrefix("r ") && text.hasSuffix(" \(body.hex)")
    }

    /// The key of an artifact that the document under this key names.
    ///
    /// - Returns: `nil` unless this is the key of a document.
    package func artifact(_ name: String) -> CacheKey? {
        let parts = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard parts.count == 4, parts[0].elementsEqual("d".utf8) else { return nil }
        return CacheKey(stored: "a \(Substring(parts[1])) \(Substring(parts[2])) \(name)")
    }

    /// What is stored of this upstream under this key.
    ///
    /// - Returns: `nil` when it is another upstream's, or that of a rendering.
    package func resource(of upstream: UpstreamIdentity) -> Resource? {
        for (kind, make) in [("d", Resource.document), ("a", Resource.artifact)] {
            let prefix = "\(kind) \(upstream.ecosystem) \(upstream.location) "
            if text.hasPrefix(prefix) { return make(String(text.dropFirst(prefix.count))) }
        }
        return nil
    }

    /// What the keys of smaller documents begin with that say a part of what this one says:
    /// `<name>@<part>`.
    ///
    /// - Returns: `nil` unless this is the key of a document.
    package var partPrefix: String? { text.hasPrefix("d ") ? "\(text)@" : nil }

    /// A key as it was read back from a database.
    package init(stored text: String) {
        self.text = text
    }
}
