internal import Digests

/// Requirements files of pip, as `pip-compile`, `uv pip compile` and people write them.
///
/// Source: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>
struct Requirements {
    /// Files that include each other, in all.
    private static let includeLimit = 100

    private var result = LockedPackages()
    private var index: String?
    /// Versions that constraint files fix, by name.
    private var constraints: [String: Pinned] = [:]
    private var wanted: [Wanted] = []
    private var includeCount = 0
    private let include: (String) -> [UInt8]?

    private struct Pinned {
        var version: String
        var digests: [Digest]
    }

    private struct Wanted {
        let name: String
        let version: String?
        let digests: [Digest]
        let index: String?
    }

    static func read(
        _ bytes: [UInt8], include: @escaping (String) -> [UInt8]?
    ) throws(LockFileError) -> LockedPackages {
        var reader = Requirements(include: include)
        try reader.read(bytes, folder: "", isConstraint: false)
        return reader.settled()
    }

    private init(include: @escaping (String) -> [UInt8]?) {
        self.include = include
    }

    private mutating func read(
        _ bytes: [UInt8], folder: String, isConstraint: Bool
    ) throws(LockFileError) {
        var joined = ""
        var start = 0
        // By bytes, since a Character holds both of CR and LF.
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false) + [[]]
        for (number, line) in zip(1..., lines) {
            var text = Substring(decoding: line, as: UTF8.self)
            if text.hasSuffix("\r") { text = text.dropLast() }
            if joined.isEmpty { start = number }
            // A comment ends what is continued, as in pip.
            if text.hasSuffix("\\"), !Self.isComment(text) {
                joined += text.dropLast()
                continue
            }
            joined += text
            let entry = Self.withoutComment(joined)
            joined = ""
            guard !entry.isEmpty else { continue }
            try take(entry, line: start, folder: folder, isConstraint: isConstraint)
        }
        if !joined.isEmpty { throw .line(start, .entry) }
    }

    private static func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " || $0 == "\t" }.hasPrefix("#")
    }

    private static func withoutComment(_ line: String) -> String {
        var result = Substring(line)
        var before: Character = " "
        for index in line.indices {
            if line[index] == "#", before == " " || before == "\t" {
                result = line[..<index]
                break
            }
            before = line[index]
        }
        return result.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    // MARK: Lines

    private mutating func take(
        _ entry: String, line: Int, folder: String, isConstraint: Bool
    ) throws(LockFileError) {
        guard entry.hasPrefix("-") else {
            return try takeRequirement(entry, line: line, isConstraint: isConstraint)
        }
        let (name, value) = Self.option(entry)
        switch name {
        case "-r", "--requirement", "-c", "--constraint":
            let isConstraint = isConstraint || name == "-c" || name == "--constraint"
            try takeInclude(value, line: line, folder: folder, isConstraint: isConstraint)
        case "-i", "--index-url": index = value
        case "-e", "--editable": result.omit("line \(line)", "is a folder of this machine")
        case "--extra-index-url", "-f", "--find-links", "--no-index", "--no-binary",
            "--only-binary", "--prefer-binary", "--require-hashes", "--pre", "--trusted-host",
            "--use-feature":
            return
        default: throw .line(line, .option)
        }
    }

    /// `--name value`, `--name=value`, `-nvalue`.
    private static func option(_ entry: String) -> (String, String) {
        if entry.hasPrefix("--") {
            let end = entry.firstIndex { $0 == "=" || $0 == " " } ?? entry.endIndex
            let rest = end == entry.endIndex ? "" : entry[entry.index(after: end)...]
            return (String(entry[..<end]), String(rest.drop { $0 == " " }))
        }
        let value = entry.dropFirst(2).drop { $0 == " " || $0 == "=" }
        return (String(entry.prefix(2)), String(value))
    }

    private mutating func takeInclude(
        _ path: String, line: Int, folder: String, isConstraint: Bool
    ) throws(LockFileError) {
        includeCount += 1
        guard includeCount <= Self.includeLimit else { throw .tooManyIncludes }
        let full = path.hasPrefix("/") ? path : folder + path
        guard let bytes = include(full) else { throw .unreadableInclude(line: line) }
        guard bytes.count <= LockedPackages.byteLimit else {
            throw .tooLarge(limitBytes: LockedPackages.byteLimit)
        }
        let slash = full.lastIndex(of: "/")
        try read(
            bytes, folder: slash.map { String(full[...$0]) } ?? "", isConstraint: isConstraint)
    }

    private mutating func takeRequirement(
        _ entry: String, line: Int, isConstraint: Bool
    ) throws(LockFileError) {
        var words: [Substring] = []
        var digests: [Digest] = []
        var others = entry.split(separator: " ")[...]
        while let word = others.popFirst() {
            guard word.hasPrefix("--") else {
                words.append(word)
                continue
            }
            guard word.hasPrefix("--hash") else {
                guard
                    ["--config-settings", "--global-option", "--config-setting"]
                        .contains(where: word.hasPrefix)
                else { throw .line(line, .option) }
                continue
            }
            let value = word == "--hash" ? others.popFirst() ?? "" : word.dropFirst(7)
            guard let digest = DigestText.colon(String(value)) else { throw .line(line, .hash) }
            digests.append(digest)
        }
        // The marker says when it is installed; what the lock lists is fetched all the same.
        let text = words.joined(separator: " ").prefix { $0 != ";" }.filter { $0 != " " }
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        guard let first = name.first, first.isLetter || first.isNumber else {
            if text.hasPrefix(".") || text.hasPrefix("/") || text.contains("://") {
                return result.omit("line \(line)", "comes from no index")
            }
            throw .line(line, .entry)
        }
        var rest = text.dropFirst(name.count)
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            rest = rest[rest.index(after: end)...]
        }
        if rest.hasPrefix("@") || rest.hasPrefix(":") || rest.hasPrefix("/") {
            return result.omit(String(name), "comes from a URL of its own")
        }
        try note(
            Wanted(name: String(name), version: nil, digests: digests, index: index), rest, line,
            isConstraint: isConstraint)
    }

    private mutating func note(
        _ wanted: Wanted, _ specifier: Substring, _ line: Int, isConstraint: Bool
    ) throws(LockFileError) {
        guard specifier.isEmpty || "=<>!~(".contains(specifier.prefix(1)) else {
            throw .line(line, .entry)
        }
        let clauses = specifier.filter { $0 != "(" && $0 != ")" }.split(separator: ",")
        let exact = clauses.first { $0.hasPrefix("==") && !$0.hasSuffix("*") }
        let version = exact.map { String($0.drop { $0 == "=" }) }
        let key = LockedPackage.normalized(wanted.name)
        if isConstraint {
            if let version { constraints[key] = Pinned(version: version, digests: wanted.digests) }
        } else {
            self.wanted.append(
                Wanted(
                    name: key, version: version, digests: wanted.digests, index: wanted.index))
        }
    }

    /// What is wanted once all constraints are known.
    private func settled() -> LockedPackages {
        var result = result
        for entry in wanted {
            let pinned = constraints[entry.name]
            let version = entry.version ?? pinned?.version
            let digests = entry.digests.isEmpty ? pinned?.digests ?? [] : entry.digests
            guard version != nil || !digests.isEmpty else {
                result.omit(entry.name, "has no fixed version (==); lock it first")
                continue
            }
            result.add(
                LockedPackage(
                    .pypi, entry.name, version: version, source: entry.index, digests: digests))
        }
        return result
    }
}
