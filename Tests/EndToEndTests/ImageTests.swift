import Foundation
import Support
import Testing

/// The image's root file system, put together from Debian's packages as the Dockerfile does.
struct ImageRoot: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path + "/root" }

    static let packages = Machine.clients + "/image/root"

    /// A container's mounts need root.
    static let isPossible =
        Machine.canMount && FileManager.default.fileExists(atPath: packages) && isStatic
        || Machine.mustRunAll

    /// Whether the binary holds its Swift runtime, as scripts/test builds it.
    private static var isStatic: Bool {
        guard let bytes = try? TemporaryFolder.bytes(of: Machine.binary) else { return false }
        return bytes.firstRange(of: Array("libswiftCore.so".utf8)) == nil
    }

    init() async throws {
        folder = try TemporaryFolder()
        let outcome = try await ChildProcess.run(
            [Machine.project("deploy/image/assemble"), Machine.binary, path, Self.packages])
        try #require(outcome.isGood, "\(outcome.output)")
    }

    /// Where a server will run in it, configured by its environment, and by a file for what has no variable.
    func home(upstream: String, settings: String) throws -> LarderHome {
        let store = folder.path + "/data"
        _ = try folder.folder("root/etc/larder")
        _ = try folder.write(settings, to: "root/etc/larder/larder.yaml")
        return try LarderHome(
            upstream: upstream, store: store,
            variables: [
                "LARDER_CONFIG": "/etc/larder/larder.yaml", "LARDER_DRAIN_DELAY_SECONDS": "0",
            ],
            wrapper: [Machine.project("deploy/image/run"), path, store])
    }

    /// Runs the image's own program as its user does.
    func larder(
        _ words: [String], _ variables: [String: String] = [:]
    ) async throws -> ChildProcess.Outcome {
        // As the Dockerfile has it.
        let own = ["LARDER_LISTEN": "0.0.0.0:8080", "LARDER_DATA": "/var/lib/larder"]
        // Swift reads its arguments from /proc, which every container has.
        let script = """
            mount -t proc proc "$0/proc"
            exec chroot --userspec=65532:65532 "$0" /usr/local/bin/larder "$@"
            """
        return try await ChildProcess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-euc", script, path] + words,
            environment: own.merging(variables) { $1 })
    }

    /// All files' sizes.
    var byteCount: Int {
        TemporaryFolder.files(below: path).reduce(0) { sum, file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }
}

extension EndToEnd {
    /// The image, without a container engine.
    @Suite(
        .serialized,
        .enabled(
            if: ImageRoot.isPossible && Client.areInstalled && NPMClient.areInstalled,
            "this needs root, the image's packages, the clients, and a binary built with --static-swift-stdlib"
        ))
    struct Image {
        @Test(
            "the image: pip and npm install from it as its user, with a read-only root",
            .timeLimit(.minutes(5)))
        func installs() async throws {
            let image = try await ImageRoot()
            let wheels = try Upstream()
            try wheels.publishWheels()
            let packages = try NPMUpstream()
            let home = try image.home(upstream: wheels.index, settings: packages.settings)
            let larder = try await home.start()
            let status = try TemporaryFolder.bytes(of: "/proc/\(larder.process.pid)/status")
            let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
            #expect(lines.contains("Uid:\t65532\t65532\t65532\t65532"))
            #expect(lines.contains("CapEff:\t0000000000000000"))

            let names = try await Client.newestPip.install(["flask"], from: larder.index)
                .map { $0.split(separator: "-")[0].lowercased() }
            #expect(Set(names) == Clients.projects)
            let project = try NPMProject(.npm11, dependencies: packages.packages.sample)
            #expect(try await project.install(from: larder.registry) == packages.packages.tree)

            let address = "127.0.0.1:\(larder.port)"
            let health = try await image.larder(["healthcheck", "--listen", address])
            #expect(health.isGood, "\(health.output)")
            let other = try await image.larder(["healthcheck", "--server", "http://\(address)/"])
            #expect(other.isGood, "\(other.output)")
            #expect(try await larder.stop() == .exit(0))
            let late = try await image.larder(["healthcheck", "--server", "http://\(address)"])
            #expect(late.ending == .exit(1), "\(late.output)")
        }

        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let variables: [String: String]
            /// Of `larder config show`: settings with the places where they came from.
            var shown: [String] = []
            /// Of standard error, with exit status 2.
            var refusal = ""
        }

