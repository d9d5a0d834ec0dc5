internal import CPQ

extension PostgresMetadata {
    /// libpq's version.
    package static var libraryVersion: String {
        // 150018 is 15.18 since version 10 (libpq's manual, PQlibVersion).
        let number = PQlibVersion()
        return "\(number / 10_000).\(number % 10_000)"
    }
}
