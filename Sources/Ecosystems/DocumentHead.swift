package import HTTPModel

/// What an adapter needs to know of a document besides its bytes.
package struct DocumentHead: Sendable, Hashable {
    /// The document's name, as in ``Resource/name``.
    package let name: String
    /// The Content-Type as sent; nil when there was none.
    package let contentType: String?
    /// Where it came from after redirects: the base of relative links.
    package let url: AbsoluteURL
    /// The fields that the adapter wants to pass on (``ReplyExtras/passed``), while it arrives.
    package let fields: Headers

    package init(
        name: String, contentType: String?, url: AbsoluteURL, fields: Headers = Headers()
    ) {
        self.name = name
        self.contentType = contentType
        self.url = url
        self.fields = fields
    }
}
