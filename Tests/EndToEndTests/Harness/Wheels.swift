import Foundation
import Support

/// The real wheels that `scripts/clients` fetched, each with its metadata beside it.
enum Wheels {
    /// By normalised project name.
    static func load() throws -> [String: Upstream.File] {
        let folder = Machine.clients + "/wheels"
        var files: [String: Upstream.File] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasSuffix(".whl") {
            let path = "\(folder)/\(name)"
            let bytes = try TemporaryFolder.bytes(of: path)
            let metadata = try TemporaryFolder.bytes(of: path + ".metadata")
            let project = name.split(separator: "-")[0].lowercased()
                .replacingOccurrences(of: "_", with: "-")
            files[project] = Upstream.File(
                name: name, body: .file(path), sha256: sha256(bytes), byteCount: bytes.count,
                metadata: metadata, requiresPython: requiresPython(metadata))
        }
        return files
    }

    private static func requiresPython(_ metadata: [UInt8]) -> String? {
        let lines = String(decoding: metadata, as: UTF8.self).split(separator: "\n")
        let field = lines.first { $0.hasPrefix("Requires-Python: ") }
        return field.map { $0.dropFirst(17).trimmingCharacters(in: .whitespaces) }
    }
}

extension Upstream {
    /// Publishes every wheel that there is.
    @discardableResult
    func publishWheels() throws -> [String: File] {
        let wheels = try Wheels.load()
        for (project, file) in wheels { publish(project, [file]) }
        return wheels
    }
}
