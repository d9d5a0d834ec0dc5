import Configuration
import HTTPModel
import Testing
import YAML

@Suite struct SettingsTests {
    @Test("without file and variables, the defaults of the contract")
    func defaults() throws {
        let settings = try read()
        #expect(settings.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(settings.publicURL == nil)
        #expect(settings.allowedHosts.map(\.host) == ["localhost", "127.0.0.1", "[::1]"])
        #expect(settings.trustedProxies.isEmpty)
        #expect(settings.folder == "/users/ann/.local/share/larder")
        #expect(
            settings.database == .sqlite(path: "/users/ann/.local/share/larder/larder.sqlite"))
        #expect(settings.databaseConnections == 8)
        #expect(settings.startupWaitSeconds == 60)
        #expect(settings.storage == .directory(path: "/users/ann/.local/share/larder"))
        #expect(settings.storeSizeBytes == 50 << 30)
        #expect(settings.freshSeconds == 300)
        #expect(settings.negativeSeconds == 30)
        #expect(settings.pypi.upstream.url == nil)
        #expect(settings.pypi.upstream.credential == nil)
        #expect(settings.pypi.upstream.allowsPrivateAddresses == false)
        #expect(settings.pypi.files == nil)
        #expect(settings.drainDelaySeconds == 5)
        #expect(settings.drainSeconds == 60)
        #expect(settings.metricsListen == nil)
        #expect(settings.auth.isRequired == false)
        #expect(settings.auth.anonymous == [])
        #expect(settings.auth.opensMetrics == false)
        #expect(settings.removed.keepAfterDays == 30)
        #expect(settings.upstreamCAFile == nil)
        #expect(settings.proxy == nil)
        #expect(settings.useEnvironmentProxy == false)
    }

    @Test("the default limits")
    func defaultLimits() throws {
        let limits = try read().limits
        #expect(limits.requestLineBytes == 8192)
        #expect(limits.headerBytes == 32768)
        #expect(limits.headerFields == 100)
        #expect(limits.headerSeconds == 10)
        #expect(limits.idleSeconds == 60)
        #expect(limits.connections == 10000)
        #expect(limits.bodySeconds == 60)
        #expect(limits.minimumBodyBytesPerSecond == 1024)
        #expect(limits.minimumBodyGraceSeconds == 10)
        #expect(limits.connectionsPerPeer == 1000)
        #expect(limits.waitingRequests == 8192)
        #expect(limits.minimumReadBytesPerSecond == 1024)
        #expect(limits.minimumReadGraceSeconds == 30)
        #expect(limits.documentBytes == 128 << 20)
        #expect(limits.artifactBytes == 16 << 30)
        #expect(limits.fills == 256)
    }

    @Test("every key of the default document is read, and shown in its order")
    func everyKeyIsRead() throws {
        func keys(_ node: YAMLNode, _ path: String) -> [String] {
            guard case .mapping(let entries) = node.content else { return [path] }
            return entries.flatMap { keys($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        }
        let root = try #require(try YAMLNode.read(DefaultDocument.text))
        #expect(try read().entries.map(\.key) == keys(root, ""))
    }

    @Test("the printed default, used as a file, changes nothing")
    func defaultAsFile() throws {
        let asFile = try read(DefaultDocument.text)
        let builtIn = try read()
        #expect(asFile.entries.map(\.text) == builtIn.entries.map(\.text))
    }

    struct Variable: Sendable, CustomTestStringConvertible {
        let name: String
        let value: String
        let key: String
        let shown: String
        /// Without what it makes no sense alone.
        var beside: [String: String] = [:]
        var testDescription: String { name }
    }

    @Test("a variable sets its key, and the setting says so", arguments: variables)
    func variable(_ row: Variable) throws {
        let settings = try read(
            environment: row.beside.merging([row.name: row.value]) { $1 })
        let entry = try #require(settings.entries.first { $0.key == row.key })
        #expect(entry.text == row.shown)
        #expect("\(entry.origin)" == "variable \(row.name)")
    }

    @Test("every variable of the default document has its row above, or a test of its own")
    func everyVariable() throws {
        let elsewhere: Set = [
            "STORAGE_BUCKET", "LARDER_HELM_REPOSITORIES",
            // The text's own example.
            "NAME",
        ]
        let names = DefaultDocument.text.matches(of: /\$\{([A-Z_]+)/).map { String($0.1) }
        #expect(names.count > 20)
        #expect(Set(names).subtracting(elsewhere) == Set(Self.variables.map(\.name)))
    }

    @Test("option beats file, file beats variable, variable beats default")
    func precedence() throws {
        let file = "listen: 127.0.0.1:2\ncache: {fresh_seconds: 7}\n"
        let environment = ["LARDER_LISTEN": "127.0.0.1:1", "LARDER_NEGATIVE_SECONDS": "8"]
        let option = ConfigurationSource.Option(
            key: "listen", name: "--listen", text: "127.0.0.1:3")
        func origins(_ settings: Settings) -> [String] {
            ["listen", "cache.fresh_seconds", "cache.negative_seconds", "cache.max_size"].map {
                key in
                settings.entries.first { $0.key == key }.map { "\($0.text) \($0.origin)" } ?? ""
            }
        }
        #expect(
            origins(try read(file, environment: environment, options: [option])) == [
                "127.0.0.1:3 option --listen", "7 larder.yaml:2",
                "8 variable LARDER_NEGATIVE_SECONDS", "50GiB built-in default",
            ])
        #expect(try read(file, environment: environment).listen.port == 2)
        #expect(try read(environment: environment).listen.port == 1)
    }

    @Test("a variable in the operator's file is named with the file and line")
    func variableInFile() throws {
        let settings = try read(
            "\n\nlisten: 127.0.0.1:${PORT}\n", environment: ["PORT": "81"])
        let entry = try #require(settings.entries.first { $0.key == "listen" })
        #expect("\(entry.origin)" == "variable PORT in larder.yaml:3")
    }

    @Test("a variable's value never changes the structure")
    func injection() throws {
        let value = "/srv\ndatabase: sqlite:///evil\n# {[\"'"
        #expect(
            problems("data: ${X}", environment: ["X": value]).map { $0.prefix(38) } == [
                "larder.yaml:1 (variable X): data: must"
            ])
        let quoted = "/srv: {a: [b], c: \"d\"} # e"
        #expect(try read("data: ${X}", environment: ["X": quoted]).folder == quoted)
    }

    @Test("lists are sequences, or one text with commas")
    func lists() throws {
        let written = try read(
            "allowed_hosts: [\"A.example\", \"${H}\"]", environment: ["H": "b:1"])
        #expect(written.allowedHosts.map(\.description) == ["a.example", "b:1"])
        #expect(try read("allowed_hosts: ''").allowedHosts.isEmpty)
    }

    @Test("an upstream as a map")
    func upstreamMap() throws {
        let file = """
            pypi:
              upstream:
                url: https://index.example/simple
                token_file: token.txt
                fresh_seconds: 60
                hosts: [files.example]
                private_addresses: true
            """
        let settings = try read(file, secrets: ["/srv/start/token.txt": "s3cret\r\n"])
        let upstream = settings.pypi.upstream
        #expect(upstream.url?.description == "https://index.example/simple/")
        #expect(upstream.credential == .token(Secret("s3cret")))
        #expect(upstream.freshSeconds == 60)
        #expect(upstream.hosts.map(\.host) == ["files.example"])
        #expect(upstream.allowsPrivateAddresses)
    }

    @Test("a map without a URL keeps the default's")
    func upstreamMapWithoutURL() throws {
        let settings = try read(
            "pypi:\n  upstream:\n    username: ann\n    password: pw\n",
            environment: ["LARDER_PYPI_UPSTREAM": "https://index.example/simple/"])
        #expect(settings.pypi.upstream.url?.host == "index.example")
        #expect(
            settings.pypi.upstream.credential == .basic(username: "ann", password: Secret("pw")))
    }

    @Test("what config show prints reads back as the same settings")
    func shownReadsBack() throws {
        let first = try read(
            "pypi: {upstream: {hosts: [a.example], fresh_seconds: 5}}",
            environment: ["LARDER_DATA": "/a \"b\" $ \\ #c", "LARDER_LISTEN": "[::]:0"])
        let second = try read(first.shown, environment: ["LARDER_LISTEN": "127.0.0.1:9"])
        #expect(second.entries.map(\.text) == first.entries.map(\.text))
        #expect(second.folder == "/a \"b\" $ \\ #c")
        #expect(second.listen == first.listen)
    }

    @Test("config show names where each value came from")
    func shownOrigins() throws {
        let shown = try read(
            "cache:\n  max_size: 5GiB\n", environment: ["LARDER_LISTEN": "127.0.0.1:1"]
        ).shown
        let lines = shown.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        #expect(lines.contains("listen: \"127.0.0.1:1\" # variable LARDER_LISTEN"))
        #expect(lines.contains("max_size: 5GiB # larder.yaml:2"))
        #expect(lines.contains("fresh_seconds: 300 # built-in default"))
        #expect(lines.contains("public_url: # built-in default"))
    }

    @Test("a secret is shown nowhere")
    func secretsAreRedacted() throws {
        let file = "pypi:\n  upstream: {url: 'https://index.example/', token: '${TOKEN}'}\n"
        let settings = try read(file, environment: ["TOKEN": "hunter2"])
        #expect(settings.pypi.upstream.credential == .token(Secret("hunter2")))
        var dumped = ""
        dump(settings, to: &dumped)
        for text in [settings.shown, "\(settings)", String(reflecting: settings), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
        #expect(Secret("hunter2").revealed() == "hunter2")
    }
}
