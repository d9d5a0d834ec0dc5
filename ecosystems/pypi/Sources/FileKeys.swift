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
    /// An HTML attribute's name, which the public index sends with every file; only copied.
    static let mistaken = FileKeys(rawValue: 1 << 11)

    /// The key that `text` is, or nil for one that we only copy.
    ///
    /// `names` is ``names``, which a reader of many files keeps at hand.
    static func named(
        _ text: JSONText, in bytes: Span<UInt8>, _ names: [(name: ShortText, key: FileKeys)]
    ) -> FileKeys? {
        guard let name = text.short(in: bytes) else { return nil }
        for index in names.indices where names[index].name == name { return names[index].key }
        return nil
    }

    /// The same for a key that may be written with escapes.
    static func named(
        _ text: JSONText, in bytes: [UInt8], _ names: [(name: ShortText, key: FileKeys)] = names
    ) -> FileKeys? {
        guard text.hasEscapes else { return named(text, in: bytes.span, names) }
        let decoded = text.decoded(in: bytes)
        let whole = JSONText(range: 0..<decoded.count, hasEscapes: false)
        return named(whole, in: decoded.span, names)
    }

    /// In the order of the public index, which writes keys sorted.
    static let names: [(name: ShortText, key: FileKeys)] = [
        (ShortText("core-metadata"), .coreMetadata),
        (ShortText("data-dist-info-metadata"), .mistaken),
        (ShortText("filename"), .filename),
        (ShortText("hashes"), .hashes),
        (ShortText("provenance"), .provenance),
        (ShortText("requires-python"), .requiresPython),
        (ShortText("size"), .size),
        (ShortText("upload-time"), .uploadTime),
        (ShortText("url"), .url),
        (ShortText("yanked"), .yanked),
        (ShortText("dist-info-metadata"), .pep658Metadata),
        (ShortText("gpg-sig"), .signature),
    ]
}
