internal import Ecosystems

/// An index as the upstream sent it, YAML or JSON.
enum HelmIndex {
    /// Reads the whole index, and writes it as `options` want it.
    static func written(
        _ bytes: [UInt8], _ options: IndexOptions
    ) throws(DocumentFault) -> WrittenIndex {
        switch firstByte(of: bytes) {
        case nil: throw DocumentFault("the index is empty")
        case UInt8(ascii: "<"): throw DocumentFault("the document is a page and no index")
        default: break
        }
        // JSON is a little shorter than the YAML it came from.
        let count = options.isWritten ? bytes.count + bytes.count / 16 : 0
        if let json = JSONIndexEvents(bytes) {
            var writer = IndexWriter(json, options, reserving: count)
            return try writer.write()
        }
        let yaml = try YAMLIndexEvents(bytes, options.upstream.limits)
        var writer = IndexWriter(yaml, options, reserving: count)
        return try writer.write()
    }

    /// The first byte that is no space, behind a byte order mark.
    static func firstByte(of bytes: [UInt8]) -> UInt8? {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return bytes[start...].first { $0 > 0x20 }
    }
}

/// Collects an index up to the limit on its size.
struct IndexText {
    private(set) var bytes: [UInt8] = []
    private let limits: IndexLimits
    private var limit: Int?

    init(_ limits: IndexLimits) {
        self.limits = limits
    }

    mutating func take(_ piece: [UInt8]) throws(DocumentFault) {
        let limit = limit(from: piece)
        guard piece.count <= limit - bytes.count else {
            throw DocumentFault("the index is longer than \(limit) bytes")
        }
        // Room for the largest index at once: what is not touched costs nothing, copies do.
        if bytes.count + piece.count > 1 << 20, bytes.capacity < limit {
            bytes.reserveCapacity(limit)
        }
        bytes.append(contentsOf: piece)
    }

    /// The limit for what the text is as far as its first piece tells: JSON or not.
    private mutating func limit(from piece: [UInt8]) -> Int {
        if let limit { return limit }
        let mayBeJSON = HelmIndex.firstByte(of: piece) == UInt8(ascii: "{")
        let found = mayBeJSON ? limits.bytes : limits.yamlBytes
        limit = found
        return found
    }
}
