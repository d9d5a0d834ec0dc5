internal import Digests

/// npm's `package-lock.json` and `npm-shrinkwrap.json`, of versions 1 to 3.
///
/// Source: npm's documentation of `package-lock.json`.
enum PackageLock {
    static func read(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard let version = lock["lockfileVersion"]?.text else { throw .missing("lockfileVersion") }
        guard ["1", "2", "3"].contains(version) else { throw .unknownVersion }
        var result = LockedPackages()
        if let packages = lock["packages"] {
            for (path, entry) in packages.members { take(path, entry, &result) }
        } else if let dependencies = lock["dependencies"] {
            takeNested(dependencies, &result)
        } else if version != "1" {
            throw .missing("packages")
        }
        return result
    }

    /// One place of `packages`, as `node_modules/a/node_modules/@b/c`.
    private static func take(_ path: String, _ entry: LockValue, _ result: inout LockedPackages) {
        // Folders of the project itself, and what comes within another package.
        guard let range = path.ranges(of: "node_modules/").last,
            entry["link"]?.isTrue != true, entry["inBundle"]?.isTrue != true
        else { return }
        let name = entry["name"]?.string ?? String(path[range.upperBound...])
        add(name, entry["version"]?.string, entry, &result)
    }

    // The recursion ends at the depth that JSON may have.
    private static func takeNested(_ dependencies: LockValue, _ result: inout LockedPackages) {
        for (key, entry) in dependencies.members {
            if let nested = entry["dependencies"] { takeNested(nested, &result) }
            guard entry["bundled"]?.isTrue != true else { continue }
            let version = entry["version"]?.string ?? ""
            if let alias = NPMSpecifier.alias(version) {
                add(alias.name, alias.version, entry, &result)
            } else {
                add(key, version, entry, &result)
            }
        }
    }

    private static func add(
        _ name: String, _ version: String?, _ entry: LockValue, _ result: inout LockedPackages
    ) {
        let resolved = entry["resolved"]?.string
        let isElsewhere = [resolved, version].contains { $0.map(NPMSpecifier.isElsewhere) == true }
        guard !isElsewhere, let version, !version.isEmpty else {
            result.omit(name, "comes from no registry")
            return
        }
        result.add(
            LockedPackage(
                .npm, name, version: version,
                digests: entry["integrity"]?.string.map(DigestText.integrity) ?? []))
    }
}

/// What stands where npm clients name a package.
enum NPMSpecifier {
    /// The package behind `npm:name@version`.
    static func alias(_ text: String) -> (name: String, version: String)? {
        guard text.hasPrefix("npm:") else { return nil }
        return split(String(text.dropFirst(4)))
    }

    /// Name and the rest of `name@rest` or `@scope/name@rest`.
    static func split(_ text: String) -> (name: String, version: String)? {
        guard let at = text.dropFirst().firstIndex(of: "@"), text.index(after: at) < text.endIndex
        else { return nil }
        return (String(text[..<at]), String(text[text.index(after: at)...]))
    }

    /// Whether a place or a version is one of another kind than a registry's tarball.
    static func isElsewhere(_ text: String) -> Bool {
        let kinds = ["git", "file:", "link:", "github:", "gitlab:", "bitbucket:", "workspace:"]
        if kinds.contains(where: text.hasPrefix) { return true }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else { return false }
        // A registry has its tarballs below `/-/`, or at least with their names.
        return !text.contains("/-/") && !text.prefix { $0 != "#" && $0 != "?" }.hasSuffix(".tgz")
    }
}
