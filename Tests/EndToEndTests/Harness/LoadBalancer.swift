import Foundation
import HTTPModel
import Support

/// haproxy before several servers; it asks each whether it is ready, and never tries a request twice.
final class LoadBalancer: Sendable {
    let port: Int
    private let reserved: LoopbackSocket
    private let process: ChildProcess
    private let scratch: TemporaryFolder

    private static let program = "/usr/sbin/haproxy"
    static let isInstalled =
        FileManager.default.isExecutableFile(atPath: program) || Machine.mustRunAll

    /// Starts it; it listens a moment later.
    init(before ports: [Int]) async throws {
        scratch = try TemporaryFolder()
        reserved = try LoopbackSocket.reserved()
        port = Int(reserved.port)
        let servers = ports.map {
            "    server s\($0) 127.0.0.1:\($0) check inter 100ms fall 1 rise 1\n"
        }
        let file = try scratch.write(
            """
            global
                maxconn 2000
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                timeout check 5s
                retries 0
            frontend clients
                bind 127.0.0.1:\(port)
                default_backend larder
            backend larder
                balance roundrobin
                option httpchk GET /readyz
                http-response set-header X-Server %s

            """ + servers.joined(), to: "haproxy.cfg")
        process = try ChildProcess(
            [Self.program, "-db", "-q", "-f", file], environment: [:], folder: scratch.path,
            log: scratch.path + "/log")
        try await eventually("haproxy answers", pause: 20) {
            if let ending = process.ending { throw Overdue(description: "haproxy: \(ending)") }
            return try? await Exchange.get("/readyz", from: port).isGood ? true : nil
        }
    }

    /// Waits until the server at this port gets requests.
    func sends(to server: Int) async throws {
        try await eventually("haproxy sends requests to \(server)", pause: 20) {
            let answer = try? await Exchange.get("/healthz", from: port)
            return answer?.headers["x-server"] == "s\(server)" ? true : nil
        }
    }
}
