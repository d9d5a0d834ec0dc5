import Foundation
import Support

/// Debian's OCI registry, which is the reference implementation, on a port of loopback.
final class ChartRegistry: Sendable {
    /// Host and port, as they stand in an `oci://` URL.
    let authority: String
    private let folder: TemporaryFolder
    private let process: ChildProcess

    static let program = "\(Machine.clients)/registry/usr/bin/docker-registry"

    static var isInstalled: Bool {
        Machine.mustRunAll || FileManager.default.isExecutableFile(atPath: program)
    }

    init() async throws {
        folder = try TemporaryFolder()
        let settings = try folder.write(
            """
            version: 0.1
            log: {level: info, formatter: text}
            storage: {filesystem: {rootdirectory: "\(folder.path)/registry"}}
            http: {addr: "127.0.0.1:0"}
            """, to: "registry.yml")
        let log = folder.path + "/log"
        let process = try ChildProcess(
            [Self.program, "serve", settings],
            environment: ["HOME": folder.path, "OTEL_TRACES_EXPORTER": "none"],
            folder: folder.path, log: log)
        self.process = process
        authority = try await eventually("the registry listens") {
            let text = String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self)
            if let ending = process.ending {
                throw Overdue(description: "the registry ended: \(ending) \(text)")
            }
            return text.firstMatch(of: /listening on (127\.0\.0\.1:[0-9]+)/).map { String($0.1) }
        }
    }

    /// Stops it, and waits until it is gone.
    func stop() async throws {
        process.signal(SIGTERM)
        _ = try await process.end(within: 20)
    }
}
