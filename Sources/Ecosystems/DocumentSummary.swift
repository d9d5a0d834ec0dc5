/// What an operator is told of a document that has arrived, beside its facts.
package struct DocumentSummary: Sendable, Hashable {
    /// How many things the document lists; nil where nobody counts.
    package let entryCount: Int?
    package let notes: [DocumentNote]

    package init(entryCount: Int? = nil, notes: [DocumentNote] = []) {
        self.entryCount = entryCount
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
