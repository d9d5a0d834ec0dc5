internal import HTTPModel

extension Settings.Helm {
    private static let key = "helm.repositories"

    init(_ reader: inout SettingsReader) {
        repositories =
            reader.isMap(Self.key)
            ? reader.names(below: Self.key).map { Repository($0, &reader) }
            : Self.list(&reader)
        onMismatch = reader.value("helm.on_mismatch", .mismatch)
        keepsPruned = reader.value("helm.keep_pruned", .boolean)
    }

    private static func list(_ reader: inout SettingsReader) -> [Repository] {
        let repositories = reader.list(key, .repository)
        let names = repositories.map(\.name)
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            reader.refuse(key, "has two repositories \(names[twice])")
        }
        return repositories
    }
}

extension Settings.Helm.Repository {
    fileprivate init(_ name: String, _ reader: inout SettingsReader) {
        let key = "helm.repositories.\(name)"
        self.name = name
        upstream = Settings.Upstream(reading: key, &reader)
        onMismatch = reader.optional("\(key).on_mismatch", .mismatch)
        keepsPruned = reader.optional("\(key).keep_pruned", .boolean)
        guard upstream.url == nil, !reader.hasProblem(below: key) else { return }
        reader.refuse(key, "needs the URL of a repository")
    }
}

extension ValueForm<Settings.Helm.OnMismatch> {
    fileprivate static var mismatch: ValueForm {
        var form = ValueForm("refuse, pin or warn", placeholder: .refuse) { text in
            Settings.Helm.OnMismatch(rawValue: text).map { .value($0) } ?? .wrong
        }
        form.show = \.rawValue
        return form
    }
}

extension ValueForm<Settings.Helm.Repository> {
    /// A repository without a credential.
    fileprivate static var repository: ValueForm {
        var form = ValueForm(
            "NAME=URL, as acme=https://charts.example/stable", privacy: .hidden
        ) { text in
            guard let sign = text.firstIndex(of: "=") else { return .wrong }
            let name = String(text[..<sign])
            if let fault = DefaultDocument.fault(inRepository: name) {
                return .refused("has a repository whose name \(fault)")
            }
            switch ValueForm<AbsoluteURL>.url.parse(String(text[text.index(after: sign)...])) {
            case .value(let url):
                return .value(
                    Settings.Helm.Repository(
                        name: name, upstream: Settings.Upstream(at: url)))
            case .wrong: return .wrong
            case .refused(let sentence): return .refused(sentence)
            }
        }
        form.show = { "\($0.name)=\($0.upstream.url?.description ?? "")" }
        return form
    }
}
