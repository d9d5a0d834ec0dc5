import Foundation
import Support

/// Files as a static server answers with them; a folder is its `index.html` or `index.json`.
struct ServedFolder: Sendable {
    private let root: String

    init(_ root: String) {
        self.root = root
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "json": "application/json", "yaml": "text/yaml",
        "tgz": "application/gzip", "whl": "application/octet-stream",
    ]

    func answer(_ request: OriginRequest) -> OriginAnswer {
        let path = request.path.removingPercentEncoding ?? ""
        let isInside = !path.split(separator: "/").contains("..")
        guard isInside, let file = file(root + path),
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        else { return OriginAnswer(404, .bytes(Array("no such file\n".utf8))) }
        let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let size = attributes[.size] as? Int ?? 0
        let ending = file.split(separator: ".").last.map(String.init) ?? ""
        return .entity(
            .file(file), tag: "\"\(String(Int(time), radix: 16))-\(String(size, radix: 16))\"",
            type: Self.types[ending] ?? "application/octet-stream")
    }

    private func file(_ path: String) -> String? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let type = attributes?[.type] as? FileAttributeType else { return nil }
        guard type == .typeDirectory else { return path }
        return ["index.html", "index.json"].map { "\(path)/\($0)" }
            .first(where: FileManager.default.fileExists(atPath:))
    }
}
