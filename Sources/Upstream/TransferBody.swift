package import Backends

/// The body of one response as it came over the wire.
///
/// Backpressure: when 256 KiB wait for the reader, libcurl stops reading from the socket. Dropped
/// before its end, it ends the transfer.
package final class TransferBody: UpstreamBody {
    private let transfer: Transfer

    init(_ transfer: Transfer) {
        self.transfer = transfer
    }

    deinit { transfer.cancel() }

    package func next() async throws(UpstreamError) -> [UInt8]? {
        try await transfer.next()
    }

    package func cancel() { transfer.cancel() }

    /// The most bytes that ever waited for the reader.
    package var peakByteCount: Int { transfer.peakByteCount }
}
