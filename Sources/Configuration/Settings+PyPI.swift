internal import HTTPModel

extension Settings.PyPI {
    init(_ reader: inout SettingsReader) {
        let upstream = Settings.Upstream(reading: "pypi.upstream", &reader)
        main = Source(upstream, signs: "pypi.upstream", files: "pypi.files", &reader)
        indexes = reader.names(below: "pypi.indexes").map { Index($0, &reader) }
    }
}

extension Settings.PyPI.Source {
    /// `signs` is the key of the map that says what means absent, `files` that of the file host.
    fileprivate init(
        _ upstream: Settings.Upstream, signs: String, files: String,
        _ reader: inout SettingsReader
    ) {
        self.upstream = upstream
        isAbsentWhenForbidden =
            reader.optional("\(signs).forbidden_means_absent", .boolean) ?? false
        isAbsentWhenEmpty = reader.optional("\(signs).empty_means_absent", .boolean) ?? false
        self.files = reader.optional(files, .url)
    }
}

extension Settings.PyPI.Index {
    fileprivate init(_ name: String, _ reader: inout SettingsReader) {
        let key = "pypi.indexes.\(name)"
        self.name = name
        let upstream = Settings.Upstream(reading: key, &reader)
        source = Settings.PyPI.Source(upstream, signs: key, files: "\(key).files", &reader)
        owns = reader.list("\(key).owns", .projectNames)
        guard upstream.url == nil, !reader.hasProblem(below: key) else { return }
        reader.refuse(key, "needs the URL of an index")
    }
}

extension ValueForm<String> {
    /// A project's name, or the beginning of some with a `*` behind it.
    fileprivate static var projectNames: ValueForm {
        ValueForm("a project's name, or a beginning as acme-*", placeholder: "") { text in
            let name = text.hasSuffix("*") ? text.dropLast() : text[...]
            let isGood =
                (1...200).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
                        || Array("-_.".utf8).contains(byte)
                }
            return isGood ? .value(text) : .wrong
        }
    }
}
