import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// What operators choose for repositories that remove or change charts, with a real client.
    @Suite(
        .serialized,
        .enabled(if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"))
    struct HelmPolicies {
        private static let client = HelmClient.helm4

        /// What `helm search --versions` finds with a client that has nothing yet.
        private func search(_ larder: Larder, _ path: String) async throws -> [String] {
            let scratch = try TemporaryFolder()
            let url = "http://127.0.0.1:\(larder.port)\(path)"
            for words in [["repo", "add", "it", url], ["repo", "update"]] {
                _ = try await Self.client.helm(words, home: scratch.path, folder: scratch.path)
            }
            let found = try await Self.client.helm(
                ["search", "repo", "it/", "--versions", "--output", "json"], home: scratch.path,
                folder: scratch.path)
            return try Helm.versions(in: found).sorted()
        }

        /// Pulls a version of `web` with a client that has nothing yet.
        private func pull(_ larder: Larder, _ version: String) async throws -> [UInt8] {
            let scratch = try TemporaryFolder()
            let words = ["pull", "web", "--version", version, "--repo"]
            _ = try await Self.client.helm(
                words + ["http://127.0.0.1:\(larder.port)/helm/acme"], home: scratch.path,
                folder: scratch.path)
            return try TemporaryFolder.bytes(of: "\(scratch.path)/web-\(version).tgz")
        }

        /// What the client says of a version of `web` that it cannot pull.
        private func failure(toPull version: String, _ larder: Larder) async throws -> String {
            let scratch = try TemporaryFolder()
            let url = "http://127.0.0.1:\(larder.port)/helm/acme"
            let words = ["pull", "web", "--version", version, "--repo", url]
            return try await Self.client.run(
                ["sh", "-c", #"! "$@""#, "sh", Self.client.program] + words, home: scratch.path,
                folder: scratch.path)
        }

        @Test(
            "charts that the upstream removes stay in the index where that is chosen",
            .timeLimit(.minutes(2)), arguments: [true, false])
        func pruned(_ keeps: Bool) async throws {
            let upstream = try await ChartRepository(
                packedBy: Self.client, ("tool", "0.1.0"), ("web", "1.0.0"), ("web", "1.1.0"),
                ("web", "1.2.0"), ("web", "1.3.0"), ("web", "1.4.0"))
            let home = try LarderHome(
                repositories: [("acme", upstream.url)],
                settings: "  keep_pruned: \(keeps)\ncache: {fresh_seconds: 1}\n")
            var larder = try await home.start()
            #expect(try await pull(larder, "1.0.0") == upstream.bytes(of: "web", "1.0.0"))
            let tool = try await larder.get("/helm/acme/tool-0.1.0.tgz")
            #expect(tool.isGood)

            let left = ["1.2.0", "1.3.0", "1.4.0"]
            let entries = left.map { "  - {name: web, version: \($0), urls: [web-\($0).tgz]}\n" }
            upstream.origin.route(
                "/charts/index.yaml",
                .text(
                    "apiVersion: v1\nentries:\n  web:\n" + entries.joined(),
                    type: "application/yaml"))
            for file in ["tool-0.1.0.tgz", "web-1.0.0.tgz", "web-1.1.0.tgz"] {
                upstream.origin.route("/charts/\(file)", OriginAnswer(404))
            }
            let index = try await eventually("an index without what was never pulled") {
                let exchange = try await larder.get("/helm/acme/index.yaml")
                return exchange.isGood && !exchange.text.contains("web-1.1.0.tgz") ? exchange : nil
            }
            let kept = keeps ? ["tool 0.1.0", "web 1.0.0"] : []
            let expected = kept + left.map { "web \($0)" }
            for path in ["/helm/acme", "/helm"] {
                #expect(try await search(larder, path) == expected)
            }
            upstream.origin.stop()
            try await larder.stop()
            larder = try await home.start()
            #expect(try await larder.get("/helm/acme/index.yaml").body == index.body)
            #expect(try await search(larder, "/helm") == expected)
            // Stored charts are served either way.
            let web = try await larder.get("/helm/acme/web-1.0.0.tgz")
            #expect(try web.isGood && web.body == upstream.bytes(of: "web", "1.0.0"))
            if keeps {
                #expect(try await pull(larder, "1.0.0") == upstream.bytes(of: "web", "1.0.0"))
            }
        }

        @Test(
            "a chart whose bytes are not those of the index's digest",
            .timeLimit(.minutes(2)), arguments: ["refuse", "pin", "warn"])
        func mismatch(_ setting: String) async throws {
            let upstream = try await ChartRepository(
                packedBy: Self.client, ("web", "1.0.0"), ("web", "1.1.0"), ("web", "1.2.0"))
            let home = try LarderHome(
                repositories: [("acme", upstream.url)], settings: "  on_mismatch: \(setting)\n")
            let larder = try await home.start()
            let first = try upstream.bytes(of: "web", "1.1.0")
            let later = try upstream.bytes(of: "web", "1.2.0")
            upstream.origin.route("/charts/web-1.0.0.tgz", .bytes(first))
            guard setting != "refuse" else {
                let refused = try await larder.get("/helm/acme/web-1.0.0.tgz")
                #expect(refused.status == 502 && !home.holds(sha256(first)))
                #expect(try await failure(toPull: "1.0.0", larder).contains("502 Bad Gateway"))
                try await larder.settleLog()
                #expect(larder.events("integrity-failure").first?["reason"] == "upstream-body")
                return
            }
            #expect(try await pull(larder, "1.0.0") == first)
            try await larder.settleLog()
            #expect(larder.events("integrity-failure").map { $0["reason"] } == ["index-digest"])
            // Its last byte is sent a moment before it is stored.
            let stored = try await eventually("the chart is stored") {
                let exchange = try await larder.get("/helm/acme/web-1.0.0.tgz")
                return exchange.headers["cache-status"] == "larder; hit" ? exchange : nil
            }
            #expect(stored.headers["etag"] == "\"\(sha256(first))\"")

            upstream.origin.route("/charts/web-1.0.0.tgz", .bytes(later))
            let purge = try await home.run(["purge", "/helm/acme/web-1.0.0.tgz"])
            #expect(purge.isGood)
            let next = try await eventually("the chart is fetched anew") {
                let exchange = try await larder.get("/helm/acme/web-1.0.0.tgz")
                return exchange.headers["cache-status"] == "larder; hit" ? nil : exchange
            }
            #expect(next.status == (setting == "pin" ? 502 : 200))
            #expect(setting == "pin" || next.body == later)
            try await larder.settleLog()
            #expect(larder.events("integrity-failure").last?["reason"] == "pin")
        }
    }
}
