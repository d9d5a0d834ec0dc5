internal import Ecosystems

/// The attributes of a link to a file that we know.
struct AnchorAttribute: OptionSet, Sendable {
    let rawValue: UInt16

    static let href = AnchorAttribute(rawValue: 1 << 0)
    static let requiresPython = AnchorAttribute(rawValue: 1 << 1)
    static let yanked = AnchorAttribute(rawValue: 1 << 2)
    static let coreMetadata = AnchorAttribute(rawValue: 1 << 3)
    static let pep658Metadata = AnchorAttribute(rawValue: 1 << 4)
    static let signature = AnchorAttribute(rawValue: 1 << 5)
    static let size = AnchorAttribute(rawValue: 1 << 6)
    static let uploadTime = AnchorAttribute(rawValue: 1 << 7)
    static let provenance = AnchorAttribute(rawValue: 1 << 8)

    static let hrefName = ShortText("href")

    /// The attribute with this name in lower case; nil for one that we do not know.
    ///
    /// `names` is ``names``, which a reader of many files keeps at hand.
    static func named(
        _ name: ShortText, _ names: [(name: ShortText, attribute: AnchorAttribute)]
    ) -> AnchorAttribute? {
        for index in names.indices where names[index].name == name {
            return names[index].attribute
        }
        return nil
    }

    static let names: [(name: ShortText, attribute: AnchorAttribute)] = [
        (hrefName, .href),
        (ShortText("data-requires-python"), .requiresPython),
        (ShortText("data-dist-info-metadata"), .pep658Metadata),
        (ShortText("data-core-metadata"), .coreMetadata),
        (ShortText("data-yanked"), .yanked),
        (ShortText("data-gpg-sig"), .signature),
        (ShortText("data-provenance"), .provenance),
        (ShortText("data-size"), .size),
        (ShortText("data-upload-time"), .uploadTime),
    ]

    /// Writes an attribute that we do not know, when it is one for programs: `data-…` or `rel`.
    static func append(
        _ attribute: HTMLTokenizer.Attribute, of tokenizer: HTMLTokenizer,
        to result: inout [UInt8]
    ) {
        let name = tokenizer.bytes[attribute.name].map(HTMLTokenizer.lowercased)
        guard plain.containsAll(of: name.span),
            name.elementsEqual("rel".utf8) || name.starts(with: "data-".utf8)
        else { return }
        result.append(0x20)
        result.append(contentsOf: name)
        result.append(contentsOf: "=\"".utf8)
        var value: [UInt8] = []
        HTMLText.appendDecoded(tokenizer.bytes[attribute.value], to: &value)
        HTMLText.append(value.span, to: &result)
        result.append(0x22)
    }

    private static let plain = ByteSet("abcdefghijklmnopqrstuvwxyz0123456789-_")
}
