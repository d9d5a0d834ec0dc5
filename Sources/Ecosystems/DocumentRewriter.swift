/// Renders a stored document piece by piece.
///
/// Used by one task at a time, and of no further use after a throw.
package protocol DocumentRewriter {
    /// Takes the next piece, of any size from one byte on, and appends what can be said by now.
    ///
    /// - Throws: ``DocumentFault/absent`` when the document has nothing of the wanted variant.
    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault)

    /// Says that the document has come to its end, and appends the rest; called once.
    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead
}

/// What clients are told of a rendering besides its bytes.
package struct RenderedHead: Sendable, Hashable {
    package let contentType: String
    /// In seconds since 1970.
    package let lastModified: Int64?

    package init(contentType: String, lastModified: Int64? = nil) {
        self.contentType = contentType
        self.lastModified = lastModified
    }
}
