import Configuration
import Testing

@Suite struct ConfigurationErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var file: String?
        var environment: [String: String] = [:]
        var secrets: [String: String] = [:]
        let problems: [String]
    }

    static let values: [Row] = [
        Row(
            testDescription: "bad address", file: "listen: 8080\n",
            problems: [
                "larder.yaml:1: listen: must be an address with a port, as 127.0.0.1:8080, "
                    + "0.0.0.0:8080 or [::]:8080; it is \"8080\""
            ]),
        Row(
            testDescription: "empty where a value is needed", file: "\ndrain_seconds:\n",
            problems: [
                "larder.yaml:2: drain_seconds: must be a whole number of seconds from 0 to 86400; "
                    + "it is empty"
            ]),
        Row(
            testDescription: "bad number from a variable",
            environment: ["LARDER_FRESH_SECONDS": "5m"],
            problems: [
                "built-in default:LINE (variable LARDER_FRESH_SECONDS): cache.fresh_seconds: "
                    + "must be a whole number of seconds from 0 to 31536000; it is \"5m\""
            ]),
        Row(
            testDescription: "bad size", file: "cache: {max_size: 5 apples}",
            problems: [
                "larder.yaml:1: cache.max_size: must be a size of at least 1MiB, as 500MB, 50GiB or "
                    + "plain bytes; it is \"5 apples\""
            ]),
        Row(
            testDescription: "bad Boolean", file: "use_environment_proxy: yes",
            problems: [
                "larder.yaml:1: use_environment_proxy: must be true or false; it is \"yes\""
            ]),
        Row(
            testDescription: "tilde in a path", file: "data: ~/larder",
            problems: ["larder.yaml:1: data: write ${HOME} instead of ~"]),
        Row(
            testDescription: "bad URL, not repeated", file: "public_url: ftp://hunter2/",
            problems: [
                "larder.yaml:1: public_url: must be a URL, as https://index.example/simple/, "
                    + "without user name, ? and #"
            ]),
        Row(
            testDescription: "credentials in a URL, not repeated",
            file: "pypi: {upstream: 'https://ann:hunter2@index.example/simple/'}",
            problems: [
                "larder.yaml:1: pypi.upstream: a URL must not hold credentials; "
                    + "they have keys of their own"
            ]),
        Row(
            testDescription: "bad host", file: "allowed_hosts: ok.example,a/b",
            problems: [
                "larder.yaml:1: allowed_hosts: must be a host, as files.example or 10.0.0.7:8080; "
                    + "it is \"a/b\""
            ]),
        Row(
            testDescription: "bad block of addresses", file: "trusted_proxies: [10.0.0.0/33]",
            problems: [
                "larder.yaml:1: trusted_proxies: must be an address or a block of addresses, "
                    + "as 10.0.0.7, 10.0.0.0/8 or fd00::/8; it is \"10.0.0.0/33\""
            ]),
        Row(
            testDescription: "a database that there is not, password not repeated",
            file: "database: mysql://u:hunter2@db.example/l",
            problems: [
                "larder.yaml:1: database: Larder has no mysql database; use sqlite, sqlite:///path "
                    + "or postgresql://user:password@host:port/database"
            ]),
        Row(
            testDescription: "a PostgreSQL URL without a host, password not repeated",
            file: "database: postgresql://u:hunter2@/l",
            problems: [
                "larder.yaml:1: database: must be sqlite, sqlite:///path with an absolute path, or "
                    + "postgresql://user:password@host:port/database"
            ]),
        Row(
            testDescription: "a PostgreSQL parameter of no use here",
            file: "database: postgresql://u:hunter2@db.example/l?connect_timeout=1",
            problems: [
                "larder.yaml:1: database: of libpq's parameters only these may be set here: "
                    + "application_name, sslcert, sslkey, sslmode, sslrootcert, "
                    + "target_session_attrs"
            ]),
        Row(
            testDescription: "a bad sslmode",
            file: "database: postgresql://u:hunter2@db.example/l?sslmode=on",
            problems: [
                "larder.yaml:1: database: sslmode must be one of disable, allow, prefer, require, "
                    + "verify-ca, verify-full"
            ]),
        Row(
            testDescription: "a relative sqlite path", file: "database: sqlite://path",
            problems: [
                "larder.yaml:1: database: must be sqlite, sqlite:///path with an absolute path, or "
                    + "postgresql://user:password@host:port/database"
            ]),
        Row(
            testDescription: "storage of no kind, password not repeated",
            file: "storage: ftp://u:hunter2@files.example",
            problems: [
                "larder.yaml:1: storage: must be directory, file:///path with an absolute path, "
                    + "s3://bucket/prefix or gs://bucket/prefix"
            ]),
        Row(
            testDescription: "a bucket's URL with a credential",
            file: "storage: s3://key:hunter2@bucket",
            problems: [
                "larder.yaml:1: storage: the bucket's URL must hold no fragment and no credential"
            ]),
        Row(
            testDescription: "a bucket from a variable, without its kind",
            environment: ["STORAGE_BUCKET": "wheels"],
            problems: [
                "built-in default:LINE (variable STORAGE_BUCKET): storage: must be directory, "
                    + "file:///path with an absolute path, s3://bucket/prefix or "
                    + "gs://bucket/prefix"
            ]),
        Row(
            testDescription: "a variable that is not set", file: "data: ${NOWHERE}/x",
            problems: [
                "larder.yaml:1: data: the variable NOWHERE is not set; set it, or write "
                    + "${NOWHERE:-default}"
            ]),
        Row(
            testDescription: "a variable with a message", file: "data: ${NOWHERE:?the big disk}",
            problems: [
                "larder.yaml:1: data: the variable NOWHERE must be set: the big disk"
            ]),
        Row(
            testDescription: "no home folder", environment: ["HOME": ""],
            problems: [
                "built-in default:LINE: data: the variable HOME must be set: "
                    + "or set LARDER_DATA to a folder"
            ]),
        Row(
            testDescription: "a lone dollar sign", file: "data: /a$b",
            problems: [
                "larder.yaml:1: data: a dollar sign is written $$, a variable ${NAME}"
            ]),
        Row(
            testDescription: "several problems at once, in one run",
            file: "lisen: x\ndrain_seconds: -1\ncache:\n  fresh_seconds: ${N}\n",
            problems: [
                "larder.yaml:1: lisen: is not a known key; did you mean listen?",
                "larder.yaml:4: cache.fresh_seconds: the variable N is not set; set it, or write "
                    + "${N:-default}",
                "larder.yaml:2: drain_seconds: must be a whole number of seconds from 0 to 86400; "
                    + "it is \"-1\"",
            ]),
    ]

    static let secrets: [Row] = [
        Row(
            testDescription: "token and token_file",
            file: upstream("token: hunter2, token_file: /t"),
            problems: [
                "larder.yaml:1: pypi.upstream.token_file: stands beside pypi.upstream.token; "
                    + "only one of the two may be set"
            ]),
        Row(
            testDescription: "token beside a password",
            file: upstream("token: hunter2, username: a, password: hunter2"),
            problems: [
                "larder.yaml:1: pypi.upstream.token: stands beside username and password; "
                    + "only one kind may be set"
            ]),
        Row(
            testDescription: "user name without password", file: upstream("username: a"),
            problems: [
                "larder.yaml:1: pypi.upstream.username: needs password or password_file beside it"
            ]),
        Row(
            testDescription: "password file without user name", file: upstream("password_file: /p"),
            secrets: ["/p": "hunter2"],
            problems: ["larder.yaml:1: pypi.upstream.password_file: needs username beside it"]),
        Row(
            testDescription: "a secret file that is not there", file: upstream("token_file: /t"),
            problems: ["larder.yaml:1: pypi.upstream.token_file: names a file that cannot be read"]),
        Row(
            testDescription: "an empty secret file", file: upstream("token_file: /t"),
            secrets: ["/t": "\n"],
            problems: ["larder.yaml:1: pypi.upstream.token_file: names an empty file"]),
        Row(
            testDescription: "a line end in a secret", file: upstream("token_file: /t"),
            secrets: ["/t": "hunter2\nX-Evil: 1\n"],
            problems: [
                "larder.yaml:1: pypi.upstream.token_file: must be one line without control characters"
            ]),
        Row(
            testDescription: "a colon in a user name",
            file: upstream("username: 'a:b', password: hunter2"),
            problems: [
                "larder.yaml:1: pypi.upstream.username: must be a user name without a colon; "
                    + "it is \"a:b\""
            ]),
    ]

    static func upstream(_ keys: String) -> String { "pypi: {upstream: {\(keys)}}" }

    @Test(
        "every problem names file, line, key and what is right", arguments: names + values + secrets
    )
    func problem(_ row: Row) {
        let found = problems(row.file, environment: row.environment, secrets: row.secrets)
        let expected = row.problems.map { problem in
            problem.replacing("default:LINE", with: "default:\(Self.line(of: problem))")
        }
        #expect(found == expected)
        #expect(!found.joined().contains("hunter2"))
    }

    @Test("an option is named as it was typed")
    func option() {
        let option = ConfigurationSource.Option(key: "listen", name: "--listen", text: "x")
        #expect(
            problems(options: [option]).map { $0.prefix(31) } == ["option --listen: listen: must b"]
        )
    }

    /// The line on which the default document has the key that the problem is about.
    private static func line(of problem: String) -> Int {
        let key = ["data", "storage", "fresh_seconds"].first { problem.contains("\($0):") } ?? ""
        let lines = DefaultDocument.text.split(separator: "\n", omittingEmptySubsequences: false)
        let index = lines.firstIndex { line in
            line.drop { $0 == " " }.hasPrefix("\(key):")
        }
        return (index ?? -1) + 1
    }
}
