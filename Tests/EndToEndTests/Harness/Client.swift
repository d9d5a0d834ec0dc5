import Foundation
import Testing

/// A real package client, run with nothing of this machine's settings.
struct Client: Sendable, Hashable, CustomTestStringConvertible {
    /// Its folder below ``Machine/clients``.
    let name: String
    var testDescription: String { name }

    static let firstPip = Client(name: "pip-22.3")
    static let oldPip = Client(name: "pip-23.2")
    static let newestPip = Client(name: "pip-newest")
    static let uv = Client(name: "uv")
    static let poetry = Client(name: "poetry")
    static let pipenv = Client(name: "pipenv")
    static let pdm = Client(name: "pdm")

    /// Those that install what they are told.
    static let installers = [firstPip, oldPip, newestPip, uv]
    /// Those that lock what a project needs and install from the lock.
    static let lockers = [uv, poetry, pipenv, pdm, newestPip]

    var programs: String { "\(Machine.clients)/\(name)/bin" }
    var python: String { programs + "/python" }
    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// Whether all of them may be asked to work.
    static var areInstalled: Bool {
        Machine.mustRunAll
            || (Machine.hasWheels && (installers + lockers).allSatisfy(\.isInstalled))
    }

    /// Installs into a new folder, with caches of its own that start empty unless `home` has them.
    ///
    /// - Returns: What was installed, as the names of the `.dist-info` folders.
    func install(
        _ arguments: [String], from index: String, and other: String? = nil,
        home: TemporaryFolder? = nil
    ) async throws -> Set<String> {
        let scratch = try TemporaryFolder()
        let target = try scratch.folder("target")
        let words = installing(arguments, into: target, from: index, and: other)
        try await run(words, home: home ?? scratch, folder: scratch.path)
        return try Self.installed(in: target)
    }

    /// Installs what may not be installable: what it says, and what is there then.
    func attempt(
        _ arguments: [String], from index: String
    ) async throws -> (outcome: ChildProcess.Outcome, installed: Set<String>) {
        let scratch = try TemporaryFolder()
        let target = try scratch.folder("target")
        let words = installing(arguments, into: target, from: index, and: nil)
        let outcome = try await ChildProcess.run(
            ["env", "--chdir", scratch.path] + words, environment: Self.environment(scratch.path))
        return (outcome, try Self.installed(in: target))
    }

    private func installing(
        _ arguments: [String], into target: String, from index: String, and other: String?
    ) -> [String] {
        var words: [String]
        if self == .uv {
            words = [programs + "/uv", "pip", "install", "--python", python, "--target", target]
            words += ["--default-index", index] + (other.map { ["--index", $0] } ?? [])
        } else {
            words = [python, "-m", "pip", "install", "--target", target]
            words += ["--index-url", index] + (other.map { ["--extra-index-url", $0] } ?? [])
        }
        return words + arguments
    }

    /// Runs one of its programs, which must succeed.
    func run(
        _ words: [String], home: TemporaryFolder, folder: String,
        variables: [String: String] = [:]
    ) async throws {
        let outcome = try await ChildProcess.run(
            ["env", "--chdir", folder] + words,
            environment: Self.environment(home.path).merging(variables) { $1 })
        #expect(outcome.isGood, "\(name) \(words): \(outcome.output)")
    }

    /// The names of the `.dist-info` folders in a folder of packages.
    static func installed(in folder: String) throws -> Set<String> {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return Set(names.filter { $0.hasSuffix(".dist-info") })
    }

    private static func environment(_ home: String) -> [String: String] {
        [
            "HOME": home, "LANG": "C.UTF-8", "TMPDIR": home,
            "PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1", "PIP_NO_COMPILE": "1", "PIP_CACHE_DIR": home + "/pip",
            "PIP_ROOT_USER_ACTION": "ignore",
            "UV_CACHE_DIR": home + "/uv", "UV_PYTHON_DOWNLOADS": "never",
            "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1",
            "POETRY_NO_INTERACTION": "1", "POETRY_VIRTUALENVS_IN_PROJECT": "1",
            "PIPENV_VENV_IN_PROJECT": "1", "PIPENV_NOSPIN": "1", "PIPENV_YES": "1",
            "PIPENV_CACHE_DIR": home + "/pipenv", "PDM_CHECK_UPDATE": "0",
        ]
    }
}
