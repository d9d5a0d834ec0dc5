internal import Ecosystems

/// The keys of a file's object that we know (simple repository API, "Project Detail").
struct FileKeys: OptionSet, Sendable {
    let rawValue: UInt16

    static let filename = FileKeys(rawValue: 1 << 0)
    static let url = FileKeys(rawValue: 1 << 1)
    static let hashes = FileKeys(rawValue: 1 << 2)
    static let requiresPython = FileKeys(rawValue: 1 << 3)
    static let coreMetadata = FileKeys(rawValue: 1 << 4)
    static let pep658Metadata = FileKeys(rawValue: 1 << 5)
    static let signature = FileKeys(rawValue: 1 << 6)
    static let yanked = FileKeys(rawValue: 1 << 7)
    static let size = FileKeys(rawValue: 1 << 8)
    static let uploadTime = FileKeys(rawValue: 1 << 9)
    static let provenance = FileKeys(rawValue: 1 << 10)

    /// The key that `text` is, or nil for one that we only copy.
    static func named(_ text: JSONText, in bytes: [UInt8]) -> FileKeys? {
        let count = text.hasEscapes ? text.decoded(in: bytes).count : text.range.count
        let candidate: (name: String, key: FileKeys)
        switch count {
        case 3: candidate = ("url", .url)
        case 4: candidate = ("size", .size)
        case 6:
            if text.equals("hashes", in: bytes) { return .hashes }
            candidate = ("yanked", .yanked)
        case 7: candidate = ("gpg-sig", .signature)
        case 8: candidate = ("filename", .filename)
        case 10: candidate = ("provenance", .provenance)
        case 11: candidate = ("upload-time", .uploadTime)
        case 13: candidate = ("core-metadata", .coreMetadata)
        case 15: candidate = ("requires-python", .requiresPython)
        case 18: candidate = ("dist-info-metadata", .pep658Metadata)
        default: return nil
        }
        return text.equals(candidate.name, in: bytes) ? candidate.key : nil
    }
}
