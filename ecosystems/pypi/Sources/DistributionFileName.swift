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
        case .archive: split = Self.versionStart(in: stem)
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

    private enum Form {
        /// `name-version-tags`: the first hyphen ends the name.
        case tagged
        /// `name-version`, either with hyphens inside.
        case archive
        /// `name-version-release`.
        case release
    }

    private static func form(of name: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, Form)? {
        for (suffix, form) in forms where name.count > suffix.utf8.count {
            let start = name.endIndex - suffix.utf8.count
            // Old archives come as `.ZIP` and the like.
            let isEqual = zip(name[start...], suffix.utf8).allSatisfy {
                ((0x41...0x5A).contains($0) ? $0 | 0x20 : $0) == $1
            }
            if isEqual { return (name[..<start], form) }
        }
        return nil
    }

    private static let forms: [(suffix: String, form: Form)] = [
        (".whl", .tagged), (".tar.gz", .archive), (".zip", .archive), (".egg", .tagged),
        (".tar.bz2", .archive), (".tgz", .archive), (".tar.xz", .archive), (".tar.z", .archive),
        (".tar", .archive), (".exe", .archive), (".msi", .archive), (".dmg", .archive),
        (".rpm", .release), (".deb", .archive), ("-variants.json", .tagged),
    ]

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
        return ProjectName.isAlphanumeric(first) && ProjectName.isAlphanumeric(last)
            && name.allSatisfy {
                ProjectName.isAlphanumeric($0) || $0 == hyphen || $0 == 0x2E || $0 == 0x5F
            }
    }

    private static let hyphen: UInt8 = 0x2D
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
