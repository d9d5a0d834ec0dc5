import Foundation

/// A project whose dependencies a client locks, and installs from the lock into `.venv`.
final class Project: Sendable {
    let client: Client
    let dependencies: [Dependency]
    private let indexes: [(key: String, value: String)]
    private let folder: TemporaryFolder

    /// A requirement, and the further index that is to have it.
    struct Dependency: Sendable {
        let requirement: String
        var index: String?

        init(_ requirement: String, from index: String? = nil) {
            self.requirement = requirement
            self.index = index
        }

        var name: String { String(requirement.prefix { $0 != "=" && $0 != ">" }) }
        var version: String {
            requirement == name ? "*" : String(requirement.dropFirst(name.count))
        }
    }

    /// Writes the client's manifest: `indexes` by name, the first of them is the usual one.
    init(
        _ client: Client, _ dependencies: [Dependency],
        indexes: KeyValuePairs<String, String>
    ) throws {
        self.client = client
        self.dependencies = dependencies
        self.indexes = Array(indexes)
        folder = try TemporaryFolder()
        _ = try folder.write(
            Manifest(client: client, dependencies: dependencies, indexes: self.indexes).text,
            to: client == .pipenv ? "Pipfile" : "pyproject.toml")
    }

    var lockFile: String {
        let names: [Client: String] = [
            .uv: "uv.lock", .poetry: "poetry.lock", .pipenv: "Pipfile.lock", .pdm: "pdm.lock",
        ]
        return "\(folder.path)/\(names[client] ?? "pylock.toml")"
    }

    /// pip has no projects: it locks what it is told, and installs where it is told.
    private func pip(_ command: String, _ arguments: [String]) -> [String] {
        let further = indexes.dropFirst().flatMap { ["--extra-index-url", $0.value] }
        return [client.python, "-m", "pip", command, "--index-url", indexes[0].value] + further
            + arguments
    }

    /// Locks anew, with empty caches unless `home` has them.
    ///
    /// - Returns: The lock file's text.
    @discardableResult
    func lock(
        _ arguments: [String] = [], home: TemporaryFolder? = nil,
        variables: [String: String] = [:]
    ) async throws -> String {
        try? FileManager.default.removeItem(atPath: lockFile)
        try await makeEnvironment()
        let words =
            client == .newestPip
            ? pip("lock", ["--output", lockFile] + dependencies.map(\.requirement))
            : ["\(client.programs)/\(client.name)", "lock"]
        try await client.run(
            words + arguments, home: home ?? TemporaryFolder(), folder: folder.path,
            variables: variables)
        return String(decoding: try TemporaryFolder.bytes(of: lockFile), as: UTF8.self)
    }

    /// Installs from the lock into an empty environment, with empty caches.
    ///
    /// - Returns: What was installed, as the names of the `.dist-info` folders.
    func sync() async throws -> Set<String> {
        let verbs: [Client: [String]] = [
            .uv: ["sync", "--frozen"], .poetry: ["install", "--no-root"], .pipenv: ["sync"],
            .pdm: ["sync", "--no-self"],
        ]
        let packages = try await makeEnvironment()
        let words =
            client == .newestPip
            ? pip("install", ["--target", packages, "--requirement", lockFile])
            : ["\(client.programs)/\(client.name)"] + (verbs[client] ?? [])
        try await client.run(words, home: TemporaryFolder(), folder: folder.path)
        return try Client.installed(in: packages)
    }

    /// An environment without even pip, which all of these clients take as the project's own.
    ///
    /// - Returns: The folder of its packages.
    @discardableResult
    private func makeEnvironment() async throws -> String {
        let environment = folder.path + "/.venv"
        try? FileManager.default.removeItem(atPath: environment)
        try await client.run(
            [client.python, "-m", "venv", "--without-pip", environment], home: folder,
            folder: folder.path)
        let versions = try FileManager.default.contentsOfDirectory(atPath: environment + "/lib")
        return "\(environment)/lib/\(versions.first ?? "")/site-packages"
    }
}

/// What says which dependencies a project has and where they are to be found.
private struct Manifest {
    let client: Client
    let dependencies: [Project.Dependency]
    let indexes: [(key: String, value: String)]

    var text: String {
        switch client {
        case .pipenv: pipfile
        case .poetry: project + "[tool.poetry]\npackage-mode = false\n" + poetry
        case .pdm: project + "[tool.pdm]\ndistribution = false\n" + pdm
        default: project + uv
        }
    }

    private var project: String {
        """
        [project]
        name = "sample-project"
        version = "1.0"
        requires-python = ">=3.10"
        dependencies = [\(dependencies.map { "\"\($0.requirement)\"" }.joined(separator: ", "))]

        """
    }

    private var further: [Project.Dependency] { dependencies.filter { $0.index != nil } }

    private var uv: String {
        let sources = further.map { "\($0.name) = { index = \"\($0.index ?? "")\" }\n" }
        let tables = indexes.enumerated().map { position, index in
            """
            [[tool.uv.index]]
            name = "\(index.key)"
            url = "\(index.value)"
            \(position == 0 ? "default" : "explicit") = true

            """
        }
        return tables.joined() + "[tool.uv.sources]\n" + sources.joined()
    }

    private var poetry: String {
        let sources = further.map { "\($0.name) = { source = \"\($0.index ?? "")\" }\n" }
        let tables = indexes.enumerated().map { position, index in
            """
            [[tool.poetry.source]]
            name = "\(index.key)"
            url = "\(index.value)"
            priority = "\(position == 0 ? "primary" : "explicit")"

            """
        }
        return "[tool.poetry.dependencies]\n" + sources.joined() + tables.joined()
    }

    /// A source that is called `pypi` takes the place of the public index.
    private var pdm: String {
        indexes.enumerated().map { position, index in
            let names = further.filter { $0.index == index.key }.map { "\"\($0.name)\"" }
            let only = "include_packages = [\(names.joined(separator: ", "))]\n"
            return """
                [[tool.pdm.source]]
                name = "\(position == 0 ? "pypi" : index.key)"
                url = "\(index.value)"
                \(position == 0 ? "" : only)
                """
        }.joined()
    }

    /// Without the last slash of the URL, to which pipenv would add a second one.
    private var pipfile: String {
        let tables = indexes.map { index in
            """
            [[source]]
            name = "\(index.key)"
            url = "\(index.value.dropLast())"
            verify_ssl = false

            """
        }
        let packages = dependencies.map { dependency in
            let index = dependency.index.map { ", index = \"\($0)\"" } ?? ""
            return "\(dependency.name) = { version = \"\(dependency.version)\"\(index) }\n"
        }
        return tables.joined() + "[packages]\n" + packages.joined()
    }
}
