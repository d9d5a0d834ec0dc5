extension Settings {
    /// HTTPS for clients.
    package struct TLS: Equatable, Sendable {
        package let certificateFile: String
        package let keyFile: String
        package let minimum: Minimum

        package enum Minimum: String, Equatable, Sendable, CaseIterable {
            case version12 = "1.2"
            case version13 = "1.3"
        }
    }
}

extension Settings.TLS {
    static func read(_ reader: inout SettingsReader, in folder: String) -> Settings.TLS? {
        let certificate = reader.optional("tls.certificate_file", .path(from: folder))
        let key = reader.optional("tls.key_file", .path(from: folder))
        let minimum = reader.value("tls.minimum_version", .minimum)
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return Settings.TLS(
                certificateFile: certificate, keyFile: key, minimum: minimum)
        case (nil, .some):
            reader.refuse("tls.key_file", "needs tls.certificate_file beside it")
        case (.some, nil):
            reader.refuse("tls.certificate_file", "needs tls.key_file beside it")
        }
        return nil
    }
}

extension ValueForm<Settings.TLS.Minimum> {
    fileprivate static var minimum: ValueForm {
        var form = ValueForm("1.2 or 1.3", placeholder: .version12) { text in
            Settings.TLS.Minimum(rawValue: text).map { .value($0) } ?? .wrong
        }
        form.show = \.rawValue
        return form
    }
}
