import Foundation
import Support
import Testing

extension EndToEnd {
    /// `/metrics` as Prometheus reads it, after much that is hostile.
    @Suite(
        .serialized,
        .enabled(
            if: Machine.mustRunAll
                || FileManager.default.isExecutableFile(atPath: Machine.scraper),
            "scripts/clients could not get prometheus-client"))
    struct MetricsPage {
        struct Family: Decodable, Sendable {
            let type: String
            let labels: [String]
            let series: Int
            let help: String
            let values: [String: [String]]
        }

        private struct Page: Decodable {
            let bytes: Int
            let head: String
            let families: [String: Family]
        }

        /// Names, without the `_total` of counters, types and labels: what dashboards rely on.
        static let promised: [String: (type: String, labels: [String])] = [
            "larder_requests": ("counter", ["cache", "ecosystem", "kind", "status"]),
            "larder_response_bytes": ("counter", ["cache", "ecosystem"]),
            "larder_request_seconds": ("histogram", []),
            "larder_upstream_requests": ("counter", ["status", "upstream"]),
            "larder_upstream_bytes": ("counter", []),
            "larder_upstream_seconds": ("histogram", []),
            "larder_upstream_up": ("gauge", ["upstream"]),
            "larder_fills_in_flight": ("gauge", []),
            "larder_collapsed_requests": ("counter", []),
            "larder_stale_responses": ("counter", ["reason", "upstream"]),
            "larder_requests_served_during_outage": ("counter", ["upstream"]),
            "larder_integrity_failures": ("counter", ["reason"]),
            "larder_store_bytes": ("gauge", []), "larder_store_blobs": ("gauge", []),
            "larder_evicted_bytes": ("counter", []), "larder_database_up": ("gauge", []),
            "process_cpu_seconds": ("counter", []),
            "process_resident_memory_bytes": ("gauge", []), "process_open_fds": ("gauge", []),
            "process_max_fds": ("gauge", []), "process_start_time_seconds": ("gauge", []),
        ]

        @Test(
            "10,000 hostile requests later it parses, and has the promised names and few series",
            .timeLimit(.minutes(2)))
        func cardinality() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("project", Pattern(byteCount: 10_000, seed: 1))
            let bad = try upstream.publish("bad", Pattern(byteCount: 10_000, seed: 2))
            upstream.origin.route(bad.path, .pattern(10_000, seed: 3))
            let home = try LarderHome(
                upstream: upstream.index, settings: "cache:\n  fresh_seconds: 0\n")
            let larder = try await home.start()
            for target in ["/pypi/simple/project/", "/pypi/simple/bad/"] {
                #expect(try await larder.get(target).isGood)
            }
            #expect(try await larder.get(file.target).isGood)
            // Other bytes than the page promises.
            _ = try? await larder.get(bad.target)
            upstream.origin.stop()
            #expect(try await larder.get("/pypi/simple/project/").isGood)

            let outcome = try await ChildProcess.run(
                [Machine.scraper, Machine.script("scrape.py"), "\(larder.port)", "10000"])
            try #require(outcome.isGood, "\(outcome.output)")
            let page = try JSONDecoder().decode(
                Page.self, from: Foundation.Data(outcome.output.utf8))
            for (name, promise) in Self.promised {
                let family = try #require(page.families[name], "\(name)")
                #expect(family.type == promise.type, "\(name)")
                #expect(family.labels == promise.labels, "\(name)")
                #expect(!family.help.isEmpty, "\(name)")
            }
            #expect(page.head.contains("text/plain; version=0.0.4"))
            // Labels have values of closed sets: nothing of a client is one.
            let values = page.families["larder_requests"]?.values ?? [:]
            #expect(Set(values["ecosystem"] ?? []).isSubset(of: ["none", "pypi", "npm", "helm"]))
            #expect(Set(values["kind"] ?? []).isSubset(of: ["none", "document", "artifact"]))
            let caches: Set = [
                "none", "hit", "miss", "stale", "withdrawn", "negative", "collapsed", "bypass",
            ]
            #expect(Set(values["cache"] ?? []).isSubset(of: caches))
            for (name, family) in page.families { #expect(family.series <= 100, "\(name)") }
            #expect(page.bytes < 60_000)
            let documented = try Self.documentation()
            for name in page.families.keys {
                #expect(documented.contains("`\(name)"), "docs/metrics.md lacks \(name)")
            }
        }

        private static func documentation() throws -> String {
            let place = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/metrics.md")
            return String(decoding: try Data(contentsOf: place), as: UTF8.self)
        }
    }
}

extension Machine {
    /// A Python that has prometheus-client.
    static var scraper: String { clients + "/prometheus/bin/python" }
}
