import Foundation
import Support
import Testing

extension EndToEnd {
    /// A company's network: a certificate authority of its own, and no way out but a proxy.
    @Suite(
        .serialized,
        .enabled(
            if: (TLSFront.isPossible && Client.areInstalled) || Machine.mustRunAll,
            "openssl or pip are not installed"))
    struct Corporate {
        /// The outbound proxy as a process, and what it was asked for.
        private struct Proxy {
            let process: ChildProcess
            let scratch: TemporaryFolder
            let port: Int
            var lines: [String] {
                let bytes = (try? TemporaryFolder.bytes(of: scratch.path + "/log")) ?? []
                return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(
                    String.init)
            }

            init(_ places: [String: Int]) async throws {
                let scratch = try TemporaryFolder()
                let log = scratch.path + "/log"
                process = try ChildProcess(
                    ["python3", Machine.script("outbound_proxy.py")]
                        + places.map { "\($0.key)=\($0.value)" },
                    environment: [:], folder: scratch.path, log: log)
                port = try await eventually("the proxy listens", pause: 10) {
                    let text = String(
                        decoding: try TemporaryFolder.bytes(of: log), as: UTF8.self)
                    return text.contains("\n") ? Int(text.prefix { $0 != "\n" }) : nil
                }
                self.scratch = scratch
            }
        }

        @Test(
            "an own certificate authority and an outbound proxy, by the environment alone",
            .timeLimit(.minutes(1)))
        func both() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let front = try TLSFront(before: upstream.origin.port)
            let scratch = try TemporaryFolder()
            let certificate = try await TLSFront.Certificate.make(
                "own", name: "index.example", in: scratch)
            try await front.present(certificate)
            let proxy = try await Proxy(["index.example:443": front.port])
            // Nobody here can look that name up: whatever comes, comes through the proxy.
            let index = "https://index.example/simple/"
            var variables = [
                "LARDER_PROXY": "http://127.0.0.1:\(proxy.port)",
                "LARDER_UPSTREAM_CA_FILE": certificate.file,
            ]
            let larder = try await LarderHome(upstream: index, variables: variables).start()
            let names = try await Client.newestPip.install(["flask"], from: larder.index)
            #expect(Set(names.map { $0.split(separator: "-")[0].lowercased() }) == Clients.projects)
            #expect(Set(proxy.lines.dropFirst()) == ["CONNECT index.example:443"])
            try await larder.stop()

            // The usual variables count where that is asked for.
            variables["LARDER_PROXY"] = nil
            variables["LARDER_USE_ENVIRONMENT_PROXY"] = "true"
            variables["https_proxy"] = "http://127.0.0.1:\(proxy.port)"
            let other = try await LarderHome(upstream: index, variables: variables).start()
            #expect(try await other.get("/pypi/simple/flask/").isGood)
            try await other.stop()

            // Without the company's certificates nothing is believed.
            variables["LARDER_UPSTREAM_CA_FILE"] = nil
            let wary = try await LarderHome(upstream: index, variables: variables).start()
            let refused = try await wary.get("/pypi/simple/flask/")
            #expect(refused.status == 502 || refused.status == 503, "\(refused.testDescription)")
            try await wary.stop()
        }
    }
}
