internal import Digests
internal import HTTPModel

/// The lock files of uv, poetry, pdm, pipenv, and the common form of PEP 751.
enum PythonLocks {
    /// What `source` names that no index has.
    private static let elsewhere = [
        "git": "comes from a Git repository", "url": "comes from a URL of its own",
        "path": "is a file of this machine", "directory": "is a folder of this machine",
        "file": "is a file of this machine", "archive": "comes from a URL of its own",
        "vcs": "comes from a repository", "hg": "comes from a repository",
    ]

    static func uv(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard let version = lock["version"]?.text else { throw .missing("version") }
        guard version == "1" else { throw .unknownVersion }
        var result = LockedPackages()
        for entry in lock["package"]?.elements ?? [] {
            guard let name = entry["name"]?.string else { throw .missing("the name of a package") }
            let source = entry["source"]
            // The project itself and its neighbours have nothing to fetch.
            if ["editable", "virtual"].contains(where: { source?[$0] != nil }) { continue }
            let version = entry["version"]?.string
            guard let registry = source?["registry"]?.string, registry.contains("://") else {
                let kind = elsewhere.keys.sorted().first { source?[$0] != nil }
                result.omit(name, kind.flatMap { elsewhere[$0] } ?? "comes from no index")
                continue
            }
            let files = ([entry["sdist"]] + (entry["wheels"]?.elements ?? []))
                .compactMap { $0.flatMap(file) }
            result.add(
                LockedPackage(.pypi, name, version: version, source: registry, files: files))
        }
        return result
    }

    /// Of poetry and pdm, which both list files by their names.
    static func poetry(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard let packages = lock["package"] ?? (lock["metadata"] != nil ? .array([]) : nil) else {
            throw .missing("metadata")
        }
        var result = LockedPackages()
        for entry in packages.elements {
            guard let name = entry["name"]?.string else { throw .missing("the name of a package") }
            let type = entry["source"]?["type"]?.string
            if let type, type != "legacy" {
                result.omit(name, elsewhere[type] ?? "comes from no index")
                continue
            }
            if let kind = ["git", "path", "url", "hg"].first(where: { entry[$0] != nil }) {
                result.omit(name, elsewhere[kind] ?? "comes from no index")
                continue
            }
            // Before poetry 1.3 all files stood in one table.
            let listed = entry["files"] ?? lock["metadata"]?["files"]?[name]
            let files = listed?.elements.compactMap(file) ?? []
            result.add(
                LockedPackage(
                    .pypi, name, version: entry["version"]?.string,
                    source: entry["source"]?["url"]?.string, files: files))
        }
        return result
    }

    /// Of PEP 751.
    static func pylock(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard let version = lock["lock-version"]?.text else { throw .missing("lock-version") }
        guard version.hasPrefix("1.") else { throw .unknownVersion }
        var result = LockedPackages()
        for entry in lock["packages"]?.elements ?? [] {
            guard let name = entry["name"]?.string else { throw .missing("the name of a package") }
            if let kind = ["vcs", "directory", "archive"].first(where: { entry[$0] != nil }) {
                result.omit(name, elsewhere[kind] ?? "comes from no index")
                continue
            }
            let files = ([entry["sdist"]] + (entry["wheels"]?.elements ?? []))
                .compactMap { $0.flatMap(file) }
            result.add(
                LockedPackage(
                    .pypi, name, version: entry["version"]?.string,
                    source: entry["index"]?.string, files: files))
        }
        return result
    }

    static func pipenv(_ lock: LockValue) throws(LockFileError) -> LockedPackages {
        guard let meta = lock["_meta"] else { throw .missing("_meta") }
        guard meta["pipfile-spec"].map({ $0.text == "6" }) != false else { throw .unknownVersion }
        var sources: [String: String] = [:]
        for source in meta["sources"]?.elements ?? [] {
            if let name = source["name"]?.string { sources[name] = source["url"]?.string }
        }
        var result = LockedPackages()
        for (group, packages) in lock.members where group != "_meta" {
            for (name, entry) in packages.members {
                if let kind = ["git", "path", "file", "hg"].first(where: { entry[$0] != nil }) {
                    result.omit(name, elsewhere[kind] ?? "comes from no index")
                    continue
                }
                let version = entry["version"]?.string.map { $0.drop { $0 == "=" } }
                result.add(
                    LockedPackage(
                        .pypi, name, version: version.map(String.init),
                        source: entry["index"]?.string.flatMap { sources[$0] },
                        digests: (entry["hashes"]?.elements ?? [])
                            .compactMap { $0.string.flatMap(DigestText.colon) }))
            }
        }
        return result
    }

    /// A file of any of these: its name or the end of its URL, and its digests.
    private static func file(_ entry: LockValue) -> LockedFile? {
        let place = entry["url"]?.string ?? entry["path"]?.string
        guard let name = entry["name"]?.string ?? entry["file"]?.string ?? place.map(lastSegment)
        else { return nil }
        var digests = entry["hash"]?.string.flatMap(DigestText.colon).map { [$0] } ?? []
        for (algorithm, value) in entry["hashes"]?.members ?? [] {
            if let digest = DigestText.named(algorithm, value.string) { digests.append(digest) }
        }
        return LockedFile(name: name, digests: digests)
    }

    static func lastSegment(_ url: String) -> String {
        let path = url.prefix { $0 != "#" && $0 != "?" }
        let last = path.split(separator: "/").last.map { Array($0.utf8) } ?? []
        return String(decoding: PercentEncoding.decoded(last) ?? last, as: UTF8.self)
    }
}
