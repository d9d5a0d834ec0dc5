internal import Digests
package import Ecosystems
internal import HTTPModel

/// A project's page as read, whichever form the upstream has.
///
/// Texts are ranges of ``bytes``: the document, followed by what had to be decoded. Nothing else of
/// the document is copied, so a page of 10,000 files costs a few arrays.
package struct ProjectPage: Sendable {
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
    /// What the index counted when it last changed the project; not all indexes count.
    var serial: Int64?

    /// The page as clients get it; the two forms of HTML differ in their type only.
    package func rendered(as form: SimpleForm) throws(DocumentFault) -> [UInt8] {
        switch form {
        case .textHTML, .html: HTMLPageWriter(self).html()
        case .json: try JSONPageWriter(self).json()
        }
    }
}

/// One file of a page; ranges are of ``ProjectPage/bytes``, decoded.
struct ProjectFile: Sendable {
    /// A digest as the page spells it.
    struct Hash: Sendable {
        let algorithm: DigestAlgorithm
        @PackedRange private(set) var hex: Range<Int>
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

    @PackedRange var filename = 0..<0
    var place = FilePlace.elsewhere
    /// What ``FileMap`` gave: a path of ours, or an absolute URL.
    @PackedRange var link = 0..<0
    /// Where the upstream keeps it, absolute or relative to the page.
    @PackedRange var url = 0..<0
    /// The best hash for a link's fragment, or the only one of an HTML page.
    var hash: Hash?
    @PackedOptionalRange var requiresPython: Range<Int>?
    var metadata = Metadata.notAnnounced
    var yank = Yank.notYanked
    var signature = Signature.unknown
    /// Decimal digits.
    @PackedOptionalRange var size: Range<Int>?
    @PackedOptionalRange var uploadTime: Range<Int>?
    @PackedOptionalRange var provenance: Range<Int>?
    var origin = Origin.html(unknownAttributes: 0..<0)

    /// What a rendering in the upstream's own form needs beyond the fields.
    enum Origin: Sendable {
        case json(JSONFile)
        /// Attributes that we do not know, escaped, each with a space before it.
        case html(unknownAttributes: Range<Int>)
    }
}

/// The object of a file in a JSON page, and what may not stay in it.
struct JSONFile: Sendable {
    @PackedRange private(set) var object: Range<Int>
    @PackedRange private(set) var urlValue: Range<Int>
    @PackedOptionalRange private(set) var hashes: Range<Int>?
    /// Members that a client could die of.
    let removed: FileKeys
    /// Members that are written anew.
    let rewritten: FileKeys

    var isKept: Bool { removed.isEmpty && rewritten.isEmpty }
}

/// A document with the texts that had to be decoded behind it, so that each text is a range.
struct PageTexts {
    private(set) var bytes: [UInt8]

    /// Shares the document's bytes until the first text is added.
    init(_ document: [UInt8]) {
        bytes = document
    }

    mutating func add(_ text: some Sequence<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return start..<bytes.count
    }

    /// Adds a text that is written piece by piece.
    mutating func add(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = bytes.count
        write(&bytes)
        return start..<bytes.count
    }

    subscript(range: Range<Int>) -> ArraySlice<UInt8> { bytes[range] }

    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        bytes[range].elementsEqual(text.utf8)
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
