package import Backends
internal import HTTPModel

extension CurlClient: ObjectClient {
    package func send(
        _ request: ObjectRequest
    ) async throws(UpstreamError) -> UpstreamResponse {
        let total = ContinuousClock.now + request.limits.total
        let transfer = Transfer(object: request, until: total, on: loop)
        loop.post(.start(transfer))
        let head = try await transfer.head()
        // From here on dropping the body ends the transfer.
        return UpstreamResponse(
            status: head.status, headers: head.headers, url: request.url,
            byteCount: head.wireByteCount, hasProvenEnd: head.hasProvenEnd,
            body: TransferBody(transfer))
    }
}
