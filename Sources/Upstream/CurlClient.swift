package import Backends
internal import HTTPModel

/// Fetches over libcurl: one thread runs every transfer.
///
/// Dropping it, or ``close()``, ends what is under way as `.cancelled`.
package final class CurlClient: UpstreamClient {
    let loop: CurlLoop

    /// Starts the thread.
    ///
    /// - Throws: `.unreachable` when libcurl cannot be started.
    package init(_ settings: ClientSettings) throws(UpstreamError) {
        loop = try CurlLoop(settings)
    }

    deinit { loop.stop() }

    /// Ends every transfer as `.cancelled`, and refuses new ones in the same way.
    package func close() { loop.stop() }

    package func fetch(
        _ request: UpstreamRequest
    ) async throws(UpstreamError) -> UpstreamResponse {
        guard request.policy.admits(request.url) else { throw .hostRefused }
        let total = ContinuousClock.now + request.limits.total
        var url = request.url
        var followed = 0
        while true {
            let transfer = Transfer(request, to: url, until: total, on: loop)
            loop.post(.start(transfer))
            let head = try await transfer.head()
            let rule = RedirectRule(
                head, from: url, followed: followed, policy: request.policy,
                hasContent: request.content != nil)
            switch rule {
            case .final:
                return try response(head, transfer)
            case .follow(let target):
                transfer.discard()
                url = target
                followed += 1
            case .refused:
                transfer.discard()
                throw .redirectRefused
            }
        }
    }

    private func response(
        _ head: ResponseHead, _ transfer: Transfer
    ) throws(UpstreamError) -> UpstreamResponse {
        // From here on dropping the body ends the transfer.
        let body = TransferBody(transfer)
        let coding = try head.coding(asked: transfer.request.coding)
        let isCoded = coding == .gzip
        let limit = transfer.request.limits.bodyBytes
        return UpstreamResponse(
            status: head.status, headers: head.headers, url: transfer.url,
            byteCount: isCoded ? nil : head.wireByteCount, hasProvenEnd: head.hasProvenEnd,
            body: isCoded ? try GzipBody(body, byteLimit: limit) : body)
    }
}
