internal import Ecosystems

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
        guard let parts = Self.parts(of: name.span) else { return nil }
        let start = name.startIndex
        project = name[start..<start + parts.split]
        version = name[start + parts.split + 1..<start + parts.versionEnd]
    }

    /// Whether ``init(_:)`` would take it.
    static func isOne(_ name: Span<UInt8>) -> Bool { parts(of: name) != nil }

    /// Whether a file of this name is a distribution, as far as the suffix tells.
    static func hasSuffix(_ name: Span<UInt8>) -> Bool { form(of: name) != nil }

    /// Whether this may be the name of any file: no slash, no backslash, no control byte.
    static func isFileName(_ bytes: Span<UInt8>) -> Bool {
        for index in 0..<bytes.count {
            switch bytes[index] {
            case 0..<0x20, 0x2F, 0x5C, 0x7F: return false
            default: continue
            }
        }
        return !bytes.isEmpty
    }

    /// The hyphen between project and version, and where the version ends.
    private static func parts(of name: Span<UInt8>) -> (split: Int, versionEnd: Int)? {
        guard let (stemEnd, form) = form(of: name) else { return nil }
        let stem = name.extracting(0..<stemEnd)
        let split: Int?
        switch form {
        case .tagged: split = ByteSearch.first(hyphen, in: stem, from: 0)
        case .archive: split = versionStart(in: stem.extracting(0..<endBeforePlatform(stem)))
        case .release:
            split = lastIndex(of: hyphen, in: stem).flatMap {
                versionStart(in: stem.extracting(0..<$0))
            }
        }
        guard let split, split > 0, split + 1 < stemEnd,
            ProjectName.isName(stem.extracting(0..<split))
        else { return nil }
        guard form == .tagged else { return (split, stemEnd) }
        return (split, ByteSearch.first(hyphen, in: stem, from: split + 1) ?? stemEnd)
    }

    private enum Form {
        /// `name-version-tags`: the first hyphen ends the name.
        case tagged
        /// `name-version`, either with hyphens inside.
        case archive
        /// `name-version-release`.
        case release
    }

    private static func form(of name: Span<UInt8>) -> (stemEnd: Int, Form)? {
        guard name.count > 4 else { return nil }
        // The last four bytes tell which suffixes may fit: a wheel is found in one step.
        let tail = ShortText(name.count - 4..<name.count, of: name)?.lowercased
        if tail == wheel { return (name.count - 4, .tagged) }
        for (text, form) in forms where name.count > text.count {
            let start = name.count - text.count
            if matches(name, at: start, text) { return (start, form) }
        }
        return nil
    }

    /// Whether `text`, in lower case, stands in the name; old archives come as `.ZIP` and the like.
    private static func matches(_ name: Span<UInt8>, at start: Int, _ text: ShortText) -> Bool {
        guard name.count - start >= text.count else { return false }
        return ShortText(start..<start + text.count, of: name)?.lowercased == text
    }

    private static let wheel = ShortText(".whl")

    private static let forms: [(suffix: ShortText, form: Form)] = [
        (ShortText(".tar.gz"), .archive), (ShortText(".zip"), .archive),
        (ShortText(".egg"), .tagged), (ShortText(".tar.bz2"), .archive),
        (ShortText(".tgz"), .archive), (ShortText(".tar.xz"), .archive),
        (ShortText(".tar.z"), .archive), (ShortText(".tar"), .archive),
        (ShortText(".exe"), .archive), (ShortText(".msi"), .archive),
        (ShortText(".dmg"), .archive), (ShortText(".rpm"), .release),
        (ShortText(".deb"), .archive), (ShortText("-variants.json"), .tagged),
    ]

    private static let platforms = [
        ShortText(".macosx-"), ShortText(".linux-"), ShortText(".win32"), ShortText(".win-amd64"),
    ]

    /// Where the platform of a binary archive begins, as in `luigi-1.0.9.macosx-10.9-x86_64`.
    private static func endBeforePlatform(_ stem: Span<UInt8>) -> Int {
        var index = 0
        while let dot = ByteSearch.first(0x2E, in: stem, from: index) {
            if platforms.contains(where: { matches(stem, at: dot, $0) }) {
                return dot
            }
            index = dot + 1
        }
        return stem.count
    }

    /// The hyphen before the version: the last one that a digit follows.
    ///
    /// When all behind it is digits and the part before it is a dotted version, it is a post
    /// release as in `xo-gd-3.2.2-4`, and the hyphen before that part is taken.
    private static func versionStart(in stem: Span<UInt8>) -> Int? {
        guard let last = lastHyphen(in: stem, before: stem.count) else { return nil }
        guard ByteSet.decimalDigits.containsAll(of: stem.extracting((last + 1)...)),
            let previous = lastHyphen(in: stem, before: last)
        else { return last }
        let between = stem.extracting(previous + 1..<last)
        guard ByteSearch.first(0x2E, in: between, from: 0) != nil,
            ByteSearch.first(hyphen, in: between, from: 0) == nil
        else { return last }
        return previous
    }

    /// The last hyphen before `end` that a digit before `end` follows.
    private static func lastHyphen(in stem: Span<UInt8>, before end: Int) -> Int? {
        var index = end - 1
        while index > 0 {
            index -= 1
            if stem[index] == hyphen, ByteSet.decimalDigits.contains(stem[index + 1]) {
                return index
            }
        }
        return nil
    }

    private static func lastIndex(of byte: UInt8, in bytes: Span<UInt8>) -> Int? {
        var index = bytes.count
        while index > 0 {
            index -= 1
            if bytes[index] == byte { return index }
        }
        return nil
    }

    private static let hyphen: UInt8 = 0x2D
}
