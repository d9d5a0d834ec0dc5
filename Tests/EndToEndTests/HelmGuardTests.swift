import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Indexes that go bad while a real client works with the good one.
    @Suite(
        .serialized,
        .enabled(if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"))
    struct HelmGuard {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let answer: OriginAnswer
            let reason: String
        }

        static let rows: [Row] = [
            Row(
                testDescription: "one entry of three",
                answer: .text(
                    """
                    apiVersion: v1
                    entries:
                      web:
                      - {name: web, version: 1.1.0, urls: [web-1.1.0.tgz]}

                    """, type: "application/yaml"), reason: "shrunk"),
            Row(
                testDescription: "no entries",
                answer: .text("apiVersion: v1\nentries: {}\n", type: "application/yaml"),
                reason: "shrunk"),
            Row(
                testDescription: "garbage",
                answer: .text("\u{1F}\u{8B} entries: [", type: "application/yaml"),
                reason: "invalid"),
            Row(
                testDescription: "a login page",
                answer: .text(
                    "<!DOCTYPE html><html><body><form>Log in</form></body></html>",
                    type: "text/html"), reason: "invalid"),
        ]

        @Test(
            "the good index stays, also after a restart: update, search and pull go on",
            .timeLimit(.minutes(2)), arguments: rows)
        func goodIndexStays(_ row: Row) async throws {
            let client = HelmClient.helm4
            let upstream = try await HelmUpstream(packedBy: client)
            let home = try LarderHome(helm: upstream, variables: ["LARDER_FRESH_SECONDS": "1"])
            var larder = try await home.start()
            let path = "/helm/acme/index.yaml"
            let good = try await larder.get(path)
            #expect(good.isGood)

            upstream.origin.route("/charts/index.yaml", row.answer)
            try await expectHeld(path, good, larder)
            try await larder.settleLog()
            let line = try #require(larder.events("document-held-back").first)
            #expect(line["reason"] == row.reason && line["document"] == path)
            #expect(
                line["hint"]?.contains("larder accept \(path)") ?? false == (row.reason == "shrunk")
            )
            #expect(try await larder.metric("larder_documents_held_back_total") == 1)
            try await useRepository(client, larder, upstream)

            try await larder.stop()
            larder = try await home.start()
            try await expectHeld(path, good, larder)
            try await larder.settleLog()
            #expect(larder.events("document-held-back").isEmpty)
            try await eventually("it is counted") {
                try await larder.metric("larder_held_back_documents") == 1 ? true : nil
            }
            #expect(try await larder.get("/").text.contains("held back: 1;"))
            try await useRepository(client, larder, upstream)

            // What was is there again.
            let index = try upstream.bytes(of: "charts/index.yaml")
            upstream.origin.route(
                "/charts/index.yaml",
                .text(String(decoding: index, as: UTF8.self), type: "text/plain"))
            try await eventually("a fresh index") {
                let exchange = try await larder.get(path)
                let status = exchange.headers["cache-status"] ?? ""
                return exchange.isGood && !status.contains("held-back") ? true : nil
            }
        }

        /// Waits until the index is served as held back, and as it was.
        private func expectHeld(_ path: String, _ good: Exchange, _ larder: Larder) async throws {
            let held = try await eventually("an index that is held back") {
                let exchange = try await larder.get(path)
                let status = exchange.headers["cache-status"] ?? ""
                return status.contains("detail=held-back") || !exchange.isGood ? exchange : nil
            }
            #expect(held.isGood && held.body == good.body)
            #expect(held.headers["cache-control"] == "public, max-age=0")
        }

        /// What a user does with a repository that was added before.
        private func useRepository(
            _ client: HelmClient, _ larder: Larder, _ upstream: HelmUpstream
        ) async throws {
            let scratch = try TemporaryFolder()
            let folder = scratch.path
            func helm(_ arguments: String...) async throws -> String {
                try await client.helm(arguments, home: folder, folder: folder)
            }
            _ = try await helm("repo", "add", "acme", "http://127.0.0.1:\(larder.port)/helm/acme")
            _ = try await helm("repo", "update")
            let found = try await helm("search", "repo", "acme/", "--versions")
            #expect(found.contains("1.2.3+build.5") && found.contains("acme/common"))
            _ = try await helm("pull", "acme/web", "--version", "1.2.3+build.5")
            let pulled = try TemporaryFolder.bytes(of: folder + "/web-1.2.3+build.5.tgz")
            #expect(try pulled == upstream.bytes(of: "charts/web-1.2.3+build.5.tgz"))
        }
    }
}
