internal import HTTPModel
internal import Policy

extension Settings.Policy {
    init(_ reader: inout SettingsReader, in folder: String) {
        isDryRun = reader.value("policy.mode", .policyMode)
        minimumAge = reader.value("policy.minimum_age", .duration)
        nothingAfter = reader.optional("policy.nothing_after", .date)
        file = reader.optional("policy.file", .path(from: folder))
        matchesMalware = reader.value("policy.malware", .boolean)
    }
}

extension ValueForm<Bool> {
    fileprivate static var policyMode: ValueForm {
        var form = ValueForm("enforce or dry-run", placeholder: false) { text in
            switch text {
            case "enforce": .value(false)
            case "dry-run": .value(true)
            default: .wrong
            }
        }
        form.show = { $0 ? "dry-run" : "enforce" }
        return form
    }
}

extension ValueForm<Int64> {
    /// In seconds.
    fileprivate static var duration: ValueForm {
        var form = ValueForm("a duration, as 7d, 36h or 0", placeholder: 0) { text in
            PolicyTime.duration(text).map { .value($0) } ?? .wrong
        }
        form.show = { $0 == 0 ? "0" : PolicyTime.text(duration: $0) }
        return form
    }

    /// In seconds since 1970.
    fileprivate static var date: ValueForm {
        var form = ValueForm("a date, as 2026-11-23 or 2026-11-23T12:00:00Z", placeholder: 0) {
            PolicyTime.date($0, isEnd: true).map { .value($0) } ?? .wrong
        }
        form.show = { Timestamp.text($0) }
        return form
    }
}

extension ValueForm<String> {
    /// A path, or `-` for standard output.
    static func logFile(from folder: String) -> ValueForm {
        let path = ValueForm.path(from: folder)
        return ValueForm("the path of a file, or -", placeholder: "") { text in
            text == "-" ? .value(text) : path.parse(text)
        }
    }
}
