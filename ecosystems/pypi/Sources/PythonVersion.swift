package import Ecosystems

/// A version of PEP 440, in a form that can be compared.
struct PythonVersion: Sendable, Hashable {
    let epoch: UInt64
    /// Without zeros at its end.
    let release: [UInt64]
    /// How many numbers were written.
    let written: Int
    /// Phase (a 0, b 1, rc 2) and number.
    let pre: [UInt64]?
    let post: UInt64?
    let dev: UInt64?
    let local: [String]

    /// Nil for what PEP 440 does not know; old projects have such versions.
    init?(_ text: some StringProtocol) {
        var reader = VersionText(text.lowercased())
        _ = reader.take("v")
        var first = reader.number()
        guard first != nil else { return nil }
        if reader.take("!") {
            epoch = first ?? 0
            first = reader.number()
        } else {
            epoch = 0
        }
        guard let start = first else { return nil }
        var numbers = [start]
        while reader.follows(".", byDigit: true) {
            _ = reader.take(".")
            guard let next = reader.number() else { return nil }
            numbers.append(next)
        }
        written = numbers.count
        while numbers.count > 1, numbers.last == 0 { numbers.removeLast() }
        release = numbers
        pre = reader.phase([
            ("alpha", 0), ("beta", 1), ("preview", 2), ("pre", 2), ("rc", 2), ("a", 0), ("b", 1),
            ("c", 2),
        ])
        if let number = reader.implicitPost() {
            post = number
        } else {
            post = reader.phase([("post", 0), ("rev", 0), ("r", 0)])?[1]
        }
        dev = reader.phase([("dev", 0)])?[1]
        if reader.take("+") {
            let parts = reader.rest.split(omittingEmptySubsequences: false) { "._-".contains($0) }
            guard !parts.contains(where: \.isEmpty),
                reader.rest.utf8.allSatisfy({
                    ProjectName.isAlphanumeric($0) || "._-".utf8.contains($0)
                })
            else { return nil }
            local = parts.map(String.init)
        } else {
            guard reader.rest.isEmpty else { return nil }
            local = []
        }
    }

    var isPrerelease: Bool { pre != nil || dev != nil }

    /// Numbers that compare as versions without their local parts do.
    fileprivate var order: [UInt64] {
        // A development release of the final one comes before its alphas.
        var phase: [UInt64] = post == nil && dev != nil ? [0, 0] : [9, 0]
        if let pre { phase = [pre[0] + 1, pre[1]] }
        let afterwards: UInt64 = post.map { $0 &+ 1 } ?? 0
        let isFinal: UInt64 = dev == nil ? 1 : 0
        return phase + [afterwards, isFinal, dev ?? 0]
    }
}

extension PythonVersion: Comparable {
    static func < (left: PythonVersion, right: PythonVersion) -> Bool {
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        if left.release != right.release {
            return left.release.lexicographicallyPrecedes(right.release)
        }
        if left.order != right.order { return left.order.lexicographicallyPrecedes(right.order) }
        for (one, other) in zip(left.local, right.local) where one != other {
            switch (UInt64(one), UInt64(other)) {
            case (let one?, let other?): return one < other
            case (_?, nil): return false
            case (nil, _?): return true
            case (nil, nil): return Array(one.utf8).lexicographicallyPrecedes(Array(other.utf8))
            }
        }
        return left.local.count < right.local.count
    }

    static func == (left: PythonVersion, right: PythonVersion) -> Bool {
        !(left < right) && !(right < left)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
        hasher.combine(release)
    }
}

/// What is left of a version's text.
private struct VersionText {
    var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    mutating func number() -> UInt64? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let value = UInt64(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }

    func follows(_ text: String, byDigit: Bool) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        let next = rest.dropFirst(text.count).first
        return next.map { $0.isASCII && $0.isNumber } == byDigit
    }

    /// A part such as `.rc-1`: which of these names it has, and its number.
    mutating func phase(_ names: [(name: String, value: UInt64)]) -> [UInt64]? {
        let mark = rest
        if let first = rest.first, "._-".contains(first) { rest = rest.dropFirst() }
        for (name, value) in names where take(name) {
            let inside = rest
            if let first = rest.first, "._-".contains(first) { rest = rest.dropFirst() }
            if let number = number() { return [value, number] }
            rest = inside
            return [value, 0]
        }
        rest = mark
        return nil
    }

    /// `1.0-3` is the third post release.
    mutating func implicitPost() -> UInt64? {
        guard follows("-", byDigit: true) else { return nil }
        _ = take("-")
        return number()
    }
}

