internal import Backends
internal import Resources

extension PullThroughEngine {
    /// How much of a document is read at a time, in bytes.
    private static var pieceByteCount: Int { 1 << 20 }

    /// A document as it is stored, whole; nil when its bytes are gone, which is then known.
    func bytes(of document: StoredResponse) async throws(FillFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(document.byteCount)
        do throws(StoreError) {
            while bytes.count < document.byteCount {
                guard
                    let piece = try await read(
                        document.body, at: bytes.count, count: Self.pieceByteCount),
                    !piece.isEmpty
                else {
                    await drop(document)
                    return nil
                }
                bytes += piece
            }
        } catch {
            observer.storeFailed(error)
            throw .storeFailed
        }
        return bytes
    }
}
