internal import CacheRules
internal import Ecosystems
internal import HTTPModel
package import Resources

extension DocumentMarks {
    /// What of a summary tells versions apart; nil when nothing does.
    init?(_ summary: DocumentSummary) {
        self.init(
            entryCount: summary.entryCount, serial: summary.serial, modifiedAt: summary.modifiedAt,
            isTakedown: summary.isTakedown)
        guard self != DocumentMarks() else { return nil }
    }

    /// As it is stored: numbers and words in their order, `-` for what nobody said.
    fileprivate var text: String {
        let numbers = [entryCount.map(Int64.init), serial, modifiedAt]
        let words = numbers.map { $0.map { "\($0)" } ?? "-" }
        return (words + (isTakedown ? ["takedown"] : [])).joined(separator: " ")
    }

    fileprivate init?(text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 3 else { return nil }
        self.init(
            entryCount: Int(words[0]), serial: Int64(words[1]), modifiedAt: Int64(words[2]),
            isTakedown: words.count > 3)
    }
}

extension StoredResponse {
    // Fields of our own; no field of an upstream can have these names.
    fileprivate static let marksField = ":marks"
    fileprivate static let namedField = ":named"
    private static let candidateField = ":held-tag"
    private static let goodUntilField = ":good-until"

    // MARK: Marks

    /// By what the next version of this document is judged; nil when it says nothing of that.
    var marks: DocumentMarks? { headers[Self.marksField].flatMap { DocumentMarks(text: $0) } }

    /// Whether this document says that its project was taken down, and what the index has still is
    /// all that may be served of it.
    package var isTakedown: Bool { marks?.isTakedown ?? false }

    /// Whether a takedown names this artifact.
    func names(_ artifact: String) -> Bool {
        headers.fields.contains { $0.name == Self.namedField && $0.value == artifact }
    }

    // MARK: Newer versions that are held back

    /// Why the newer version that is known is not taken.
    var regression: Regression? { heldBack.flatMap { Regression(rawValue: $0) } }

    /// What is known of the newer version without its body.
    var candidate: String? { headers[Self.candidateField] }

    /// Notes that the upstream has another version now, which is not taken.
    ///
    /// Until the document's lifetime has passed once more, nobody asks for it again.
    mutating func holdBack(_ regression: Regression, _ candidate: String, at now: Int64) {
        if heldBack == nil {
            headers.replace(Self.goodUntilField, "\(validatedAt + lifetimeSeconds)")
        }
        heldBack = regression.rawValue
        headers.replace(Self.candidateField, candidate)
        validatedAt = now
    }

    /// Notes that the upstream has this version again.
    mutating func endHoldingBack() {
        heldBack = nil
        headers.remove(Self.candidateField)
        headers.remove(Self.goodUntilField)
    }

    /// The freshness that is left of a document whose newer version is held back: zero or less.
    func overdueSeconds(at now: Int64) -> Int64 {
        min((headers[Self.goodUntilField].flatMap { Int64($0) } ?? now) - now, 0)
    }

    /// What a client hears that wants what only the newer version may have; nil when there is none.
    var heldBackFailure: FillFailure? { regression.map { .invalidAnswer($0.fault) } }
}

extension Headers {
    /// A takedown names a placeholder or nothing; what names more files than this is an index page
    /// as any other, whatever it says of itself.
    private static let namedLimit = 64

    /// With what tells a document's versions apart, and the files that a takedown leaves.
    func noting(_ marks: DocumentMarks?, _ facts: [FileFact]) -> Headers {
        guard var marks else { return self }
        if facts.count > Self.namedLimit { marks.isTakedown = false }
        var headers = self
        headers.replace(StoredResponse.marksField, marks.text)
        guard marks.isTakedown else { return headers }
        for fact in facts { headers.append(StoredResponse.namedField, fact.artifact) }
        return headers
    }
}

extension Regression {
    /// What the upstream sent.
    var fault: String {
        switch self {
        case .shrunk: "a document without more than half of its entries, which is held back"
        case .older: "an older document than before, which is held back"
        case .invalid: "a document that is none of this registry"
        }
    }
}
