internal import HTTPModel

/// A database on a PostgreSQL server, in the form of libpq's URIs (its manual, "Connection URIs").
package struct PostgresLocation: Equatable, Sendable, CustomStringConvertible {
    package struct Host: Equatable, Sendable {
        /// A name, an address without brackets, or the absolute path of a Unix socket's folder.
        package let name: String
        package let port: UInt16
    }

    /// At least one; with several, the first that lets write is used.
    package let hosts: [Host]
    package let user: String?
    package let password: Secret?
    package let database: String?
    /// Of libpq's parameters those of ``knownParameters``.
    package let parameters: [String: String]

    static let knownParameters = [
        "application_name", "sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs",
    ]
    private static let modes = [
        "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
    ]

    /// What ``read(_:)`` makes of a text.
    enum Outcome {
        case location(PostgresLocation)
        case wrong
        case refused(String)
    }

    /// Reads `postgresql://user:password@host:port/database?sslmode=…`.
    static func read(_ text: String) -> Outcome {
        guard let scheme = text.firstRange(of: "://"), !text.utf8.contains(0x23),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return .wrong }
        let rest = text[scheme.upperBound...]
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        let place = rest.prefix { $0 != "?" }
        let authority = place.prefix { $0 != "/" }
        let path = place.dropFirst(authority.count)
        let at = authority.lastIndex(of: "@")
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let parameters = parameters(query ?? ""), let database = decoded(path.dropFirst()),
            let read = Self.hosts(hosts),
            let (user, password) = credential(at.map { authority[..<$0] })
        else { return .wrong }
        for name in parameters.keys.sorted() where !knownParameters.contains(name) {
            return .refused(
                "of libpq's parameters only these may be set here: "
                    + knownParameters.joined(separator: ", "))
        }
        if let mode = parameters["sslmode"], !modes.contains(mode) {
            return .refused("sslmode must be one of \(modes.joined(separator: ", "))")
        }
        return .location(
            PostgresLocation(
                hosts: read, user: user, password: password,
                database: database.isEmpty ? nil : database, parameters: parameters))
    }

    /// The same URL with `***` for the password.
    package var description: String {
        let user = user.map { PercentEncoding.encodedSegment($0) } ?? ""
        let credential = password == nil ? user : "\(user):***"
        let places = hosts.map { host in
            let name =
                host.name.contains(":")
                ? "[\(host.name)]" : PercentEncoding.encodedSegment(host.name)
            return "\(name):\(host.port)"
        }
        let query = parameters.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(PercentEncoding.encodedSegment($0.value, keeping: "/"))" }
        return "postgresql://\(credential)\(credential.isEmpty ? "" : "@")"
            + places.joined(separator: ",")
            + "/\(database.map { PercentEncoding.encodedSegment($0) } ?? "")"
            + (query.isEmpty ? "" : "?\(query.joined(separator: "&"))")
    }

    // MARK: Parts

    private static func hosts(_ text: Substring) -> [Host]? {
        var hosts: [Host] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let host = host(part) else { return nil }
            hosts.append(host)
        }
        return hosts.count <= 8 ? hosts : nil
    }

    private static func host(_ text: Substring) -> Host? {
        let standard: UInt16 = 5432
        if let host = HostAndPort(String(text)) {
            let name =
                host.host.hasPrefix("[") ? String(host.host.dropFirst().dropLast()) : host.host
            return Host(name: name, port: host.port ?? standard)
        }
        // The folder of a socket is a path, percent-encoded.
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = decoded(parts[0]), name.hasPrefix("/"),
            !name.contains(",")
        else { return nil }
        guard parts.count == 2 else { return Host(name: name, port: standard) }
        return UInt16(parts[1]).map { Host(name: name, port: $0) }
    }

    private static func credential(_ text: Substring?) -> (user: String?, password: Secret?)? {
        guard let text else { return (nil, nil) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decodedParts = parts.compactMap(decoded)
        guard decodedParts.count == parts.count, let user = decodedParts.first, !user.isEmpty else {
            return nil
        }
        return (user, decodedParts.count > 1 ? Secret(decodedParts[1]) : nil)
    }

    private static func parameters(_ query: Substring) -> [String: String]? {
        var parameters: [String: String] = [:]
        for part in query.split(separator: "&") {
            let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard words.count == 2, let name = decoded(words[0]), let value = decoded(words[1]),
                parameters.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return parameters
    }

    /// Percent-decoded; nil when it holds what no name, password or path has.
    private static func decoded(_ text: Substring) -> String? {
        PercentEncoding.decoded(text.utf8)
            .flatMap { String(validating: $0, as: UTF8.self) }
            .flatMap { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? $0 : nil }
    }
}
