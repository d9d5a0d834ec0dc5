extension LockedPackages {
    /// The largest lock file that is read.
    package static let byteLimit = 64 << 20

    /// Reads a lock file of any kind, told by its name and then by its content.
    ///
    /// The name is the file's path, of which the last part counts; `include` gives the bytes of a file
    /// that a requirements file names, by its path beside that one.
    package static func read(
        _ bytes: [UInt8], name: String,
        include: @escaping (String) -> [UInt8]? = { _ in nil }
    ) throws(LockFileError) -> LockedPackages {
        guard bytes.count <= byteLimit else { throw .tooLarge(limitBytes: byteLimit) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        let name = name.split(separator: "/").last.map(String.init) ?? name
        switch name {
        case "uv.lock": return try PythonLocks.uv(try TOMLReader.read(bytes))
        case "poetry.lock", "pdm.lock": return try PythonLocks.poetry(try TOMLReader.read(bytes))
        case "Pipfile.lock": return try PythonLocks.pipenv(try LockValue.json(bytes))
        case "package-lock.json", "npm-shrinkwrap.json", ".package-lock.json":
            return try PackageLock.read(try LockValue.json(bytes))
        case "yarn.lock": return try YarnLock.read(bytes)
        case "Chart.lock", "Chart.yaml", "requirements.lock", "requirements.yaml":
            return try ChartLock.read(try LockValue.yaml(bytes))
        default: return try byContent(bytes, name, include)
        }
    }

    private static func byContent(
        _ bytes: [UInt8], _ name: String, _ include: @escaping (String) -> [UInt8]?
    ) throws(LockFileError) -> LockedPackages {
        if name.hasSuffix(".toml") {
            let value = try TOMLReader.read(bytes)
            guard value["lock-version"] != nil else { throw .unknownKind }
            return try PythonLocks.pylock(value)
        }
        let first = bytes.first { $0 > 0x20 && $0 < 0x80 }
        if name.hasSuffix(".json") || first == UInt8(ascii: "{") {
            let value = try LockValue.json(bytes)
            if value["bomFormat"] == .string("CycloneDX") {
                return try MaterialsList.cycloneDX(value)
            }
            if value["spdxVersion"] != nil { return try MaterialsList.spdx(value) }
            if value["lockfileVersion"] != nil { return try PackageLock.read(value) }
            if value["_meta"] != nil { return try PythonLocks.pipenv(value) }
            throw .unknownKind
        }
        guard name.hasSuffix(".txt") || name.hasSuffix(".in") || name.hasSuffix(".pip") else {
            throw .unknownKind
        }
        return try Requirements.read(bytes, include: include)
    }
}
