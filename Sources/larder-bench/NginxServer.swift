import Foundation

/// nginx, serving one file: how fast this machine's kernel sends bytes that are ready.
enum NginxServer {
    /// Starts the nginx at `program` with `body` as `/index.yaml`.
    static func start(_ program: String, serving body: [UInt8]) throws -> PeerServer {
        let folder = try PeerServer.makeFolder()
        let files = folder + "/files"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        try Data(body).write(to: URL(filePath: files + "/index.yaml"))
        let port = try PeerServer.freePort()
        try Data(settings(port: port, folder: folder).utf8)
            .write(to: URL(filePath: folder + "/nginx.conf"))
        return try PeerServer(
            "nginx", [program, "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/log"],
            port: port, in: folder)
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
}
