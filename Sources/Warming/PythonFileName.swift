internal import LockFiles

/// Versions in the names of wheels and source archives.
enum PythonFileName {
    private static let archives = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"]

    /// The version of a file of this project, whose name is normalised.
    static func version(of file: String, project: String) -> String? {
        if file.hasSuffix(".whl") {
            let parts = file.split(separator: "-")
            return parts.count >= 5 ? String(parts[1]) : nil
        }
        guard let suffix = archives.first(where: file.hasSuffix) else { return nil }
        let stem = file.dropLast(suffix.count)
        for hyphen in stem.indices where stem[hyphen] == "-" {
            if LockedPackage.normalized(String(stem[..<hyphen])) == project {
                return String(stem[stem.index(after: hyphen)...])
            }
        }
        return nil
    }

    /// Whether two versions are the same one, as `1.0` and `1.0.0` are.
    static func isSame(_ first: String, _ second: String) -> Bool {
        canonical(first) == canonical(second)
    }

    /// In lower case, without zeros at the end of the release and without optional separators.
    ///
    /// Source: PEP 440, normalisation.
    private static func canonical(_ version: String) -> String {
        var text = version.lowercased()[...]
        if text.hasPrefix("v") { text = text.dropFirst() }
        let release = text.prefix { $0.isNumber || $0 == "." }
        var numbers = release.split(separator: ".").map { number in
            let digits = number.drop { $0 == "0" }
            return digits.isEmpty ? "0" : String(digits)
        }
        while numbers.count > 1, numbers.last == "0" { numbers.removeLast() }
        let rest = text.dropFirst(release.count)
            .replacing("alpha", with: "a").replacing("beta", with: "b")
            .filter { !"-_.".contains($0) }
        return numbers.joined(separator: ".") + rest
    }
}
