package import HTTPModel

/// How a document is asked for.
package struct DocumentOrigin: Sendable, Hashable {
    /// Nil for a name that no document has: then nobody is asked, and it is not found.
    package let url: AbsoluteURL?
    package let accept: String
    /// For how long it is fresh, whatever the upstream says; nil where the mount's rule holds.
    package let freshness: DocumentFreshness?

    package init(url: AbsoluteURL?, accept: String, freshness: DocumentFreshness? = nil) {
        self.url = url
        self.accept = accept
        self.freshness = freshness
    }
}

/// A fixed freshness lifetime.
package struct DocumentFreshness: Sendable, Hashable {
    package let seconds: Int64

    package init(seconds: Int64) {
        precondition(seconds >= 0)
        self.seconds = seconds
    }
}
