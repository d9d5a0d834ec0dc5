internal import HTTPModel

/// Where the metadata database is.
package enum DatabaseLocation: Equatable, Sendable, CustomStringConvertible {
    case sqlite(path: String)
    case postgres(PostgresLocation)

    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite://\(encoded(path))"
        case .postgres(let location): location.description
        }
    }
}

/// Where the files are.
package enum StorageLocation: Equatable, Sendable, CustomStringConvertible {
    case directory(path: String)
    case bucket(BucketLocation)

    package var description: String {
        switch self {
        case .directory(let path): "file://\(encoded(path))"
        case .bucket(let bucket): bucket.description
        }
    }
}

/// What a URL on the command line names: a database or a place for files.
package enum NamedStore: Equatable, Sendable {
    case database(DatabaseLocation)
    case storage(StorageLocation)

    /// Reads a URL of any kind that the settings take.
    ///
    /// - Throws: A sentence about what is wrong, which repeats nothing of a password.
    package init(_ text: String) throws(NamedStoreProblem) {
        // The short words mean a folder that is not known here.
        switch (
            ValueForm<DatabaseLocation>.database(in: "").parse(text),
            ValueForm<StorageLocation>.storage(in: "").parse(text)
        ) {
        case (.value(let location), _) where text != "sqlite": self = .database(location)
        case (_, .value(let location)) where text != "directory": self = .storage(location)
        case (_, .refused(let sentence)): throw NamedStoreProblem(description: sentence)
        case (.refused(let sentence), _)
        where ["postgres", "postgresql"].contains(scheme(of: text)):
            throw NamedStoreProblem(description: sentence)
        default:
            throw NamedStoreProblem(
                description: "a URL must be sqlite:///path, postgresql://…, file:///path, "
                    + "s3://bucket/prefix or gs://bucket/prefix")
        }
    }
}

/// Why a URL names no store; holds nothing of it.
package struct NamedStoreProblem: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

extension ValueForm<DatabaseLocation> {
    static func database(in folder: String) -> ValueForm {
        let standard = DatabaseLocation.sqlite(path: "\(folder)/larder.sqlite")
        return ValueForm(
            "sqlite, sqlite:///path with an absolute path, or "
                + "postgresql://user:password@host:port/database", placeholder: standard,
            privacy: .hidden
        ) { text in
            if text == "sqlite" { return .value(standard) }
            if let path = localPath(text, scheme: "sqlite") { return .value(.sqlite(path: path)) }
            switch scheme(of: text) {
            case "sqlite", nil: return .wrong
            case "postgresql", "postgres":
                switch PostgresLocation.read(text) {
                case .location(let location): return .value(.postgres(location))
                case .wrong: return .wrong
                case .refused(let sentence): return .refused(sentence)
                }
            case let scheme?:
                return .refused(
                    "Larder has no \(scheme) database; use sqlite, sqlite:///path or "
                        + "postgresql://user:password@host:port/database")
            }
        }
    }
}

extension ValueForm<StorageLocation> {
    static func storage(in folder: String) -> ValueForm {
        let standard = StorageLocation.directory(path: folder)
        return ValueForm(
            "directory, file:///path with an absolute path, s3://bucket/prefix or "
                + "gs://bucket/prefix", placeholder: standard, privacy: .hidden
        ) { text in
            if text == "directory" { return .value(standard) }
            if let path = localPath(text, scheme: "file") { return .value(.directory(path: path)) }
            guard let scheme = scheme(of: text),
                let service = BucketLocation.Service(rawValue: scheme)
            else { return .wrong }
            do throws(BucketLocation.Fault) {
                return .value(.bucket(try BucketLocation(text, service: service)))
            } catch {
                return .refused("the bucket's URL \(error.reason)")
            }
        }
    }
}

/// The scheme of a URL in lower case; only the schemes' own letters, so that nothing secret that
/// was put in the wrong place is repeated in a message.
private func scheme(of text: String) -> String? {
    guard let colon = text.firstRange(of: "://") else { return nil }
    let scheme = String(text[..<colon.lowerBound]).asciiLowercased
    let isScheme =
        (1...20).contains(scheme.utf8.count)
        && scheme.utf8.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || $0 == 0x2B }
    return isScheme ? scheme : nil
}

/// The absolute path in `scheme:///path`, percent-decoded; `nil` when there is none.
private func localPath(_ text: String, scheme: String) -> String? {
    let rest = text.utf8.dropFirst(scheme.utf8.count + 3)
    guard text.hasPrefix("\(scheme):///"), !rest.contains(where: { $0 == 0x3F || $0 == 0x23 }),
        let path = PercentEncoding.decoded(rest)
    else { return nil }
    guard path.count > 1, !path.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
    return String(validating: path, as: UTF8.self)
}

private func encoded(_ path: String) -> String {
    PercentEncoding.encodedSegment(path, keeping: "/+@:")
}
