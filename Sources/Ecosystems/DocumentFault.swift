/// Why a document is no valid answer; a fixed sentence, nothing from the document.
package struct DocumentFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// Whether the document says that there is no such thing, as a 404 would.
    package let meansAbsence: Bool

    package init(_ description: String) {
        self.description = description
        meansAbsence = false
    }

    private init(absence description: String) {
        self.description = description
        meansAbsence = true
    }

    /// Of an intake: a good answer of a registry that has no 404 for what it does not know.
    ///
    /// Of a rewriter: the document is good and has nothing of the wanted variant, such as a version.
    package static let absent = DocumentFault(absence: "the document says that there is none")
}
