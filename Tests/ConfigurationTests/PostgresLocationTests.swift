import Configuration
import Testing

@Suite struct PostgresLocationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let shown: String
        var password: String?
        var testDescription: String { text }
    }

    static let rows: [Row] = [
        Row(text: "postgresql://db.example/", shown: "postgresql://db.example:5432/"),
        Row(
            text: "postgres://ann:s%40%2F%3A%3F@DB.example:6432/larder",
            shown: "postgresql://ann:***@db.example:6432/larder", password: "s@/:?"),
        Row(
            text: "postgresql://ann:a@b@db.example/l",
            shown: "postgresql://ann:***@db.example:5432/l",
            password: "a@b"),
        Row(
            text: "postgresql://ann:@[::1]:5/l%20x", shown: "postgresql://ann:***@[::1]:5/l%20x",
            password: ""),
        Row(
            text: "postgresql://%2Frun%2Fpostgresql/l",
            shown: "postgresql://%2Frun%2Fpostgresql:5432/l"),
        Row(
            text: "postgresql://a.example:1,b.example/l?sslrootcert=/etc/ca.pem&sslmode=require",
            shown: "postgresql://a.example:1,b.example:5432/l"
                + "?sslmode=require&sslrootcert=/etc/ca.pem"),
    ]

    @Test("a PostgreSQL URL is read, and shown without its password", arguments: rows)
    func reads(_ row: Row) throws {
        let settings = try read(environment: ["DB_URL": row.text])
        guard case .postgres(let location) = settings.database else {
            Issue.record("\(settings.database)")
            return
        }
        #expect(location.description == row.shown)
        #expect(location.password?.revealed() == row.password)
        #expect(!settings.shown.contains("s@/") && !settings.shown.contains("a@b"))
        // What is shown reads as the same, but for the password.
        if row.password == nil {
            #expect(try read(environment: ["DB_URL": row.shown]).database == settings.database)
        }
    }

    static let wrong = [
        "postgresql://", "postgresql:///l", "postgresql://:word@db.example/l",
        "postgresql://db.example:x/l", "postgresql://db.example:99999/l",
        "postgresql://db example/l", "postgresql://db.example/l%zz", "postgresql://a,,b/l",
        "postgresql://db.example/l?sslmode", "postgresql://db.example/l#x",
        "postgresql://u:a%00b@db.example/l", "postgresql://[::x]/l",
    ]

    @Test("what is no such URL is refused", arguments: wrong)
    func refuses(_ text: String) {
        #expect(throws: ConfigurationError.self) { try read(environment: ["DB_URL": text]) }
    }
}
