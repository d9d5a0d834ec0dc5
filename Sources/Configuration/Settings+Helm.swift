internal import HTTPModel

extension Settings.Helm {
    private static let key = "helm.repositories"

    init(_ reader: inout SettingsReader) {
        guard !reader.isMap(Self.key) else {
            repositories = reader.names(below: Self.key).map { Repository($0, &reader) }
            return
        }
        repositories = reader.list(Self.key, .repository)
        let names = repositories.map(\.name)
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            reader.refuse(
                Self.key, reader.origin(of: Self.key), "has two repositories \(names[twice])")
        }
    }
}

extension Settings.Helm.Repository {
    fileprivate init(_ name: String, _ reader: inout SettingsReader) {
        let key = "helm.repositories.\(name)"
        self.name = name
        upstream = Settings.Upstream(reading: key, &reader)
        guard upstream.url == nil, !reader.hasProblem(below: key) else { return }
        reader.refuse(key, reader.origin(of: key), "needs the URL of a repository")
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
