import Foundation
import Linux
import Support

/// A server that is compared, in front of a sample registry.
struct Contender {
    let name: String
    /// Nil for the registry itself.
    let server: PeerServer?
    /// Another than the server's first one, where it has several.
    let port: Int
    /// What stands before a project's name in the path of its page.
    let root: String

    init(_ name: String, _ server: PeerServer, port: Int? = nil, root: String) {
        self.name = name
        self.server = server
        self.port = port ?? server.port
        self.root = root
    }

    /// What a client has that goes to the registry itself.
    init(direct registry: SamplePackages) {
        name = "direct"
        server = nil
        port = registry.origin.port
        root = "/simple/"
    }

    func page(_ project: SamplePackages.Project) -> String { "\(root)\(project.name)/" }

    /// The paths of a project's wheels, as its page gives them.
    func files(_ project: SamplePackages.Project) throws -> [String] {
        let page = page(project)
        let body = String(decoding: try get(page).body, as: UTF8.self)
        var links: [Substring: Substring] = [:]
        for text in body.split(separator: "\"") {
            let link = text.prefix { $0 != "#" }
            // A name may stand alone before the URL, and is one in some pages.
            let slash = link.lastIndex(of: "/")
            let name = slash.map { link[link.index(after: $0)...] } ?? link
            if slash != nil || links[name] == nil { links[name] = link }
        }
        return try project.files.indices.map { number in
            let name = project.file(number)
            guard let link = links[name[...]].map(String.init) else {
                throw BenchmarkFault(description: "\(self.name) does not name \(name)")
            }
            guard let url = URL(string: link, relativeTo: URL(string: "http://host\(page)")) else {
                throw BenchmarkFault(description: "\(self.name) names \(link)")
            }
            return url.absoluteURL.path()
        }
    }

    /// One answer on a connection of its own; for preparing, not for measuring.
    func get(_ target: String, fields: String = "") throws -> (head: String, body: [UInt8]) {
        let socket = try LoopbackSocket.connected(to: UInt16(port))
        let request =
            "GET \(target) HTTP/1.0\r\nHost: 127.0.0.1:\(port)\r\nAccept: \(SampleIndex.jsonType)"
            + "\r\nConnection: close\r\n\(fields)\r\n"
        guard socket.write(request) else {
            throw BenchmarkFault(description: "\(name) takes no request")
        }
        var bytes: [UInt8] = []
        while case let piece = socket.read(atMost: 1 << 20), !piece.isEmpty { bytes += piece }
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw BenchmarkFault(description: "\(name) does not answer \(target)")
        }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        guard head.contains(#/^HTTP/1.[01] 200 /#) else {
            throw BenchmarkFault(description: "\(name) answers \(target) with \(head.prefix(12))")
        }
        return (head, Array(bytes[end.upperBound...]))
    }

    func tag(of target: String) throws -> String {
        let head = try get(target).head
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("etag: ") }
        guard let line else { throw BenchmarkFault(description: "\(name) sends no ETag") }
        return String(line.dropFirst(6))
    }

    /// A whole request, as a client sends it over a connection that it keeps.
    func request(_ target: String, _ fields: String = "") -> [UInt8] {
        Array(
            ("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUser-Agent: larder-bench\r\n"
                + "Accept: \(SampleIndex.jsonType)\r\n\(fields)\r\n").utf8)
    }
}
