import Foundation
import Support
import Testing

extension EndToEnd {
    /// `larder warm` on what real clients locked, and the clients' installs after it.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct Warm {
        @Test(
            "warm from a real lock file: what clients install is there without the upstream",
            .timeLimit(.minutes(3)), arguments: Client.lockers)
        func python(_ client: Client) async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let port: Int
            let project: Project
            do {
                // The lock is made with another server, which has its address and nothing else.
                let first = try await LarderHome(upstream: upstream.index).start()
                port = first.port
                project = try Project(client, [.init("requests")], indexes: ["usual": first.index])
                try await project.lock()
                try await first.stop()
            }
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start(port: port)
            let warmed = try await larder.run(["warm", project.lockFile], in: home)
            #expect(warmed.isGood, "\(warmed.output)")
            #expect(warmed.output.contains("  failed: 0\n"), "\(warmed.output)")
            upstream.origin.stop()
            let count = upstream.ledger.requests.count
            #expect(try await project.sync().count == 5)
            #expect(upstream.ledger.requests.count == count)
            let again = try await larder.run(["warm", project.lockFile], in: home)
            #expect(again.isGood && again.output.contains("  fetched: 0 files"), "\(again.output)")
        }

        @Test(
            "requirements.txt with hashes: pip installs without the upstream",
            .timeLimit(.minutes(2)))
        func requirements() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            let folder = try TemporaryFolder()
            let input = try folder.write("requests\n", to: "requirements.in")
            let output = folder.path + "/requirements.txt"
            try await Client.uv.run(
                [
                    Client.uv.programs + "/uv", "pip", "compile", "--generate-hashes",
                    "--default-index", larder.index, "--output-file", output, input,
                ], home: folder, folder: folder.path)
            let warmed = try await larder.run(["warm", output], in: home)
            #expect(warmed.isGood, "\(warmed.output)")
            upstream.origin.stop()
            let count = upstream.ledger.requests.count
            let installed = try await Client.newestPip.install(
                ["--require-hashes", "--requirement", output], from: larder.index,
                home: try TemporaryFolder())
            #expect(installed.count == 5)
            #expect(upstream.ledger.requests.count == count)
        }

        @Test(
            "interrupted, and started again it goes on; what fails is named, with its reason",
            .timeLimit(.minutes(2)))
        func interrupted() async throws {
            let upstream = try Upstream()
            let files = try (0..<12).map { number in
                try upstream.publish(
                    "project\(number)", Pattern(byteCount: 40_000, seed: UInt32(number + 1)))
            }
            let gone = try upstream.publish("gone", Pattern(byteCount: 1_000, seed: 99))
            let lines = files.map { "\($0.project)==1.0 --hash=sha256:\($0.sha256)\n" }
            let folder = try TemporaryFolder()
            let lock = try folder.write(lines.joined(), to: "requirements.txt")
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            // The rest of the last file waits at the gate.
            let held = try #require(files.last)
            let gate = Gate()
            let cut = OriginAnswer.Cut(afterByteCount: 1_000, kind: .gate(gate))
            upstream.origin.route(held.path, held.answer.with(\.cut, cut))
            let log = folder.path + "/log"
            let child = try larder.launch(["warm", lock], log: log)
            try await eventually("all others are fetched") {
                let text = String(
                    decoding: (try? TemporaryFolder.bytes(of: log)) ?? [], as: UTF8.self)
                return text.split(separator: "\n").count { $0.hasPrefix("fetched") } >= 11
                    ? true : nil
            }
            child.signal(SIGINT)
            #expect(try await child.end(within: 10) == .exit(1))
            let text = String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self)
            #expect(text.contains("interrupted") && text.contains("left: 1"), "\(text)")

            gate.open()
            let again = try await larder.run(["warm", lock], in: home)
            #expect(again.isGood, "\(again.output)")
            // The held one may have come by itself meanwhile.
            let stored = ["already there: 11 files", "already there: 12 files"]
            #expect(stored.contains(where: again.output.contains), "\(again.output)")
            #expect(try home.damage().wrong.isEmpty)

            upstream.origin.route(gone.path, .busy(404))
            let wrong = String(repeating: "0", count: 64)
            let bad = try folder.write(
                "gone==1.0 --hash=sha256:\(gone.sha256)\nproject0==1.0 --hash=sha256:\(wrong)\n",
                to: "bad.txt")
            let failed = try await larder.run(["warm", bad], in: home)
            #expect(failed.ending == .exit(1))
            #expect(failed.output.contains("failed: 2"), "\(failed.output)")
            #expect(failed.output.contains("no listed file has a digest"), "\(failed.output)")
            let misuse = try await larder.run(["warm", folder.path + "/none.lock"], in: home)
            #expect(misuse.ending == .exit(2))
            try await larder.stop()
            let nobody = try await larder.run(["warm", lock], in: home)
            #expect(nobody.ending == .exit(1) && nobody.output.contains("is it running?"))
        }
    }

    /// The same for npm and Helm.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled && HelmClient.areInstalled, "clients are missing"))
    struct WarmOthers {
        @Test(
            "package-lock.json of a real npm: npm ci without the upstream",
            .timeLimit(.minutes(2)))
        func npm() async throws {
            let upstream = try NPMUpstream()
            let first = try await LarderHome(npm: upstream).start()
            let project = try NPMProject(.npm11, dependencies: ["micromatch": "*"])
            let cold = try await project.install(from: first.registry)
            let port = first.port
            try await first.stop()
            let home = try LarderHome(npm: upstream)
            let larder = try await home.start(port: port)
            let warmed = try await larder.run(
                ["warm", project.folder.path + "/package-lock.json"], in: home)
            #expect(warmed.isGood, "\(warmed.output)")
            upstream.stop()
            let again = try await project.install(from: larder.registry, isLocked: true)
            #expect(again == cold)
        }

        @Test(
            "Chart.lock of a real Helm: helm dependency build without the upstream",
            .timeLimit(.minutes(2)))
        func helm() async throws {
            let client = HelmClient.helm4
            let upstream = try await HelmUpstream(packedBy: client)
            let home = try LarderHome(helm: upstream)
            let larder = try await home.start()
            let url = "http://127.0.0.1:\(larder.port)/helm/acme"
            let folder = try TemporaryFolder()
            _ = try folder.folder("parent")
            _ = try folder.write(
                """
                apiVersion: v2
                name: parent
                version: 1.0.0
                dependencies:
                  - {name: common, version: ~1.0, repository: "\(url)"}
                """, to: "parent/Chart.yaml")
            func helm(_ arguments: String...) async throws {
                try await client.helm(arguments, home: folder.path, folder: folder.path)
            }
            try await helm("repo", "add", "acme", url)
            try await helm("dependency", "update", "parent")
            try FileManager.default.removeItem(atPath: folder.path + "/parent/charts")
            let purged = try await home.run(["purge", "/helm/acme/index.yaml"])
            #expect(purged.isGood, "\(purged.output)")
            for name in ["Chart.lock", "Chart.yaml"] {
                let lock = folder.path + "/parent/" + name
                let warmed = try await larder.run(["warm", lock], in: home)
                #expect(warmed.isGood, "\(warmed.output)")
                #expect(warmed.output.contains("failed: 0"), "\(warmed.output)")
            }
            upstream.stop()
            try await helm("dependency", "build", "parent")
            let built = try TemporaryFolder.bytes(
                of: folder.path + "/parent/charts/common-1.0.0.tgz")
            #expect(try built == upstream.bytes(of: "releases/common-1.0.0.tgz"))
        }
    }
}

extension Larder {
    /// Runs a command that asks this server.
    func run(_ words: [String], in home: LarderHome) async throws -> ChildProcess.Outcome {
        try await home.run(words + ["--listen", "127.0.0.1:\(port)"])
    }

    /// Starts such a command and lets it run.
    func launch(_ words: [String], log: String) throws -> ChildProcess {
        try ChildProcess(
            [Machine.binary] + words + ["--server", "http://127.0.0.1:\(port)"],
            environment: ["HOME": "/nowhere"], folder: "/", log: log)
    }
}