        static let rows: [Row] = [
            Row(
                testDescription: "nothing", variables: [:],
                shown: ["listen: 0.0.0.0:8080", "data: /var/lib/larder", "drain_seconds: 60"]),
            Row(
                testDescription: "as Kólga passes it",
                variables: [
                    "DB_URL": "postgresql://larder:hunter2@db.example/larder?sslmode=require",
                    "STORAGE_BUCKET": "gs://acme/larder",
                    "GOOGLE_APPLICATION_CREDENTIALS": "/tmp/secrets/key.json",
                    "LARDER_PUBLIC_URL": "https://larder.example/",
                ],
                shown: [
                    "database: postgresql://larder:***@db.example:5432/larder?sslmode=require",
                    "storage: gs://acme/larder", "public_url: https://larder.example/",
                ]),
            Row(
                testDescription: "as the chart sets it on EKS",
                variables: [
                    "STORAGE_URL": "s3://acme/larder?region=eu-west-1",
                    "LARDER_METRICS_LISTEN": "0.0.0.0:9090", "LARDER_DRAIN_DELAY_SECONDS": "10",
                    "LARDER_TIER_SIZE": "20GiB", "LARDER_DATABASE_CONNECTIONS": "12",
                ],
                shown: [
                    "storage: s3://acme/larder?region=eu-west-1", "metrics_listen: 0.0.0.0:9090",
                    "drain_delay_seconds: 10", "database_connections: 12",
                ]),
            Row(
                testDescription: "a bucket without its kind", variables: ["STORAGE_BUCKET": "acme"],
                refusal: "s3://bucket/prefix or gs://bucket/prefix"),
            Row(
                testDescription: "a size that is none", variables: ["LARDER_CACHE_SIZE": "plenty"],
                refusal: "LARDER_CACHE_SIZE"),
        ]

        @Test("configuration by the environment alone", arguments: rows)
        func environment(_ row: Row) async throws {
            let image = try await ImageRoot()
            let outcome = try await image.larder(["config", "show"], row.variables)
            #expect(outcome.ending == .exit(row.refusal.isEmpty ? 0 : 2), "\(outcome.output)")
            let plain = outcome.output.replacingOccurrences(of: "\"", with: "")
            for line in row.shown { #expect(plain.contains(line), "\(line): \(plain)") }
            #expect(
                outcome.output.contains(row.refusal) || row.refusal.isEmpty, "\(outcome.output)")
            #expect(!outcome.output.contains("hunter2"))
        }

        @Test("the image: under 80 MB, its binary under 25 MB, and the libraries that we know")
        func content() async throws {
            let image = try await ImageRoot()
            let binary = try TemporaryFolder.bytes(of: image.path + "/usr/local/bin/larder").count
            let whole = image.byteCount
            print("image: \(whole) bytes, of which the binary is \(binary)")
            #expect(binary < 25_000_000)
            #expect(whole < 80_000_000)

            let loader = "/lib64/ld-linux-x86-64.so.2"
            #if arch(x86_64)
                let listing = try await ChildProcess.run(
                    ["chroot", image.path, loader, "--list", "/usr/local/bin/larder"])
                try #require(listing.isGood, "\(listing.output)")
                let found = listing.output.split(separator: "\n")
                    .compactMap { $0.split { $0 == " " || $0 == "\t" }.first.map(String.init) }
                    .filter { $0.hasPrefix("lib") }
                let list = try TemporaryFolder.bytes(
                    of: Machine.project("deploy/image/libraries.txt"))
                let expected = String(decoding: list, as: UTF8.self).split(separator: "\n")
                    .filter { !$0.hasPrefix("#") }.map(String.init)
                #expect(found.sorted() == expected.sorted())
            #else
                print("image: the list of libraries is compared on x86-64, \(loader)")
            #endif
        }
    }
}
