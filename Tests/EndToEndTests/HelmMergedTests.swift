import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// All repositories as one, for real Helm clients.
    @Suite(
        .serialized,
        .enabled(if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"))
    struct HelmMerged {
        /// What `helm search --versions` must find: `web` is the first repository's alone.
        private static let versions = HelmUpstream.versions + ["tool 0.1.0"]

        @Test(
            "everything works cold, with all upstreams stopped, and after a restart",
            .timeLimit(.minutes(3)), arguments: HelmClient.all)
        func everything(_ client: HelmClient) async throws {
            let first = try await HelmUpstream(packedBy: client)
            let second = try await ChartRepository(
                packedBy: client, ("tool", "0.1.0"), ("web", "9.9.9"))
            let home = try LarderHome(
                repositories: [("acme", first.url), ("beta", second.url)])
            var larder = try await home.start()
            try await useAll(client, larder, first, second)
            #expect(
                second.counts == ["/charts/index.yaml": 1, "/charts/tool-0.1.0.tgz": 1])
            #expect(first.counts["/charts/index.yaml"] == 1)
            let cold = try await larder.get("/helm/index.yaml")
            first.stop()
            second.origin.stop()
            try await useAll(client, larder, first, second)
            try await larder.stop()
            larder = try await home.start()
            try await useAll(client, larder, first, second)
            let restarted = try await larder.get("/helm/index.yaml")
            #expect(cold.isGood && restarted.body == cold.body)
            #expect(restarted.headers["etag"] == cold.headers["etag"])
            #expect(try home.damage().wrong == [])
        }

        /// All that users do with the merged repository, with a client that has nothing yet.
        private func useAll(
            _ client: HelmClient, _ larder: Larder, _ first: HelmUpstream,
            _ second: ChartRepository
        ) async throws {
            let scratch = try TemporaryFolder()
            let folder = scratch.path
            func helm(_ arguments: String...) async throws -> String {
                try await client.helm(arguments, home: folder, folder: folder)
            }
            let url = "http://127.0.0.1:\(larder.port)/helm"
            _ = try await helm("repo", "add", "all", url)
            _ = try await helm("repo", "update")
            let found = try await helm(
                "search", "repo", "all/", "--versions", "--output", "json")
            #expect(try Helm.versions(in: found).sorted() == Self.versions.sorted())

            _ = try await helm("pull", "all/web", "--version", "1.2.3+build.5")
            let web = try TemporaryFolder.bytes(of: folder + "/web-1.2.3+build.5.tgz")
            #expect(try web == first.bytes(of: "charts/web-1.2.3+build.5.tgz"))
            _ = try await helm("pull", "all/tool")
            let tool = try TemporaryFolder.bytes(of: folder + "/tool-0.1.0.tgz")
            #expect(try tool == second.bytes(of: "tool", "0.1.0"))
            _ = try await helm(
                "pull", "all/web", "--version", HelmUpstream.signed, "--verify", "--keyring",
                first.keyring)

            _ = try scratch.folder("parent")
            _ = try scratch.write(
                """
                apiVersion: v2
                name: parent
                version: 1.0.0
                dependencies:
                  - {name: common, version: ~1.0, repository: "\(url)"}
                  - {name: tool, version: 0.1.0, repository: "\(url)"}
                """, to: "parent/Chart.yaml")
            _ = try await helm("dependency", "update", "parent")
            try FileManager.default.removeItem(atPath: folder + "/parent/charts")
            _ = try await helm("dependency", "build", "parent")
            let built = try TemporaryFolder.bytes(of: folder + "/parent/charts/common-1.0.0.tgz")
            #expect(try built == first.bytes(of: "releases/common-1.0.0.tgz"))
        }

        @Test(
            "one repository down: no index without what it owns, and its last one once it was had",
            .timeLimit(.minutes(2)))
        func outage() async throws {
            let first = try await ChartRepository(packedBy: .helm4, ("web", "1.0.0"))
            let second = try await ChartRepository(packedBy: .helm4, ("tool", "0.1.0"))
            second.origin.stop()
            let larder = try await LarderHome(
                repositories: [("acme", first.url), ("beta", second.url)],
                settings: "cache: {fresh_seconds: 1}\n"
            ).start()
            let cold = try await larder.get("/helm/index.yaml")
            #expect(cold.status == 503 && cold.text.contains("upstream helm/beta "))
            #expect(try await larder.get("/helm/acme/index.yaml").isGood)

            try second.origin.restart()
            try await eventually("the index is whole") {
                let index = try await larder.get("/helm/index.yaml")
                let isWhole =
                    index.isGood && index.text.contains("beta/tool-0.1.0.tgz")
                    && index.text.contains("acme/web-1.0.0.tgz")
                return isWhole ? true : nil
            }
            second.origin.stop()
            try await first.publish("web", "1.1.0")
            let changed = try await eventually("the other one's change is there") {
                let index = try await larder.get("/helm/index.yaml")
                return index.text.contains("acme/web-1.1.0.tgz") ? index : nil
            }
            #expect(changed.isGood && changed.text.contains("beta/tool-0.1.0.tgz"))
            try await eventually("only the one that is down is said to be down") {
                // Each asks the upstream once more, until that is seen to be down.
                _ = try await larder.get("/helm/beta/index.yaml")
                let lines = try await larder.get("/metrics").text.split(separator: "\n")
                let up = lines.filter { $0.hasPrefix("larder_upstream_up{upstream=\"helm") }
                return up.sorted() == [
                    "larder_upstream_up{upstream=\"helm/acme\"} 1",
                    "larder_upstream_up{upstream=\"helm/beta\"} 0",
                ] ? true : nil
            }
        }

        @Test("the index comes compressed, conditionally and as YAML; pages say how to add it")
        func forms() async throws {
            let first = try await ChartRepository(packedBy: .helm4, ("web", "1.0.0"))
            let second = try await ChartRepository(packedBy: .helm4, ("web", "2.0.0"))
            let larder = try await LarderHome(
                repositories: [("acme", first.url), ("beta", second.url)]
            ).start()
            let json = try await larder.get("/helm/index.yaml")
            #expect(json.isGood && json.headers["content-type"] == "application/json")
            #expect(json.text.contains("acme/web-1.0.0.tgz"))
            #expect(!json.text.contains("beta/") && !json.text.contains("2.0.0"))
            let tag = try #require(json.headers["etag"])
            let same = try await larder.get("/helm/index.yaml", fields: ["If-None-Match: \(tag)"])
            #expect(same.status == 304)
            #expect(json.headers["last-modified"] != nil)
            let gzip = try await larder.get("/helm/index.yaml", fields: ["Accept-Encoding: gzip"])
            #expect(gzip.isGood && gzip.headers["content-encoding"] == "gzip")
            let yaml = try await larder.get("/helm/index.yaml?format=yaml")
            #expect(yaml.isGood && yaml.text.hasPrefix("\"apiVersion\": \"v1\"\n"))
            try await larder.settleLog()
            let noted = larder.events("document-noted")
            #expect(noted.contains { $0["upstream"] == "helm" && $0["count"] == "1" })
            for path in ["/helm", "/helm/"] {
                let page = try await larder.get(path)
                #expect(page.status == 200)
                #expect(
                    page.text.contains(
                        "helm repo add all http://127.0.0.1:\(larder.port)/helm\n"))
                #expect(page.text.contains("helm repo add beta http://"))
            }
            #expect(try await larder.get("/").text.contains("helm repo add"))
            #expect(try await larder.get("/helm/nobody/index.yaml").status == 404)
        }
    }
}
