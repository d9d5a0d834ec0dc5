import Ecosystems
import Engine
import HTTPModel
import Testing

@Suite struct PublicBaseRuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var host: String?
        var peer = "192.0.2.1"
        /// Forwarded, X-Forwarded-Host, -Proto, -Prefix.
        var fields: (String?, String?, String?, String?)?
        var publicURL: String?
        let base: String?
    }

    static let proxy = "10.1.2.3"
    static let rows: [Row] = [
        Row(
            testDescription: "loopback", host: "127.0.0.1:8080", peer: "127.0.0.1",
            base: "http://127.0.0.1:8080"),
        Row(
            testDescription: "its other addresses", host: "127.9.9.9", peer: "127.9.9.9",
            base: "http://127.9.9.9"),
        Row(testDescription: "IPv6", host: "[::1]:81", peer: "::1", base: "http://[::1]:81"),
        Row(
            testDescription: "localhost", host: "LocalHost:80", peer: "::ffff:127.0.0.1",
            base: "http://localhost"),
        Row(
            testDescription: "below it", host: "a.localhost:9", peer: "127.0.0.1",
            base: "http://a.localhost:9"),
        Row(testDescription: "loopback from afar", host: "127.0.0.1:8080", base: nil),
        Row(testDescription: "below localhost from afar", host: "a.localhost:9", base: nil),
        Row(
            testDescription: "a name like an address", host: "127.example", peer: "127.0.0.1",
            base: nil),
        Row(testDescription: "no host", base: nil),
        Row(
            testDescription: "an empty port", host: "localhost:", peer: "127.0.0.1",
            base: "http://localhost"),
        Row(testDescription: "listed", host: "Any.example:81", base: "http://any.example:81"),
        Row(
            testDescription: "listed with its port", host: "one.example:81",
            base: "http://one.example:81"),
        Row(testDescription: "with another port", host: "one.example", base: nil),
        Row(testDescription: "not listed", host: "evil.example", base: nil),
        Row(testDescription: "below a listed one", host: "x.any.example", base: nil),
        Row(testDescription: "no host in the grammar", host: "localhost/x", base: nil),
        Row(testDescription: "user information", host: "localhost@evil.example", base: nil),
        Row(
            testDescription: "public_url whatever the host", host: "evil.example",
            publicURL: "https://larder.example:444/a/b/", base: "https://larder.example:444/a/b"),
        Row(
            testDescription: "public_url against a trusted proxy", host: "evil.example",
            peer: proxy,
            fields: (nil, "any.example", nil, nil), publicURL: "https://larder.example/",
            base: "https://larder.example"),
        Row(
            testDescription: "a stranger's word", host: "any.example:82",
            fields: ("host=any.example;proto=https", "any.example", "https", "/x"),
            base: "http://any.example:82"),
        Row(
            testDescription: "a trusted proxy's word", host: "localhost", peer: proxy,
            fields: (nil, "any.example", "HTTPS", "/x/y/"), base: "https://any.example/x/y"),
        Row(
            testDescription: "another trusted block", host: "any.example", peer: "fd00::9",
            fields: (nil, nil, "https", nil), base: "https://any.example"),
        Row(
            testDescription: "a standard port is left out", host: "any.example:443", peer: proxy,
            fields: (nil, nil, "https", nil), base: "https://any.example"),
        Row(
            testDescription: "a trusted proxy with a host that is not listed", host: "localhost",
            peer: proxy, fields: (nil, "evil.example", nil, nil), base: nil),
        Row(
            testDescription: "the last of several", host: "localhost", peer: proxy,
            fields: (nil, "evil.example, any.example", "javascript, https", "/a, /b"),
            base: "https://any.example/b"),
        Row(
            testDescription: "no scheme of ours", host: "localhost", peer: proxy,
            fields: (nil, nil, "ftp", nil), base: nil),
        Row(
            testDescription: "Forwarded", host: "localhost", peer: proxy,
            fields: (#"for=x, For="[::1]";Proto=https;Host="any.example:8443""#, nil, nil, nil),
            base: "https://any.example:8443"),
        Row(
            testDescription: "of Forwarded only the last element", host: "localhost", peer: proxy,
            fields: ("host=any.example;proto=https, for=x", nil, nil, nil), base: "http://localhost"
        ),
        Row(
            testDescription: "a comma in quotes ends no element", host: "localhost", peer: proxy,
            fields: (#"host=any.example;by="a,\"b;host=evil.example""#, nil, nil, nil),
            base: "http://any.example"),
        Row(
            testDescription: "X-Forwarded before Forwarded", host: "localhost", peer: proxy,
            fields: ("host=evil.example", "any.example", nil, nil), base: "http://any.example"),
        Row(
            testDescription: "a prefix with dots", host: "localhost", peer: proxy,
            fields: (nil, nil, nil, "/a/../b"), base: nil),
        Row(
            testDescription: "a prefix that is a host", host: "localhost", peer: proxy,
            fields: (nil, nil, nil, "//evil.example"), base: nil),
        Row(
            testDescription: "a prefix with a quote", host: "localhost", peer: proxy,
            fields: (nil, nil, nil, "/a\"b"), base: nil),
        Row(
            testDescription: "a bare slash", host: "localhost", peer: proxy,
            fields: (nil, nil, nil, "/"), base: "http://localhost"),
    ]

    @Test("which base a request's answer has", arguments: rows)
    func base(_ row: Row) throws {
        let rule = PublicBaseRule(
            publicURL: row.publicURL.flatMap { AbsoluteURL($0) },
            allowedHosts: [.init(name: "any.example"), .init(name: "one.example", port: 81)],
            trustedProxies: ["10.0.0.0/8", "fd00::/8"].compactMap { AddressBlock($0) })
        var head = RequestHead(method: .get, target: try RequestTarget(Array("/".utf8)))
        head.host = row.host
        head.peer = IPAddress(row.peer)
        if let (forwarded, host, scheme, prefix) = row.fields {
            var fields = ForwardingFields()
            fields.forwarded = forwarded
            fields.host = host
            fields.scheme = scheme
            fields.prefix = prefix
            head.forwarding = fields
        }
        #expect(rule.base(of: head)?.text == row.base)
    }

    @Test("blocks of addresses")
    func blocks() throws {
        for (block, address, isIn) in [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("2001:db8::/127", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false),
        ] {
            let other = try #require(IPAddress(address))
            #expect(
                try #require(AddressBlock(block)).contains(other) == isIn, "\(block) \(address)")
        }
        for text in [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "a/8", "fe80::%eth0/10",
            "1.2.3.4/+8",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }
}
