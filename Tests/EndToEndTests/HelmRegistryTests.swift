import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Charts that an index names in a registry, as plain downloads.
    @Suite(.serialized) struct HelmRegistry {
        @Test(
            "charts of a real registry: cold, with registry and repository stopped, after a restart",
            .timeLimit(.minutes(3)),
            .enabled(
                if: HelmClient.areInstalled && ChartRegistry.isInstalled,
                "scripts/clients could not get every Helm client or the registry"),
            arguments: HelmClient.all)
        func everything(_ client: HelmClient) async throws {
            let upstream = try await RegistryUpstream(packedBy: client)
            let home = try LarderHome(registryCharts: upstream.url)
            var larder = try await home.start()
            try await useAll(client, larder, upstream)
            try await upstream.stop()
            try await useAll(client, larder, upstream)
            try await larder.stop()
            larder = try await home.start()
            try await useAll(client, larder, upstream)
            #expect(try home.damage().wrong == [])
        }

        /// All that users do with such charts, with a client that has nothing yet.
        private func useAll(
            _ client: HelmClient, _ larder: Larder, _ upstream: RegistryUpstream
        ) async throws {
            let scratch = try TemporaryFolder()
            let folder = scratch.path
            func helm(_ arguments: String...) async throws -> String {
                try await client.helm(arguments, home: folder, folder: folder)
            }
            let url = "http://127.0.0.1:\(larder.port)/helm/acme"
            _ = try await helm("repo", "add", "acme", url)
            let found = try await helm("search", "repo", "acme/web", "--versions")
            #expect(RegistryUpstream.versions.allSatisfy { found.contains($0) })
            for version in RegistryUpstream.versions where version != RegistryUpstream.signed {
                _ = try await helm("pull", "acme/web", "--version", version)
                let file = "web-\(version).tgz"
                let pulled = try TemporaryFolder.bytes(of: "\(folder)/\(file)")
                #expect(try pulled == upstream.bytes(of: file))
            }
            _ = try await helm(
                "pull", "acme/web", "--version", RegistryUpstream.signed, "--verify", "--keyring",
                upstream.keyring)
            let drawn = try await helm("template", "mine", "acme/web", "--version", "1.2.3")
            #expect(drawn.contains("mine-1.2.3"))
            _ = try scratch.folder("parent")
            _ = try scratch.write(
                """
                apiVersion: v2
                name: parent
                version: 1.0.0
                dependencies:
                  - {name: web, version: 1.2.4+build.5, repository: "\(url)"}
                """, to: "parent/Chart.yaml")
            _ = try await helm("dependency", "build", "parent")
            let built = try TemporaryFolder.bytes(
                of: folder + "/parent/charts/web-1.2.4+build.5.tgz")
            #expect(try built == upstream.bytes(of: "web-1.2.4+build.5.tgz"))
            let index = try await larder.get("/helm/acme/index.yaml")
            #expect(index.status == 200 && !index.text.contains("://"))
        }

        // MARK: Tokens

        private static let versions = (0..<6).map { "1.0.\($0)" }

        private static func chart(_ version: String) -> [UInt8] {
            [0x1F, 0x8B] + Array(String(repeating: version, count: 3_000).utf8)
        }

        /// A repository with all versions of one chart, whose registry wants a token.
        private func repository() throws -> (origin: OriginStub, registry: RegistryStub) {
            let registry = try RegistryStub()
            let entries = Self.versions.map { version in
                registry.publish("charts/demo", tag: version, chart: Self.chart(version))
                let url = "oci://\(registry.authority)/charts/demo:\(version)"
                return "{\"name\":\"demo\",\"version\":\"\(version)\",\"urls\":[\"\(url)\"]}"
            }
            let origin = try OriginStub()
            let list = entries.joined(separator: ",")
            origin.route(
                "/charts/index.yaml",
                .text("{\"apiVersion\":\"v1\",\"entries\":{\"demo\":[\(list)]}}"))
            return (origin, registry)
        }

        @Test("many charts cost one token, which nobody but the registry ever sees")
        func tokens() async throws {
            let (origin, registry) = try repository()
            let home = try LarderHome(registryCharts: origin.base + "/charts")
            let larder = try await home.start()
            func get(_ version: String) async throws -> Exchange {
                try await larder.get(
                    "/helm/acme/-/\(registry.authority)/charts/demo/demo-\(version).tgz")
            }
            let index = try await larder.get("/helm/acme/index.yaml")
            #expect(index.status == 200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for version in Self.versions.dropLast() {
                    group.addTask {
                        let got = try await get(version)
                        #expect(got.status == 200 && got.body == Self.chart(version))
                    }
                }
                try await group.waitForAll()
            }
            #expect(registry.origin.ledger.count("/token") == 1)
            registry.revoke()
            let last = try await get(Self.versions[5])
            #expect(last.status == 200 && last.body == Self.chart(Self.versions[5]))
            #expect(registry.origin.ledger.count("/token") == 2)

            let elsewhere = origin.ledger.requests + registry.store.ledger.requests
            #expect(elsewhere.allSatisfy { $0.headers["authorization"] == nil })
            let asked = registry.origin.ledger.requests(to: "/token")
            #expect(asked.allSatisfy { $0.headers["authorization"] == nil })
            #expect(!larder.log.contains("t0ken") && !larder.log.contains("s3cret"))
            let metrics = try await larder.get("/metrics")
            #expect(!metrics.text.contains("t0ken"))

            registry.stop()
            origin.stop()
            for version in Self.versions {
                let got = try await get(version)
                #expect(got.status == 200 && got.body == Self.chart(version))
            }
        }

        @Test("a registry at a private address is asked only where its host is listed")
        func privateRegistry() async throws {
            let (origin, registry) = try repository()
            let home = try LarderHome(
                upstream: nil,
                settings: """
                    helm:
                      repositories:
                        acme: \(origin.base)/charts

                    """)
            let larder = try await home.start()
            let got = try await larder.get(
                "/helm/acme/-/\(registry.authority)/charts/demo/demo-1.0.0.tgz")
            #expect(got.status == 502)
            #expect(registry.origin.ledger.connectionCount == 0)
        }
    }
}