/// PEP 440's versions, and ranges as its specifiers write them.
package struct PythonVersions: VersionScheme {
    package init() {}

    package var isDated: Bool { true }

    package static let scheme: any VersionScheme = PythonVersions()

    package func isLess(_ version: String, than other: String) -> Bool? {
        guard let one = PythonVersion(version), let two = PythonVersion(other) else { return nil }
        return one < two
    }

    package func canonical(version: String) -> String {
        guard let parsed = PythonVersion(version) else { return version }
        let numbers = [parsed.epoch] + parsed.release + [.max] + parsed.order
        return numbers.map(String.init).joined(separator: ".")
            + parsed.local.map { "+\($0)" }.joined()
    }

    package func canonical(package: String) -> String {
        let isPrefix = package.hasSuffix("*")
        let name = ProjectName.normalized(Array(package.utf8).dropLast(isPrefix ? 1 : 0))
        return isPrefix ? name + "*" : name
    }

    package func range(_ text: String) -> (@Sendable (String) -> Bool?)? {
        var tests: [@Sendable (PythonVersion) -> Bool] = []
        // The one sign that compares texts, whatever they are.
        var texts: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.filter { $0 != " " }
            guard !word.isEmpty || text.allSatisfy({ $0 == " " }) else { return nil }
            guard !word.isEmpty, word != "*" else { continue }
            if word.hasPrefix("===") {
                texts.append(word.dropFirst(3).lowercased())
                continue
            }
            guard let test = Self.test(word) else { return nil }
            tests.append(test)
        }
        let (wanted, spelled) = (tests, texts)
        return { text in
            guard spelled.allSatisfy({ $0 == text.lowercased() }) else { return false }
            if wanted.isEmpty, !spelled.isEmpty { return true }
            return PythonVersion(text).map { version in wanted.allSatisfy { $0(version) } }
        }
    }

    private static func test(_ word: String) -> (@Sendable (PythonVersion) -> Bool)? {
        let sign = String(word.prefix { "<>=!~".contains($0) })
        let rest = String(word.dropFirst(sign.count))
        if rest.hasSuffix(".*") {
            guard let stem = PythonVersion(rest.dropLast(2)), !stem.isPrerelease, stem.post == nil
            else { return nil }
            let test: @Sendable (PythonVersion) -> Bool = { version in
                let zeros = Array(repeating: UInt64(0), count: stem.written)
                return version.epoch == stem.epoch
                    && (version.release + zeros).prefix(stem.written).elementsEqual(
                        (stem.release + zeros).prefix(stem.written))
            }
            switch sign {
            case "", "==": return test
            case "!=": return { !test($0) }
            default: return nil
            }
        }
        guard let bound = PythonVersion(rest) else { return nil }
        return comparison(sign, bound)
    }

    private static func comparison(
        _ sign: String, _ bound: PythonVersion
    ) -> (@Sendable (PythonVersion) -> Bool)? {
        let hasLocal = !bound.local.isEmpty
        // A local version is the same version for specifiers that name none.
        @Sendable func isSame(_ version: PythonVersion) -> Bool {
            hasLocal
                ? version == bound
                : version.epoch == bound.epoch && version.release == bound.release
                    && version.order == bound.order
        }
        switch sign {
        case "", "==": return { version in isSame(version) }
        case "!=": return { version in !isSame(version) }
        case ">=": return { version in version >= bound }
        case "<=": return { version in version <= bound || isSame(version) }
        case ">": return { version in version > bound && !isSame(version) }
        case "<": return { version in version < bound }
        case "~=":
            guard bound.written >= 2 else { return nil }
            let count = bound.written - 1
            return { version in
                let zeros = Array(repeating: UInt64(0), count: count)
                return version >= bound && version.epoch == bound.epoch
                    && (version.release + zeros).prefix(count).elementsEqual(
                        (bound.release + zeros).prefix(count))
            }
        default: return nil
        }
    }
}
