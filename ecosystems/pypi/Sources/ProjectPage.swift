internal import Digests
internal import HTTPModel

/// A project's page as read, whichever form the upstream has.
///
/// Texts are ranges of ``bytes``: the document, followed by what had to be decoded. Nothing else of
/// the document is copied, so a page of 10,000 files costs a few arrays.
struct ProjectPage: Sendable {
    enum Source: Sendable {
        /// - Parameters:
        ///   - files: The value of `files`.
        ///   - count: How many of the bytes are the document.
        case json(files: Range<Int>, count: Int)
        case html
    }

    /// More files than any project has.
    static let fileLimit = 200_000

    let source: Source
    let bytes: [UInt8]
    /// What relative URLs are relative to.
    let base: AbsoluteURL
    /// The project in normal form.
    let project: String
    /// The minor version of the API, of major version 1.
    let minorVersion: Int
    let files: [ProjectFile]
    var status: Range<Int>?
    var statusReason: Range<Int>?
}

/// One file of a page; ranges are of ``ProjectPage/bytes``, decoded.
struct ProjectFile: Sendable {
    /// A digest as the page spells it.
    struct Hash: Sendable {
        let algorithm: DigestAlgorithm
        let hex: Range<Int>
    }

    /// What the page says of the `.metadata` sibling (PEP 658, PEP 714).
    enum Metadata: Sendable {
        case notAnnounced
        case announced
        case hashed(Hash)
    }

    enum Yank: Sendable {
        case notYanked, yanked
        case reason(Range<Int>)
    }

    enum Signature: Sendable {
        case unknown, signed, unsigned
    }

    let filename: Range<Int>
    let place: FilePlace
    /// What ``FileMap`` gave: a path of ours, or an absolute URL.
    let link: Range<Int>
    /// Where the upstream keeps it, absolute or relative to the page.
    let url: Range<Int>
    /// The best hash for a link's fragment, or the only one of an HTML page.
    var hash: Hash?
    var requiresPython: Range<Int>?
    var metadata = Metadata.notAnnounced
    var yank = Yank.notYanked
    var signature = Signature.unknown
    /// Decimal digits.
    var size: Range<Int>?
    var uploadTime: Range<Int>?
    var provenance: Range<Int>?
    var origin: Origin

    /// What a rendering in the upstream's own form needs beyond the fields.
    enum Origin: Sendable {
        case json(JSONFile)
        /// Attributes that we do not know, escaped, each with a space before it.
        case html(unknownAttributes: Range<Int>)
    }
}

/// The object of a file in a JSON page, and what may not stay in it.
struct JSONFile: Sendable {
    let object: Range<Int>
    let urlValue: Range<Int>
    let hashes: Range<Int>?
    /// Members that a client could die of.
    let removed: FileKeys
    /// Members that are written anew.
    let rewritten: FileKeys

    var isKept: Bool { removed.isEmpty && rewritten.isEmpty }
}

/// Texts that had to be decoded; they are appended to the document's bytes.
struct TextPool {
    private let documentCount: Int
    private(set) var bytes: [UInt8] = []

    init(documentCount: Int) {
        self.documentCount = documentCount
    }

    /// A text in the document, or one that was added.
    func text(_ range: Range<Int>, of document: [UInt8]) -> ArraySlice<UInt8> {
        guard range.lowerBound >= documentCount else { return document[range] }
        return bytes[range.lowerBound - documentCount..<range.upperBound - documentCount]
    }

    mutating func add(_ text: some Sequence<UInt8>) -> Range<Int> {
        let start = documentCount + bytes.count
        bytes.append(contentsOf: text)
        return start..<documentCount + bytes.count
    }
}

extension DigestAlgorithm {
    /// The place among the hashes that a link's fragment may carry, best first; nil for the others.
    ///
    /// sha256 is what clients expect; uv drops a page whose fragment names a hash not in this list.
    var fragmentRank: Int? {
        switch self {
        case .sha256: 0
        case .sha512: 1
        case .sha384: 2
        case .blake2b: 3
        case .md5: 4
        case .sha1, .sha224: nil
        }
    }
}
