import Digests
import Foundation
import HTTPModel
import Support

/// A simple index on a loopback port, with its files.
final class Upstream: Sendable {
    /// The forms in which it knows its pages.
    enum Form: String, Sendable, CaseIterable {
        case json, html
    }

    /// One file of a project.
    struct File: Sendable {
        let name: String
        var body: OriginAnswer.Body
        let sha256: String
        let byteCount: Int
        var metadata: [UInt8]?
        var requiresPython: String?
        /// As JSON pages have it; those in HTML say it only when it is set here.
        var uploadTime: String?

        /// The normalised name of the project that a wheel is of.
        var project: String {
            name.prefix { $0 != "-" }.lowercased().replacingOccurrences(of: "_", with: "-")
        }
        /// Two, two and sixty digits, as the real file host has it.
        var path: String {
            "/packages/\(sha256.prefix(2))/\(sha256.dropFirst(2).prefix(2))/\(sha256.dropFirst(4))/"
                + name
        }
        /// Where the server under test has it.
        var target: String { "/pypi" + path }
        var answer: OriginAnswer { .entity(body, tag: "\"\(sha256.prefix(16))\"") }
    }

    let origin: OriginStub
    private let form: Form

    init(_ form: Form = .json) throws {
        self.form = form
        origin = try OriginStub()
    }

    /// What the server under test gets as its upstream.
    var index: String { origin.base + "/simple/" }
    var ledger: Ledger { origin.ledger }

    /// A page's path, at the origin and below the server's mount.
    static func page(_ project: String) -> String { "/simple/\(project)/" }

    func publish(_ project: String, _ files: [File]) {
        let pages = (json: Self.json(project, files), html: Self.html(project, files))
        let form = form
        origin.route(Self.page(project)) { request, _ in
            let wantsJSON = request.headers["accept"]?.contains("v1+json") ?? false
            return form == .json && wantsJSON ? pages.json : pages.html
        }
        for file in files {
            origin.route(file.path, file.answer)
            guard let metadata = file.metadata else { continue }
            let tag = "\"\(sha256(metadata).prefix(16))\""
            origin.route(file.path + ".metadata", .entity(.bytes(metadata), tag: tag))
        }
    }

    /// Publishes a project of one wheel whose bytes are `pattern`.
    @discardableResult
    func publish(_ project: String, _ pattern: Pattern) throws -> File {
        let file = File(
            name: "\(project)-1.0-py3-none-any.whl", body: .pattern(pattern),
            sha256: try sha256(pattern), byteCount: pattern.byteCount)
        publish(project, [file])
        return file
    }

    /// Paths that were asked for more than once, with how often.
    func repeated(below prefix: String) -> [String: Int] {
        Dictionary(grouping: ledger.requests.map(\.path).filter { $0.hasPrefix(prefix) }) { $0 }
            .mapValues(\.count).filter { $0.value > 1 }
    }

    /// The paths below `prefix` that were asked for.
    func asked(below prefix: String) -> Set<String> {
        Set(ledger.requests.map(\.path).filter { $0.hasPrefix(prefix) })
    }
}

// MARK: Pages

extension Upstream {
    private static func json(_ project: String, _ files: [File]) -> OriginAnswer {
        let entries = files.map { file in
            var entry: [String: Any] = [
                "filename": file.name, "url": "../..\(file.path)",
                "hashes": ["sha256": file.sha256], "size": file.byteCount, "yanked": false,
                "upload-time": file.uploadTime ?? "2024-01-02T03:04:05.000006Z",
            ]
            entry["requires-python"] = file.requiresPython
            if let metadata = file.metadata {
                entry["core-metadata"] = ["sha256": sha256(metadata)]
            }
            return entry
        }
        let page: [String: Any] = [
            "meta": ["api-version": "1.1"], "name": project, "files": entries, "versions": [],
        ]
        let bytes = (try? JSONSerialization.data(withJSONObject: page)).map { [UInt8]($0) } ?? []
        return .entity(
            .bytes(bytes), tag: "\"json-\(sha256(bytes).prefix(16))\"",
            type: "application/vnd.pypi.simple.v1+json")
    }

    private static func html(_ project: String, _ files: [File]) -> OriginAnswer {
        let links = files.map { file in
            let metadata = file.metadata.map { " data-core-metadata=\"sha256=\(sha256($0))\"" }
            let python = file.requiresPython.map { text in
                let escaped = text.replacingOccurrences(of: "<", with: "&lt;")
                    .replacingOccurrences(of: ">", with: "&gt;")
                return " data-requires-python=\"\(escaped)\""
            }
            let time = file.uploadTime.map { " data-upload-time=\"\($0)\"" }
            return "<a href=\"../..\(file.path)#sha256=\(file.sha256)\"\(python ?? "")"
                + "\(metadata ?? "")\(time ?? "")>\(file.name)</a><br/>\n"
        }
        let text = """
            <!DOCTYPE html>
            <html><head><meta name="pypi:repository-version" content="1.0">
            <title>Links for \(project)</title></head>
            <body><h1>Links for \(project)</h1>
            \(links.joined())</body></html>
            """
        let tag = "\"html-\(sha256(Array(text.utf8)).prefix(16))\""
        return .entity(.bytes(Array(text.utf8)), tag: tag, type: "text/html; charset=utf-8")
    }
}

/// In lower-case hexadecimal.
func sha256(_ bytes: [UInt8]) -> String { BlobDigest.of(bytes).hex }

func sha256(_ pattern: Pattern) throws -> String {
    var hasher = try Digests.Hasher(.sha256)
    var position = 0
    while position < pattern.byteCount {
        let end = min(pattern.byteCount, position + (4 << 20))
        hasher.update(pattern.bytes(position..<end))
        position = end
    }
    return hasher.finish().hex
}
