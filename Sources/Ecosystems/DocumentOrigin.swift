package import HTTPModel

/// How a document is asked for.
package struct DocumentOrigin: Sendable, Hashable {
    /// Nil for a name that no document has: then nobody is asked, and it is not found.
    package let url: AbsoluteURL?
    package let accept: String
    /// For how long it is fresh; nil where the mount's rule holds.
    package let freshness: DocumentFreshness?

    package init(url: AbsoluteURL?, accept: String, freshness: DocumentFreshness? = nil) {
        self.url = url
        self.accept = accept
        self.freshness = freshness
    }
}

/// How long a document is fresh, where that is not the mount's to say.
package enum DocumentFreshness: Sendable, Hashable {
    /// So many, zero or more, whatever the upstream says.
    case seconds(Int64)
    /// As the upstream says, by RFC 9111 section 4.2, which also says whether it is of use when stale.
    case upstream
}
