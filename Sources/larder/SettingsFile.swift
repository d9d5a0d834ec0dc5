import CommandLine
import Configuration
import FoundationEssentials
import Linux

extension Larder {
    /// Reads the settings from the file, the environment and the options.
    static func settings(_ options: ServerOptions) throws -> Settings {
        let environment = ProcessInfo.processInfo.environment
        var source = ConfigurationSource(environment: environment)
        source.workingFolder = FileManager.default.currentDirectoryPath
        source.readSecret = { path in
            guard let bytes = contents(of: path) else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
        let named = environment["LARDER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let name = options.configurationFile ?? named {
            guard let bytes = contents(of: name) else { throw UnreadableFile(name: name) }
            source.file = .init(name: name, bytes: bytes)
        }
        if let listen = options.listen {
            source.options.append(.init(key: "listen", name: "--listen", text: listen))
        }
        if let folder = options.folder {
            source.options.append(.init(key: "data", name: "--data", text: folder))
        }
        return try Settings(reading: source)
    }

    /// A whole file; nil where it cannot be read.
    static func contents(of path: String) -> [UInt8]? {
        // Configuration maps of Kubernetes are symbolic links, so they are followed here.
        FileManager.default.contents(atPath: path).map { Array($0) }
    }
}

/// A configuration file that is not there or not readable.
struct UnreadableFile: Error, CustomStringConvertible {
    let name: String

    var description: String { "\(name): the configuration file cannot be read" }
}
