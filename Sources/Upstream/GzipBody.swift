internal import Backends
internal import Compression
internal import Synchronization

/// A body that is expanded on the reader's task, in pieces.
final class GzipBody: UpstreamBody {
    private let source: TransferBody
    private let expansion: Mutex<Expansion>

    /// Expands `source` to at most `byteLimit` bytes.
    init(_ source: TransferBody, byteLimit: Int) throws(UpstreamError) {
        do {
            let limits = ExpansionLimits(outputByteCount: byteLimit)
            expansion = Mutex(Expansion(try Inflater(limits: limits)))
        } catch {
            throw Self.translated(error)
        }
        self.source = source
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        while true {
            do {
                if let bytes = try step() { return bytes }
            } catch {
                // What is left of the transfer cannot be read any more.
                source.cancel()
                throw Self.translated(error)
            }
            guard let piece = try await source.next() else { return try end() }
            expansion.withLock { $0.feed(piece) }
        }
    }

    func cancel() { source.cancel() }

    private func step() throws(CompressionError) -> [UInt8]? {
        // The lock is never contended: one task reads a body.
        let result = expansion.withLock { expansion in
            Result { () throws(CompressionError) in try expansion.step() }
        }
        return try result.get()
    }

    private func end() throws(UpstreamError) -> [UInt8]? {
        do {
            let result = expansion.withLock { expansion in
                Result { () throws(CompressionError) in try expansion.end() }
            }
            try result.get()
            return nil
        } catch {
            throw Self.translated(error)
        }
    }

    private static func translated(_ error: CompressionError) -> UpstreamError {
        switch error {
        case .outOfMemory: CurlFailure.outOfMemory
        // The transfer itself was whole, so an early end of the stream is damage.
        case .corrupt, .trailingBytes, .truncated: .malformed
        case .tooLarge, .tooDense: .tooLarge
        }
    }
}

/// The expansion of one body, with the bytes that were fed and not expanded yet.
private struct Expansion: ~Copyable {
    /// Compressed bytes that are expanded at once: at the highest ratio zlib knows they become some
    /// 8 MiB, at the allowed one 800 KiB.
    private static let inputStep = 8 << 10
    private static let outputStep = 256 << 10

    private var inflater: Inflater?
    private var fault: CompressionError?
    private var input: [UInt8] = []
    private var used = 0

    init(_ inflater: consuming Inflater) {
        self.inflater = consume inflater
    }

    mutating func feed(_ piece: [UInt8]) {
        input = piece
        used = 0
    }

    /// Expands some of what was fed; nil when it is used up.
    mutating func step() throws(CompressionError) -> [UInt8]? {
        if let fault { throw fault }
        var output: [UInt8] = []
        do {
            while used < input.count, output.count < Self.outputStep {
                let end = min(input.count, used + Self.inputStep)
                let piece = Array(input[used..<end])
                used = end
                output += try inflater?.push(piece) ?? []
            }
        } catch {
            fault = error
            inflater = nil
            throw error
        }
        return output.isEmpty ? nil : output
    }

    /// Says that no more is fed; harmless when said again.
    mutating func end() throws(CompressionError) {
        if let fault { throw fault }
        guard let inflater = inflater.take() else { return }
        do {
            try inflater.finish()
        } catch {
            fault = error
            throw error
        }
    }
}
