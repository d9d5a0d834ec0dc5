import Backends
import Foundation
import HTTPModel
import Support
import Testing
import Upstream

/// TLS, with certificates made for the test by the `openssl` program.
@Suite(.timeLimit(.minutes(5)), .enabled(if: TLSOrigin.isPossible)) struct TrustTests {
    /// Fetches from an origin, perhaps trusting its own certificate.
    private func fetch(
        _ origin: TLSOrigin, host: String = "localhost", trusting: Bool
    ) async throws(UpstreamError) -> UpstreamResponse {
        let file = trusting ? origin.certificateFile : nil
        let client = try CurlClient(ClientSettings(version: "1", certificateFile: file))
        guard let url = AbsoluteURL("https://\(host):\(origin.port)/") else {
            preconditionFailure("bad host: \(host)")
        }
        var limits = TransferLimits(total: .seconds(40), bodyBytes: 1 << 20)
        limits.connect = .seconds(20)
        let request = UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: url.origin), limits: limits)
        let response = try await client.fetch(request)
        _ = try await response.body.whole()
        return response
    }

    @Test("a certificate of the operator's own is trusted when it is named")
    func trusted() async throws {
        let origin = try TLSOrigin()
        #expect(try await fetch(origin, trusting: true).status == 200)
    }

    @Test("a certificate that nobody vouches for is refused")
    func selfSigned() async throws {
        let origin = try TLSOrigin()
        await #expect(throws: UpstreamError.insecure(code: 60)) {
            try await fetch(origin, trusting: false)
        }
    }

    @Test("a certificate of another host is refused")
    func wrongHost() async throws {
        let origin = try TLSOrigin(name: "other.example")
        await #expect(throws: UpstreamError.insecure(code: 60)) {
            try await fetch(origin, trusting: true)
        }
    }

    @Test("a certificate that has expired is refused")
    func expired() async throws {
        let origin = try TLSOrigin(validity: .expired)
        await #expect(throws: UpstreamError.insecure(code: 60)) {
            try await fetch(origin, trusting: true)
        }
    }

    @Test("TLS 1.1 is too old")
    func oldProtocol() async throws {
        let origin = try TLSOrigin(arguments: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        await #expect(throws: UpstreamError.insecure(code: 35)) {
            try await fetch(origin, trusting: true)
        }
    }

    @Test("an origin that does not speak TLS is refused, and nothing is sent in the clear")
    func plain() async throws {
        let origin = try OriginStub()
        let client = try CurlClient(ClientSettings(version: "1"))
        let url = try #require(AbsoluteURL("https://127.0.0.1:\(origin.port)/"))
        let request = UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: url.origin),
            limits: TransferLimits(total: .seconds(40), bodyBytes: 1))
        // The stub waits for a request that never comes, so only its leaving ends the handshake.
        let task = Task { try await client.fetch(request) }
        await origin.connectionsOpen(1)
        origin.stop()
        await #expect(throws: UpstreamError.insecure(code: 35)) { _ = try await task.value }
        #expect(origin.ledger.requests.isEmpty)
    }
}

/// `openssl s_server` on a loopback port, with a certificate of its own.
private final class TLSOrigin {
    enum Validity {
        case now, expired
    }

    struct Failure: Error {}

    static let program = "/usr/bin/openssl"
    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: program) }

    let port: Int
    let certificateFile: String
    private let folder: URL
    private let server = Process()

    init(
        name: String = "localhost", validity: Validity = .now, arguments: [String] = []
    ) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("larder-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appendingPathComponent("certificate.pem").path
        let key = folder.appendingPathComponent("key.pem").path
        try Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-days", "2",
            "-keyout", key, "-out", certificateFile,
        ])
        if validity == .expired {
            let file = certificateFile
            try Self.run(["x509", "-in", file, "-signkey", key, "-days", "-1", "-out", file])
        }

        let output = Pipe()
        server.executableURL = URL(fileURLWithPath: Self.program)
        // Port 0, and the port it chose is in the line ACCEPT.
        server.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-key", key, "-cert", certificateFile]
            + arguments
        server.standardOutput = output
        server.standardInput = Pipe()
        server.standardError = FileHandle.nullDevice
        try server.runAlone()
        var text = ""
        var port: Int?
        while port == nil {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw Failure() }
            text += String(decoding: bytes, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            port = lines.first { $0.hasPrefix("ACCEPT ") }
                .flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        }
        guard let port else { throw Failure() }
        self.port = port
    }

    private static func run(_ arguments: [String]) throws {
        guard try Program.run([program] + arguments).status == 0 else { throw Failure() }
    }

    deinit {
        if server.isRunning { server.terminate() }
        try? FileManager.default.removeItem(at: folder)
    }
}
