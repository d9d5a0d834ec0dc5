import Foundation
import Support

/// The real packages that `scripts/clients-npm` packed, with what a registry says of them.
struct NPMPackages: Sendable, Decodable {
    /// What a registry has in two forms.
    enum Form: String, Sendable, CaseIterable {
        case full, abbreviated
    }

    struct Tarball: Sendable, Decodable, Hashable {
        let name: String
        let version: String
        /// Where documents say it is: `http://registry.example` or `http://files.example`.
        let host: String
        /// Its path there, which need not be the usual one.
        let path: String
        /// Its file's name in the folder of tarballs.
        let file: String
        let shasum: String
        let integrity: String
        /// Names and ranges.
        let dependencies: [String: String]

        /// The path below a registry at which every client expects it.
        var canonicalPath: String {
            let basename = name.split(separator: "/").last ?? ""
            return "/\(name)/-/\(basename)-\(version).tgz"
        }
        var isOnOtherHost: Bool { host == "http://files.example" }
    }

    /// What the sample project depends on, with ranges.
    let sample: [String: String]
    /// What is installed with it: names and versions.
    let tree: [String: String]
    let tarballs: [Tarball]

    private static let folder = Machine.clients + "/npm-packages"
    static let arePacked = FileManager.default.fileExists(atPath: folder + "/installed")

    static func load() throws -> NPMPackages {
        let bytes = try TemporaryFolder.bytes(of: folder + "/index.json")
        return try JSONDecoder().decode(NPMPackages.self, from: Foundation.Data(bytes))
    }

    var names: Set<String> { Set(tarballs.map(\.name)) }

    func tarball(_ name: String, _ version: String? = nil) throws -> Tarball {
        let wanted = version ?? tree[name]
        guard let found = tarballs.first(where: { $0.name == name && $0.version == wanted }) else {
            throw Overdue(description: "no tarball of \(name) \(wanted ?? "")")
        }
        return found
    }

    static func bytes(of tarball: Tarball) throws -> [UInt8] {
        try TemporaryFolder.bytes(of: "\(folder)/tarballs/\(tarball.file)")
    }

    static func text(of name: String, _ form: Form) throws -> String {
        let file = name.replacingOccurrences(of: "/", with: "+")
        let path = "\(folder)/documents/\(file).\(form.rawValue).json"
        return String(decoding: try TemporaryFolder.bytes(of: path), as: UTF8.self)
    }

    /// The keys that the packages' signatures are of, as a registry answers.
    static func keys() throws -> [UInt8] { try TemporaryFolder.bytes(of: folder + "/keys.json") }
}
