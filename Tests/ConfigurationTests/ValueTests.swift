import Configuration
import HTTPModel
import Spelling
import Testing

@Suite struct ValueTests {
    @Test(
        "addresses that are accepted",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("0.0.0.0:0", "0.0.0.0:0"),
            ("localhost:80", "127.0.0.1:80"), ("[::1]:65535", "[::1]:65535"), ("[::]:1", "[::]:1"),
            ("[2001:db8::7]:1", "[2001:db8::7]:1"), ("[1:2:3:4:5:6:7:8]:1", "[1:2:3:4:5:6:7:8]:1"),
            ("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]:1"),
        ])
    func address(_ text: String, _ expected: String) {
        #expect(ListenAddress(text)?.description == expected)
    }

    @Test(
        "addresses that are refused",
        arguments: [
            "", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1",
            "127.0.0.1:８０", "127.0.0.01:1", "127.0.0:1", "1.2.3.256:1", "::1:80", "[::1]", "[]:1",
            "[:::]:1", "[1::2::3]:1", "[1:2:3:4:5:6:7]:1", "[1:2:3:4:5:6:7:8::]:1", "[g::]:1",
            "[fe80::1%eth0]:1", "[12345::]:1", "[1.2.3.4::]:1", "larder.example:80",
        ])
    func badAddress(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        "URLs that are accepted, and how they are written",
        arguments: [
            ("https://index.example", "https://index.example/"),
            ("HTTPS://Index.Example/Simple", "https://index.example/Simple/"),
            ("http://[::1]:8080/a/", "http://[::1]:8080/a/"),
            ("http://10.0.0.1:1/%7Ea/+b/c@d:e", "http://10.0.0.1:1/%7Ea/+b/c@d:e/"),
        ])
    func url(_ text: String, _ expected: String) throws {
        let settings = try read(environment: ["LARDER_PUBLIC_URL": text])
        #expect(settings.publicURL?.description == expected)
    }

    @Test(
        "URLs that are refused",
        arguments: [
            "index.example/simple", "ftp://index.example/", "https://", "https:///a",
            "https://a@index.example/", "https://a:b@index.example/", "https://index.example/?a",
            "https://index.example/#a", "https://index.example:0/", "https://index.example:65536/",
            "https://index..example/", "https://index.example/a b",
            "https://index.example/%", "https://index.example/%2", "https://index.example/%zz",
            "https://index.example/a\n", "https://[::1/",
            "https://ä.example/",
        ])
    func badURL(_ text: String) {
        #expect(problems(environment: ["LARDER_PUBLIC_URL": text]).count == 1)
    }

    @Test("a proxy, with and without credentials, and how it is shown")
    func proxy() throws {
        let plain = try read(environment: ["LARDER_PROXY": "http://proxy.example:3128"])
        #expect(plain.proxy?.url.description == "http://proxy.example:3128/")
        #expect(plain.proxy?.credential == nil)
        let named = try read(environment: ["LARDER_PROXY": "http://a%40b:hunter%32:@proxy.example"])
        #expect(named.proxy?.url.description == "http://proxy.example/")
        #expect(
            named.proxy?.credential == .basic(username: "a@b", password: Secret("hunter2:")))
        #expect(!named.shown.contains("hunter"))
        #expect(named.shown.contains("\"http://***@proxy.example/\""))
    }

    @Test(
        "proxies that are refused, without repeating them",
        arguments: [
            "proxy.example:3128", "http://hunter2@proxy.example", "http://:hunter2@proxy.example",
            "http://a:hunter2%0A@proxy.example", "http://a:hunter2@proxy.example/path",
            "http://a:hunter2%@proxy.example", "socks5://proxy.example",
        ])
    func badProxy(_ text: String) {
        let found = problems(environment: ["LARDER_PROXY": text])
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.contains("proxy: must be a URL") })
        #expect(!found.joined().contains("hunter2"))
    }

    @Test(
        "sizes",
        arguments: [
            ("1048576", "1MiB"), ("1MiB", "1MiB"), ("1Mi", "1MiB"), ("2048 KiB", "2MiB"),
            ("3GB", "3000000000"), ("1TiB", "1TiB"), ("2000000 b", "2000000"), ("9mb", "9000000"),
        ])
    func size(_ text: String, _ shown: String) throws {
        let settings = try read(environment: ["LARDER_CACHE_SIZE": text])
        #expect(settings.entries.first { $0.key == "cache.max_size" }?.text == shown)
    }

    @Test(
        "sizes that are refused",
        arguments: [
            "1", "1.5GiB", "-1GiB", "GiB", "1 XB", "9223372036854775807KiB", "99999999999999999999",
            "1  GiB", "١GiB",
        ])
    func badSize(_ text: String) {
        #expect(problems(environment: ["LARDER_CACHE_SIZE": text]).count == 1)
    }

    @Test(
        "the nearest name",
        arguments: [
            ("sevre", "serve"), ("serv", "serve"), ("SERVE", "serve"), ("confg", "config"),
            ("healthchek", "healthcheck"), ("verison", "version"), ("x", nil), ("database", nil),
            (String(repeating: "serve", count: 20), nil),
        ])
    func nearest(_ typed: String, _ expected: String?) {
        let names = ["serve", "config", "healthcheck", "version", "help"]
        #expect(nearestName(to: typed, among: names) == expected)
    }

    @Test(
        "the edit distance counts a swap as one",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
            ("listen", "lisen", 1), ("abc", "ABC", 0),
        ])
    func distance(_ first: String, _ second: String, _ expected: Int) {
        #expect(editDistance(first, second) == expected)
        #expect(editDistance(second, first) == expected)
    }
}
