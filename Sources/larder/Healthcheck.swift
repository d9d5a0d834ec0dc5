import Backends
import Configuration
import HTTPModel
import Upstream

/// `larder healthcheck`: asks `/readyz` of a server, for images that have no curl.
enum Healthcheck {
    /// Without `server`, the URL of one, the server is that of the settings.
    static func run(_ settings: Settings, server: String? = nil) async -> ExitStatus {
        let base = server ?? Self.ownBase(settings)
        guard let url = AbsoluteURL(base + (base.hasSuffix("/") ? "readyz" : "/readyz")) else {
            return Larder.complain("the server's address cannot be asked", status: .misuse)
        }
        var limits = TransferLimits(total: .seconds(5), bodyBytes: 1 << 16)
        limits.connect = .seconds(2)
        limits.firstByte = .seconds(5)
        do throws(UpstreamError) {
            var own = ClientSettings(
                version: Larder.version, certificateFile: settings.upstreamCAFile)
            own.verifiesServers = server != nil
            let client = try CurlClient(own)
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

    /// Where this machine's server says how it is.
    private static func ownBase(_ settings: Settings) -> String {
        settings.metricsListen.map { base(of: $0, isSecure: false) }
            ?? base(of: settings.listen, isSecure: settings.tls != nil)
    }

    /// The URL of a server of this machine that listens at an address.
    static func base(of address: ListenAddress, isSecure: Bool) -> String {
        let isEvery = ["0.0.0.0", "::", "[::]"].contains(address.host)
        let isBare = address.host.contains(":") && !address.host.hasPrefix("[")
        let host = isEvery ? "127.0.0.1" : isBare ? "[\(address.host)]" : address.host
        return "\(isSecure ? "https" : "http")://\(host):\(address.port)/"
    }
}
