package import Digests
package import HTTPModel

/// One file that a document names, written in the same transaction as the document.
///
/// It is what makes a file verifiable and fetchable without its document at hand.
package struct FileFact: Sendable, Hashable {
    /// The artifact's name below its upstream, as in ``Resource/name``.
    package let artifact: String
    /// Where the upstream keeps it.
    package let url: AbsoluteURL
    /// Every digest that the document promises, in no order; may be empty.
    ///
    /// Several of one algorithm are alternatives.
    package let digests: [Digest]
    package let byteCount: Int?
    package let version: String?
    /// When it was published, in seconds since 1970, as the upstream says.
    package let publishedAt: Int64?

    package init(
        artifact: String, url: AbsoluteURL, digests: [Digest], byteCount: Int? = nil,
        version: String? = nil, publishedAt: Int64? = nil
    ) {
        self.artifact = artifact
        self.url = url
        self.digests = digests
        self.byteCount = byteCount
        self.version = version
        self.publishedAt = publishedAt
    }

    /// The promised digests of the strongest algorithm; the entity tag is made of one of them.
    package var strongestDigests: [Digest] {
        let algorithms = digests.map(\.algorithm)
        let strongest = algorithms.max { Self.strength($0) < Self.strength($1) }
        return digests.filter { $0.algorithm == strongest }
    }

    /// Whether a body keeps all promises: one digest at least of each promised algorithm.
    ///
    /// Several digests of one algorithm are alternatives (Subresource Integrity, section 3.3.4).
    package func isFulfilled(by computed: ContentDigests) -> Bool {
        digests.allSatisfy { promised in
            digests.contains {
                $0.algorithm == promised.algorithm && computed.fulfils($0) == true
            }
        }
    }

    /// The same file where a pointer of it leads, with what both promise.
    ///
    /// - Returns: `nil` when the two contradict each other: nothing could keep both promises.
    package func moved(
        to place: AbsoluteURL, digests more: [Digest], byteCount length: Int?
    ) -> FileFact? {
        if let length, let byteCount, length != byteCount { return nil }
        var promised = digests.filter { own in
            !more.contains { $0.algorithm == own.algorithm } || more.contains(own)
        }
        promised += more.filter { other in
            !digests.contains { $0.algorithm == other.algorithm }
        }
        // An algorithm of which nothing is left had different digests only.
        let algorithms = Set((digests + more).map(\.algorithm))
        guard algorithms == Set(promised.map(\.algorithm)) else { return nil }
        return FileFact(
            artifact: artifact, url: place, digests: promised, byteCount: byteCount ?? length,
            version: version, publishedAt: publishedAt)
    }

    private static func strength(_ algorithm: DigestAlgorithm) -> Int {
        switch algorithm {
        case .md5: 0
        case .sha1: 1
        case .sha224: 2
        case .sha256: 3
        case .sha384: 4
        case .blake2b: 5
        case .sha512: 6
        }
    }
}
