package import Backends
package import Digests

/// A bucket, or the part of one below a prefix: objects by their names.
///
/// What may be tried again is tried again here, a bounded number of times.
package protocol ObjectStore: Sendable {
    /// Stores an object; with `.createOnly` one that is there stays as it is.
    ///
    /// Nobody sees a part of it. An upload that fails is taken back.
    func put(
        _ name: String, _ content: ObjectContent, _ condition: PutCondition
    ) async throws(ObjectFault) -> PutOutcome

    /// What a list would show of an object; nil when there is none.
    func entry(_ name: String) async throws(ObjectFault) -> ObjectPage.Entry?

    /// An object from byte `offset` on; nil when there is none, or nothing from there on.
    func get(_ name: String, from offset: Int) async throws(ObjectFault) -> (any UpstreamBody)?

    /// Up to 1,000 objects whose names begin with `prefix`, in the order of their names.
    func list(_ prefix: String, from mark: String?) async throws(ObjectFault) -> ObjectPage

    /// Removes an object; removing an absent one is harmless.
    func delete(_ name: String) async throws(ObjectFault)

    /// Removes what uploads left that began more than `seconds` ago and were never ended.
    ///
    /// - Returns: How many there were.
    func sweepUploads(olderThan seconds: Int64) async throws(ObjectFault) -> Int
}

extension ObjectStore {
    /// The size of an object in bytes; nil when there is none.
    package func byteCount(of name: String) async throws(ObjectFault) -> Int? {
        try await entry(name)?.byteCount
    }
}

package enum PutCondition: Sendable, Hashable {
    /// Only where there is no object of that name.
    case createOnly
    case replace
}

package enum PutOutcome: Sendable, Hashable {
    case made
    case alreadyThere
}

/// What is to be stored: read piece by piece, each part perhaps more than once.
package struct ObjectContent: Sendable {
    package let byteCount: Int
    package let digest: BlobDigest
    /// Reads exactly `count` bytes from `offset`, or fails.
    package let read: @Sendable (_ offset: Int, _ count: Int) async throws(StoreError) -> [UInt8]

    package init(
        byteCount: Int, digest: BlobDigest,
        read: @escaping @Sendable (Int, Int) async throws(StoreError) -> [UInt8]
    ) {
        self.byteCount = byteCount
        self.digest = digest
        self.read = read
    }

    package init(_ bytes: [UInt8]) {
        self.init(byteCount: bytes.count, digest: .of(bytes)) { offset, count in
            Array(bytes[offset..<offset + count])
        }
    }

    /// A part of it; a source that gives less than it promised is a mismatch.
    func part(_ range: Range<Int>) async throws(ObjectFault) -> [UInt8] {
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = range.isEmpty ? [] : try await read(range.lowerBound, range.count)
        } catch {
            throw .source(error)
        }
        guard bytes.count == range.count else { throw .source(.mismatch) }
        return bytes
    }

    /// All of it, known to be what it is to be.
    func whole() async throws(ObjectFault) -> [UInt8] {
        let bytes = try await part(0..<byteCount)
        guard BlobDigest.of(bytes) == digest else { throw .source(.mismatch) }
        return bytes
    }

    /// The ranges of its parts.
    func parts(of partByteCount: Int) -> [Range<Int>] {
        stride(from: 0, to: byteCount, by: partByteCount).map {
            $0..<min($0 + partByteCount, byteCount)
        }
    }
}

package struct ObjectPage: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let byteCount: Int
        /// When it was stored, in seconds since 1970; nil where the store does not say.
        package let storedAt: Int64?
    }

    package let entries: [Entry]
    /// Where the next page begins; nil on the last.
    package let next: String?
}

/// Why an object store did not do what was asked; no URL, no name, no credential.
package enum ObjectFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// No answer, or a broken one.
    case unreachable(UpstreamError)
    /// It said no, with its status and its own word for the reason, if that is one.
    case refused(status: Int, code: String)
    /// No credential could be had.
    case credential(String)
    /// An answer that is not of the protocol.
    case malformed
    /// What was to be stored could not be read.
    case source(StoreError)

    /// Whether the store as a whole seems to be out of order, not just this request.
    package var meansOutage: Bool {
        switch self {
        case .unreachable(.cancelled): false
        case .unreachable, .credential: true
        case .refused(let status, _): status >= 500 || status == 429 || status == 403
        case .malformed, .source: false
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let error): "the bucket \(error)"
        case .refused(_, "RequestTimeTooSkewed"):
            "the bucket refused a request since this machine's clock differs from its own"
        case .refused(let status, let code):
            "the bucket answered \(status)" + (code.isEmpty ? "" : " (\(code))")
        case .credential(let reason): "no credential for the bucket: \(reason)"
        case .malformed: "the bucket sent an answer that is not of its protocol"
        case .source(let error): "what was to be uploaded could not be read: \(error)"
        }
    }

    /// As a store of blobs says it.
    package var storeError: StoreError {
        switch self {
        case .refused(let status, _): .remote(status: Int32(truncatingIfNeeded: status))
        case .source(let error): error
        case .unreachable, .credential, .malformed: .remote(status: 0)
        }
    }
}
