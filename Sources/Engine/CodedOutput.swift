internal import Backends
internal import Compression
internal import Digests
internal import Ecosystems
internal import HTTPModel

/// What a rewriter says on its way into a draft: gathered, coded, and hashed where a tag needs it.
struct CodedOutput: ~Copyable {
    /// How much is gathered before it is written, in bytes.
    private static let writeByteCount = 131_072

    private var draft: BlobDraft
    private var deflater: Deflater?
    /// Of the bytes before coding; nil where the draft's own digest is that already, or not wanted.
    private var identity: MultiHasher?
    private var gathered: [UInt8] = []

    init(
        _ engine: PullThroughEngine, _ coding: ContentCoding, _ tags: DocumentTags
    ) async throws(FillFailure) {
        deflater = nil
        identity = nil
        if coding == .gzip {
            guard let deflater = try? Deflater() else {
                throw .renderingFailed("not to be compressed")
            }
            self.deflater = consume deflater
            if tags == .weak { identity = try? MultiHasher() }
        }
        draft = try await BlobDraft(engine, .derived)
    }

    /// Takes bytes before coding.
    mutating func take(_ bytes: [UInt8]) async throws(FillFailure) {
        guard !bytes.isEmpty else { return }
        identity?.update(bytes)
        do throws(CompressionError) {
            if deflater == nil {
                gathered.append(contentsOf: bytes)
            } else {
                try deflater?.push(bytes, into: &gathered)
            }
        } catch {
            throw .renderingFailed("not to be compressed")
        }
        if gathered.count >= Self.writeByteCount { try await write() }
    }

    /// What came out.
    struct Result: Sendable {
        let body: BlobDigest
        let byteCount: Int
        /// The digest that the entity tag is made of.
        let tag: BlobDigest
    }

    /// Writes the rest, and stores the blob or keeps it in memory.
    mutating func commit() async throws(FillFailure) -> Result {
        do throws(CompressionError) {
            try deflater?.finish(into: &gathered)
        } catch {
            throw .renderingFailed("not to be compressed")
        }
        try await write()
        guard let body = draft.finish()?.blob else { throw .storeFailed }
        _ = try await draft.commit(as: body)
        let tag = identity.take()?.finish().blob
        return Result(body: body, byteCount: draft.byteCount, tag: tag ?? body)
    }

    mutating func abandon() async {
        await draft.abandon()
    }

    private mutating func write() async throws(FillFailure) {
        try await draft.append(gathered)
        gathered.removeAll(keepingCapacity: gathered.count <= 2 * Self.writeByteCount)
    }
}
