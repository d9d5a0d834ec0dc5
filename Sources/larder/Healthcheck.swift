import Backends
import Configuration
import HTTPModel
import Upstream

/// `larder healthcheck`: asks `/readyz` of the local server, for images that have no curl.
enum Healthcheck {
    static func run(_ settings: Settings) async -> ExitStatus {
        let address = settings.metricsListen ?? settings.listen
        let isEvery = ["0.0.0.0", "::", "[::]"].contains(address.host)
        let isBare = address.host.contains(":") && !address.host.hasPrefix("[")
        let host = isEvery ? "127.0.0.1" : isBare ? "[\(address.host)]" : address.host
        guard let url = AbsoluteURL("http://\(host):\(address.port)/readyz") else {
            return Larder.complain("the server's address cannot be asked", status: .misuse)
        }
        var limits = TransferLimits(total: .seconds(5), bodyBytes: 1 << 16)
        limits.connect = .seconds(2)
        limits.firstByte = .seconds(5)
        do throws(UpstreamError) {
            let client = try CurlClient(ClientSettings(version: Larder.version))
            defer { client.close() }
            let request = UpstreamRequest(
                url: url, policy: UpstreamPolicy(home: url.origin), limits: limits)
            let response = try await client.fetch(request)
            guard response.status == 200 else {
                return Larder.complain("not ready (\(response.status))", status: .failed)
            }
            return .good
        } catch {
            return Larder.complain("the server \(error)", status: .failed)
        }
    }
}
