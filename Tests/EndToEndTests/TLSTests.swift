import Foundation
import Support
import Testing

extension EndToEnd {
    /// HTTPS without anything in front (section `tls`).
    @Suite(.serialized, .enabled(if: TLSFront.isPossible, "openssl is missing"))
    struct TLS {
        /// A server with a certificate, and a client that believes it.
        private struct Site {
            let scratch: TemporaryFolder
            let certificate: TLSFront.Certificate
            let home: LarderHome
            let larder: Larder

            init(
                upstream: String? = nil, settings: String = "", tls: [String: String] = [:]
            ) async throws {
                scratch = try TemporaryFolder()
                certificate = try await TLSFront.Certificate.make(
                    "server", name: "localhost", in: scratch)
                home = try LarderHome(
                    upstream: upstream,
                    variables: [
                        "LARDER_TLS_CERTIFICATE_FILE": certificate.file,
                        "LARDER_TLS_KEY_FILE": certificate.key,
                    ].merging(tls) { $1 }, settings: settings)
                larder = try await home.start()
            }

            var base: String { "https://localhost:\(larder.port)" }

            /// What `tls_client.py` prints of a command, with its failures.
            func client(_ words: String...) async throws -> String {
                try await Self.run(larder.port, certificate.file, words)
            }

            static func run(
                _ port: Int, _ certificate: String, _ words: [String]
            ) async throws -> String {
                let outcome = try await ChildProcess.run(
                    [
                        "python3", "-W", "ignore", Machine.script("tls_client.py"), "\(port)",
                        certificate,
                    ] + words)
                return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }

        @Test(
            "TLS 1.2 and 1.3 with HTTP/1.1; nothing older, no other protocol, no plain HTTP",
            .timeLimit(.minutes(1)))
        func versions() async throws {
            let site = try await Site()
            #expect(site.larder.log.contains("\"url\":\"https://"))
            #expect(
                try await site.client("version", "1.1", "1.1")
                    == "refused TLSV1_ALERT_PROTOCOL_VERSION")
            #expect(try await site.client("version", "1.2", "1.2") == "TLSv1.2 None")
            #expect(try await site.client("version", "1.1", "1.3") == "TLSv1.3 None")
            let both = try await site.client("version", "1.2", "1.3", "h2", "http/1.1")
            #expect(both == "TLSv1.3 http/1.1")
            let other = try await site.client("version", "1.2", "1.3", "h2")
            #expect(other.hasPrefix("refused"))
            // Python has a name for this one in some versions.
            #expect(
                other.replacing("_", with: " ").lowercased().contains("no application protocol"))
            // As nginx answers it, in words that say what to do.
            let plain = try await site.larder.get("/healthz")
            #expect(plain.status == 400)
            #expect(plain.text.contains("https://"))
            // Its own command asks over TLS, whatever name the certificate is for.
            let health = try await ChildProcess.run(
                [Machine.binary, "healthcheck"],
                environment: [
                    "LARDER_LISTEN": "127.0.0.1:\(site.larder.port)",
                    "LARDER_TLS_CERTIFICATE_FILE": site.certificate.file,
                    "LARDER_TLS_KEY_FILE": site.certificate.key, "LARDER_DATA": site.scratch.path,
                ])
            #expect(health.isGood, "\(health.output)")
            #expect(try await site.larder.stop() == .exit(0))

