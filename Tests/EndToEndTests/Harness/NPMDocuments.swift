import Foundation
import HTTPModel
import Support

/// Packuments, version manifests and dist-tags, as a registry answers.
struct NPMDocuments: Sendable {
    private let answers: [String: [NPMPackages.Form: OriginAnswer]]
    private let texts: [String: String]

    init(_ packages: NPMPackages, registry: String, files: String) throws {
        var answers: [String: [NPMPackages.Form: OriginAnswer]] = [:]
        var texts: [String: String] = [:]
        for name in packages.names {
            for form in NPMPackages.Form.allCases {
                let text = try Self.text(of: name, form, registry: registry, files: files)
                if form == .full { texts[name] = text }
                answers[name, default: [:]][form] = Self.answer(text, form)
            }
        }
        self.answers = answers
        self.texts = texts
    }

    static func text(
        of name: String, _ form: NPMPackages.Form, registry: String, files: String
    ) throws -> String {
        try NPMPackages.text(of: name, form)
            .replacingOccurrences(of: "http://registry.example", with: registry)
            .replacingOccurrences(of: "http://files.example", with: files)
    }

    private static func answer(_ text: String, _ form: NPMPackages.Form) -> OriginAnswer {
        let bytes = Array(text.utf8)
        let type =
            form == .full ? "application/json" : "application/vnd.npm.install-v1+json"
        var answer = OriginAnswer.entity(
            .bytes(bytes), tag: "\"\(form.rawValue)-\(sha256(bytes).prefix(16))\"", type: type,
            lastModified: "Mon, 01 Jun 2020 12:00:01 GMT")
        answer.fields.append(("Cache-Control", "public, max-age=300"))
        answer.fields.append(("Vary", "Accept"))
        return answer
    }

    func answer(_ request: OriginRequest) -> OriginAnswer {
        guard request.method == "GET" || request.method == "HEAD" else {
            // As one that would take a publication: it must not even be asked.
            return Self.json(["ok": true])
        }
        let path = request.path.removingPercentEncoding ?? ""
        if path.hasPrefix("/-/package/"), path.hasSuffix("/dist-tags") {
            let name = String(path.dropFirst(11).dropLast(10))
            return document(name)?["dist-tags"].map(Self.json) ?? Self.notFound
        }
        var parts = path.split(separator: "/").map(String.init)
        guard !parts.isEmpty else { return Self.json(["db_name": "registry"]) }
        if parts[0].hasPrefix("@"), parts.count > 1 {
            parts.replaceSubrange(0..<2, with: ["\(parts[0])/\(parts[1])"])
        }
        switch parts.count {
        case 1: return packument(parts[0], accept: request.headers["accept"] ?? "")
        case 2: return manifest(parts[0], parts[1])
        default: return Self.notFound
        }
    }

    private func packument(_ name: String, accept: String) -> OriginAnswer {
        let isAbbreviated = accept.contains("application/vnd.npm.install-v1+json")
        return answers[name]?[isAbbreviated ? .abbreviated : .full] ?? Self.notFound
    }

    private func manifest(_ name: String, _ selector: String) -> OriginAnswer {
        let found = document(name)
        let tags = found?["dist-tags"] as? [String: String] ?? [:]
        let versions = found?["versions"] as? [String: Any] ?? [:]
        let version = versions[selector] ?? tags[selector].flatMap { versions[$0] }
        return version.map(Self.json) ?? Self.notFound
    }

    private func document(_ name: String) -> [String: Any]? {
        guard let text = texts[name] else { return nil }
        let value = try? JSONSerialization.jsonObject(with: Foundation.Data(text.utf8))
        return value as? [String: Any]
    }

    static let notFound = OriginAnswer.text(#"{"error":"Not found"}"#, type: "application/json")
        .with(\.status, 404)

    static func json(_ value: Any) -> OriginAnswer {
        let bytes = try? JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
        return .bytes(bytes.map { [UInt8]($0) } ?? [], type: "application/json")
    }
}
