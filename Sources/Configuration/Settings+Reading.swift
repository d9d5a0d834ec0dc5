extension Settings {
    private static let year = 31_536_000

    /// Reads and checks everything, and reports every problem at once.
    package init(reading source: ConfigurationSource) throws(ConfigurationError) {
        var reader = try SettingsReader(source)
        listen = reader.value("listen", .address)
        publicURL = reader.optional("public_url", .url)
        allowedHosts = reader.hosts("allowed_hosts")
        trustedProxies = reader.list("trusted_proxies", .addressBlock)
        folder = reader.value("data", .path(from: source.workingFolder))
        database = reader.value("database", .database(in: folder))
        databaseConnections = reader.value("database_connections", .number(1...200))
        startupWaitSeconds = reader.value("startup_wait_seconds", .seconds(0...3600))
        storage = reader.value("storage", .storage(in: folder))
        tierSizeBytes = reader.value("storage_tier.size", .size(atLeast: 1 << 20))
        storeSizeBytes = reader.value("cache.max_size", .size(atLeast: 1 << 20))
        freshSeconds = reader.value("cache.fresh_seconds", .seconds(0...Self.year))
        negativeSeconds = reader.value("cache.negative_seconds", .seconds(0...Self.year))
        pypi = PyPI(&reader)
        npm = NPM(&reader)
        helm = Helm(&reader)
        drainDelaySeconds = reader.value("drain_delay_seconds", .seconds(0...3600))
        drainSeconds = reader.value("drain_seconds", .seconds(0...86400))
        metricsListen = reader.optional("metrics_listen", .address)
        tls = TLS.read(&reader, in: source.workingFolder)
        log = Log(
            hasRequests: reader.value("log.requests", .boolean),
            format: reader.value("log.format", .logFormat))
        auth = Auth(
            isRequired: reader.value("auth.required", .boolean),
            anonymous: reader.list("auth.anonymous", .scope),
            opensMetrics: reader.value("auth.open_metrics", .boolean))
        limits = Limits(&reader)
        removed = Removed(
            keepAfterDays: reader.value(
                "removed.keep_after_days", .number(0...36500, of: "days")))
        policy = Policy(&reader, in: source.workingFolder)
        let audit = reader.optional("audit.file", .logFile(from: source.workingFolder))
        auditFile = audit
        upstreamCAFile = reader.optional("upstream_ca_file", .path(from: source.workingFolder))
        proxy = reader.optional("proxy", .proxy)
        useEnvironmentProxy = reader.value("use_environment_proxy", .boolean)
        entries = reader.entries
        guard reader.problems.isEmpty else {
            throw ConfigurationError(problems: reader.problems)
        }
    }
}

extension ValueForm<String> {
    /// What a client may read; whether there is such an upstream is looked at later.
    fileprivate static var scope: ValueForm {
        ValueForm("a scope, as pypi, helm:stable or npm:@acme", placeholder: "") { text in
            let isGood = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            return isGood && !text.isEmpty ? .value(text) : .wrong
        }
    }
}

extension Settings.Limits {
    fileprivate init(_ reader: inout SettingsReader) {
        requestLineBytes = reader.value(
            "limits.request_line_bytes", .number(512...65536, of: "bytes"))
        headerBytes = reader.value("limits.header_bytes", .number(1024...1_048_576, of: "bytes"))
        headerFields = reader.value("limits.header_fields", .number(16...1000))
        headerSeconds = reader.value("limits.header_seconds", .seconds(1...3600))
        idleSeconds = reader.value("limits.idle_seconds", .seconds(1...86400))
        bodySeconds = reader.value("limits.body_seconds", .seconds(1...3600))
        minimumBodyBytesPerSecond = reader.value(
            "limits.minimum_body_bytes_per_second", .number(0...1_000_000_000, of: "bytes"))
        minimumBodyGraceSeconds = reader.value(
            "limits.minimum_body_grace_seconds", .seconds(1...3600))
        connections = reader.value("limits.connections", .number(1...1_000_000))
        connectionsPerPeer = reader.value("limits.connections_per_peer", .number(1...1_000_000))
        waitingRequests = reader.value("limits.waiting_requests", .number(1...1_000_000))
        minimumReadBytesPerSecond = reader.value(
            "limits.minimum_read_bytes_per_second", .number(0...1_000_000_000, of: "bytes"))
        minimumReadGraceSeconds = reader.value(
            "limits.minimum_read_grace_seconds", .seconds(1...3600))
        documentBytes = reader.value("limits.document_bytes", .size(atLeast: 1 << 16))
        artifactBytes = reader.value("limits.artifact_bytes", .size(atLeast: 1 << 20))
        fills = reader.value("limits.fills", .number(1...100_000))
    }
}

extension Settings.Upstream {
    /// Reads one upstream: a URL alone, or a map with `url` and the rest.
    init(reading key: String, _ reader: inout SettingsReader) {
        url = reader.optional(reader.isMap(key) ? "\(key).url" : key, .url)
        credential = Self.credential(key, &reader)
        freshSeconds = reader.optional("\(key).fresh_seconds", .seconds(0...31_536_000))
        hosts = reader.hosts("\(key).hosts")
        allowsPrivateAddresses = reader.optional("\(key).private_addresses", .boolean) ?? false
    }

    private static func credential(
        _ key: String, _ reader: inout SettingsReader
    ) -> Credential? {
        let token = reader.secret("\(key).token")
        let username = reader.optional("\(key).username", .userName)
        let password = reader.secret("\(key).password")
        switch (token, username, password) {
        case (let token?, nil, nil): return .token(token)
        case (nil, let username?, let password?):
            return .basic(username: username, password: password)
        case (nil, nil, nil): return nil
        case (.some, _, _):
            refuse("stands beside username and password; only one kind may be set", "token")
        case (nil, .some, nil): refuse("needs password or password_file beside it", "username")
        case (nil, nil, .some): refuse("needs username beside it", "password")
        }
        return nil

        func refuse(_ sentence: String, _ name: String) {
            // One problem is enough: a secret file that cannot be read has been reported already.
            guard !reader.problems.contains(where: { $0.key.hasPrefix("\(key).") }) else { return }
            let names = [name, "\(name)_file"].map { "\(key).\($0)" }
            let named = names.first { reader.file?.node($0) != nil } ?? names[0]
            reader.refuse(named, sentence)
        }
    }
}

extension ValueForm<Settings.Log.Format> {
    fileprivate static var logFormat: ValueForm {
        var form = ValueForm("auto, json or text", placeholder: .auto) { text in
            Settings.Log.Format(rawValue: text).map { .value($0) } ?? .wrong
        }
        form.show = \.rawValue
        return form
    }
}
