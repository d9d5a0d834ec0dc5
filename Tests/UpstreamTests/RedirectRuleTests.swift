import Backends
import HTTPModel
import Testing
import Upstream

@Suite struct RedirectRuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var status = 302
        var locations: [String] = []
        var from = "https://index.example/a/b?q"
        var followed = 0
        /// Nil: refused; empty: the response is the answer.
        let target: String?
    }

    static let rows: [Row] =
        [301, 302, 303, 307, 308].map {
            Row(
                testDescription: "\($0) with Location", status: $0, locations: ["/x"],
                target: "https://index.example/x")
        }
        + [200, 206, 300, 304, 305, 306, 404].map {
            Row(
                testDescription: "\($0) is never a redirect", status: $0, locations: ["/x"],
                target: "")
        } + [
            Row(testDescription: "302 without Location", target: ""),
            Row(
                testDescription: "relative", locations: ["../c"],
                target: "https://index.example/c"),
            Row(
                testDescription: "same host, no scheme", locations: ["//files.example/c"],
                target: "https://files.example/c"),
            Row(
                testDescription: "listed host", locations: ["https://files.example/x#part"],
                target: "https://files.example/x"),
            Row(
                testDescription: "listed host, other port",
                locations: ["https://files.example:8443/"],
                target: "https://files.example:8443/"),
            Row(
                testDescription: "repeated with one value", locations: ["/x", "/x"],
                target: "https://index.example/x"),
            Row(testDescription: "repeated with two values", locations: ["/x", "/y"], target: nil),
            Row(
                testDescription: "http to https", locations: ["https://files.example/x"],
                from: "http://files.example/a", target: "https://files.example/x"),
            Row(
                testDescription: "https to http", locations: ["http://files.example/x"],
                target: nil),
            Row(
                testDescription: "unlisted host", locations: ["https://other.example/x"],
                target: nil),
            Row(
                testDescription: "a listed host's subdomain",
                locations: ["https://a.files.example/x"], target: nil),
            Row(
                testDescription: "home's host on another port",
                locations: ["https://index.example:444/x"], target: nil),
            Row(
                testDescription: "user information",
                locations: ["https://index.example@other.example/x"], target: nil),
            Row(
                testDescription: "user information of a listed host",
                locations: ["https://a:b@files.example/x"], target: nil),
            Row(testDescription: "another scheme", locations: ["file:///etc/passwd"], target: nil),
            Row(
                testDescription: "backslash", locations: ["https:\\\\files.example\\x"], target: nil
            ),
            Row(testDescription: "a space", locations: ["/a b"], target: nil),
            Row(
                testDescription: "fifth", locations: ["/x"], followed: 4,
                target: "https://index.example/x"),
            Row(testDescription: "sixth", locations: ["/x"], followed: 5, target: nil),
        ]

    @Test("U-7: redirects, rule U1", arguments: rows)
    func judges(_ row: Row) throws {
        let home = try #require(AbsoluteURL("https://index.example/"))
        let head = ResponseHead(
            status: row.status, headers: Headers(row.locations.map { ("Location", $0) }),
            framing: .length(0))
        let rule = RedirectRule(
            head, from: try #require(AbsoluteURL(row.from)), followed: row.followed,
            policy: UpstreamPolicy(home: home.origin, hosts: ["files.example"]))
        switch row.target {
        case nil: #expect(rule == .refused)
        case "": #expect(rule == .final)
        case let target?: #expect(rule == .follow(try #require(AbsoluteURL(target))))
        }
    }

    struct ReachRow: Sendable, CustomTestStringConvertible {
        let location: String
        let isFollowed: Bool
        var testDescription: String { location }

        init(_ location: String, _ isFollowed: Bool) {
            self.location = location
            self.isFollowed = isFollowed
        }
    }

    static let reach: [ReachRow] = [
        .init("https://other.example/x", true), .init("https://8.8.8.8/x", true),
        .init("https://[2606:4700::1]/x", true), .init("https://index.example:444/x", true),
        .init("http://other.example/x", false), .init("https://10.0.0.1/x", false),
        .init("https://127.1/x", false), .init("https://0x7f.0x1/x", false),
        .init("https://[::1]/x", false), .init("https://metadata/x", false),
        .init("https://a.localhost/x", false),
        // The operator listed it; its address is judged when it is dialled.
        .init("https://inner/x", true),
    ]

    @Test("any host is any public host", arguments: reach)
    func anyHost(_ row: ReachRow) throws {
        let home = try #require(AbsoluteURL("https://index.example/"))
        let head = ResponseHead(
            status: 302, headers: Headers([("Location", row.location)]), framing: .length(0))
        let policy = UpstreamPolicy(home: home.origin, hosts: ["inner"], allowsAnyHost: true)
        for followed in [0, 4, 5] {
            let rule = RedirectRule(head, from: home, followed: followed, policy: policy)
            let target = AbsoluteURL(row.location)
            let expected = row.isFollowed && followed < 5 ? target : nil
            #expect(rule == expected.map { .follow($0) } ?? .refused)
        }
    }
}
