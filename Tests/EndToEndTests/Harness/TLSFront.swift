import Foundation
import Support

/// TLS before a port of this machine, on a port that stays while certificates come and go.
final class TLSFront: Sendable {
    /// A certificate that `openssl` made, with its key.
    struct Certificate: Sendable {
        let file: String
        let key: String

        /// Makes one for `name` in `folder`.
        static func make(
            _ label: String, name: String, isExpired: Bool = false, in folder: TemporaryFolder
        ) async throws -> Certificate {
            let made = Certificate(
                file: "\(folder.path)/\(label).pem", key: "\(folder.path)/\(label)-key.pem")
            var steps = [
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)",
                    "-days", "2", "-keyout", made.key, "-out", made.file,
                ]
            ]
            if isExpired {
                steps.append([
                    "x509", "-in", made.file, "-signkey", made.key, "-days", "-1", "-out",
                    made.file,
                ])
            }
            for step in steps {
                let outcome = try await ChildProcess.run([program] + step)
                guard outcome.isGood else { throw Overdue(description: outcome.output) }
            }
            return made
        }
    }

    static let program = "/usr/bin/openssl"
    static let isPossible = FileManager.default.isExecutableFile(atPath: program)

    let port: Int
    private let reserved: LoopbackSocket
    private let target: Int
    private let scratch: TemporaryFolder
    private let running = Watched<ChildProcess?>(nil)

    /// Finds a port; nobody listens until there is a certificate.
    init(before target: Int) throws {
        scratch = try TemporaryFolder()
        reserved = try LoopbackSocket.reserved()
        port = Int(reserved.port)
        self.target = target
    }

    /// Answers with this certificate from now on, on new connections only.
    func present(_ certificate: Certificate) async throws {
        running.value?.signal(SIGKILL)
        _ = try await running.value?.end()
        let log = scratch.path + "/log"
        let words = [
            "python3", Machine.script("tls_front.py"), "\(port)", "\(target)", certificate.file,
            certificate.key,
        ]
        let process = try ChildProcess(
            words, environment: [:], folder: scratch.path, log: log)
        running.update { $0 = process }
        try await eventually("a front with TLS", pause: 10) {
            let bytes = try TemporaryFolder.bytes(of: log)
            if let ending = process.ending {
                throw Overdue(description: "\(ending): \(String(decoding: bytes, as: UTF8.self))")
            }
            return bytes.isEmpty ? nil : true
        }
    }
}
