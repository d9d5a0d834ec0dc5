import Foundation
import Support
import Testing

extension EndToEnd {
    /// Tarballs that are not what the packument promises, and a client that does not look.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMDamage {
        private static let dependencies = ["micromatch": "*"]

        @Test("berry takes wrong bytes from a registry as they are", .timeLimit(.minutes(1)))
        func believing() async throws {
            let upstream = try NPMUpstream()
            try upstream.damage(try upstream.packages.tarball("picomatch"), .wrong)
            let project = try NPMProject(.berry, dependencies: Self.dependencies)
            let installed = try await project.install(from: upstream.registry)
            #expect(installed["picomatch"] == upstream.packages.tree["picomatch"])
        }

        @Test(
            "N2.14 (8): wrong, short and long tarballs never end normally, are not stored, and a right one follows",
            .timeLimit(.minutes(2)), arguments: [NPMClient.berry, .npm11],
            NPMUpstream.Damage.allCases)
        func damaged(_ client: NPMClient, _ damage: NPMUpstream.Damage) async throws {
            let upstream = try NPMUpstream()
            let home = try LarderHome(npm: upstream)
            let larder = try await home.start()
            let tarball = try upstream.packages.tarball("picomatch")
            try upstream.damage(tarball, damage)
            let project = try NPMProject(client, dependencies: Self.dependencies)
            let failed = try await project.run(
                client.installing, from: larder.registry,
                variables: ["npm_config_fetch_retries": "0"])
            #expect(!failed.isGood, "\(failed.output)")
            let exchange = try await larder.get("/npm" + tarball.canonicalPath)
            #expect(!exchange.isGood)
            let right = try NPMPackages.bytes(of: tarball)
            #expect(!home.holds(sha256(right)))
            #expect(!home.holds(sha256(damage.applied(to: right))))
            #expect(home.staged == [])

            try upstream.restore(tarball)
            try await eventually("a right copy", within: 15, pause: 100) {
                try await larder.get("/npm" + tarball.canonicalPath).isGood ? true : nil
            }
            let again = try NPMProject(client, dependencies: Self.dependencies)
            let installed = try await again.install(from: larder.registry)
            #expect(installed["picomatch"] == tarball.version)
            #expect(try home.damage().wrong == [])
        }
    }
}
