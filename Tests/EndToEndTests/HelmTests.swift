import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Real Helm clients, and charts that they packed themselves.
    @Suite(
        .serialized,
        .enabled(if: HelmClient.areInstalled, "scripts/clients could not get every Helm client"))
    struct Helm {
        @Test(
            "everything works cold, with the upstream stopped, and after a restart",
            .timeLimit(.minutes(3)), arguments: HelmClient.all)
        func everything(_ client: HelmClient) async throws {
            let upstream = try await HelmUpstream(packedBy: client)
            let home = try LarderHome(helm: upstream)
            var larder = try await home.start()
            try await useAll(client, larder, upstream)
            #expect(
                upstream.counts == [
                    "/charts/index.yaml": 1, "/charts/web-1.1.0.tgz": 1,
                    "/charts/web-1.1.0.tgz.prov": 1, "/charts/web-1.2.3+build.5.tgz": 1,
                    "/releases/common-1.0.0.tgz": 1, "/stored/releases/common-1.0.0.tgz": 1,
                ])
            upstream.stop()
            try await useAll(client, larder, upstream)
            try await larder.stop()
            larder = try await home.start()
            try await useAll(client, larder, upstream)
            #expect(try home.damage().wrong == [])
        }

        /// All that users do with a repository, with a client that has nothing yet.
        private func useAll(
            _ client: HelmClient, _ larder: Larder, _ upstream: HelmUpstream
        ) async throws {
            let scratch = try TemporaryFolder()
            let folder = scratch.path
            func helm(_ arguments: String...) async throws -> String {
                try await client.helm(arguments, home: folder, folder: folder)
            }
            let url = "http://127.0.0.1:\(larder.port)/helm/acme"
            _ = try await helm("repo", "add", "acme", url)
            _ = try await helm("repo", "update")
            let found = try Self.versions(
                in: try await helm("search", "repo", "acme/", "--versions", "--output", "json"))
            #expect(found == HelmUpstream.versions)

            _ = try await helm("pull", "acme/web", "--version", "1.2.3+build.5")
            let pulled = try TemporaryFolder.bytes(of: folder + "/web-1.2.3+build.5.tgz")
            #expect(try pulled == upstream.bytes(of: "charts/web-1.2.3+build.5.tgz"))
            _ = try await helm(
                "pull", "acme/web", "--version", HelmUpstream.signed, "--verify", "--keyring",
                upstream.keyring)
            let shown = try await helm("show", "chart", "acme/web", "--version", "1.2.3+build.5")
            #expect(shown.contains("appVersion: \"1.10\"") && shown.contains("1.2.3+build.5"))
            let drawn = try await helm("template", "mine", "acme/web", "--version", "1.1.0")
            #expect(drawn.contains("mine-1.1.0"))

            _ = try scratch.folder("parent")
            _ = try scratch.write(
                """
                apiVersion: v2
                name: parent
                version: 1.0.0
                dependencies:
                  - {name: common, version: ~1.0, repository: "\(url)"}
                  - {name: web, version: 1.2.3+build.5, repository: "\(url)"}
                """, to: "parent/Chart.yaml")
            _ = try await helm("dependency", "update", "parent")
            try FileManager.default.removeItem(atPath: folder + "/parent/charts")
            _ = try await helm("dependency", "build", "parent")
            let built = try TemporaryFolder.bytes(of: folder + "/parent/charts/common-1.0.0.tgz")
            #expect(try built == upstream.bytes(of: "releases/common-1.0.0.tgz"))
        }

        /// Names and versions that a search found, sorted.
        static func versions(in output: String) throws -> [String] {
            let value = try JSONSerialization.jsonObject(with: Foundation.Data(output.utf8))
            let found = try #require(value as? [[String: Any]])
            return found.map { entry in
                let name = (entry["name"] as? String ?? "").split(separator: "/").last ?? ""
                return "\(name) \(entry["version"] as? String ?? "")"
            }.sorted()
        }

        @Test("the index has no URL of upstream's, in JSON and in YAML; files have their types")
        func index() async throws {
            let upstream = try await HelmUpstream(packedBy: .helm4)
            let larder = try await LarderHome(helm: upstream).start()
            for (query, start) in [("", "{"), ("?format=yaml", "\"apiVersion\": ")] {
                let index = try await larder.get("/helm/acme/index.yaml" + query)
                #expect(index.status == 200 && index.text.hasPrefix(start))
                #expect(!index.text.contains("://"))
                #expect(index.text.contains("web-1.2.3+build.5.tgz"))
            }
            let port = upstream.files.base.split(separator: ":").last ?? ""
            let chart = try await larder.get(
                "/helm/acme/-/127.0.0.1:\(port)/releases/common-1.0.0.tgz")
            #expect(chart.status == 200 && chart.headers["content-type"] == "application/gzip")
            let absent = try await larder.get("/helm/acme/web-1.2.3+build.5.tgz.prov")
            #expect(absent.status == 404)
            let unlisted = try await larder.get("/helm/acme/web-9.9.9.tgz")
            #expect(unlisted.status == 404)
            let page = try await larder.get("/helm/acme/")
            #expect(page.status == 200 && page.text.contains("helm repo add acme"))
        }
    }
}