            let strict = try await Site(tls: ["LARDER_TLS_MINIMUM_VERSION": "1.3"])
            #expect(
                try await strict.client("version", "1.2", "1.2")
                    == "refused TLSV1_ALERT_PROTOCOL_VERSION")
            #expect(try await strict.client("version", "1.2", "1.3") == "TLSv1.3 None")
        }

        @Test(
            "pip, npm and Helm install over HTTPS, and every URL that they get is one of HTTPS",
            .timeLimit(.minutes(2)),
            .enabled(
                if: Client.areInstalled && NPMClient.areInstalled && HelmClient.areInstalled,
                "scripts/clients could not get every client"))
        func clients() async throws {
            let wheels = try Upstream()
            try wheels.publishWheels()
            let packages = try NPMUpstream()
            let charts = try await HelmUpstream(packedBy: .helm4)
            let site = try await Site(
                upstream: wheels.index, settings: packages.settings,
                tls: ["LARDER_HELM_REPOSITORIES": "acme=\(charts.url)"])
            let names = try await Client.newestPip.install(
                ["--cert", site.certificate.file, "flask"], from: "\(site.base)/pypi/simple/")
            #expect(Set(names.map { $0.split(separator: "-")[0].lowercased() }) == Clients.projects)

            let project = try NPMProject(.npm11, dependencies: packages.packages.sample)
            let outcome = try await project.run(
                ["install"], from: "\(site.base)/npm",
                variables: ["NODE_EXTRA_CA_CERTS": site.certificate.file])
            #expect(outcome.isGood, "\(outcome.output)")
            #expect(project.installed == packages.packages.tree)
            #expect(project.lock.contains("\"resolved\": \"\(site.base)/npm/"))
            #expect(!project.lock.contains("http://"))

            let folder = site.scratch.path
            try await HelmClient.helm4.helm(
                [
                    "repo", "add", "acme", "\(site.base)/helm/acme", "--ca-file",
                    site.certificate.file,
                ],
                home: folder, folder: folder)
            try await HelmClient.helm4.helm(
                ["pull", "acme/web", "--version", "1.1.0"], home: folder, folder: folder)
            let pulled = try TemporaryFolder.bytes(of: folder + "/web-1.1.0.tgz")
            #expect(try pulled == charts.bytes(of: "charts/web-1.1.0.tgz"))
        }

        @Test(
            "bodies of all kinds arrive whole: cold and warm, small and long, many in one write",
            .timeLimit(.minutes(2)))
        func bodies() async throws {
            let upstream = try Upstream()
            let long = try upstream.publish("long", Pattern(byteCount: 24_000_001, seed: 1))
            let small = try upstream.publish("small", Pattern(byteCount: 70_001, seed: 2))
            let site = try await Site(upstream: upstream.index)
            for _ in 0..<2 {
                let whole = try await site.client("download", long.target, "6", "5000")
                #expect(whole == "6 200 \(long.sha256)")
                let short = try await site.client("download", small.target, "6", "100")
                #expect(short == "6 200 \(small.sha256)")
            }
            #expect(try await site.client("pipelined", small.target, "40") == "40")
            #expect(upstream.ledger.count(long.path) == 1)
        }

        @Test(
            "a body with wrong bytes breaks off, without the end that TLS would have",
            .timeLimit(.minutes(1)))
        func brokenOff() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("wrong", Pattern(byteCount: 4 << 20, seed: 3))
            let whole = try upstream.publish("whole", Pattern(byteCount: 100_000, seed: 4))
            // Of the right length, and not what the page promises.
            upstream.origin.route(file.path, .pattern(4 << 20, seed: 5))
            let site = try await Site(upstream: upstream.index)
            #expect(try await site.client("ending", whole.target) == "in order")
            #expect(try await site.client("ending", file.target) == "broken off")
        }

        @Test(
            "who does not finish the handshake in the time of a head goes",
            .timeLimit(.minutes(1)))
        func slowHandshake() async throws {
            let site = try await Site(settings: "limits:\n  header_seconds: 2\n")
            let seconds = try #require(Double(try await site.client("drip")))
            #expect((1.5..<8).contains(seconds), "\(seconds) s")
        }

        @Test(
            "some changes of keys are obeyed, and who sends nothing else is closed",
            .timeLimit(.minutes(1)))
        func keyUpdates() async throws {
            let site = try await Site()
            #expect(try await site.client("updated", "10") == "HTTP/1.1 200 OK")
            #expect(try await site.client("updated", "60") == "none")
            #expect(try await site.client("trickled", "/healthz") == "HTTP/1.1 200 OK")
        }

        @Test(
            "SIGTERM: who has just agreed on TLS still gets an answer", .timeLimit(.minutes(1)))
        func drain() async throws {
            let site = try await Site()
            let (port, certificate) = (site.larder.port, site.certificate.file)
            let log = site.scratch.path + "/client"
            let client = try ChildProcess(
                [
                    "python3", "-W", "ignore", Machine.script("tls_client.py"), "\(port)",
                    certificate, "last", "/healthz",
                ], environment: [:], folder: site.scratch.path, log: log)
            func lines() throws -> [String] {
                String(decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self)
                    .split(separator: "\n").map(String.init)
            }
            try await eventually("TLS is agreed on") {
                try lines().contains("agreed") ? true : nil
            }
            #expect(try await site.larder.stop() == .exit(0))
            #expect(try await client.end(within: 20) == .exit(0))
            #expect(try lines() == ["agreed", "HTTP/1.1 200 OK"])
        }

        @Test(
            "a renewed certificate is used within seconds, and connections that are there go on",
            .timeLimit(.minutes(2)))
        func renewal() async throws {
            let site = try await Site()
            let (port, trusted) = (site.larder.port, site.scratch.path + "/trusted.pem")
            let files = FileManager.default
            try files.copyItem(atPath: site.certificate.file, toPath: trusted)
            async let seen = Site.run(port, trusted, ["renewed", "/healthz"])
            try await eventually("the first request") {
                site.larder.events("request").isEmpty ? nil : true
            }
            let first = try await site.client("presented")
            // A certificate without its key: as between the two steps of who renews them.
            let next = try await TLSFront.Certificate.make(
                "next", name: "localhost", in: site.scratch)
            try Data(contentsOf: URL(fileURLWithPath: next.file))
                .write(to: URL(fileURLWithPath: site.certificate.file))
            try await eventually("it is refused", within: 30) {
                site.larder.events("certificate-refused").isEmpty ? nil : true
            }
            #expect(try await site.client("presented") == first)
            try Data(contentsOf: URL(fileURLWithPath: next.key))
                .write(to: URL(fileURLWithPath: site.certificate.key))
            #expect(try await seen == "200 200 changed")
            try await eventually("it is told of") {
                site.larder.events("certificate-loaded").count == 2 ? true : nil
            }
        }

        @Test(
            "a start without a good certificate and its key is refused in a line",
            .timeLimit(.minutes(1)))
        func refusals() async throws {
            let scratch = try TemporaryFolder()
            let one = try await TLSFront.Certificate.make("one", name: "a.example", in: scratch)
            let two = try await TLSFront.Certificate.make("two", name: "a.example", in: scratch)
            let locked = scratch.path + "/locked.pem"
            let locking = try await ChildProcess.run([
                TLSFront.program, "ec", "-in", one.key, "-aes256", "-passout", "pass:secret",
                "-out", locked,
            ])
            try #require(locking.isGood, "\(locking.output)")
            for (file, key, words) in [
                (scratch.path + "/none.pem", one.key, "the certificate file cannot be read"),
                (one.key, one.key, "holds no certificates"),
                (one.file, scratch.path + "/none.pem", "the key file cannot be read"),
                (one.file, locked, "without a passphrase"),
                (one.file, two.key, "does not belong"),
                (one.file, "", "needs tls.key_file"),
                ("", one.key, "needs tls.certificate_file"),
            ] {
                let home = try LarderHome(
                    upstream: nil,
                    variables: [
                        "LARDER_TLS_CERTIFICATE_FILE": file, "LARDER_TLS_KEY_FILE": key,
                    ])
                let (ending, lines) = try await home.refusal()
                #expect(ending == .exit(2), "\(words)")
                #expect(lines.last?.contains(words) == true, "\(lines)")
            }
        }
    }
}
