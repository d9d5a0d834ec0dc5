internal import Digests

/// `yarn.lock` of yarn classic (version 1) and of yarn 2 and later.
enum YarnLock {
    static func read(_ bytes: [UInt8]) throws(LockFileError) -> LockedPackages {
        let text = String(decoding: bytes.filter { $0 != 0x0D }, as: UTF8.self)
        if text.contains("\n__metadata:") || text.hasPrefix("__metadata:") {
            return try berry(try LockValue.yaml(bytes))
        }
        return try classic(text)
    }

    // MARK: Version 1

    private struct Entry {
        var title = ""
        var version: String?
        var resolved: String?
        var integrity: String?
    }

    /// Two levels of lines: what is wanted, and below it what was chosen.
    private static func classic(_ text: String) throws(LockFileError) -> LockedPackages {
        var result = LockedPackages()
        var entry: Entry?
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) {
            let depth = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(depth)
            guard !rest.isEmpty, !rest.hasPrefix("#") else { continue }
            guard depth > 0 else {
                if let entry { add(entry, &result) }
                guard rest.hasSuffix(":"),
                    let first = unquoted(rest.dropLast().prefix { $0 != "," })
                else { throw .line(number, .entry) }
                entry = Entry(title: first)
                continue
            }
            guard entry != nil else { throw .line(number, .entry) }
            guard depth == 2 else { continue }
            let name = rest.prefix { $0 != " " }
            let value = unquoted(rest.dropFirst(name.count).drop { $0 == " " })
            switch name {
            case "version": entry?.version = value
            case "resolved": entry?.resolved = value
            case "integrity": entry?.integrity = value
            default: guard value != nil || rest.hasSuffix(":") else { throw .line(number, .entry) }
            }
        }
        if let entry { add(entry, &result) }
        return result
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard text.hasPrefix("\"") else { return text.isEmpty ? nil : String(text) }
        guard text.count >= 2, text.hasSuffix("\"") else { return nil }
        return String(text.dropFirst().dropLast())
    }

    private static func add(_ entry: Entry, _ result: inout LockedPackages) {
        guard let wanted = NPMSpecifier.split(entry.title), let version = entry.version else {
            return result.omit(entry.title, "comes from no registry")
        }
        let name = NPMSpecifier.alias(wanted.version)?.name ?? wanted.name
        guard let resolved = entry.resolved, !NPMSpecifier.isElsewhere(resolved) else {
            return result.omit(name, "comes from no registry")
        }
        var digests = entry.integrity.map(DigestText.integrity) ?? []
        if digests.isEmpty, let mark = resolved.lastIndex(of: "#") {
            let hex = String(resolved[resolved.index(after: mark)...])
            digests = Digest(algorithm: .sha1, hex: hex).map { [$0] } ?? []
        }
        result.add(LockedPackage(.npm, name, version: version, digests: digests))
    }

    // MARK: Version 2 and later

    /// Its checksums are those of yarn's own archives, so that none can be compared.
    private static func berry(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard lock["__metadata"]?["version"]?.text.flatMap({ Int($0) }) != nil else {
            throw .missing("__metadata.version")
        }
        var result = LockedPackages()
        for (key, entry) in lock.members where key != "__metadata" {
            guard let resolution = entry["resolution"]?.text,
                let (name, place) = NPMSpecifier.split(resolution)
            else { throw .missing("the resolution of a package") }
            // The project's own, and changes to what has an entry of its own.
            if place.hasPrefix("workspace:") || place.hasPrefix("patch:") { continue }
            guard place.hasPrefix("npm:") else {
                result.omit(name, "comes from no registry")
                continue
            }
            let version = place.dropFirst(4).prefix { $0 != ":" }
            result.add(LockedPackage(.npm, name, version: String(version)))
        }
        return result
    }
}
