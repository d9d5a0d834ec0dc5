package import Backends
internal import HTTPModel

/// What lies outside of this module: the network, clocks, the environment and small files.
package struct BucketOutside: Sendable {
    let client: any ObjectClient
    let time: any TimeSource
    let environment: [String: String]
    /// The content of a small file; nil when it cannot be read.
    let readFile: @Sendable (_ path: String) -> [UInt8]?

    package init(
        client: any ObjectClient, time: any TimeSource, environment: [String: String],
        readFile: @escaping @Sendable (String) -> [UInt8]?
    ) {
        self.client = client
        self.time = time
        self.environment = environment
        self.readFile = readFile
    }
}

/// Limits of requests to buckets.
enum ObjectLimits {
    /// What an answer that is no object may hold.
    static let answerByteCount = 4 << 20
    /// The largest object that is fetched.
    static let objectByteCount = 1 << 40

    /// For a request whose answer is short.
    static var call: TransferLimits { limits(.seconds(900), answerByteCount) }
    /// For a fetch of an object.
    static var fetch: TransferLimits { limits(.seconds(6 * 3_600), objectByteCount) }
    /// For a service that gives out credentials.
    static var credential: TransferLimits {
        var limits = limits(.seconds(10), 1 << 20)
        limits.firstByte = .seconds(5)
        limits.connect = .seconds(2)
        return limits
    }

    private static func limits(_ total: Duration, _ bodyByteCount: Int) -> TransferLimits {
        var limits = TransferLimits(total: total, bodyBytes: bodyByteCount)
        limits.connect = .seconds(3)
        limits.firstByte = .seconds(10)
        limits.pause = .seconds(15)
        return limits
    }
}

extension BucketOutside {
    /// Asks a service of this machine or its cloud for a credential, a few times at most.
    ///
    /// Such a service may need some seconds after a machine or a pod has started.
    func credentialAnswer(
        _ request: ObjectRequest, of name: String
    ) async throws(ObjectFault) -> (headers: Headers, body: [UInt8]) {
        var attempts = Attempts(time)
        while true {
            let reason: String
            var mayRepeat = true
            do throws(UpstreamError) {
                let response = try await client.send(request)
                let body = try await response.bytes()
                if response.status == 200 { return (response.headers, body) }
                reason = "\(name) answered \(response.status)"
                mayRepeat = Attempts.mayRepeat(response.status, "")
            } catch {
                reason = "\(name) \(error)"
            }
            guard mayRepeat, await attempts.again() else { throw .credential(reason) }
        }
    }
}
