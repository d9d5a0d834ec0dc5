import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// What npm's other commands ask of a registry.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMCommands {
        /// A server, its upstream and a project that was installed through it.
        private struct House {
            let upstream: NPMUpstream
            let home: LarderHome
            let larder: Larder
            let project: NPMProject

            init(_ client: NPMClient, _ dependencies: [String: String]) async throws {
                upstream = try NPMUpstream()
                home = try LarderHome(npm: upstream)
                larder = try await home.start()
                project = try NPMProject(client, dependencies: dependencies)
                _ = try await project.install(from: larder.registry)
            }

            func run(_ words: String...) async throws -> ChildProcess.Outcome {
                try await project.run(words, from: larder.registry)
            }

            func json(_ words: String...) async throws -> Any? {
                let outcome = try await project.run(words + ["--json"], from: larder.registry)
                let start = outcome.output.firstIndex { "{[\"".contains($0) }
                let text = start.map { outcome.output[$0...] } ?? ""
                return try? JSONSerialization.jsonObject(
                    with: Foundation.Data(text.utf8), options: .fragmentsAllowed)
            }
        }

        @Test(
            "N2.14 (12): audit finds what the registry knows, by the npm client's gzip body; no all-clear in an outage",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func audit(_ client: NPMClient) async throws {
            let house = try await House(client, [NPMServices.vulnerable: "*"])
            let before = house.upstream.requests.count
            let report = try #require(try await house.json("audit") as? [String: Any])
            let found = report["vulnerabilities"] as? [String: Any]
            #expect(found?[NPMServices.vulnerable] != nil, "\(report)")
            let posts = house.upstream.requests.dropFirst(before).filter { $0.method == "POST" }
            #expect(posts.map(\.path) == ["/-/npm/v1/security/advisories/bulk"])
            #expect(posts.first?.headers["content-encoding"] == "gzip")
            #expect(posts.first?.headers["authorization"] == nil)
            #expect(posts.first?.headers["npm-command"] == nil)

            house.upstream.stop()
            let outcome = try await house.run("audit")
            #expect(!outcome.isGood)
            #expect(!outcome.output.contains("found 0 vulnerabilities"), "\(outcome.output)")
        }

        @Test(
            "audit of berry and bun, which ask in other ways", .timeLimit(.minutes(2)),
            arguments: [NPMClient.berry, .bun])
        func otherAudit(_ client: NPMClient) async throws {
            let house = try await House(client, [NPMServices.vulnerable: "*"])
            let words = client == .berry ? ["npm", "audit"] : ["audit"]
            let outcome = try await house.project.run(words, from: house.larder.registry)
            #expect(!outcome.isGood)
            #expect(outcome.output.contains(NPMServices.advisory), "\(outcome.output)")

            house.upstream.stop()
            let inOutage = try await house.project.run(words, from: house.larder.registry)
            #expect(!inOutage.isGood)
            #expect(!inOutage.output.contains("No vulnerabilities"), "\(inOutage.output)")
        }

        @Test(
            "view, dist-tag ls, outdated, search, ping; again in an outage but search",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func reading(_ client: NPMClient) async throws {
            let house = try await House(client, ["qs": "6.5.0"])
            let latest = try house.upstream.packages.tarball("qs").version
            for isDown in [false, true] {
                if isDown { house.upstream.stop() }
                let view = try await house.json("view", "micromatch", "dist-tags", "time")
                let fields = view as? [String: [String: Any]]
                #expect(fields?["dist-tags"]?["previous"] as? String == "4.0.0")
                #expect(fields?["time"]?["4.0.0"] != nil)
                let scoped = try await house.json("view", "@jridgewell/set-array", "name")
                #expect(scoped as? String == "@jridgewell/set-array")
                let note = try await house.json("view", "micromatch@previous", "deprecated")
                #expect(note as? String == "is slow; use 4.0.1")
                let tags = try await house.run("dist-tag", "ls", "micromatch")
                #expect(tags.isGood)
                #expect(tags.output.contains("next: 99.0.0-next.1"))
                let outdated = try await house.json("outdated") as? [String: [String: Any]]
                #expect(outdated?["qs"]?["current"] as? String == "6.5.0")
                #expect(outdated?["qs"]?["latest"] as? String == latest)
                #expect(try await house.run("ping").isGood)
                let absent = try await house.run("view", "no-such-package")
                #expect(!absent.isGood)
                if !isDown { #expect(absent.output.contains("E404"), "\(absent.output)") }
            }
            #expect(house.upstream.repeated == [:])
        }

        @Test("search, which is the registry's affair", .timeLimit(.minutes(1)))
        func search() async throws {
            let house = try await House(.npm11, ["qs": "6.5.0"])
            for _ in 1...2 {
                let found = try await house.json("search", "typed-array") as? [[String: Any]]
                let names = Set((found ?? []).compactMap { $0["name"] as? String })
                #expect(names.contains("is-typed-array"))
            }
            #expect(house.upstream.origin.ledger.count("/-/v1/search") == 1)
        }

        @Test(
            "N2.14 (11): pack writes the very bytes, also of scoped, prerelease and oddly named files",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func pack(_ client: NPMClient) async throws {
            let house = try await House(client, ["qs": "6.5.0"])
            let packages = house.upstream.packages
            let wanted = [
                try packages.tarball("micromatch"), try packages.tarball("micromatch", "4.0.0"),
                try packages.tarball("@jridgewell/set-array"), try packages.tarball("inherits"),
                try packages.tarball("is-number", "6.0.0-beta"), try packages.tarball("wrappy"),
                try packages.tarball("safe-buffer"),
            ]
            for isDown in [false, true] {
                if isDown { house.upstream.stop() }
                let specs = wanted.map { "\($0.name)@\($0.version)" }
                let outcome = try await house.project.run(
                    ["pack", "--silent"] + specs, from: house.larder.registry)
                #expect(outcome.isGood, "\(outcome.output)")
                let files = outcome.output.split(separator: "\n").map(String.init)
                #expect(files.count == wanted.count)
                for (file, tarball) in zip(files, wanted) {
                    let path = "\(house.project.folder.path)/\(file)"
                    let packed = try TemporaryFolder.bytes(of: path)
                    #expect(packed == (try NPMPackages.bytes(of: tarball)), "\(file)")
                    try FileManager.default.removeItem(atPath: path)
                }
            }
            for tarball in wanted { #expect(house.upstream.count(tarball) == 1) }
        }

        @Test(
            "N2.14 (13): publish, deprecate and dist-tag add are refused with 405, by one request each",
            .timeLimit(.minutes(2)), arguments: NPMClient.npms)
        func writing(_ client: NPMClient) async throws {
            let house = try await House(client, ["qs": "6.5.0"])
            let address = "127.0.0.1:\(house.larder.port)/npm"
            let token = ["npm_config_//\(address)/:_authToken": "a-token"]
            let commands = [
                ["publish", "--access", "public"], ["deprecate", "qs@6.5.0", "old"],
                ["dist-tag", "add", "qs@6.5.0", "kept"],
            ]
            for (index, words) in commands.enumerated() {
                let outcome = try await house.project.run(
                    words, from: house.larder.registry, variables: token)
                #expect(!outcome.isGood)
                #expect(outcome.output.contains("E405"), "\(words): \(outcome.output)")
                try await house.larder.settleLog()
                #expect(house.larder.requestCount("PUT") == index + 1)
            }
            #expect(house.upstream.requests.allSatisfy { $0.method != "PUT" })
            #expect(house.upstream.requests.allSatisfy { $0.headers["authorization"] == nil })
        }
    }
}
