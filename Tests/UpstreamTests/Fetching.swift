import Backends
import HTTPModel
import Support
import Upstream

/// A client and an origin for one test.
struct Fetching {
    let origin: OriginStub
    let client: CurlClient

    init(sendBufferByteCount: Int32? = nil) throws {
        origin = try OriginStub(sendBufferByteCount: sendBufferByteCount)
        client = try CurlClient(ClientSettings(version: "1.2.3"))
    }

    /// A request for a path of the origin, which is its policy's home.
    func request(
        _ path: String, coding: ContentCoding = .identity, bodyBytes: Int = 64 << 20
    ) -> UpstreamRequest {
        UpstreamRequest(
            url: origin.url(path), coding: coding, policy: UpstreamPolicy(home: origin.origin),
            limits: TransferLimits(total: .seconds(40), bodyBytes: bodyBytes))
    }

    func fetch(_ path: String) async throws(UpstreamError) -> UpstreamResponse {
        try await client.fetch(request(path))
    }

    /// The whole body of a request.
    func body(_ request: UpstreamRequest) async throws(UpstreamError) -> [UInt8] {
        try await client.fetch(request).body.whole()
    }
}

extension UpstreamBody {
    func whole() async throws(UpstreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() { bytes += piece }
        return bytes
    }
}
