import Foundation
import Linux
import Support

/// nginx, serving one file: how fast this machine's kernel sends bytes that are ready.
///
/// Ended when dropped.
final class NginxServer {
    let port: Int
    private let process = Process()
    private let folder: String

    /// Starts the nginx at `program` with `body` as `/index.yaml`.
    init(_ program: String, serving body: [UInt8]) throws {
        folder = NSTemporaryDirectory() + "larder-bench-" + SystemRandom.hexadecimal(byteCount: 8)
        try FileManager.default.createDirectory(
            atPath: folder + "/files", withIntermediateDirectories: true)
        try Data(body).write(to: URL(filePath: folder + "/files/index.yaml"))
        // It cannot choose a port itself; one that was free a moment ago will do.
        port = Int(try LoopbackSocket.listening().port)
        try Data(Self.settings(port: port, folder: folder).utf8)
            .write(to: URL(filePath: folder + "/nginx.conf"))
        process.executableURL = URL(filePath: program)
        process.arguments = ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/log"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        try waitUntilListening()
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// As its manual says for static files: `sendfile`, whole packets, many requests a connection.
    private static func settings(port: Int, folder: String) -> String {
        """
        daemon off;
        user \(NSUserName());
        worker_processes auto;
        pid \(folder)/pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          open_file_cache max=16;
          keepalive_requests 1000000;
          default_type application/json;
          client_body_temp_path \(folder)/body;
          proxy_temp_path \(folder)/proxy;
          fastcgi_temp_path \(folder)/fastcgi;
          uwsgi_temp_path \(folder)/uwsgi;
          scgi_temp_path \(folder)/scgi;
          server { listen 127.0.0.1:\(port); root \(folder)/files; }
        }

        """
    }

    private func waitUntilListening() throws {
        let deadline = SystemClock.monotonicNanoseconds + 10_000_000_000
        while SystemClock.monotonicNanoseconds < deadline, process.isRunning {
            if (try? HTTPFetch(port: port)) != nil { return }
            Thread.sleep(forTimeInterval: 0.01)
        }
        let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        throw BenchmarkFault(description: "nginx does not listen: \(log.suffix(400))")
    }
}
