/// How a client is pointed at this server, ready to be copied.
struct Setup {
    let id: String
    let name: String
    let what: String
    let commands: [String]

    /// For all clients, at a base URL without a slash at its end.
    static func all(_ base: String) -> [Setup] {
        let pypi = "\(base)/pypi/simple/"
        let npm = "\(base)/npm/"
        let plainHost = plainHost(base)
        return [
            Setup(
                id: "pip", name: "pip", what: "For this user, until it is unset.",
                commands: ["pip config set global.index-url \(pypi)"]
                    + (plainHost.map { ["pip config set global.trusted-host \($0)"] } ?? [])),
            Setup(
                id: "uv", name: "uv", what: "For this shell; in a profile, for all.",
                commands: ["export UV_DEFAULT_INDEX=\(pypi)"]),
            Setup(
                id: "npm", name: "npm", what: "For this user; --location=project for one project.",
                commands: ["npm config set registry \(npm)"]),
            Setup(
                id: "helm", name: "Helm", what: "All repositories of this server as one.",
                commands: ["helm repo add larder \(base)/helm", "helm repo update larder"]),
            Setup(
                id: "pnpm", name: "pnpm and Yarn",
                what: "pnpm first; the rest is for Yarn 2 and later.",
                commands: [
                    "pnpm config set registry \(npm)",
                    "yarn config set --home npmRegistryServer \(npm)",
                ]
                    + (host(base).map {
                        ["yarn config set --home unsafeHttpWhitelist --json '[\"\($0)\"]'"]
                    } ?? [])),
        ]
    }

    var html: HTML {
        // A block each, so that a long one that is broken shows where the next one begins.
        let lines = commands.map { "<span class=\"command\">\($0)</span>" as HTML }
        return """
            <div class="card setup" id="setup-\(id)">
            <div><h3>\(name)</h3><p>\(what)</p></div>
            <pre tabindex="0" role="region" aria-label="Commands for \(name)"><code>\(lines)</code></pre>
            </div>

            """
    }

    /// The host of a base without TLS; Yarn wants to be told of it.
    private static func host(_ base: String) -> String? {
        guard base.hasPrefix("http://") else { return nil }
        let authority = base.dropFirst(7).prefix { $0 != "/" }
        return String(authority.prefix { $0 != ":" })
    }

    /// The same, unless it is of this machine: pip trusts that by itself.
    private static func plainHost(_ base: String) -> String? {
        host(base).flatMap { host in
            host == "localhost" || host.hasPrefix("127.") || host.hasPrefix("[") ? nil : host
        }
    }
}
