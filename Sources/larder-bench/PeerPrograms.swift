import Foundation
import Support

/// Where the programs are that are compared, and how each is started in front of a registry.
struct PeerPrograms: Sendable {
    let larder: String
    let nginx: String
    /// The folder of a Python environment with the peers of `scripts/peers/requirements.txt`.
    let python: String

    func startLarder(
        _ registry: SamplePackages, in folder: String? = nil, _ more: [String: String] = [:]
    ) throws -> Contender {
        let folder = try folder ?? PeerServer.makeFolder()
        let port = try PeerServer.freePort()
        // All clients of a benchmark have one address; requests are no lines, as in nginx.conf.
        let settings = "limits:\n  connections_per_peer: 8000\nlog:\n  requests: false\n"
        try Data(settings.utf8)
            .write(to: URL(filePath: folder + "/larder.yaml"))
        let server = try PeerServer(
            "larder", [larder, "serve"],
            environment: [
                "LARDER_CONFIG": folder + "/larder.yaml",
                "LARDER_DATA": folder + "/data", "LARDER_LISTEN": "127.0.0.1:\(port)",
                "LARDER_PYPI_UPSTREAM": registry.origin.base + "/simple/",
            ].merging(more) { $1 }, port: port, in: folder)
        return Contender("larder", server, root: "/pypi/simple/")
    }

    /// One nginx with four addresses, as `scripts/peers/nginx.conf` sets it up.
    struct Nginx {
        let sendfile: Contender
        let copying: Contender
        let gzip: Contender
        /// Rewrites each answer.
        let plain: Contender
    }

    func startNginx(_ registry: SamplePackages) throws -> Nginx {
        let folder = try PeerServer.makeFolder()
        let template = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "scripts/peers/nginx.conf")
        var settings = try String(contentsOf: template, encoding: .utf8)
            .replacing("@FOLDER@", with: folder).replacing("@USER@", with: NSUserName())
            .replacing("@UPSTREAM@", with: registry.origin.base.dropFirst("http://".count))
        var ports: [Int] = []
        for number in 1...4 {
            ports.append(try PeerServer.freePort())
            settings = settings.replacing("@PORT\(number)@", with: "\(ports[number - 1])")
        }
        try Data(settings.utf8).write(to: URL(filePath: folder + "/nginx.conf"))
        let server = try PeerServer(
            "nginx", [nginx, "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/log"],
            port: ports[0], in: folder)
        func contender(_ name: String, _ number: Int) -> Contender {
            Contender(name, server, port: ports[number], root: "/simple/")
        }
        return Nginx(
            sendfile: contender("nginx, sendfile", 0), copying: contender("nginx, copying", 1),
            gzip: contender("nginx, gzip", 2), plain: contender("nginx, rewriting each", 3))
    }

    /// devpi-server with a mirror of the registry.
    func startDevpi(_ registry: SamplePackages) throws -> Contender {
        let folder = try PeerServer.makeFolder()
        let port = try PeerServer.freePort()
        try ServerProgram.run([
            python + "/devpi-init", "--serverdir", folder + "/server", "--no-root-pypi",
            "--root-passwd", "",
        ])
        let server = try PeerServer(
            "devpi",
            [
                python + "/devpi-server", "--serverdir", folder + "/server", "--host",
                "127.0.0.1", "--port", "\(port)",
            ], environment: ["HOME": folder, "PATH": python + ":/usr/bin:/bin"], port: port,
            in: folder)
        let index = "root/sample"
        let script = """
            import base64, json, urllib.request
            base = "http://127.0.0.1:\(port)"
            def ask(method, path, value, token=None):
                fields = {"Content-Type": "application/json", "Accept": "application/json"}
                if token: fields["X-Devpi-Auth"] = token
                body = json.dumps(value).encode()
                request = urllib.request.Request(base + path, body, fields, method=method)
                return json.load(urllib.request.urlopen(request))
            login = ask("POST", "/+login", {"user": "root", "password": ""})
            token = base64.b64encode(("root:" + login["result"]["password"]).encode()).decode()
            ask("PUT", "/\(index)", {"type": "mirror", "mirror_url":
                "\(registry.origin.base)/simple/", "mirror_cache_expiry": 86400}, token)
            """
        try ServerProgram.run([python + "/python", "-c", script])
        return Contender("devpi", server, root: "/\(index)/+simple/")
    }

    /// proxpi as its own image runs it: one process with threads.
    func startProxpi(_ registry: SamplePackages) throws -> Contender {
        let folder = try PeerServer.makeFolder()
        let port = try PeerServer.freePort()
        let server = try PeerServer(
            "proxpi",
            [
                python + "/gunicorn", "--bind", "127.0.0.1:\(port)", "--worker-class", "gthread",
                "--threads", "16", "--keep-alive", "300", "--preload", "proxpi.server:app",
            ],
            environment: [
                "PROXPI_INDEX_URL": registry.origin.base + "/simple/", "PROXPI_INDEX_TTL": "86400",
                "PROXPI_CACHE_DIR": folder + "/files", "PROXPI_DOWNLOAD_TIMEOUT": "60",
                "PROXPI_LOGGING_LEVEL": "WARNING", "HOME": folder,
                "PATH": python + ":/usr/bin:/bin",
            ], port: port, in: folder)
        return Contender("proxpi", server, root: "/index/")
    }
}
