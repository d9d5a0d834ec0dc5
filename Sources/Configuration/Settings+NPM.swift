extension Settings.NPM {
    init(_ reader: inout SettingsReader) {
        upstream = Settings.Upstream(reading: "npm.upstream", &reader)
        scopes = reader.names(below: "npm.scopes").map { Scope($0, &reader) }
        sendsAudits = reader.value("npm.audit", .boolean)
    }
}

extension Settings.NPM.Scope {
    fileprivate init(_ name: String, _ reader: inout SettingsReader) {
        let key = "npm.scopes.\(name)"
        self.name = name
        upstream = Settings.Upstream(reading: key, &reader)
        guard upstream.url == nil, !reader.hasProblem(below: key) else { return }
        reader.refuse(key, "needs the URL of a registry")
    }
}
