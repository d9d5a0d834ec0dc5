import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Clients with a second index beside the usual one.
    @Suite(
        .serialized,
        .enabled(if: Client.areInstalled, "scripts/clients could not get every client and wheel"))
    struct FurtherIndexes {
        /// The usual index, which lists a newer release of a private project's name.
        private static func usual() async throws -> Upstream {
            let upstream = try Upstream()
            try upstream.publishWheels()
            for file in try await Wheels.make("acme-tool==9.0", "torch==9.0", "triton==9.0") {
                upstream.publish(file.project, [file])
            }
            return upstream
        }

        // MARK: An index of one's own

        private static let token = "token-of-acme"
        private static let acmeInstalled: Set = [
            "acme_tool-1.0.dist-info", "click-8.5.1.dist-info",
        ]

        private static func acme() async throws -> Upstream {
            let acme = try Upstream(.html)
            acme.publish("acme-tool", try await Wheels.make("acme-tool==1.0:click"))
            return acme
        }

        private static func home(_ usual: Upstream, acme: Upstream) throws -> LarderHome {
            try LarderHome(
                upstream: usual.index,
                settings: """
                    pypi:
                      indexes:
                        acme:
                          url: \(acme.index)
                          token: \(token)
                          owns: [acme-*]

                    """)
        }

        /// What holds of the upstreams whatever a client did.
        private static func expectApart(_ usual: Upstream, _ acme: Upstream) {
            #expect(usual.asked(below: "/").allSatisfy { !$0.contains("acme") })
            let fields = [usual, acme].map { upstream in
                Set(upstream.ledger.requests.map { $0.headers["authorization"] })
            }
            #expect(fields == [[nil], ["Bearer " + token]])
            #expect(acme.asked(below: "/packages/").allSatisfy { $0.contains("acme_tool-1.0-") })
        }

        @Test(
            "an index that owns a name, installed from", .timeLimit(.minutes(3)),
            arguments: Client.installers)
        func owned(_ client: Client) async throws {
            let (usual, acme) = (try await Self.usual(), try await Self.acme())
            let larder = try await Self.home(usual, acme: acme).start()
            for _ in 1...2 {
                let installed = try await client.install(
                    ["acme-tool"], from: larder.index, and: larder.index("acme"))
                #expect(installed == Self.acmeInstalled)
            }
            Self.expectApart(usual, acme)
            #expect(usual.repeated(below: "/") == [:])
            #expect(acme.repeated(below: "/") == [:])
        }

        @Test(
            "an index that owns a name, in a lock file", .timeLimit(.minutes(3)),
            arguments: Client.lockers)
        func ownedAndLocked(_ client: Client) async throws {
            let (usual, acme) = (try await Self.usual(), try await Self.acme())
            let larder = try await Self.home(usual, acme: acme).start()
            let project = try Project(
                client, [.init("acme-tool", from: "acme")],
                indexes: ["usual": larder.index, "acme": larder.index("acme")])
            try await project.lock()
            #expect(try await project.sync() == Self.acmeInstalled)
            try await larder.stop()
            let empty = try await Self.home(usual, acme: acme).start(port: larder.port)
            #expect(try await project.sync() == Self.acmeInstalled)
            #expect(empty.process.ending == nil)
            Self.expectApart(usual, acme)
        }

        // MARK: An index in the manner of PyTorch's

        private static let torchInstalled: Set = [
            "jinja2-3.1.6.dist-info", "markupsafe-3.0.4.dist-info",
            "torch-2.4.0+cu121.dist-info", "triton-3.0.0.dist-info",
        ]

        private static let torchPages = ["torch", "triton"].map { Upstream.page($0) }

        /// torch with its metadata, triton without.
        private static func wheelhouse(hasHashes: Bool = true) async throws -> WheelhouseIndex {
            let files = try await Wheels.make(
                "torch==2.3.0+cu121:jinja2", "torch==2.4.0+cu121:jinja2,triton==3.0.0",
                "triton==3.0.0")
            return try WheelhouseIndex(
                files.map { file in
                    .init(
                        file: file, hasHash: hasHashes,
                        hasMetadata: hasHashes && file.project == "torch")
                })
        }

        private static func home(_ usual: Upstream, _ torch: WheelhouseIndex) throws -> LarderHome {
            try LarderHome(
                upstream: usual.index,
                settings: """
                    pypi:
                      indexes:
                        torch:
                          url: \(torch.url)
                          hosts: ["\(torch.fileHost)"]
                          private_addresses: true
                          forbidden_means_absent: true
                          owns: [torch, triton]

                    """)
        }

        /// How often the upstream was asked for each file of the release.
        private static func counts(_ torch: WheelhouseIndex) -> [Int] {
            [
                "torch-2.4.0%2Bcu121-py3-none-any.whl",
                "triton-3.0.0-py3-none-any.whl",
            ].map { name in
                torch.asked.count { $0 == "GET /whl/cu121/" + name }
            }
        }

        @Test(
            "a PyTorch-like index: files on another host, local versions",
            .timeLimit(.minutes(3)), arguments: Client.installers)
        func torch(_ client: Client) async throws {
            let (usual, torch) = (try await Self.usual(), try await Self.wheelhouse())
            let larder = try await Self.home(usual, torch).start()
            for _ in 1...2 {
                let installed = try await client.install(
                    ["torch"], from: larder.index, and: larder.index("torch"))
                #expect(Self.lowercased(installed) == Self.torchInstalled)
            }
            #expect(Self.counts(torch) == [1, 1])
            #expect(usual.asked(below: "/simple/").isDisjoint(with: Self.torchPages))
        }

        @Test(
            "a PyTorch-like index in a lock file", .timeLimit(.minutes(3)),
            arguments: Client.lockers)
        func torchLocked(_ client: Client) async throws {
            let (usual, torch) = (try await Self.usual(), try await Self.wheelhouse())
            let larder = try await Self.home(usual, torch).start()
            let project = try Project(
                client,
                [
                    .init("torch==2.4.0+cu121", from: "torch"),
                    .init("triton==3.0.0", from: "torch"),
                ],
                indexes: ["usual": larder.index, "torch": larder.index("torch")])
            try await project.lock()
            #expect(Self.lowercased(try await project.sync()) == Self.torchInstalled)
            #expect(Self.counts(torch) == [1, 1])

            try await larder.stop()
            let home = try Self.home(usual, torch)
            let empty = try await home.start(port: larder.port)
            #expect(Self.lowercased(try await project.sync()) == Self.torchInstalled)
            #expect(Self.counts(torch) == [2, 2])
            #expect(usual.asked(below: "/simple/").isDisjoint(with: Self.torchPages))
            torch.stop()
            usual.origin.stop()
            #expect(Self.lowercased(try await project.sync()) == Self.torchInstalled)
            #expect(empty.process.ending == nil)
            #expect(try home.damage().wrong.isEmpty)
        }

        @Test(
            "an index that promises no digests", .timeLimit(.minutes(3)),
            arguments: [Client.newestPip, .uv])
        func unhashed(_ client: Client) async throws {
            let usual = try await Self.usual()
            let torch = try await Self.wheelhouse(hasHashes: false)
            let larder = try await Self.home(usual, torch).start()
            for _ in 1...2 {
                let installed = try await client.install(
                    ["torch"], from: larder.index, and: larder.index("torch"))
                #expect(Self.lowercased(installed) == Self.torchInstalled)
            }
        }

        private static func lowercased(_ names: Set<String>) -> Set<String> {
            Set(names.map { $0.lowercased() })
        }
    }
}
