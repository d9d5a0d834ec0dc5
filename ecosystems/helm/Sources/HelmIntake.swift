internal import Ecosystems
internal import Resources

/// Checks an index, and reads where its charts are.
struct HelmIntake: DocumentIntake {
    private let upstream: HelmUpstream
    private var text: IndexText
    private(set) var summary = DocumentSummary()

    init(_ upstream: HelmUpstream) {
        self.upstream = upstream
        text = IndexText(upstream.limits)
    }

    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        try text.take(piece)
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        let options = IndexOptions(upstream: upstream, isWritten: false, collectsFacts: true)
        let index = try HelmIndex.written(text.bytes, options)
        summary = DocumentSummary(
            entryCount: index.entryCount, notes: index.notes.documentNotes)
        return index.facts
    }
}
