import Foundation
import Testing

/// A real package client, run with nothing of this machine's settings.
struct Client: Sendable, CustomTestStringConvertible {
    /// Its folder below ``Machine/clients``.
    let name: String
    var testDescription: String { name }

    static let oldPip = Client(name: "pip-23.2")
    static let newestPip = Client(name: "pip-newest")
    static let uv = Client(name: "uv")
    static let all = [oldPip, newestPip, uv]

    private var isUV: Bool { name == "uv" }
    private var programs: String { "\(Machine.clients)/\(name)/bin" }
    private var python: String { programs + "/python" }
    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// Whether all of them may be asked to work.
    static var areInstalled: Bool {
        Machine.mustRunAll || (Machine.hasWheels && all.allSatisfy(\.isInstalled))
    }

    /// Installs into a new folder, with caches of its own that start empty.
    ///
    /// - Returns: What was installed, as the names of the `.dist-info` folders.
    func install(_ arguments: [String], from index: String) async throws -> Set<String> {
        let scratch = try TemporaryFolder()
        let target = try scratch.folder("target")
        let words =
            isUV
            ? [
                programs + "/uv", "pip", "install", "--python", python, "--target", target,
                "--default-index", index,
            ]
            : [
                python, "-m", "pip", "install", "--no-compile", "--target", target,
                "--index-url", index,
            ]
        let outcome = try await ChildProcess.run(
            words + arguments, environment: Self.environment(try scratch.folder("home")))
        #expect(outcome.isGood, "\(name): \(outcome.output)")
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        return Set(names.filter { $0.hasSuffix(".dist-info") })
    }

    /// Runs uv in `folder`, with an empty cache.
    static func uv(_ arguments: [String], in folder: String, index: String) async throws {
        let scratch = try TemporaryFolder()
        var environment = environment(try scratch.folder("home"))
        environment["UV_DEFAULT_INDEX"] = index
        environment["UV_PYTHON"] = uv.python
        let outcome = try await ChildProcess.run(
            [uv.programs + "/uv"] + arguments + ["--directory", folder], environment: environment)
        #expect(outcome.isGood, "\(arguments): \(outcome.output)")
    }

    private static func environment(_ home: String) -> [String: String] {
        [
            "HOME": home, "LANG": "C.UTF-8", "TMPDIR": home,
            "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1", "PIP_CACHE_DIR": home + "/pip", "PIP_ROOT_USER_ACTION": "ignore",
            "UV_CACHE_DIR": home + "/uv", "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never",
            "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1",
        ]
    }
}
