/// What the name of a distribution file says: the project's name and the version, as spelled.
///
/// Wheels and eggs escape hyphens in the project's name, so the first hyphen ends it. Source
/// archives of old do not, so where the version begins is a guess; see ``versionStart(in:)``.
/// Sources: PEP 427, PEP 625, packaging.python.org "Source distribution format".
struct DistributionFileName {
    let project: ArraySlice<UInt8>
    let version: ArraySlice<UInt8>

    /// Reads a file name; nil for a suffix or a shape that no distribution has.
    init?(_ name: ArraySlice<UInt8>) {
        guard let (stem, form) = Self.form(of: name) else { return nil }
        let split: Int?
        switch form {
        case .tagged: split = stem.firstIndex(of: Self.hyphen)
        case .archive: split = Self.versionStart(in: Self.withoutPlatform(stem))
        case .release:
            split = stem.lastIndex(of: Self.hyphen).flatMap { Self.versionStart(in: stem[..<$0]) }
        }
        guard let split, split > stem.startIndex, split + 1 < stem.endIndex,
            Self.hasNameGrammar(stem[..<split])
        else { return nil }
        project = stem[..<split]
        let rest = stem[(split + 1)...]
        version =
            form == .tagged ? rest[..<(rest.firstIndex(of: Self.hyphen) ?? rest.endIndex)] : rest
    }

    /// Whether a file of this name is a distribution, as far as the suffix tells.
    static func hasSuffix(_ name: ArraySlice<UInt8>) -> Bool { form(of: name) != nil }

    /// Whether this may be the name of any file: no slash, no backslash, no control byte.
    static func isFileName(_ name: ArraySlice<UInt8>) -> Bool {
        let bytes = name.span
        for index in 0..<bytes.count {
            switch bytes[index] {
            case 0..<0x20, 0x2F, 0x5C, 0x7F: return false
            default: continue
            }
        }
        return !name.isEmpty
    }

    private enum Form {
        /// `name-version-tags`: the first hyphen ends the name.
        case tagged
        /// `name-version`, either with hyphens inside.
        case archive
        /// `name-version-release`.
        case release
    }

    private static func form(of name: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, Form)? {
        guard let last = name.last else { return nil }
        for (suffix, form) in forms
        where suffix.last == lowercased(last) && name.count > suffix.count {
            let start = name.endIndex - suffix.count
            if matches(name, at: start, suffix) { return (name[..<start], form) }
        }
        return nil
    }

    /// Whether `text`, in lower case, stands in the name; old archives come as `.ZIP` and the like.
    private static func matches(_ name: ArraySlice<UInt8>, at start: Int, _ text: [UInt8]) -> Bool {
        guard name.endIndex - start >= text.count else { return false }
        var index = 0
        while index < text.count {
            guard lowercased(name[start + index]) == text[index] else { return false }
            index += 1
        }
        return true
    }

    private static let forms: [(suffix: [UInt8], form: Form)] = [
        suffix(".whl", .tagged), suffix(".tar.gz", .archive), suffix(".zip", .archive),
        suffix(".egg", .tagged), suffix(".tar.bz2", .archive), suffix(".tgz", .archive),
        suffix(".tar.xz", .archive), suffix(".tar.z", .archive), suffix(".tar", .archive),
        suffix(".exe", .archive), suffix(".msi", .archive), suffix(".dmg", .archive),
        suffix(".rpm", .release), suffix(".deb", .archive), suffix("-variants.json", .tagged),
    ]

    private static func suffix(_ text: String, _ form: Form) -> (suffix: [UInt8], form: Form) {
        (Array(text.utf8), form)
    }

    private static let platforms = [".macosx-", ".linux-", ".win32", ".win-amd64"].map {
        Array($0.utf8)
    }

    /// A binary archive's stem up to its platform, as in `luigi-1.0.9.macosx-10.9-x86_64`.
    private static func withoutPlatform(_ stem: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        for index in stem.indices where stem[index] == 0x2E {
            if platforms.contains(where: { matches(stem, at: index, $0) }) {
                return stem[..<index]
            }
        }
        return stem
    }

    /// The hyphen before the version: the last one that a digit follows.
    ///
    /// When all behind it is digits and the part before it is a dotted version, it is a post
    /// release as in `xo-gd-3.2.2-4`, and the hyphen before that part is taken.
    private static func versionStart(in stem: ArraySlice<UInt8>) -> Int? {
        guard let last = lastHyphen(in: stem) else { return nil }
        guard stem[(last + 1)...].allSatisfy(isDigit),
            let previous = lastHyphen(in: stem[..<last]),
            stem[previous..<last].contains(0x2E), !stem[(previous + 1)..<last].contains(hyphen)
        else { return last }
        return previous
    }

    private static func lastHyphen(in stem: ArraySlice<UInt8>) -> Int? {
        var index = stem.endIndex - 1
        while index > stem.startIndex {
            index -= 1
            if stem[index] == hyphen, isDigit(stem[index + 1]) { return index }
        }
        return nil
    }

    private static func hasNameGrammar(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, let last = name.last, name.count <= ProjectName.limit else {
            return false
        }
        guard ProjectName.isAlphanumeric(first), ProjectName.isAlphanumeric(last) else {
            return false
        }
        let bytes = name.span
        for index in 0..<bytes.count {
            switch bytes[index] {
            case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: continue
            default: return false
            }
        }
        return true
    }

    private static let hyphen: UInt8 = 0x2D

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
