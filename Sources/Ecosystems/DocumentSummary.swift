/// What is to be said of a document that has arrived, beside its facts.
///
/// By the first three a version that goes back or shrinks is told from a good one and held back; a
/// document with none of them never is, unless it is no document at all.
package struct DocumentSummary: Sendable, Hashable {
    /// How many things the document lists; nil where nobody counts.
    package var entryCount: Int?
    /// The number that the registry gave to the last change; nil where it gives none.
    package var serial: Int64?
    /// When the registry changed it last, in seconds since 1970.
    ///
    /// Only where all nodes of a registry say the same of one version: the time at which a document
    /// was made for this answer is none.
    package var modifiedAt: Int64?
    /// Whether it says that the project was taken down: its other files are refused from then on.
    package var isTakedown: Bool
    /// What an operator is told.
    package var notes: [DocumentNote]

    package init(
        entryCount: Int? = nil, serial: Int64? = nil, modifiedAt: Int64? = nil,
        isTakedown: Bool = false, notes: [DocumentNote] = []
    ) {
        self.entryCount = entryCount
        self.serial = serial
        self.modifiedAt = modifiedAt
        self.isTakedown = isTakedown
        self.notes = notes
    }
}

/// Something that was left out of a document, and how often.
package struct DocumentNote: Sendable, Hashable {
    /// One clause in lower case; nothing from the document.
    package let sentence: String
    package let count: Int

    package init(_ sentence: String, count: Int) {
        self.sentence = sentence
        self.count = count
    }
}
