import Foundation
import Support
import Testing

extension EndToEnd {
    /// What docs/clients.md tells users to type, typed.
    @Suite(
        .serialized,
        .enabled(
            if: Client.areInstalled && NPMClient.areInstalled && HelmClient.areInstalled,
            "the clients are not all installed"))
    struct ClientsPages {
        /// One example of the page, and the program that its commands call.
        struct Row: Sendable, CustomTestStringConvertible {
            let name: String
            let programs: [String: String]
            var ecosystem = "pypi"
            var testDescription: String { name }
        }

        private static func python(_ name: String, _ client: Client) -> Row {
            let program = name.prefix { $0 != "-" }
            return Row(
                name: name, programs: [String(program): "\(client.programs)/\(program)"])
        }

        private static func node(_ name: String, _ program: String, _ client: NPMClient) -> Row {
            Row(
                name: name, programs: [program: client.words.joined(separator: " ")],
                ecosystem: "npm")
        }

        static let rows: [Row] =
            ["pip-once", "pip-config", "pip-variable", "pip-file"].map { python($0, .newestPip) }
            + [
                python("uv", .uv), python("uv-pip", .uv), python("poetry", .poetry),
                python("pipenv", .pipenv), python("pdm", .pdm),
                node("npm", "npm", .npm11), node("yarn-classic", "yarn", .yarnClassic),
                node("yarn-berry", "yarn", .berry), node("bun", "bun", .bun),
                node("deno", "deno", .deno),
                Row(name: "helm", programs: ["helm": HelmClient.helm4.program], ecosystem: "helm"),
            ]

        @Test(
            "every marked example of docs/clients.md works as it stands",
            .timeLimit(.minutes(5)))
        func examples() async throws {
            let page = try ClientsPage.load()
            #expect(page.examples.keys.sorted() == Self.rows.map(\.name).sorted())
            let wheels = try Upstream()
            try wheels.publishWheels()
            let packages = try NPMUpstream()
            let charts = try await HelmUpstream(packedBy: .helm4)
            let larder = try await LarderHome(
                upstream: wheels.index, settings: packages.settings + charts.settings
            ).start()
            for row in Self.rows {
                let example = try #require(page.examples[row.name])
                let counter = "larder_requests_total{ecosystem=\"\(row.ecosystem)\""
                let before = try await larder.metric(counter)
                let begun = ContinuousClock.now
                try await run(example, row, larder, packages.packages.sample)
                print("clients.md: \(row.name) took \(begun.duration(to: .now))")
                let after = try await larder.metric(counter)
                #expect(after > before, "\(row.name) asked elsewhere: \(before), \(after)")
            }
            try await larder.stop()
        }

        private func run(
            _ example: ClientsPage.Example, _ row: Row, _ larder: Larder,
            _ dependencies: [String: String]
        ) async throws {
            let scratch = try TemporaryFolder()
            let folder = try scratch.folder("project")
            let here = "http://127.0.0.1:\(larder.port)"
            func local(_ text: String) -> String {
                text.replacingOccurrences(of: ClientsPage.server, with: here)
            }
            for file in example.files {
                _ = try scratch.write(local(file.text), to: "project/\(file.path)")
            }
            if row.ecosystem == "npm" {
                let manifest = try JSONSerialization.data(
                    withJSONObject: ["name": "example", "dependencies": dependencies])
                _ = try scratch.write(
                    String(decoding: manifest, as: UTF8.self), to: "project/package.json")
            }
            let programs = try scratch.folder("bin")
            for (name, words) in row.programs {
                let file = try scratch.write("#!/bin/sh\nexec \(words) \"$@\"\n", to: "bin/\(name)")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: file)
            }
            let outcome = try await ChildProcess.run(
                ["env", "--chdir", folder, "sh", "-euc", local(example.commands)],
                environment: Self.environment(scratch.path, programs))
            #expect(outcome.isGood, "\(row.name): \(outcome.output)")
        }

        /// Nothing of this machine's settings, and what a test on plain http and loopback needs.
        private static func environment(_ home: String, _ programs: String) -> [String: String] {
            NPMClient.npm11.environment(home: home).merging([
                "PATH": "\(programs):\(Client.newestPip.programs):/usr/bin:/bin",
                "PIP_TARGET": home + "/target", "PIP_NO_COMPILE": "1",
                "PIP_CACHE_DIR": home + "/pip", "PIP_ROOT_USER_ACTION": "ignore",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1", "XDG_CONFIG_HOME": home + "/config",
                "UV_CACHE_DIR": home + "/uv",
                "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy",
                "POETRY_NO_INTERACTION": "1", "POETRY_VIRTUALENVS_IN_PROJECT": "1",
                "PIPENV_VENV_IN_PROJECT": "1", "PIPENV_NOSPIN": "1", "PIPENV_YES": "1",
                "PIPENV_CACHE_DIR": home + "/pipenv", "PDM_CHECK_UPDATE": "0",
                "YARN_UNSAFE_HTTP_WHITELIST": "127.0.0.1", "YARN_ENABLE_IMMUTABLE_INSTALLS": "0",
                "HELM_CACHE_HOME": home + "/helm", "HELM_CONFIG_HOME": home + "/helm-config",
                "HELM_DATA_HOME": home + "/helm-own",
            ]) { $1 }
        }
    }
}
