/// A version of Semantic Versioning 2.0.0, as npm and Helm read it: a `v` before it does no harm.
package struct SemanticVersion: Sendable, Hashable {
    package let numbers: [UInt64]
    package let prerelease: [String]

    /// Nil for what is no version; with `isPartial`, `1` and `1.2` are such as well.
    package init?(_ text: some StringProtocol, isPartial: Bool = false) {
        var rest = Substring(text)
        if let first = rest.first, "vV=".contains(first) { rest = rest.dropFirst() }
        rest = rest.prefix { $0 != "+" }
        let core = rest.prefix { $0 != "-" }
        let tail = rest.dropFirst(core.count)
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let parsed = parts.compactMap { part in
            part.utf8.allSatisfy { $0 &- 0x30 < 10 } ? UInt64(part) : nil
        }
        guard parsed.count == parts.count,
            isPartial
                ? (1...3).contains(parsed.count)
                : parsed.count == 3
        else { return nil }
        numbers = parsed + Array(repeating: 0, count: 3 - parsed.count)
        guard !tail.isEmpty else {
            prerelease = []
            return
        }
        let names = tail.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard !names.contains(where: \.isEmpty) else { return nil }
        prerelease = names.map(String.init)
    }

    package var isPrerelease: Bool { !prerelease.isEmpty }

    /// Whole and without build metadata.
    package var text: String {
        let core = numbers.map(String.init).joined(separator: ".")
        return isPrerelease ? "\(core)-\(prerelease.joined(separator: "."))" : core
    }
}

extension SemanticVersion: Comparable {
    // Section 11 of the specification.
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        if left.numbers != right.numbers {
            return left.numbers.lexicographicallyPrecedes(right.numbers)
        }
        if left.isPrerelease != right.isPrerelease { return left.isPrerelease }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            switch (UInt64(one), UInt64(other)) {
            case (let one?, let other?): return one < other
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return Array(one.utf8).lexicographicallyPrecedes(Array(other.utf8))
            }
        }
        return left.prerelease.count < right.prerelease.count
    }
}

/// Semantic versions, and ranges as npm and Helm write them.
package struct SemanticVersions: VersionScheme {
    package let isDated: Bool

    package init(isDated: Bool) {
        self.isDated = isDated
    }

    package func isLess(_ version: String, than other: String) -> Bool? {
        guard let one = SemanticVersion(version), let two = SemanticVersion(other) else {
            return nil
        }
        return one < two
    }

    package func canonical(version: String) -> String {
        SemanticVersion(version)?.text ?? version
    }

    package func canonical(package: String) -> String { package }

    package func range(_ text: String) -> (@Sendable (String) -> Bool?)? {
        var alternatives: [[SemanticComparator]] = []
        for part in text.replacing("||", with: "|").split(
            separator: "|", omittingEmptySubsequences: false)
        {
            guard let set = SemanticComparator.set(String(part)) else { return nil }
            alternatives.append(set)
        }
        let wanted = alternatives
        return { version in
            guard let version = SemanticVersion(version) else { return nil }
            return wanted.contains { $0.allSatisfy { $0.covers(version) } }
        }
    }
}

/// One bound of a range.
private struct SemanticComparator: Sendable {
    enum Sign: Sendable { case less, lessOrEqual, more, moreOrEqual, equal, unequal }

    let sign: Sign
    let bound: SemanticVersion

    func covers(_ version: SemanticVersion) -> Bool {
        switch sign {
        case .less: version < bound
        case .lessOrEqual: version <= bound
        case .more: version > bound
        case .moreOrEqual: version >= bound
        case .equal: version == bound
        case .unequal: version != bound
        }
    }

    /// The bounds of a text that has no `||`; nil when it is no range.
    static func set(_ text: String) -> [SemanticComparator]? {
        let words = text.replacing(",", with: " ").split(separator: " ").map(String.init)
        if let dash = words.firstIndex(of: "-") {
            guard words.count == 3, dash == 1, let from = bounds(">=", words[0]),
                let to = bounds("<=", words[2])
            else { return nil }
            return from + to
        }
        var found: [SemanticComparator] = []
        var sign = ""
        for word in words {
            let own = String(word.prefix { "<>=!~^".contains($0) })
            let rest = String(word.dropFirst(own.count))
            sign += own
            if rest.isEmpty { continue }
            guard let bounds = bounds(sign, rest) else { return nil }
            found += bounds
            sign = ""
        }
        return sign.isEmpty ? found : nil
    }

    private static func bounds(_ sign: String, _ text: String) -> [SemanticComparator]? {
        let plain = text.first.map { "vV".contains($0) } == true ? text.dropFirst() : text[...]
        let core = plain.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let known = parts.prefix { !["x", "X", "*"].contains($0) }
        guard parts.count <= 3, !parts.contains(where: \.isEmpty),
            parts.dropFirst(known.count).allSatisfy({ ["x", "X", "*"].contains($0) })
        else { return nil }
        guard !known.isEmpty else { return ["<", ">", "!="].contains(sign) ? nil : [] }
        let isWhole = known.count == 3
        let spelled = isWhole ? String(plain) : known.joined(separator: ".")
        guard let low = SemanticVersion(spelled, isPartial: true) else { return nil }
        func next(_ place: Int) -> SemanticVersion? {
            var numbers = low.numbers
            numbers[place] &+= 1
            for later in numbers.indices where later > place { numbers[later] = 0 }
            // Its earliest prerelease, so that none of the next one is inside.
            return SemanticVersion(numbers.map(String.init).joined(separator: ".") + "-0")
        }
        func between(_ place: Int) -> [SemanticComparator]? {
            next(place).map {
                [.init(sign: .moreOrEqual, bound: low), .init(sign: .less, bound: $0)]
            }
        }
        let last = known.count - 1
        switch sign {
        case "", "=", "==":
            return isWhole ? [.init(sign: .equal, bound: low)] : between(last)
        case "!=": return isWhole ? [.init(sign: .unequal, bound: low)] : nil
        case ">=", "=>": return [.init(sign: .moreOrEqual, bound: low)]
        case "<": return [.init(sign: .less, bound: low)]
        case ">":
            if isWhole { return [.init(sign: .more, bound: low)] }
            return next(last).map { [.init(sign: .moreOrEqual, bound: $0)] }
        case "<=", "=<":
            if isWhole { return [.init(sign: .lessOrEqual, bound: low)] }
            return next(last).map { [.init(sign: .less, bound: $0)] }
        case "~", "~>": return between(min(last, 1))
        case "^":
            let place = low.numbers.prefix(known.count).firstIndex { $0 != 0 } ?? last
            return between(place)
        default: return nil
        }
    }
}
