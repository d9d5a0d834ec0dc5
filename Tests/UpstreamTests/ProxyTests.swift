import Backends
import Foundation
import HTTPModel
import Support
import Testing
import Upstream

@Suite(.timeLimit(.minutes(5))) struct ProxyTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let environment: [String: String]
        var url = "http://index.example/simple/"
        /// Nil for a direct connection.
        let proxy: String?
    }

    private static let one = "http://one.example:3128"
    private static let two = "http://two.example:3128"

    private static func except(
        _ exceptions: String, _ url: String, isDirect: Bool
    ) -> Row {
        Row(
            testDescription: "\(url) with no_proxy=\(exceptions)",
            environment: ["all_proxy": one, "no_proxy": exceptions], url: url,
            proxy: isDirect ? nil : one)
    }

    static let rows: [Row] = [
        Row(testDescription: "nothing is set", environment: [:], proxy: nil),
        Row(testDescription: "http_proxy", environment: ["http_proxy": one], proxy: one),
        Row(
            testDescription: "HTTP_PROXY is not read", environment: ["HTTP_PROXY": one], proxy: nil),
        Row(testDescription: "another scheme", environment: ["https_proxy": one], proxy: nil),
        Row(
            testDescription: "https_proxy before HTTPS_PROXY",
            environment: ["HTTPS_PROXY": two, "https_proxy": one], url: "https://index.example/",
            proxy: one),
        Row(
            testDescription: "HTTPS_PROXY", environment: ["HTTPS_PROXY": two, "http_proxy": one],
            url: "https://index.example/", proxy: two),
        Row(
            testDescription: "a scheme's own before all_proxy",
            environment: ["all_proxy": two, "http_proxy": one], proxy: one),
        Row(
            testDescription: "all_proxy before ALL_PROXY",
            environment: ["ALL_PROXY": two, "all_proxy": one], proxy: one),
        Row(testDescription: "ALL_PROXY", environment: ["ALL_PROXY": two], proxy: two),
        Row(
            testDescription: "an empty value is none", environment: ["http_proxy": ""], proxy: nil),
        Row(
            testDescription: "after an empty value the next one counts",
            environment: ["http_proxy": "", "all_proxy": two], proxy: two),
        Row(
            testDescription: "NO_PROXY", environment: ["http_proxy": one, "NO_PROXY": "*"],
            proxy: nil),
        Row(
            testDescription: "no_proxy before NO_PROXY",
            environment: ["http_proxy": one, "no_proxy": "a", "NO_PROXY": "*"], proxy: one),
        except("*", "http://index.example/", isDirect: true),
        except("a.example, *", "http://index.example/", isDirect: true),
        except("index.example", "http://index.example/", isDirect: true),
        except("INDEX.Example", "https://index.example/", isDirect: true),
        except("index.example.", "http://index.example/", isDirect: true),
        except("index.example", "http://index.example:81/", isDirect: true),
        except("a,index.example b", "http://index.example/", isDirect: true),
        except("a b\tindex.example", "http://index.example/", isDirect: true),
        except("example", "http://index.example/", isDirect: true),
        except(".example", "http://index.example/", isDirect: true),
        except(".index.example", "http://index.example/", isDirect: true),
        except("index.example", "http://files.index.example/", isDirect: true),
        except("dex.example", "http://index.example/", isDirect: false),
        except("files.index.example", "http://index.example/", isDirect: false),
        except("*.example", "http://index.example/", isDirect: false),
        except(".", "http://index.example/", isDirect: false),
        except("", "http://index.example/", isDirect: false),
        except("10.0.0.1", "http://10.0.0.1/", isDirect: true),
        except("0.0.1", "http://10.0.0.1/", isDirect: false),
        except("10.0.0.0/8", "http://10.1.2.3/", isDirect: true),
        except("10.0.0.0/8", "http://11.1.2.3/", isDirect: false),
        except("10.0.0.0/33", "http://10.0.0.0/", isDirect: false),
        except("10.0.0.0/-1", "http://10.0.0.0/", isDirect: false),
        except("0.0.0.0/0", "http://11.1.2.3/", isDirect: true),
        except("0.0.0.0/0", "http://[fd00::1]/", isDirect: false),
        except("fd00::1", "http://[fd00::1]/", isDirect: true),
        except("[fd00::1]", "http://[fd00:0::1]/", isDirect: true),
        except("fd00::/8", "http://[fdff::1]/", isDirect: true),
        except("fd00::/8", "http://[fe00::1]/", isDirect: false),
        except("fd00::/127", "http://[fd00::1]/", isDirect: true),
        except("fd00::/127", "http://[fd00::2]/", isDirect: false),
        except("index.example/8", "http://index.example/", isDirect: false),
    ]

    @Test("which proxy the environment names for a URL", arguments: rows)
    func proxy(_ row: Row) throws {
        let url = try #require(AbsoluteURL(row.url))
        #expect(ProxyVariables(row.environment).proxy(for: url) == row.proxy)
    }

    private func request(
        _ url: AbsoluteURL, home: String, hosts: Set<String>
    ) throws
        -> UpstreamRequest
    {
        let home = try #require(AbsoluteURL(home))
        return UpstreamRequest(
            url: url, policy: UpstreamPolicy(home: home.origin, hosts: hosts),
            limits: TransferLimits(total: .seconds(40), bodyBytes: 1 << 20))
    }

    /// An origin that stands for a proxy: it is asked for whole URLs.
    private func proxy() throws -> OriginStub {
        let origin = try OriginStub()
        origin.fallback { request, _ in .text(request.target) }
        return origin
    }

    @Test("a proxy that is named is asked, whatever no_proxy in our environment says")
    func namedProxy() async throws {
        // Nothing else in these tests looks at it: where there is no proxy, libcurl does not.
        try #require(ProcessEnvironment.set("no_proxy", to: "index.example,files.example"))
        let origin = try proxy()
        let client = try CurlClient(ClientSettings(version: "1", proxy: .url(origin.base)))
        for host in ["index.example", "files.example"] {
            let url = try #require(AbsoluteURL("http://\(host)/a"))
            let response = try await client.fetch(
                try request(url, home: "http://index.example/", hosts: ["files.example"]))
            let body = try await response.body.whole()
            #expect(String(decoding: body, as: UTF8.self).hasSuffix("/a"))
        }
        #expect(origin.ledger.requests.count == 2)
    }

    @Test("a proxy of the environment is asked for what it applies to")
    func environmentProxy() async throws {
        let origin = try proxy()
        var settings = ClientSettings(version: "1", proxy: .environment)
        settings.proxyVariables = ProxyVariables(["http_proxy": origin.base])
        let client = try CurlClient(settings)
        let url = try #require(AbsoluteURL("http://index.example/a"))
        let response = try await client.fetch(
            try request(url, home: "http://index.example/", hosts: []))
        _ = try await response.body.whole()
        #expect(origin.ledger.requests.count == 1)
    }

    static let direct: [[String: String]] = [
        [:], ["no_proxy": "127.0.0.1"],
        ["http_proxy": "http://proxy.example:1", "no_proxy": "127.0.0.0/8"],
        ["all_proxy": "http://proxy.example:1", "no_proxy": "*"],
        ["https_proxy": "http://proxy.example:1"],
    ]

    @Test("where no proxy of the environment applies, the address filter does", arguments: direct)
    func filterHolds(_ environment: [String: String]) async throws {
        let origin = try proxy()
        var settings = ClientSettings(version: "1", proxy: .environment)
        settings.proxyVariables = ProxyVariables(environment)
        let client = try CurlClient(settings)
        let request = try request(
            origin.url("/a"), home: "http://index.example/", hosts: ["127.0.0.1"])
        await #expect(throws: UpstreamError.addressRefused) { try await client.fetch(request) }
        #expect(origin.ledger.requests.isEmpty)
    }

    @Test("no text of ours shows a proxy's password")
    func secrets() {
        var settings = ClientSettings(version: "1", proxy: .environment)
        settings.proxyVariables = ProxyVariables(["all_proxy": "http://u:s3cret@one.example"])
        #expect(!"\(settings)".contains("s3cret"))
    }
}
