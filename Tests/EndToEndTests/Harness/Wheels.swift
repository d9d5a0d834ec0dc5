import Foundation
import Support

/// Wheels with their metadata beside them.
enum Wheels {
    /// The real ones that `scripts/clients` fetched, by normalised project name.
    static func load() throws -> [String: Upstream.File] {
        let files = try files(in: Machine.clients + "/wheels")
        return Dictionary(files.map { ($0.project, $0) }) { first, _ in first }
    }

    /// Makes small ones, of `name==version` or `name==version:requirement,requirement`.
    static func make(_ specifications: String...) async throws -> [Upstream.File] {
        let scratch = try TemporaryFolder()
        try await Client.newestPip.run(
            [Client.newestPip.python, Machine.script("make_wheels.py"), scratch.path]
                + specifications, home: scratch, folder: scratch.path)
        return try files(in: scratch.path).map { file in
            var file = file
            file.body = .bytes(try TemporaryFolder.bytes(of: "\(scratch.path)/\(file.name)"))
            return file
        }
    }

    private static func files(in folder: String) throws -> [Upstream.File] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".whl") }.sorted().map { name in
                let path = "\(folder)/\(name)"
                let bytes = try TemporaryFolder.bytes(of: path)
                let metadata = try TemporaryFolder.bytes(of: path + ".metadata")
                return Upstream.File(
                    name: name, body: .file(path), sha256: sha256(bytes), byteCount: bytes.count,
                    metadata: metadata, requiresPython: requiresPython(metadata))
            }
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
