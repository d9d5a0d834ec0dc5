internal import Ecosystems

/// Gives out a merged index, which was written for clients already.
struct MergedIndexRewriter: DocumentRewriter {
    /// `generated` is the last member, and short.
    private static let tailByteCount = 256
    private static let timeKey = Array("\"generated\":\"".utf8)

    private let form: IndexForm
    /// All of it for YAML, else the last bytes.
    private var bytes: [UInt8] = []

    init(_ form: IndexForm) {
        self.form = form
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) {
        bytes += piece
        guard form == .json else { return }
        output += piece
        bytes.removeFirst(max(bytes.count - Self.tailByteCount, 0))
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        if form == .yaml { output += try YAMLForm.yaml(of: bytes) }
        return RenderedHead(
            contentType: form.contentType, lastModified: generated?.secondsSince1970)
    }

    /// When the newest member was made; a chart's name in the tail cannot be mistaken for it.
    private var generated: IndexTime? {
        let tail = Array(bytes.suffix(Self.tailByteCount))
        guard tail.suffix(2).elementsEqual("\"}".utf8) else { return nil }
        let key = Self.timeKey
        let starts = 0...max(tail.count - key.count, 0)
        guard let start = starts.last(where: { tail[$0...].starts(with: key) }) else { return nil }
        return IndexTime(tail[(start + key.count)...].dropLast(2))
    }
}
