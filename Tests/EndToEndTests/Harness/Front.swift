import Foundation
import Support
import Testing

/// A real proxy before a port of this machine, with kept connections to both sides.
final class Front: Sendable {
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        /// Reads a request's body whole before it asks the server.
        case nginx
        /// The same program, passing a body on as it comes.
        case streamingNginx
        case haproxy
        case varnish

        var testDescription: String { rawValue }

        var program: String {
            switch self {
            case .nginx, .streamingNginx: "/usr/sbin/nginx"
            case .haproxy: "/usr/sbin/haproxy"
            case .varnish: "/usr/sbin/varnishd"
            }
        }

        var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }
    }

    static let areInstalled = Kind.allCases.allSatisfy(\.isInstalled)

    let port: Int
    private let reserved: LoopbackSocket
    private let process: ChildProcess
    private let scratch: TemporaryFolder
    private let log: String

    /// Starts one; it listens a moment later.
    init(_ kind: Kind, before target: Int) throws {
        scratch = try TemporaryFolder()
        log = scratch.path + "/log"
        reserved = try LoopbackSocket.reserved()
        port = Int(reserved.port)
        let words = try Self.words(kind, from: port, to: target, in: scratch)
        process = try ChildProcess(words, environment: [:], folder: scratch.path, log: log)
    }

    /// Ends it, and waits for that: Varnish's child ends when its parent is gone.
    func stop() async throws {
        process.signal(SIGKILL)
        _ = try await process.end(within: 20)
    }

    /// What it said, for a test that fails.
    var words: String {
        (try? TemporaryFolder.bytes(of: log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var isRunning: Bool { process.ending == nil }

    private static func words(
        _ kind: Kind, from port: Int, to target: Int, in scratch: TemporaryFolder
    ) throws -> [String] {
        let program = kind.program
        switch kind {
        case .nginx, .streamingNginx:
            let text = nginx(port, target, scratch.path, isStreaming: kind == .streamingNginx)
            let file = try scratch.write(text, to: "nginx.conf")
            return [program, "-p", scratch.path, "-e", "stderr", "-c", file]
        case .haproxy:
            return [program, "-db", "-f", try scratch.write(haproxy(port, target), to: "haproxy")]
        case .varnish:
            let text = """
                vcl 4.1;
                backend larder { .host = "127.0.0.1"; .port = "\(target)"; }
                sub vcl_recv { return (pass); }

                """
            let file = try scratch.write(text, to: "larder.vcl")
            return [
                program, "-F", "-j", "none", "-n", scratch.path + "/varnish", "-s", "malloc,16m",
                "-a", "127.0.0.1:\(port)", "-f", file,
            ]
        }
    }

    private static func nginx(
        _ port: Int, _ target: Int, _ folder: String, isStreaming: Bool
    ) -> String {
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder)/\($0);"
        }
        return """
            daemon off;
            master_process off;
            worker_processes 1;
            pid \(folder)/pid;
            error_log stderr crit;
            events { worker_connections 256; }
            http {
                access_log off;
                \(paths.joined(separator: " "))
                upstream larder { server 127.0.0.1:\(target); keepalive 1; }
                server {
                    listen 127.0.0.1:\(port);
                    location / {
                        proxy_pass http://larder;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $http_host;
                        proxy_next_upstream off;
                        proxy_request_buffering \(isStreaming ? "off" : "on");
                    }
                }
            }

            """
    }

    private static func haproxy(_ port: Int, _ target: Int) -> String {
        """
        global
            maxconn 500
            nbthread 1
        defaults
            mode http
            timeout connect 5s
            timeout client 10s
            timeout server 10s
            http-reuse always
            retries 0
        frontend front
            bind 127.0.0.1:\(port)
            default_backend larder
        backend larder
            server larder 127.0.0.1:\(target)

        """
    }
}
