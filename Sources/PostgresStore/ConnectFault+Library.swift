internal import Backends

extension ConnectFault {
    /// Sorts what libpq says of a failed connection, the last of several attempts.
    ///
    /// The text itself goes no further: it names hosts, addresses and users.
    init(libraryText text: String) {
        if let state = Self.state(in: text) {
            self.init(state)
            return
        }
        let known: [(String, ConnectFault)] = [
            ("could not translate host name", .unknownHost), ("Connection refused", .refused),
            ("No such file or directory", .refused), ("timeout expired", .timedOut),
            ("timed out", .timedOut), ("No route to host", .refused),
            ("Network is unreachable", .refused), ("SSL", .untrusted),
            ("certificate", .untrusted), ("no password supplied", .denied),
            ("authentication", .denied), ("session is read-only", .notReady),
            ("server closed the connection", .broken), ("Connection reset", .broken),
        ]
        self = known.first { text.contains($0.0) }?.1 ?? .unusable
    }

    private init(_ state: SQLState) {
        switch state.description {
        // 3D000: no such database. 28: invalid authorization. 53, 57P: no room, not ready.
        case "3D000": self = .noDatabase
        case let code where code.hasPrefix("28"): self = .denied
        case let code where code.hasPrefix("53") || code.hasPrefix("57P"): self = .notReady
        case let code where code.hasPrefix("08"): self = .broken
        default: self = .unusable
        }
    }

    /// The code at the end of the last line, as in `FATAL:  28P01`.
    private static func state(in text: String) -> SQLState? {
        let last = text.split(separator: "\n").last { !$0.isEmpty }
        guard let last, last.contains("failed: ") else { return nil }
        return last.split(separator: " ").last.flatMap { SQLState($0) }
    }
}
