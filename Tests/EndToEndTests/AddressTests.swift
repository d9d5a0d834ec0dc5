import Foundation
import Support
import Testing

extension EndToEnd {
    /// Whose URLs are in answers: the settings, from the file to the socket.
    @Suite(.serialized)
    struct Addresses {
        static let forwarded = [
            "X-Forwarded-Host: packages.example", "X-Forwarded-Proto: https",
            "X-Forwarded-Prefix: /cache",
        ]

        /// A server with these settings, and the URL of the one file in the JSON API.
        private func run(
            _ settings: String,
            _ body: (Larder, @Sendable ([String]) async throws -> String) async throws -> Void
        ) async throws {
            let upstream = try Upstream()
            let file = "\(upstream.origin.base)/packages/aa/foo-1.zip"
            upstream.origin.route(
                "/pypi/foo/json",
                .text(#"{"info":{},"urls":[{"url":"\#(file)"}]}"#, type: "application/json"))
            let larder = try await LarderHome(upstream: upstream.index, settings: settings).start()
            try await body(larder) { fields in
                let got = try await larder.get("/pypi/pypi/foo/json", fields: fields)
                guard got.isGood else { return "\(got.status) \(got.text)" }
                let start = got.text.firstRange(of: #"[{"url":""#)?.upperBound
                return start.map { String(got.text[$0...].prefix { $0 != "\"" }) } ?? got.text
            }
            try await larder.stop()
        }

        @Test("the host of the request on loopback; nobody's word for another one")
        func loopback() async throws {
            try await run("") { larder, url in
                let usual = "http://127.0.0.1:\(larder.port)/pypi/packages/aa/foo-1.zip"
                let urls = [try await url([]), try await url(Self.forwarded)]
                #expect(urls == [usual, usual])
            }
        }

        @Test("a trusted proxy's word, for hosts that are allowed")
        func proxy() async throws {
            let settings = "trusted_proxies: [127.0.0.0/8]\nallowed_hosts: [packages.example]\n"
            try await run(settings) { _, url in
                let ours = "https://packages.example/cache/pypi/packages/aa/foo-1.zip"
                let trusted = try await url(Self.forwarded)
                #expect(trusted == ours)
                let stranger = try await url(["Forwarded: host=evil.example;proto=https"])
                #expect(stranger.hasPrefix("421 ") && stranger.contains("allowed_hosts"))
            }
        }

        @Test("public_url, whatever else is said")
        func publicURL() async throws {
            try await run("public_url: https://larder.example/x\n") { _, url in
                let ours = "https://larder.example/x/pypi/packages/aa/foo-1.zip"
                let urls = [try await url([]), try await url(Self.forwarded)]
                #expect(urls == [ours, ours])
            }
        }
    }
}
