package import Digests
package import HTTPModel

/// A file as a document of the server lists it.
package struct ListedFile: Sendable, Hashable {
    package var name: String
    package var url: AbsoluteURL
    package var digests: [Digest] = []
    package var byteCount: Int?
    /// The version, where the document says it.
    package var version: String?
    /// Whether its metadata is beside it (PEP 658), and with which digests.
    package var metadata: [Digest]?

    package init(name: String, url: AbsoluteURL) {
        self.name = name
        self.url = url
    }
}

/// A file to be fetched, and what it has to be.
package struct WantedTransfer: Sendable, Hashable {
    package let title: String
    package let url: AbsoluteURL
    /// Alternatives of each algorithm; it has to have one of each.
    package let digests: [Digest]
    package let byteCount: Int?

    package init(title: String, url: AbsoluteURL, digests: [Digest], byteCount: Int?) {
        self.title = title
        self.url = url
        self.digests = digests
        self.byteCount = byteCount
    }

    /// Whether content with these digests is what was promised.
    func accepts(_ content: ContentDigests) -> Bool {
        for algorithm in Set(digests.map(\.algorithm)) {
            let promised = digests.filter { $0.algorithm == algorithm }
            guard promised.contains(where: { content.fulfils($0) == true }) else { return false }
        }
        return true
    }
}
