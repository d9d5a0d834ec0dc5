import Digests
import Foundation
import Support
import Testing

extension EndToEnd {
    /// npm's clients and what the policy keeps from them.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct PolicyNPM {
        /// A registry with a package of two releases, the newer one of yesterday.
        private static func registry() async throws -> OriginStub {
            let origin = try OriginStub()
            let folder = try TemporaryFolder()
            var versions: [String] = []
            for version in ["1.0.0", "1.1.0"] {
                _ = try folder.folder("\(version)/package")
                _ = try folder.write(
                    "{\"name\":\"sample\",\"version\":\"\(version)\"}",
                    to: "\(version)/package/package.json")
                let file = "\(folder.path)/\(version).tgz"
                let packed = try await ChildProcess.run(
                    ["tar", "-czf", file, "-C", "\(folder.path)/\(version)", "package"],
                    environment: ["PATH": "/usr/bin:/bin"])
                #expect(packed.isGood)
                let bytes = try TemporaryFolder.bytes(of: file)
                let path = "/sample/-/sample-\(version).tgz"
                origin.route(path, .entity(.bytes(bytes), tag: "\"\(version)\""))
                let sha1 = try Digest.of(bytes.span, .sha1).hex
                versions.append(
                    "\"\(version)\":{\"name\":\"sample\",\"version\":\"\(version)\",\"dist\":"
                        + "{\"shasum\":\"\(sha1)\",\"tarball\":\"\(origin.base)\(path)\"}}")
            }
            let format = ISO8601DateFormatter()
            format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            let times = [100.0, 1.0].map { days in
                format.string(from: Date(timeIntervalSinceNow: -days * 86_400))
            }
            let text = """
                {"name":"sample","dist-tags":{"latest":"1.1.0"},\
                "versions":{\(versions.joined(separator: ","))},\
                "time":{"modified":"\(times[1])","1.0.0":"\(times[0])","1.1.0":"\(times[1])"}}
                """
            origin.route(
                "/sample",
                .entity(.bytes(Array(text.utf8)), tag: "\"1\"", type: "application/json"))
            return origin
        }

        private static func larder(
            _ origin: OriginStub, _ settings: String
        ) async throws -> Larder {
            try await LarderHome(
                upstream: "http://127.0.0.1:9/simple/",
                variables: ["LARDER_NPM_UPSTREAM": origin.base + "/"], settings: settings
            ).start()
        }

        static let clients = NPMClient.all

        @Test(
            "the release before one that is too young, with every npm client",
            .timeLimit(.minutes(3)), arguments: clients)
        func age(_ client: NPMClient) async throws {
            let origin = try await Self.registry()
            let larder = try await Self.larder(origin, "policy: {minimum_age: 7d}\n")
            let project = try NPMProject(client, dependencies: ["sample": "^1.0.0"])
            let outcome = try await project.run(client.installing, from: larder.registry)
            #expect(project.installed == ["sample": "1.0.0"], "\(outcome.output)")
        }

        @Test(
            "a blocked release is passed over; npm says why", .timeLimit(.minutes(3)),
            arguments: [NPMClient.npm11, .berry])
        func blocked(_ client: NPMClient) async throws {
            let origin = try await Self.registry()
            let folder = try TemporaryFolder()
            let file = try folder.write(
                "block: [{package: \"npm:sample\", versions: \"1.1.0\", reason: it eats files}]\n",
                to: "policy.yaml")
            let larder = try await Self.larder(origin, "policy: {file: \(file)}\n")
            let range = try NPMProject(client, dependencies: ["sample": "^1.0.0"])
            let old = try await range.run(client.installing, from: larder.registry)
            #expect(range.installed == ["sample": "1.0.0"], "\(old.output)")
            let exact = try NPMProject(client, dependencies: ["sample": "1.1.0"])
            let outcome = try await exact.run(client.installing, from: larder.registry)
            #expect(!outcome.isGood && exact.installed == [:])
            if client == .npm11 {
                #expect(outcome.output.contains("it eats files"), "\(outcome.output)")
            }
            // A lock file asks for the file alone.
            let got = try await larder.get("/npm/sample/-/sample-1.1.0.tgz")
            #expect(got.status == 403 && got.text.contains("it eats files"))
        }

        @Test(
            "yarn says why: a release that its lock file has, and a package that is blocked",
            .timeLimit(.minutes(3)), arguments: [NPMClient.yarnClassic, .berry])
        func yarn(_ client: NPMClient) async throws {
            let origin = try await Self.registry()
            let folder = try TemporaryFolder()
            let file = try folder.write("# nothing yet\n", to: "policy.yaml")
            let larder = try await Self.larder(origin, "policy: {file: \(file)}\n")
            let open = try NPMProject(client, dependencies: ["sample": "^1.0.0"])
            let first = try await open.run(client.installing, from: larder.registry)
            #expect(open.installed == ["sample": "1.1.0"], "\(first.output)")
            for (count, versions) in [(1, "1.1.0"), (2, "*")] {
                _ = try folder.write(
                    "block: [{package: \"npm:sample\", versions: \"\(versions)\", "
                        + "reason: it eats files}]\n", to: "policy.yaml")
                larder.process.signal(SIGHUP)
                try await eventually("the policy is read again") {
                    larder.events("policy-loaded").count == count ? true : nil
                }
                let project = try NPMProject(client, dependencies: ["sample": "^1.0.0"])
                let isLocked = versions != "*"
                if isLocked { try project.writeLock(open.lock) }
                let outcome = try await project.run(
                    isLocked ? client.installingLocked : client.installing, from: larder.registry)
                #expect(!outcome.isGood && project.installed == [:])
                // Of a file yarn classic tells the status, and never what the server says.
                let reason = isLocked && client == .yarnClassic ? "403" : "it eats files"
                #expect(outcome.output.contains(reason), "\(outcome.output)")
            }
        }
    }
}
