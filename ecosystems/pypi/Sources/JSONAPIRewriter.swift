internal import Ecosystems
internal import HTTPModel

/// Puts our URLs in the place of the upstream's file URLs in a document of the JSON API.
///
/// Only the values of `url` in the files of `urls` and of `releases` change, and of those only the
/// ones that name a file that is served here; every other byte is copied. Texts in `info` are what
/// the project's people wrote, and stay even where they hold such a URL.
/// Source: PyPI documentation, "JSON API".
struct JSONAPIRewriter {
    private let map: FileMap
    /// What stands before `packages/` and `files/`.
    private let prefix: String
    private var reader: DocumentReader
    private var output: [UInt8] = []
    /// How much of the document has been copied.
    private var copied = 0

    /// `prefix` is the absolute URL of the mount, with a slash at its end.
    init(_ document: UpstreamDocument, map: FileMap, prefix: String) {
        self.map = map
        self.prefix = prefix
        reader = DocumentReader(document.bytes)
        output.reserveCapacity(document.bytes.count)
    }

    /// The document with our URLs.
    mutating func rewritten() throws(DocumentFault) -> [UInt8] {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            if kind == .array, key.equals("urls", in: reader.bytes) {
                try files()
            } else if kind == .object, key.equals("releases", in: reader.bytes) {
                try releases()
            } else {
                _ = try reader.value()
            }
        }
        try reader.finish()
        output.append(contentsOf: reader.bytes[copied...])
        return output
    }

    private mutating func releases() throws(DocumentFault) {
        try reader.enterObject()
        while try reader.nextKey() != nil {
            if try reader.kind() == .array { try files() } else { _ = try reader.value() }
        }
    }

    private mutating func files() throws(DocumentFault) {
        try reader.enterArray()
        while try reader.nextElement() {
            if try reader.kind() == .object { try file() } else { _ = try reader.value() }
        }
    }

    private mutating func file() throws(DocumentFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .string, key.equals("url", in: reader.bytes) else {
                _ = try reader.value()
                continue
            }
            let text = try reader.string()
            guard let url = AbsoluteURL(text.string(in: reader.bytes)) else { continue }
            let (place, path) = map.place(of: url)
            guard let folder = place.artifactPrefix else { continue }
            output.append(contentsOf: reader.bytes[copied..<text.range.lowerBound])
            // A base and a canonical path hold nothing that JSON escapes.
            output.append(contentsOf: (prefix + folder + path).utf8)
            copied = text.range.upperBound
        }
    }
}
