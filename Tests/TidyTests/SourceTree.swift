import Foundation

/// One text file of the project.
struct SourceFile: Sendable {
    /// Below the project's folder, as `Sources/YAML/YAMLNode.swift`.
    let path: String
    let text: String

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The folder below `Sources`, `Tests` or `ecosystems`, as `YAML` or `pypi`.
    var room: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    func isBelow(_ folder: String) -> Bool { path.hasPrefix("\(folder)/") }
}

/// The project as it lies on the disk, found from this file's own place.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The names at the top, without what git and builds put there.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path())
            .filter { !isPassedOver($0) }.sorted()
    }

    /// Every text file but fixtures, which are recorded from elsewhere.
    static func files() throws -> [SourceFile] {
        guard
            let walk = FileManager.default.enumerator(
                at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { throw CocoaError(.fileReadNoSuchFile) }
        var files: [SourceFile] = []
        for case let url as URL in walk {
            let name = url.lastPathComponent
            if isPassedOver(name) || name == "Fixtures" || name == "__pycache__" {
                walk.skipDescendants()
                continue
            }
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true,
                isText(name)
            else { continue }
            let path = url.path().dropFirst(root.path().count)
            let text = try String(contentsOf: url, encoding: .utf8)
            files.append(SourceFile(path: String(path), text: text))
        }
        return files.sorted { $0.path < $1.path }
    }

    private static func isPassedOver(_ name: String) -> Bool {
        name == ".git" || name == ".swiftpm" || name == "Package.resolved"
            || name.hasPrefix(".build")
    }

    private static func isText(_ name: String) -> Bool {
        let endings = [
            "swift", "md", "sh", "py", "yaml", "yml", "toml", "h", "modulemap", "json",
        ]
        // Scripts have no ending.
        return !name.contains(".") || endings.contains { name.hasSuffix(".\($0)") }
    }
}
